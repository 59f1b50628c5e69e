"""When somebody should look: the rules that `deploy/prometheus/alerts.yml` is written from."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

RUNBOOKS: Final = "docs/production.md"
_WORD: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")


@dataclass(frozen=True, slots=True)
class Alert:
    """One rule.

    Attributes:
        name: in capitals, as Prometheus has it.
        expression: holds where something is wrong.
        minutes: how long it has to hold.
        severity: `page` where callers are hurt now, `ticket` where they will be.
        summary: what is wrong, in one line.
        description: what was measured, with the value.
    """

    name: str
    expression: str
    minutes: int
    severity: str
    summary: str
    description: str

    @property
    def runbook(self) -> str:
        """Where it says what to do."""
        return f"{RUNBOOKS}#runbook-{_WORD.sub('-', self.name).lower()}"


_ERRORS: Final = 'sum(rate(pynomaly_http_requests_total{status=~"5..",status!="503"}[5m]))'
_ALL: Final = "sum(rate(pynomaly_http_requests_total[5m]))"
_SLOWEST: Final = (
    "histogram_quantile(0.99, sum by (le) "
    '(rate(pynomaly_request_duration_seconds_bucket{endpoint=~"detectAnomalies|predictWithModel"}[5m])))'
)

ALERTS: Final[Sequence[Alert]] = (
    Alert(
        "PynomalyDown",
        'absent(up{job="pynomaly"} == 1)',
        2,
        "page",
        "Pynomaly does not answer",
        "No API process has answered Prometheus for two minutes.",
    ),
    Alert(
        "PynomalyPartDown",
        "min by (part) (pynomaly_part_up) == 0",
        2,
        "page",
        "A part of Pynomaly is down: {{ $labels.part }}",
        "The {{ $labels.part }} have not answered the API for two minutes.",
    ),
    Alert(
        "PynomalyErrorRateHigh",
        f"{_ERRORS} / {_ALL} > 0.01",
        10,
        "page",
        "More than 1 % of the requests fail in the server",
        "{{ $value | humanizePercentage }} of the requests of five minutes were answered with a 5xx.",
    ),
    Alert(
        "PynomalyLatencyHigh",
        f"{_SLOWEST} > 2",
        10,
        "page",
        "Detections are slow",
        "One detection or prediction of a hundred took longer than {{ $value | humanizeDuration }}.",
    ),
    Alert(
        "PynomalyQueueAgeHigh",
        'max by (queue) (pynomaly_oldest_job_age_seconds{state="queued"}) > 300',
        5,
        "page",
        "Jobs wait for long in the queue {{ $labels.queue }}",
        "The oldest job has been waiting for {{ $value | humanizeDuration }}.",
    ),
    Alert(
        "PynomalyLeasesLost",
        "sum(increase(pynomaly_lease_losses_total[15m])) > 3",
        0,
        "ticket",
        "Workers die, or stand still, with jobs in their hands",
        "{{ $value | humanize }} jobs or shards were taken back from silent workers in a quarter of an hour.",
    ),
    Alert(
        "PynomalyJobsFailing",
        'sum(increase(pynomaly_jobs_finished_total{state="failed"}[30m])) '
        "/ sum(increase(pynomaly_jobs_finished_total[30m])) > 0.1 "
        "and sum(increase(pynomaly_jobs_finished_total[30m])) > 20",
        10,
        "ticket",
        "More than a tenth of the jobs fail",
        "{{ $value | humanizePercentage }} of the jobs of half an hour have failed.",
    ),
    Alert(
        "PynomalyLoadShed",
        "sum by (lane) (rate(pynomaly_shed_total[5m])) > 0.1",
        10,
        "ticket",
        "The server refuses work because it is full: {{ $labels.lane }}",
        "{{ $value | humanize }} requests a second were refused with `overloaded`.",
    ),
    Alert(
        "PynomalyLimitsLocal",
        "sum(rate(pynomaly_rate_limit_local_total[5m])) > 0",
        5,
        "ticket",
        "Rate limits hold per process only, because Valkey does not answer",
        "{{ $value | humanize }} charges a second were counted by single processes; logins are closed.",
    ),
    Alert(
        "PynomalyModelDrift",
        "max by (tenant, model, version) (pynomaly_model_drift_score) > 0.25",
        60,
        "ticket",
        "The rows that a model scores have moved: {{ $labels.model }}@{{ $labels.version }}",
        "Its largest population stability index of 24 hours is {{ $value | humanize }}.",
    ),
    Alert(
        "PynomalyDataQualityLow",
        "min by (dataset) (pynomaly_data_quality_score) < 0.8",
        15,
        "ticket",
        "Many cells of what is sent are empty: {{ $labels.dataset }}",
        "{{ $value | humanizePercentage }} of the cells held something in the last quarter of an hour.",
    ),
    Alert(
        "PynomalyWebhooksWaiting",
        "max(pynomaly_webhook_deliveries_waiting) > 1000",
        15,
        "ticket",
        "Messages for webhooks pile up",
        "{{ $value | humanize }} messages have not arrived yet.",
    ),
    Alert(
        "PynomalyCertificateExpiring",
        "min by (shown_by) (pynomaly_certificate_expires_timestamp_seconds) - time() < 14 * 86400",
        0,
        "ticket",
        "A certificate ends within two weeks",
        "That of the {{ $labels.shown_by }} ends in {{ $value | humanizeDuration }}.",
    ),
    Alert(
        "PynomalyDiskFull",
        "min(pynomaly_disk_free_bytes / pynomaly_disk_size_bytes) < 0.1",
        5,
        "page",
        "The disk under the data folder is nearly full",
        "{{ $value | humanizePercentage }} of it are free.",
    ),
)


def rules_file() -> str:
    """The rules as Prometheus reads them (YAML)."""
    lines = [
        "# Written by `pynomaly dashboard export` from pynomaly_server/telemetry/alerts.py.",
        "groups:",
        "  - name: pynomaly",
        "    rules:",
    ]
    for alert in ALERTS:
        lines += [
            f"      - alert: {alert.name}",
            f"        expr: {json.dumps(alert.expression)}",
            f"        for: {alert.minutes}m",
            "        labels:",
            f"          severity: {alert.severity}",
            "        annotations:",
            f"          summary: {json.dumps(alert.summary)}",
            f"          description: {json.dumps(alert.description)}",
            f"          runbook_url: {json.dumps(alert.runbook)}",
        ]
    return "\n".join(lines) + "\n"
