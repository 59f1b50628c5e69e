"""Searches against the plainest computation there is: every distance, sorted."""

from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from numba.core import config
from scipy.spatial.distance import cdist

from pynomaly_server.detectors import knn, local_outlier_factor, one_class_svm
from pynomaly_server.detectors.neighbours import search
from pynomaly_server.detectors.neighbours.itself import equal_rows, every_row, no_row
from pynomaly_server.detectors.neighbours.ranking import ranking, smallest
from pynomaly_server.detectors.neighbours.search import NeighbourSearch
from pynomaly_server.detectors.neighbours.subsamples import draw
from pynomaly_server.detectors.spans import in_spans

METRICS = {"euclidean": "euclidean", "manhattan": "cityblock", "chebyshev": "chebyshev"}
rng = np.random.default_rng(4)
X = rng.normal(size=(700, 5))


def choose_tree(patched, *, always):
    patched.setattr(search, "_TREE_ROWS", 0 if always else 10**9)
    patched.setattr(search, "_MOST_LEAVES", 1.0)


# Grids make ties, a far value makes the nearest rows hard to tell by a first guess.
values = st.integers(-2, 2).map(float) | st.floats(-1e3, 1e3) | st.just(1e30)


@given(
    rows=hnp.arrays(np.float64, st.tuples(st.integers(2, 90), st.integers(1, 6)), elements=values),
    data=st.data(),
)
@settings(max_examples=60)
def test_the_nearest_rows_come_in_order_of_distance_and_then_of_place(rows, data):
    k = data.draw(st.integers(1, len(rows) - 1))
    distances, neighbours = NeighbourSearch(rows, "euclidean").nearest(rows, k, every_row(len(rows)))
    for row in range(len(rows)):
        squares = np.zeros(len(rows))
        for column in range(rows.shape[1]):
            squares += (rows[row, column] - rows[:, column]) ** 2
        squares[row] = np.inf
        expected = np.argsort(squares, kind="stable")[:k]
        assert neighbours[row].tolist() == expected.tolist()
        assert distances[row].tolist() == np.sqrt(squares[expected]).tolist()


@given(
    measures=hnp.arrays(
        np.float64, st.integers(1, 300), elements=st.floats(0, 1e3) | st.integers(0, 3).map(float)
    ),
    data=st.data(),
)
@settings(max_examples=60)
def test_the_smallest_measures_come_in_order_however_many_are_equal(measures, data):
    m = len(measures)
    padded = np.full(-(-m // 256) * 256, np.inf)
    padded[:m] = measures
    order = ranking(padded.size)
    count = data.draw(st.integers(1, m))
    smallest(padded, count, order)
    assert order.keys[:count].tolist() == np.sort(measures)[:count].tolist()


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("by_tree", [True, False])
def test_every_metric_measures_as_scipy_does_with_and_without_a_tree(metric, by_tree, monkeypatch):
    choose_tree(monkeypatch, always=by_tree)
    near = NeighbourSearch(X, metric)
    assert (near._tree is not None) == by_tree
    distances, _ = near.nearest(X[:50] + 0.01, 9, no_row(50))
    expected = np.sort(cdist(X[:50] + 0.01, X, METRICS[metric]), axis=1)[:, :9]
    np.testing.assert_allclose(distances, expected, rtol=1e-12)


@pytest.mark.parametrize("by_tree", [True, False])
def test_a_row_is_left_out_by_place_which_is_that_of_its_equal(by_tree, monkeypatch):
    choose_tree(monkeypatch, always=by_tree)
    near = NeighbourSearch(X, "euclidean")
    by_place, _ = near.nearest(X, 4, every_row(len(X)))
    as_equal, _ = near.nearest(X, 4, equal_rows(X, X))
    assert (by_place > 0).all()
    assert as_equal.tolist() == by_place.tolist()
    assert (near.nearest(X, 4, no_row(len(X)))[0][:, 0] == 0).all()


@given(
    rows=hnp.arrays(np.float64, st.tuples(st.integers(2, 150), st.integers(1, 4)), elements=values),
    metric=st.sampled_from(sorted(METRICS)),
    left_out=st.sampled_from([every_row, no_row]),
    data=st.data(),
)
@settings(max_examples=60)
def test_a_tree_finds_bit_for_bit_the_distances_that_measuring_all_rows_finds(rows, metric, left_out, data):
    k, itself = data.draw(st.integers(1, len(rows) - 1)), left_out(len(rows))
    with pytest.MonkeyPatch.context() as patched:
        choose_tree(patched, always=True)
        by_tree = NeighbourSearch(rows, metric)
    assert by_tree._tree is not None
    distances, neighbours = by_tree.nearest(rows, k, itself)
    assert distances.tolist() == NeighbourSearch(rows, metric).nearest(rows, k, itself)[0].tolist()
    for row in range(len(rows)):
        assert len(set(neighbours[row].tolist())) == k
        assert left_out is not every_row or row not in neighbours[row]
        measured = cdist(rows[row : row + 1], rows[neighbours[row]], METRICS[metric])[0]
        np.testing.assert_allclose(measured, distances[row], rtol=1e-12)


# Rows that products tell apart well, hardly (a far-off cluster) and not at all (too small, too long).
_measured_rows = st.tuples(st.integers(2, 150), st.integers(1, 9)).flatmap(
    lambda shape: hnp.arrays(np.float64, shape, elements=st.integers(-2, 2).map(float) | st.floats(-9, 9))
)


@given(
    rows=_measured_rows,
    unit=st.sampled_from([1.0, 1e-22, 1e12]),
    far=st.sampled_from([0.0, 1e7]),
    asked=st.sampled_from([1.0, 1e30]),
    left_out=st.sampled_from([every_row, no_row]),
    data=st.data(),
)
@settings(max_examples=60, deadline=None)
def test_products_find_bit_for_bit_the_rows_that_measuring_all_finds(rows, unit, far, asked, left_out, data):
    k, itself = data.draw(st.integers(1, len(rows) - 1)), left_out(len(rows))
    rows = rows * unit + far * (np.arange(len(rows)) < 20)[:, np.newaxis]
    questions = np.clip(rows * asked, -1e30, 1e30)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(search, "_PRODUCT_COLUMNS", 1)
        by_products = NeighbourSearch(rows, "euclidean")
        patched.setattr(search, "_PRODUCT_COLUMNS", 10**9)
        by_measuring = NeighbourSearch(rows, "euclidean")
    assert by_products._products is not None
    found, expected = (each.nearest(questions, k, itself) for each in (by_products, by_measuring))
    assert [each.tolist() for each in found] == [each.tolist() for each in expected]


def test_rows_too_long_for_products_are_measured():
    rows = np.random.default_rng(0).normal(size=(30, 6))
    rows[4] = 1e30
    assert NeighbourSearch(rows, "euclidean")._products is None
    assert NeighbourSearch(rows[5:], "euclidean")._products is not None
    assert NeighbourSearch(rows[5:], "manhattan")._products is None


def test_a_row_finds_the_same_neighbours_in_a_tree_alone_and_among_others(monkeypatch):
    choose_tree(monkeypatch, always=True)
    tied = X.round()
    near = NeighbourSearch(tied, "euclidean")
    _, together = near.nearest(tied, 6, no_row(len(tied)))
    for row in range(0, len(tied), 70):
        assert near.nearest(tied[row : row + 1], 6, no_row(1))[1][0].tolist() == together[row].tolist()


def test_a_tree_is_kept_where_it_parts_the_rows_and_not_where_it_does_not():
    along = np.linspace(0, 50, 3000)[:, np.newaxis]
    assert NeighbourSearch(np.sin(along * np.arange(1, 9)), "euclidean")._tree is not None
    assert NeighbourSearch(np.random.default_rng(0).normal(size=(3000, 12)), "euclidean")._tree is None


def test_the_first_equal_row_is_found_or_none():
    reference = np.array([[0.0, 1.0], [2.0, 3.0], [2.0, 3.0]])
    rows = np.array([[2.0, 3.0], [2.0, 3.0], [0.0, 3.0], [0.0, 1.0]])
    assert equal_rows(rows, reference).tolist() == [1, 1, -1, 0]


def test_draws_hold_distinct_rows_and_as_many_as_asked_for():
    subsamples = draw(500, 8, 40, 1)
    assert subsamples.sample_of.size == 8 * 40
    for sample in range(8):
        _, places = subsamples.members(sample)
        assert len(set(subsamples.drawn[places])) == 40


def test_where_a_subsample_would_hold_every_row_one_is_enough():
    subsamples = draw(30, 8, 40, 1)
    assert (subsamples.count, subsamples.size) == (1, 30)


@pytest.mark.parametrize("algorithm", [knn, local_outlier_factor, one_class_svm])
def test_rows_shared_out_among_threads_score_the_same(algorithm, monkeypatch):
    fitted = algorithm.SPEC.fit(X)
    alone = fitted.score_raw(X)
    monkeypatch.setattr(config, "NUMBA_NUM_THREADS", 3)
    monkeypatch.setattr(algorithm, "in_spans", partial(in_spans, least=50))
    assert fitted.score_raw(X).tolist() == alone.tolist()
