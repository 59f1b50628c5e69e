"""Forests of scikit-learn and PyOD, taken over with their scores."""

import numpy as np
import pytest
from sklearn.ensemble import IsolationForest, RandomForestRegressor

from pynomaly_server.detectors.forest.flatten import flatten

rng = np.random.default_rng(8)
X = rng.normal(size=(500, 10)) * np.logspace(-4, 9, 10)
UNSEEN = rng.normal(size=(300, 10)) * np.logspace(-4, 9, 10) * 3


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"max_features": 0.3},
        {"max_features": 1, "n_estimators": 7},
        {"bootstrap": True, "max_samples": 100},
        {"max_samples": 1.0, "contamination": 0.2},
        {"max_samples": 2},
    ],
    ids=str,
)
def test_scores_equal_those_of_scikit_learn(options):
    theirs = IsolationForest(random_state=1, **options).fit(X)
    np.testing.assert_allclose(
        flatten(theirs, X).score_raw(UNSEEN), -theirs.score_samples(UNSEEN), rtol=0, atol=1e-9
    )


def test_rows_on_a_threshold_of_single_precision_go_the_same_way():
    grid = np.round(rng.normal(size=(400, 3)), 1)
    theirs = IsolationForest(random_state=1).fit(grid)
    np.testing.assert_allclose(
        flatten(theirs, grid).training_scores, -theirs.score_samples(grid), rtol=0, atol=1e-9
    )


def test_scores_equal_those_of_pyod():
    iforest = pytest.importorskip("pyod.models.iforest")
    theirs = iforest.IForest(random_state=1, max_features=0.5, contamination=0.2).fit(X)
    ours = flatten(theirs, X)
    np.testing.assert_allclose(ours.score_raw(UNSEEN), theirs.decision_function(UNSEEN), rtol=0, atol=1e-9)
    np.testing.assert_allclose(ours.training_scores, theirs.decision_scores_, rtol=0, atol=1e-9)


def test_a_flattened_forest_explains_itself():
    ours = flatten(IsolationForest(random_state=1).fit(X), X)
    row = np.median(X, axis=0)
    row[4] += 20 * X[:, 4].std()
    assert ours.feature_parts(row.reshape(1, -1))[0].argmax() == 4


def test_a_forest_of_another_kind_is_refused():
    with pytest.raises(
        TypeError,
        match=r"only scikit-learn's IsolationForest and PyOD's IForest can be flattened, "
        r"not sklearn\.ensemble\._forest\.RandomForestRegressor",
    ):
        flatten(RandomForestRegressor(), X)


def test_a_forest_that_was_not_fitted_is_refused():
    with pytest.raises(ValueError, match="this IsolationForest has not been fitted; call its fit"):
        flatten(IsolationForest(), X)


def test_a_pyod_forest_that_was_not_fitted_is_refused():
    iforest = pytest.importorskip("pyod.models.iforest")
    with pytest.raises(ValueError, match="this IForest has not been fitted; call its fit"):
        flatten(iforest.IForest(), X)


def test_training_rows_with_another_number_of_columns_are_refused():
    with pytest.raises(ValueError, match="fitted on 10 columns"):
        flatten(IsolationForest().fit(X), X[:, :9])
