# ruff: noqa: N806 - X is the field's name for a matrix of rows
"""What the isolation forests promise beyond what every detector does."""

import threading
from itertools import pairwise

import numpy as np
import pytest
from numba.core import config
from scipy.stats import norm

from pynomaly_server.detectors import registry
from pynomaly_server.detectors.explain import background, contributions
from pynomaly_server.detectors.forest import axis, hyperplane
from pynomaly_server.detectors.forest.axis import grow_axis_forest
from pynomaly_server.detectors.forest.draws import (
    below,
    between,
    draw_columns,
    draw_rows,
    expected_path_lengths,
    normal,
    tree_seeds,
    uniform,
)
from pynomaly_server.detectors.forest.hyperplane import grow_hyperplane_forest
from pynomaly_server.detectors.spans import in_spans

rng = np.random.default_rng(3)
CLOUD = rng.normal(size=(400, 5))

forests = pytest.mark.parametrize("algorithm", ["isolation_forest", "extended_isolation_forest"])


def grown(**changed):
    return grow_axis_forest(CLOUD, **{"trees": 20, "samples": 64, "max_features": 1.0, "seed": 4, **changed})


def test_every_row_of_a_tree_ends_in_one_leaf():
    forest = grown()
    leaves = forest.feature < 0
    ends = np.append(forest.roots, forest.feature.size)
    of_trees = [forest.size[a:b][leaves[a:b]].sum() for a, b in pairwise(ends)]
    assert of_trees == [64] * 20


def test_both_sides_of_a_split_hold_rows():
    assert grown().size.min() >= 1


def test_a_split_hands_all_its_rows_to_its_children():
    forest = grown()
    inner = forest.feature >= 0
    np.testing.assert_array_equal(forest.size[forest.children[inner]].sum(axis=1), forest.size[inner])


def test_no_path_is_longer_than_the_height_limit_and_what_is_expected_below_it():
    forest = grown()
    leaves = forest.feature < 0
    below_it = forest.threshold[leaves] - forest.expected[forest.size[leaves]]
    assert below_it.max() <= 6
    assert below_it.min() >= 1


def test_a_tree_sees_only_its_share_of_the_columns():
    forest = grown(max_features=0.4)
    ends = np.append(forest.roots, forest.feature.size)
    for a, b in pairwise(ends):
        assert len(set(forest.feature[a:b]) - {-1}) <= 2


def test_columns_that_never_vary_are_never_split_on():
    X = np.column_stack([np.full(100, 2.0), CLOUD[:100, 0], np.zeros(100)])
    forest = grow_axis_forest(X, trees=10, samples=100, max_features=1.0, seed=0)
    assert set(forest.feature.tolist()) == {-1, 1}


def test_neighbouring_doubles_are_told_apart():
    """Single precision would see one value."""
    X = np.array([[1.0], [1.0 + 2**-52]] * 20)
    forest = grow_axis_forest(X, trees=10, samples=40, max_features=1.0, seed=0)
    assert (forest.size[forest.feature >= 0] == 40).all()
    assert (forest.threshold[forest.feature >= 0] == 1.0).all()


def test_the_forest_is_blind_to_units():
    """Splits are relative to the range of a node, so a change of units by powers of two changes nothing."""
    units = np.array([2.0**40, 2.0**-30, 1.0, 2.0, 0.5])
    spec = registry.get("isolation_forest")
    np.testing.assert_array_equal(
        spec.fit(CLOUD, {}, 1).training_scores, spec.fit(CLOUD * units, {}, 1).training_scores
    )


@pytest.mark.parametrize("threads", [1, 2, 3, 7])
def test_the_number_of_threads_changes_neither_trees_nor_scores(monkeypatch, threads):
    monkeypatch.setattr(axis, "SAMPLES_PER_THREAD", 64)
    monkeypatch.setattr(hyperplane, "SAMPLES_PER_THREAD", 64)
    monkeypatch.setattr(axis, "ROWS_PER_THREAD", 50)
    monkeypatch.setattr(hyperplane, "ROWS_PER_THREAD", 50)

    def scores():
        slanted = grow_hyperplane_forest(CLOUD, trees=20, samples=64, extension_level=1, seed=4)
        return [grown().scores(CLOUD).tolist(), slanted.scores(CLOUD).tolist()]

    monkeypatch.setattr(config, "NUMBA_NUM_THREADS", 1)
    alone = scores()
    monkeypatch.setattr(config, "NUMBA_NUM_THREADS", threads)
    assert scores() == alone


def test_spans_cover_everything_once_and_in_order(monkeypatch):
    monkeypatch.setattr(config, "NUMBA_NUM_THREADS", 3)
    assert in_spans(lambda start, stop: (start, stop), 10, 2) == [(0, 3), (3, 6), (6, 10)]


def test_too_little_for_two_threads_stays_in_the_callers(monkeypatch):
    monkeypatch.setattr(config, "NUMBA_NUM_THREADS", 8)
    assert in_spans(lambda *_: threading.get_ident(), 9, 5) == [threading.get_ident()]


def test_many_threads_may_score_with_one_forest_at_once():
    fitted = registry.get("isolation_forest").fit(CLOUD)
    expected = fitted.score_raw(CLOUD).tolist()
    seen = []
    threads = [
        threading.Thread(target=lambda: seen.append(fitted.score_raw(CLOUD).tolist())) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [expected] * 8


@forests
def test_rows_with_another_number_of_columns_are_refused(algorithm):
    with pytest.raises(ValueError, match="fitted on 5 columns and scores rows of as many, not of 4"):
        registry.get(algorithm).fit(CLOUD).score_raw(CLOUD[:, :4])


@forests
def test_arrays_that_cannot_be_written_to_score_the_same(algorithm):
    fitted = registry.get(algorithm).fit(CLOUD)
    locked = CLOUD.copy()
    locked.flags.writeable = False
    assert fitted.score_raw(locked).tolist() == fitted.score_raw(CLOUD).tolist()


def test_without_extension_planes_have_one_column():
    forest = grow_hyperplane_forest(CLOUD, trees=5, samples=64, extension_level=0, seed=0)
    assert forest.weights.shape[1] == 1


def test_planes_extend_along_no_more_columns_than_there_are():
    forest = grow_hyperplane_forest(CLOUD, trees=5, samples=64, extension_level=50, seed=0)
    assert forest.columns.shape[1] == 5
    assert all(sorted(columns) == [0, 1, 2, 3, 4] for columns in forest.columns.tolist())


def test_slanted_splits_find_the_row_that_is_odd_in_combination_only():
    """The corner of a diagonal band: ordinary in each column, far from every row in both."""
    along = rng.uniform(-2, 2, size=2000)
    band = np.column_stack([along, along + 0.1 * rng.normal(size=2000)])
    odd = np.array([[1.0, -1.0]])
    fitted = registry.get("eif").fit(band)
    assert (fitted.training_scores < fitted.score_raw(odd)).mean() > 0.95


@forests
def test_a_column_that_never_varied_has_no_part(algorithm):
    X = np.column_stack([CLOUD, np.full(400, 3.0)])
    parts = registry.get(algorithm).fit(X).feature_parts(X)
    assert (parts[:, 5] == 0).all()
    assert (parts >= 0).all()


def test_parts_are_blind_to_units():
    units = np.array([2.0**40, 2.0**-30, 1.0, 2.0, 0.5])
    spec = registry.get("isolation_forest")
    np.testing.assert_allclose(
        spec.fit(CLOUD).feature_parts(CLOUD), spec.fit(CLOUD * units).feature_parts(CLOUD * units)
    )


@pytest.mark.slow
@forests
@pytest.mark.parametrize("columns", [2, 8, 30])
@pytest.mark.parametrize("shape", ["normal", "skewed", "correlated"])
def test_the_planted_feature_is_named_first_in_at_least_95_of_100_cases(algorithm, columns, shape):
    named = 0
    for case in range(100):
        draw = np.random.default_rng([case, columns])
        X = draw.normal(size=(500, columns))
        row, odd = draw.integers(500), draw.integers(columns)
        # Ordinary in everything but the planted feature.
        X[row] = np.clip(X[row], -1.5, 1.5)
        if shape == "skewed":
            X = np.exp(X)
        if shape == "correlated":
            X[np.arange(500) != row] += draw.normal(size=(499, 1))
        X[row, odd] = X[:, odd].mean() + draw.choice([-1, 1]) * 6 * X[:, odd].std()
        usual = background(X, [[column] for column in range(columns)])
        shares = contributions(registry.get(algorithm).fit(X, {}, case), X[row : row + 1], usual)
        named += shares[0].argmax() == odd
    assert named >= 95


@pytest.mark.parametrize(
    ("algorithm", "columns"),
    [("isolation_forest", 20), ("isolation_forest", 40), ("extended_isolation_forest", 20)],
)
def test_on_either_side_of_skewed_columns_unseen_rows_name_their_feature_in_at_least_95_of_100_cases(
    algorithm, columns
):
    named = 0
    for case in range(10):
        draw = np.random.default_rng(case)
        X = np.exp(draw.normal(size=(500, columns)))
        # Ordinary in everything but the planted feature.
        rows = np.clip(np.exp(draw.normal(size=(10, columns))), *np.quantile(X, [0.02, 0.98], axis=0))
        odd, side = draw.integers(columns, size=10), draw.choice([-1, 1], size=10)
        rows[np.arange(10), odd] = X[:, odd].mean(axis=0) + side * 8 * X[:, odd].std(axis=0)
        usual = background(X, [[column] for column in range(columns)])
        named += (
            contributions(registry.get(algorithm).fit(X, {}, case), rows, usual).argmax(axis=1) == odd
        ).sum()
    assert named >= 95


def test_an_unseen_row_is_explained_by_its_odd_feature():
    fitted = registry.get("isolation_forest").fit(CLOUD)
    row = np.zeros((1, 5))
    row[0, 3] = -9.0
    assert contributions(fitted, row, background(CLOUD, [[c] for c in range(5)]))[0].argmax() == 3


def test_expected_path_lengths_are_those_of_a_binary_search_tree():
    """c(n) = 2 H(n - 1) - 2 (n - 1) / n; the paper puts ln + Euler's constant for the harmonic number."""
    harmonic = np.array([np.sum(1.0 / np.arange(1, n)) for n in range(1, 300)])
    n = np.arange(1, 300)
    exact = 2 * harmonic - 2 * (n - 1) / n
    ours = expected_path_lengths(299)
    assert ours[:3].tolist() == [0.0, 0.0, 1.0]
    np.testing.assert_allclose(ours[100:], exact[99:], rtol=0.002)


def test_draws_are_even():
    state = tree_seeds(0, 1)
    draws = np.array([uniform(state) for _ in range(20_000)])
    assert 0.0 <= draws.min() < draws.max() < 1.0
    np.testing.assert_allclose(np.histogram(draws, 10, (0, 1))[0], 2000, atol=200)


def test_whole_numbers_are_drawn_evenly_below_their_bound():
    state = tree_seeds(1, 1)
    counts = np.bincount([below(state, 7) for _ in range(14_000)], minlength=7)
    assert counts.size == 7
    np.testing.assert_allclose(counts, 2000, atol=200)


def test_normal_draws_follow_the_bell():
    state = tree_seeds(2, 1)
    draws = np.sort([normal(state) for _ in range(10_000)])
    np.testing.assert_allclose(norm.cdf(draws), (np.arange(10_000) + 0.5) / 10_000, atol=0.02)


def test_drawn_rows_differ_and_the_order_is_given_back():
    order, undo, drawn = np.arange(50), np.empty(20, np.int64), np.empty(20, np.int64)
    draw_rows(tree_seeds(3, 1), order, undo, drawn)
    assert len(set(drawn.tolist())) == 20
    assert order.tolist() == list(range(50))


def test_drawn_columns_are_a_rearrangement():
    columns = np.empty(9, np.int64)
    draw_columns(tree_seeds(4, 1), columns, 3)
    assert sorted(columns.tolist()) == list(range(9))


@pytest.mark.parametrize(
    ("low", "high"), [(-1.7e308, 1.7e308), (1.0, 1.0 + 2**-52), (-5e-324, 0.0), (0.0, 5e-324)]
)
@pytest.mark.parametrize("share", [0.0, 0.5, 1 - 2**-53])
def test_a_value_between_two_never_reaches_the_higher(low, high, share):
    assert low <= between(low, high, share) < high


@pytest.mark.parametrize("columns", [1, 5, 300])
def test_a_row_scores_the_same_in_batches_that_are_walked_in_another_order(columns):
    """Few rows go down all trees together, many go down one tree after the other."""
    X = np.random.default_rng(8).normal(size=(300, columns))
    fitted = registry.get("isolation_forest").fit(X[:60], {"n_estimators": 20})
    alone = np.concatenate([fitted.score_raw(X[row : row + 1]) for row in range(300)])
    for size in (31, 32, 33, 127, 128, 129, 300):
        assert fitted.score_raw(X[:size]).tolist() == alone[:size].tolist()
