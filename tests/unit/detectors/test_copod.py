# ruff: noqa: N806 - X is the field's name for a matrix of rows
import numpy as np
import pytest

from pynomaly_server.detectors import registry
from pynomaly_server.detectors.explain import background, contributions

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


@pytest.mark.parametrize("columns", [2, 8, 30])
@pytest.mark.parametrize("shape", ["normal", "skewed to the right", "skewed to the left"])
@pytest.mark.parametrize("name", ["copod", "ecod"])
def test_the_planted_feature_of_an_unseen_row_is_named_first_in_at_least_95_of_100_cases(
    name, shape, columns
):
    """On either side of the column, whichever way it is skewed, and among other features as they come."""
    named = 0
    for case in range(100):
        draw = np.random.default_rng([case, columns])
        X = draw.normal(size=(501, columns))
        if shape != "normal":
            X = np.exp(X) if shape == "skewed to the right" else -np.exp(X)
        row, odd = np.clip(X[:1], *np.quantile(X, [0.02, 0.98], axis=0)), draw.integers(columns)
        row[0, odd] = X[:, odd].mean() + draw.choice([-1, 1]) * 8 * X[:, odd].std()
        usual = background(X[1:], [[column] for column in range(columns)])
        named += contributions(registry.get(name).fit(X[1:]), row, usual)[0].argmax() == odd
    assert named >= 95


def test_a_part_is_how_much_rarer_a_value_is_than_the_median_on_its_own_side():
    fitted = registry.get("copod").fit(COLUMN)
    parts = fitted.feature_parts(np.array([[1.0], [3.0], [10.0], [11.0]]))
    np.testing.assert_allclose(parts[:, 0], np.log([3, 1, 3, 18 / 5]))
