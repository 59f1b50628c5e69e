# ruff: noqa: N806 - X is the field's name for a matrix of rows
import numpy as np
import pytest

from pynomaly_server.detectors import registry

COLUMN = np.array([[1.0], [2.0], [3.0], [4.0], [10.0]])


def test_the_score_of_a_right_skewed_column_is_its_rarer_tail():
    fitted = registry.get("ecod").fit(COLUMN)
    np.testing.assert_allclose(fitted.training_scores, -np.log([1 / 5, 2 / 5, 3 / 5, 2 / 5, 1 / 5]))


def test_a_symmetric_column_adds_both_tails():
    fitted = registry.get("ecod").fit(np.array([[-1.0], [0.0], [1.0]]))
    np.testing.assert_allclose(fitted.training_scores, -np.log([1 / 3, 4 / 9, 1 / 3]))


def test_a_value_beyond_training_is_just_rarer_than_the_extreme():
    assert registry.get("ecod").fit(COLUMN).score_raw(np.array([[99.0]]))[0] == pytest.approx(np.log(6))


def test_terms_sum_to_the_raw_score_and_are_never_negative():
    X = np.random.default_rng(3).normal(size=(50, 6))
    fitted = registry.get("ecod").fit(X)
    assert (fitted.exact_terms(X) >= 0).all()
    np.testing.assert_allclose(fitted.exact_terms(X).sum(axis=1), fitted.score_raw(X))


def test_it_has_no_parameters_and_says_so():
    with pytest.raises(Exception, match="There is no parameter 'n_jobs': this algorithm takes none"):
        registry.get("ecod").detector({"n_jobs": 1})
