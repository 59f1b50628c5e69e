import numpy as np
import pytest

from pynomaly_server.detectors import registry

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
