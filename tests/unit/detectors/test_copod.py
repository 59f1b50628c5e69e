# ruff: noqa: N806 - X is the field's name for a matrix of rows
import numpy as np
import pytest

from pynomaly_server.detectors import registry

COLUMN = np.array([[1.0], [2.0], [3.0], [4.0], [10.0]])


def test_the_score_of_a_right_skewed_column_is_its_right_tail_or_the_mean_of_both():
    fitted = registry.get("copod").fit(COLUMN)
    left, right = -np.log(np.arange(1, 6) / 5), -np.log(np.arange(5, 0, -1) / 5)
    np.testing.assert_allclose(fitted.training_scores, np.maximum((left + right) / 2, right))


def test_a_symmetric_column_adds_both_tails():
    fitted = registry.get("copod").fit(np.array([[-1.0], [0.0], [1.0]]))
    np.testing.assert_allclose(fitted.training_scores, -np.log([1 / 3, 4 / 9, 1 / 3]))


@pytest.mark.parametrize("name", ["copod", "ecod"])
def test_training_rows_score_bit_for_bit_as_they_do_when_they_come_again(name):
    X = np.random.default_rng(3).integers(0, 9, size=(700, 5)) / 7
    fitted = registry.get(name).fit(X)
    assert fitted.training_scores.tolist() == fitted.score_raw(X).tolist()


def test_terms_sum_to_the_raw_score_and_are_never_negative():
    X = np.random.default_rng(3).normal(size=(50, 6))
    fitted = registry.get("copod").fit(X)
    assert (fitted.exact_terms(X) >= 0).all()
    np.testing.assert_allclose(fitted.exact_terms(X).sum(axis=1), fitted.score_raw(X))
