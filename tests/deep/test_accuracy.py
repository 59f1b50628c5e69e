# ruff: noqa: N806 - X is the field's name for a matrix of rows
"""Accuracy on real labelled data, and on series with a planted oddity."""

from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from pynomaly_server.detectors import registry

pytestmark = pytest.mark.deep

LABELLED = Path(__file__).parents[3] / "shared" / "data" / "tabular"
SMALLER = ("breastw", "wbc", "cardio", "glass", "vowels", "pima", "thyroid")
needs_data = pytest.mark.skipif(
    not LABELLED.is_dir(), reason="no labelled data in shared/data beside the repository"
)


@needs_data
@pytest.mark.parametrize(
    ("algorithm", "least"), [("autoencoder", 0.84), ("variational_autoencoder", 0.82), ("deep_svdd", 0.78)]
)
def test_mean_roc_auc_over_smaller_sets_is_held(algorithm, least):
    areas = []
    for name in SMALLER:
        with np.load(LABELLED / f"{name}.npz") as stored:
            X, y = stored["X"].astype(np.float64), stored["y"]
        areas.append(roc_auc_score(y, registry.get(algorithm).fit(X, {}, 0).training_scores))
    assert np.mean(areas) >= least


def rhythm(n):
    at = np.arange(n)
    noise = np.random.default_rng(0).normal(0, 0.05, (n, 2))
    return np.column_stack([np.sin(at / 7), np.cos(at / 11)]) + noise


def test_a_stretch_that_breaks_the_rhythm_within_the_usual_range_stands_out():
    X = rhythm(1500)
    odd = np.arange(700, 740)
    X[odd, 0] = np.sin(odd / 2)
    raw = registry.get("lstm").fit(X).training_scores
    assert roc_auc_score(np.isin(np.arange(1500), odd), raw) > 0.95


def test_nearly_every_value_lies_within_its_bounds():
    X = rhythm(1500)
    bands = registry.get("lstm").fit(X).score_series(X).bands
    assert ((bands.lower <= X) & (bands.upper >= X)).mean() > 0.97


def test_a_series_of_more_windows_than_an_epoch_shows_is_scored_to_its_end():
    X = rhythm(9000)
    X[8990, 0] += 5.0
    fitted = registry.get("lstm").fit(X, {"epochs": 1})
    assert abs(int(fitted.training_scores.argmax()) - 8990) <= 9
