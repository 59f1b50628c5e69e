# ruff: noqa: N803 - X is the field's name for a matrix of rows
import numpy as np
import pytest

from pynomaly_server.detectors import registry
from pynomaly_server.detectors.explain import PROBED_FEATURES, background, contributions

rng = np.random.default_rng(5)
X = rng.normal(size=(200, 3))


def test_a_group_of_columns_is_one_feature():
    usual = background(X, [[0, 1], [2]])
    assert contributions(registry.get("iforest").fit(X), X[:4], usual).shape == (4, 2)


def test_ecod_shares_are_exactly_what_its_score_drops_when_a_feature_is_usual():
    fitted = registry.get("ecod").fit(X)
    usual = background(X, [[0], [1, 2]])
    drops = []
    for columns in ([0], [1, 2]):
        replaced = X.copy()
        replaced[:, columns] = usual.expected[columns]
        drops.append(np.maximum(fitted.score_raw(X) - fitted.score_raw(replaced), 0))
    expected = np.column_stack(drops)
    np.testing.assert_allclose(
        contributions(fitted, X, usual), expected / expected.sum(axis=1, keepdims=True), atol=1e-9
    )


@pytest.mark.parametrize("algorithm", ["isolation_forest", "local_outlier_factor"])
def test_the_expected_row_itself_has_equal_shares(algorithm):
    constant = np.full((20, 4), 2.0)
    shares = contributions(
        registry.get(algorithm).fit(constant), constant[:1], background(constant, [[0], [1], [2], [3]])
    )
    assert shares.tolist() == [[0.25, 0.25, 0.25, 0.25]]


def test_where_no_score_drops_the_distance_from_the_expected_row_decides():
    constant = np.full((20, 2), 2.0)
    fitted = registry.get("iforest").fit(constant)
    shares = contributions(fitted, np.array([[2.0, 5.0]]), background(constant, [[0], [1]]))
    assert shares.tolist() == [[0.0, 1.0]]


def test_wide_rows_are_probed_within_the_budget():
    wide = rng.normal(size=(50, 3 * PROBED_FEATURES))
    wide[0, 100] = 50.0
    fitted = registry.get("lof").fit(wide)
    counted = _Counting(fitted)
    shares = contributions(counted, wide[:2], background(wide, [[column] for column in range(wide.shape[1])]))
    assert counted.rows <= 2 * (PROBED_FEATURES + 1)
    assert shares[0].argmax() == 100
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)


@pytest.mark.parametrize(
    ("algorithm", "parameters"),
    [
        ("abod", {}),
        ("kde", {}),
        *((name, {"bagging": bagging}) for name in ("knn", "lof") for bagging in (True, False)),
    ],
)
def test_the_planted_feature_of_a_row_fitted_on_is_named_first_in_at_least_95_of_100_cases(
    algorithm, parameters
):
    """What is made of the row by changing one value must not take the row itself for a near neighbour."""
    named = 0
    for case in range(5):
        draw = np.random.default_rng(case)
        table, planted = draw.normal(size=(300, 12)), draw.integers(12, size=20)
        table[:20] = np.clip(table[:20], -1.5, 1.5)
        table[np.arange(20), planted] = draw.choice([-1, 1], size=20) * draw.uniform(8, 40, size=20)
        fitted = registry.get(algorithm).fit(table, parameters, case)
        usual = background(table, [[column] for column in range(12)])
        named += (contributions(fitted, table[:20], usual).argmax(axis=1) == planted).sum()
    assert named >= 95


class _Counting:
    def __init__(self, fitted):
        self._fitted, self.rows = fitted, 0

    def feature_parts(self, X):
        return self._fitted.feature_parts(X)

    def score_left_out(self, X, of=None):
        self.rows += len(X)
        return self._fitted.score_left_out(X, of)


def test_the_largest_doubles_have_a_finite_spread():
    largest = np.finfo(np.float64).max
    table = np.column_stack([np.tile([largest, -largest], 20), np.arange(40.0)])
    assert np.isfinite(background(table, [[0], [1]]).spread).all()
