"""When a training is due, and when a version is taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pynomaly_server.contract.structs import ModelDrift, RetrainingRule
from pynomaly_server.models.retraining.rules import Watched, alarming, due

MADE = datetime(2026, 1, 1, tzinfo=UTC)


def after(hours):
    return MADE + timedelta(hours=hours)


def rule(**options):
    return RetrainingRule(dataset_name="rows", **options)


def drift(psi):
    return ModelDrift(
        model_id="mdl_0", name="m", version=1, hours=24, n_rows=500, n_anomalies=5, anomaly_share=0.01,
        n_errors=0, n_skipped=0, least_rows=200, verdict="large", psi=psi, psi_column="amount", ks=None,
        scores=None, features=[],
    )  # fmt: skip


@pytest.mark.parametrize(
    ("options", "last", "now", "psi", "reason"),
    [
        ({}, None, 10_000, 9.0, None),
        ({"every_hours": 24}, None, 23, None, None),
        ({"every_hours": 24}, None, 24, None, "24 hours have passed"),
        ({"every_hours": 24}, 20, 30, None, None),
        ({"every_hours": 24}, 20, 44, None, "24 hours have passed"),
        ({"when_psi_over": 0.25}, None, 1, 0.25, None),
        ({"when_psi_over": 0.25}, None, 1, None, None),
        ({"when_psi_over": 0.25}, None, 1, 0.4, "the index of amount is 0.40, over 0.25"),
        ({"when_psi_over": 0.25, "rest_hours": 12}, 1, 12, 0.4, None),
        ({"when_psi_over": 0.25, "rest_hours": 12}, 1, 13, 0.4, "the index of amount is 0.40, over 0.25"),
    ],
)
def test_a_training_is_due_by_time_or_by_drift_that_has_rested(options, last, now, psi, reason):
    last_run = None if last is None else after(last)
    assert due(rule(**options), MADE, last_run, after(now), drift(psi)) == reason


@pytest.mark.parametrize(
    ("n_rows", "n_anomalies", "n_errors", "alarm"),
    [
        (1_000, 100, 0, False),
        (1_000, 151, 0, True),
        (199, 199, 0, False),
        (1_000, 0, 4, False),
        (0, 0, 5, True),
    ],
)
def test_more_alerts_than_before_or_failed_predictions_are_alarming(n_rows, n_anomalies, n_errors, alarm):
    said = alarming(rule(most_alert_rise=0.05), 0.1, Watched(2, n_rows, n_anomalies, n_errors))
    assert (said is not None) == alarm
