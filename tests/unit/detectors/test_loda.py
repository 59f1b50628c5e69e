import numpy as np
import pytest

from pynomaly_server.detectors import registry
from pynomaly_server.detectors.explain import background, contributions

X = np.random.default_rng(4).normal(size=(400, 9))


def test_a_row_beyond_every_histogram_has_the_rarity_of_less_than_one_row():
    fitted = registry.get("loda").fit(X[:, :1])
    assert fitted.score_raw(np.array([[1e9]]))[0] == pytest.approx(np.log(401))


def test_each_projection_adds_as_many_columns_as_the_root_of_their_number():
    fitted = registry.get("loda").fit(X, {"n_projections": 40})
    assert fitted.columns.shape == (40, 3)
    assert all(len(set(columns)) == 3 for columns in fitted.columns.tolist())


def test_every_training_row_is_counted_once_in_each_histogram():
    fitted = registry.get("loda").fit(X, {"n_projections": 10, "n_bins": 7})
    assert fitted.counts.shape == (10, 7)
    assert fitted.counts.sum(axis=1).tolist() == [400.0] * 10


def test_it_equals_histograms_of_numpy_over_the_same_projections():
    fitted = registry.get("loda").fit(X, {"n_projections": 5, "n_bins": 12}, 9)
    rows, expected = fitted.scaling.apply(X), np.zeros(400)
    for columns, weights in zip(fitted.columns, fitted.weights, strict=True):
        along = (rows[:, columns] * weights).sum(axis=1)
        counts, edges = np.histogram(along, bins=12)
        at = np.clip(np.searchsorted(edges, along, side="right") - 1, 0, 11)
        expected -= np.log(counts[at] / 400) / 5
    assert np.isclose(fitted.training_scores, expected, rtol=1e-9).mean() > 0.99


def test_a_part_is_the_mean_drop_over_the_projections_that_hold_the_column():
    fitted = registry.get("loda").fit(X, {"n_projections": 6})
    column = fitted.columns[0, 0]
    row = X[:1] * 3
    without = row.copy()
    without[0, column] = X[:, column].mean()
    holding = (fitted.columns == column).any(axis=1).sum()
    drop = 6 * (fitted.score_raw(row) - fitted.score_raw(without))[0]
    assert fitted.feature_parts(row)[0, column] == pytest.approx(drop / holding)


def test_a_column_in_no_projection_has_no_part():
    fitted = registry.get("loda").fit(X, {"n_projections": 1})
    absent = np.setdiff1d(np.arange(9), fitted.columns)
    assert absent.size == 6
    assert (fitted.feature_parts(X * 9)[:, absent] == 0).all()


def test_among_60_skewed_columns_unseen_rows_name_their_feature_in_at_least_95_of_100_cases():
    named = 0
    for case in range(10):
        draw = np.random.default_rng(case)
        table = np.exp(draw.normal(size=(500, 60)))
        # Ordinary in everything but the planted feature.
        rows = np.clip(np.exp(draw.normal(size=(10, 60))), *np.quantile(table, [0.02, 0.98], axis=0))
        odd, side = draw.integers(60, size=10), draw.choice([-1, 1], size=10)
        rows[np.arange(10), odd] = table[:, odd].mean(axis=0) + side * 8 * table[:, odd].std(axis=0)
        usual = background(table, [[column] for column in range(60)])
        fitted = registry.get("loda").fit(table, {}, case)
        named += (contributions(fitted, rows, usual).argmax(axis=1) == odd).sum()
    assert named >= 95
