"""A million rows: the quick algorithms take them, what cannot says so.

`benchmarks/million.py` does the same with every algorithm and ten columns;
docs/engine-performance.md has what came out.
"""

import numpy as np
import pytest

from pynomaly_server.detectors import registry
from pynomaly_server.detectors.calibration import calibrate
from pynomaly_server.detectors.errors import InvalidParameter

N = 1_000_000
QUICK = ("hbos", "iqr", "isolation_forest", "pca", "z_score")


@pytest.fixture(scope="module")
def million():
    """Two columns, one of them rounded to ties; one row in a hundred lies outside."""
    rows = np.random.default_rng(0).normal(size=(N, 2))
    rows[::100] += 8.0
    rows[:, 1] = rows[:, 1].round()
    return rows


@pytest.mark.parametrize("name", QUICK)
def test_a_million_rows_get_finite_scores_and_the_share_of_anomalies_asked_for(name, million):
    raw = registry.get(name).fit(million).training_scores
    calibration = calibrate(raw, 0.01)
    scores, predictions = calibration.scores(raw), calibration.predictions(raw)
    assert np.isfinite(raw).all()
    assert (predictions == (scores >= 0.5)).all()
    assert predictions.mean() == pytest.approx(0.01, abs=0.005)
    assert predictions[::100].mean() > 0.9


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("matrix_profile", "takes series of at most 50,000 rows, not 1,000,000. Take spectral_residual"),
        ("series_ensemble", "are more than the 20,000,000 numbers that fit a request. Take shorter windows"),
    ],
)
def test_what_cannot_take_a_series_of_a_million_rows_names_its_limit_and_the_way_out(name, sentence, million):
    with pytest.raises(InvalidParameter) as refused:
        registry.get(name).detector().fit_series([million], 0)
    assert sentence in str(refused.value)
