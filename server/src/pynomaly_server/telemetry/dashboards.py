"""What to look at: the panels that the files in `deploy/grafana/dashboards` are written from."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

_WIDTH, _HEIGHT, _PER_ROW = 12, 8, 2
_SCHEMA: Final = 39
DATASOURCE: Final = {"type": "prometheus", "uid": "${datasource}"}
RATE: Final = "$__rate_interval"


@dataclass(frozen=True, slots=True)
class Panel:
    """A graph.

    Attributes:
        title: what it shows.
        unit: of its values, as Grafana names it.
        queries: expressions with the legend of their lines.
        description: how to read it.
    """

    title: str
    unit: str
    queries: Sequence[tuple[str, str]]
    description: str = ""


@dataclass(frozen=True, slots=True)
class Dashboard:
    """A page of graphs; `name` is its file and a part of its address."""

    name: str
    title: str
    panels: Sequence[Panel]


def _quantiles(histogram: str, by: str = "") -> list[tuple[str, str]]:
    grouped = f"le, {by}" if by else "le"
    legend = f" {{{{{by}}}}}" if by else ""
    return [
        (
            f"histogram_quantile({share}, sum by ({grouped}) (rate({histogram}_bucket[{RATE}])))",
            f"p{share * 100:g}{legend}",
        )
        for share in (0.5, 0.95, 0.99)
    ]


SERVICE: Final = Dashboard(
    "service",
    "Pynomaly: service",
    (
        Panel(
            "Requests by status",
            "reqps",
            [(f"sum by (status) (rate(pynomaly_http_requests_total[{RATE}]))", "{{status}}")],
        ),
        Panel(
            "Share of errors of the server",
            "percentunit",
            [
                (
                    (
                        f'sum(rate(pynomaly_http_requests_total{{status=~"5.."}}[{RATE}])) '
                        f"/ sum(rate(pynomaly_http_requests_total[{RATE}]))"
                    ),
                    "5xx",
                )
            ],
            "503 of shed load included; the alert leaves those out, since they have one of their own.",
        ),
        Panel("Time of a request", "s", _quantiles("pynomaly_request_duration_seconds")),
        Panel(
            "Time of the slowest operations (p95)",
            "s",
            [
                (
                    (
                        "topk(10, histogram_quantile(0.95, sum by (le, endpoint) "
                        f"(rate(pynomaly_request_duration_seconds_bucket[{RATE}]))))"
                    ),
                    "{{endpoint}}",
                )
            ],
        ),
        Panel(
            "Busiest operations",
            "reqps",
            [
                (
                    f"topk(10, sum by (endpoint) (rate(pynomaly_http_requests_total[{RATE}])))",
                    "{{endpoint}}",
                )
            ],
        ),
        Panel("Parts that answer", "short", [("pynomaly_part_up", "{{part}}")]),
        Panel(
            "Rate limits and quotas",
            "reqps",
            [
                (
                    (
                        "sum by (limit, decision) (rate("
                        f'pynomaly_rate_limit_decisions_total{{decision!="admitted"}}[{RATE}]))'
                    ),
                    "{{limit}} {{decision}}",
                ),
                (
                    f"sum by (limit) (rate(pynomaly_rate_limit_local_total[{RATE}]))",
                    "{{limit}} counted locally",
                ),
            ],
        ),
        Panel(
            "Load shed, and breakers opened",
            "reqps",
            [
                (f"sum by (lane) (rate(pynomaly_shed_total[{RATE}]))", "{{lane}}"),
                (f"sum by (breaker) (rate(pynomaly_breaker_opened_total[{RATE}]))", "breaker {{breaker}}"),
            ],
        ),
        Panel(
            "Disk under the data folder",
            "bytes",
            [("min(pynomaly_disk_free_bytes)", "free"), ("min(pynomaly_disk_size_bytes)", "all")],
        ),
        Panel(
            "Certificate ends in",
            "s",
            [
                (
                    "min by (shown_by) (pynomaly_certificate_expires_timestamp_seconds) - time()",
                    "{{shown_by}}",
                )
            ],
            "Empty where the API speaks plain HTTP and knows of no proxy's certificate.",
        ),
    ),
)

JOBS: Final = Dashboard(
    "jobs",
    "Pynomaly: jobs",
    (
        Panel(
            "Jobs that have not ended",
            "short",
            [("sum by (queue, state) (pynomaly_queue_depth)", "{{queue}} {{state}}")],
        ),
        Panel(
            "Age of the oldest job",
            "s",
            [("max by (queue, state) (pynomaly_oldest_job_age_seconds)", "{{queue}} {{state}}")],
        ),
        Panel(
            "Jobs ended",
            "ops",
            [
                (
                    f"sum by (kind, state) (rate(pynomaly_jobs_finished_total[{RATE}]))",
                    "{{kind}} {{state}}",
                )
            ],
        ),
        Panel("Time from submission to end", "s", _quantiles("pynomaly_job_duration_seconds")),
        Panel("Time from submission to start", "s", _quantiles("pynomaly_job_wait_seconds")),
        Panel(
            "Leases lost",
            "short",
            [("sum by (work) (increase(pynomaly_lease_losses_total[5m]))", "{{work}} in 5 min")],
        ),
        Panel(
            "Messages in the broker", "short", [("sum by (queue) (pynomaly_broker_messages)", "{{queue}}")]
        ),
        Panel("Webhook messages waiting", "short", [("max(pynomaly_webhook_deliveries_waiting)", "waiting")]),
    ),
)

MODELS: Final = Dashboard(
    "models",
    "Pynomaly: models and data",
    (
        Panel("Models", "short", [("max(pynomaly_active_models)", "models")]),
        Panel(
            "Rows scored",
            "rowsps",
            [(f"sum by (algorithm) (rate(pynomaly_rows_scored_total[{RATE}]))", "{{algorithm}}")],
        ),
        Panel(
            "Share of anomalous rows",
            "percentunit",
            [
                (
                    (
                        f"sum by (algorithm) (rate(pynomaly_anomalies_detected_total[{RATE}])) "
                        f"/ sum by (algorithm) (rate(pynomaly_rows_scored_total[{RATE}]))"
                    ),
                    "{{algorithm}}",
                )
            ],
        ),
        Panel(
            "Anomalies by kind of data",
            "short",
            [(f"sum by (dataset) (rate(pynomaly_anomalies_detected_total[{RATE}]))", "{{dataset}}")],
        ),
        Panel(
            "Time to score a table (p95)",
            "s",
            [
                (
                    (
                        "histogram_quantile(0.95, sum by (le, algorithm, work) "
                        f"(rate(pynomaly_model_inference_seconds_bucket[{RATE}])))"
                    ),
                    "{{algorithm}} {{work}}",
                )
            ],
        ),
        Panel(
            "Drift of the versions that have moved most",
            "short",
            [
                (
                    "topk(10, max by (tenant, model, version) (pynomaly_model_drift_score))",
                    "{{tenant}} {{model}}@{{version}}",
                )
            ],
            "Population stability index over 24 hours: from 0.1 on it is moderate, from 0.25 on large.",
        ),
        Panel(
            "Data quality",
            "percentunit",
            [("min by (dataset) (pynomaly_data_quality_score)", "{{dataset}}")],
            "Share of cells that held something, in the last 10 to 15 minutes.",
        ),
        Panel(
            "Empty cells",
            "short",
            [(f"sum by (dataset) (rate(pynomaly_missing_cells_total[{RATE}]))", "{{dataset}}")],
        ),
        Panel("Cells", "short", [(f"sum by (dataset) (rate(pynomaly_cells_total[{RATE}]))", "{{dataset}}")]),
    ),
)

TENANTS: Final = Dashboard(
    "tenants",
    "Pynomaly: tenants",
    (
        Panel("Tenants", "short", [("max(pynomaly_tenants)", "tenants")]),
        Panel(
            "Jobs that have not ended",
            "short",
            [("max by (tenant) (pynomaly_tenant_unfinished_jobs)", "{{tenant}}")],
            "The 20 tenants with the most.",
        ),
        Panel(
            "Bytes of datasets",
            "bytes",
            [("max by (tenant) (pynomaly_tenant_dataset_bytes)", "{{tenant}}")],
            "The 20 tenants with the most.",
        ),
        Panel(
            "Refused by limits and quotas",
            "reqps",
            [
                (
                    (
                        "sum by (limit, decision) (rate("
                        f'pynomaly_rate_limit_decisions_total{{decision=~"refused|over-quota"}}[{RATE}]))'
                    ),
                    "{{limit}} {{decision}}",
                )
            ],
            "All tenants together: who it was is in the logs.",
        ),
    ),
)

DASHBOARDS: Final = (SERVICE, JOBS, MODELS, TENANTS)


def dashboard_file(dashboard: Dashboard) -> str:
    """The page as Grafana imports it (JSON)."""
    return json.dumps(_as_grafana(dashboard), indent=2) + "\n"


def _as_grafana(dashboard: Dashboard) -> dict[str, Any]:
    return {
        "uid": f"pynomaly-{dashboard.name}",
        "title": dashboard.title,
        "description": "Written by `pynomaly dashboard export`.",
        "tags": ["pynomaly"],
        "schemaVersion": _SCHEMA,
        "editable": True,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [
                {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}
            ]
        },
        "panels": [_panel(number, panel) for number, panel in enumerate(dashboard.panels)],
    }


def _panel(number: int, panel: Panel) -> dict[str, Any]:
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel.title,
        "description": panel.description,
        "datasource": DATASOURCE,
        "gridPos": {
            "x": number % _PER_ROW * _WIDTH,
            "y": number // _PER_ROW * _HEIGHT,
            "w": _WIDTH,
            "h": _HEIGHT,
        },
        "fieldConfig": {"defaults": {"unit": panel.unit, "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}, "tooltip": {"mode": "multi"}},
        "targets": [
            {
                "refId": chr(ord("A") + position),
                "expr": expression,
                "legendFormat": legend,
                "datasource": DATASOURCE,
            }
            for position, (expression, legend) in enumerate(panel.queries)
        ],
    }
