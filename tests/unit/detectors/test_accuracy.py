# ruff: noqa: N806 - X is the field's name for a matrix of rows
"""Accuracy on real labelled data, and equality with the implementations the methods are known by."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score
from sklearn.neighbors import LocalOutlierFactor
from sklearn.preprocessing import StandardScaler

from pynomaly_server.detectors import registry

LABELLED = Path(__file__).parents[4] / "shared" / "data" / "tabular"
SMALLER = (
    "breastw", "wbc", "cardio", "glass", "letter", "vowels", "pima", "thyroid", "annthyroid", "satimage-2",
    "musk",
)  # fmt: skip
# Distances tie on grids and among duplicates; which neighbour is then taken is nobody's to say.
WITHOUT_TIES = ("cardio", "letter", "pima", "vowels", "musk")

needs_data = pytest.mark.skipif(
    not LABELLED.is_dir(), reason="no labelled data in shared/data beside the repository"
)


def load(name):
    with np.load(LABELLED / f"{name}.npz") as stored:
        return stored["X"].astype(np.float64), stored["y"]


@needs_data
@pytest.mark.parametrize(
    ("algorithm", "least"),
    [("isolation_forest", 0.86), ("ecod", 0.81), ("knn", 0.89), ("local_outlier_factor", 0.815),
     ("one_class_svm", 0.825), ("abod", 0.785), ("cblof", 0.85), ("ensemble", 0.895)],
)  # fmt: skip
def test_mean_roc_auc_over_the_smaller_sets_is_held(algorithm, least):
    areas = []
    for name in SMALLER:
        X, y = load(name)
        areas.append(roc_auc_score(y, registry.get(algorithm).fit(X, {}, 0).training_scores))
    assert np.mean(areas) >= least


@needs_data
@pytest.mark.parametrize("name", ["breastw", "cardio", "glass", "satimage-2", "musk", "thyroid"])
def test_ecod_equals_pyod_on_training_rows(name):
    ecod = pytest.importorskip("pyod.models.ecod")
    X, _ = load(name)
    fitted = registry.get("ecod").fit(X)
    np.testing.assert_allclose(fitted.training_scores, ecod.ECOD().fit(X).decision_scores_, rtol=0, atol=1e-9)


@needs_data
@pytest.mark.parametrize("name", WITHOUT_TIES)
def test_local_outlier_factor_equals_scikit_learn_on_training_and_unseen_rows(name):
    X, _ = load(name)
    train, unseen = X[::2], X[1::2]
    scaler = StandardScaler().fit(train)
    theirs = LocalOutlierFactor(n_neighbors=20, novelty=True).fit(scaler.transform(train))
    ours = registry.get("lof").fit(train, {"bagging": False})
    np.testing.assert_allclose(ours.training_scores, -theirs.negative_outlier_factor_, rtol=1e-9)
    np.testing.assert_allclose(
        ours.score_raw(unseen), -theirs.score_samples(scaler.transform(unseen)), rtol=1e-9
    )
