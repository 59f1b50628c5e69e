# ruff: noqa: N806 - X is the field's name for a matrix of rows
import numpy as np

from pynomaly_server.detectors import registry

LOF = registry.get("lof")


def test_neighbours_are_at_most_the_other_rows():
    X = np.random.default_rng(0).normal(size=(6, 2))
    few, many = LOF.fit(X, {"n_neighbors": 5}), LOF.fit(X, {"n_neighbors": 1000})
    np.testing.assert_array_equal(few.training_scores, many.training_scores)


def test_a_training_row_is_left_out_of_its_own_neighbours():
    X = np.random.default_rng(0).normal(size=(60, 2))
    fitted = LOF.fit(X, {"n_neighbors": 5})
    np.testing.assert_allclose(fitted.score_left_out(X), fitted.training_scores)
    assert (fitted.score_raw(X) != fitted.training_scores).any()


def test_scaling_a_column_changes_nothing():
    X = np.random.default_rng(0).normal(size=(60, 2))
    np.testing.assert_allclose(LOF.fit(X).training_scores, LOF.fit(X * [1.0, 1e9]).training_scores, rtol=1e-9)


def test_a_value_that_differs_from_a_constant_column_is_abnormal():
    X = np.column_stack([np.random.default_rng(0).normal(size=50), np.full(50, 5.0)])
    fitted = LOF.fit(X)
    assert fitted.score_raw(np.array([[0.0, 50.0]]))[0] > fitted.training_scores.max()


def test_more_twins_than_neighbours_stay_finite():
    X = np.vstack([np.zeros((30, 2)), np.random.default_rng(0).normal(size=(30, 2))])
    assert np.isfinite(LOF.fit(X, {"n_neighbors": 5}).training_scores).all()
