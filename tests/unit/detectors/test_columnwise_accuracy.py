# ruff: noqa: N806 - X is the field's name for a matrix of rows
"""Accuracy of the univariate, histogram, projection and density methods on real labelled data."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from pynomaly_server.detectors import registry

LABELLED = Path(__file__).parents[4] / "shared" / "data" / "tabular"
ALL = (
    "annthyroid", "breastw", "cardio", "glass", "http_25k", "letter", "mammography", "musk", "pima",
    "satimage-2", "shuttle", "thyroid", "vowels", "wbc",
)  # fmt: skip
FLOORS = {
    "copod": 0.850, "ecod": 0.853, "gmm": 0.87, "hbos": 0.850, "iqr": 0.865, "kde": 0.88, "loda": 0.86,
    "mad": 0.83, "mcd": 0.89, "modified_z_score": 0.86, "pca": 0.87, "z_score": 0.845,
}  # fmt: skip

needs_data = pytest.mark.skipif(
    not LABELLED.is_dir(), reason="no labelled data in shared/data beside the repository"
)


def load(name):
    with np.load(LABELLED / f"{name}.npz") as stored:
        return stored["X"].astype(np.float64), stored["y"]


@needs_data
@pytest.mark.slow
@pytest.mark.parametrize("algorithm", FLOORS)
def test_mean_roc_auc_over_all_sets_is_held(algorithm):
    areas = []
    for name in ALL:
        X, y = load(name)
        areas.append(roc_auc_score(y, registry.get(algorithm).fit(X).training_scores))
    assert np.mean(areas) >= FLOORS[algorithm]


@needs_data
@pytest.mark.parametrize("name", ["breastw", "cardio", "glass", "letter", "satimage-2", "musk", "thyroid"])
def test_copod_equals_pyod_on_training_rows(name):
    copod = pytest.importorskip("pyod.models.copod")
    X, _ = load(name)
    fitted = registry.get("copod").fit(X)
    np.testing.assert_allclose(
        fitted.training_scores, copod.COPOD().fit(X).decision_scores_, rtol=0, atol=1e-9
    )


@needs_data
@pytest.mark.parametrize(
    "name", ["breastw", "cardio", "glass", "letter", "mammography", "musk", "pima", "wbc"]
)
def test_hbos_reaches_what_pyods_reaches_on_standardised_rows(name):
    hbos = pytest.importorskip("pyod.models.hbos")
    X, y = load(name)
    deviation = X.std(axis=0)
    scaled = (X - X.mean(axis=0)) / np.where(deviation > 0, deviation, 1.0)
    theirs = roc_auc_score(y, hbos.HBOS().fit(scaled).decision_scores_)
    assert roc_auc_score(y, registry.get("hbos").fit(X).training_scores) == pytest.approx(theirs, abs=0.01)
