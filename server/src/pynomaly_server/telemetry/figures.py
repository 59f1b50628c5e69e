"""Everything that is counted, in one place, so that names and labels are made once.

Every label has few values: operations of the contract, statuses, algorithms of the registry, kinds of data,
names of limits and lanes. No label is a tenant, a name that a caller has given, or a path.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, Protocol

from pynomaly_server.telemetry.meters import Counter, Histogram

IN_REQUEST: Final = "request"
"""`dataset` of rows that were sent in the request itself."""
SEVERAL: Final = "several"
"""`dataset` of a job whose data sources are of more than one kind."""

_REQUEST_BOUNDS: Final = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
_JOB_BOUNDS: Final = (0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600, 21_600)

REQUESTS: Final = Counter(
    "pynomaly_http_requests_total",
    "Requests answered; endpoint is the operation of the contract, or none where there is none.",
    ("method", "endpoint", "status"),
)
REQUEST_SECONDS: Final = Histogram(
    "pynomaly_request_duration_seconds",
    "Time from a request's headers to the end of its answer, waits for a job's end included.",
    ("endpoint",),
    _REQUEST_BOUNDS,
)
ANOMALIES: Final = Counter(
    "pynomaly_anomalies_detected_total",
    "Rows found anomalous; dataset is the kind of the data, not its name.",
    ("algorithm", "dataset"),
)
ROWS: Final = Counter(
    "pynomaly_rows_scored_total",
    "Rows scored; dataset is the kind of the data, not its name.",
    ("algorithm", "dataset"),
)
INFERENCE_SECONDS: Final = Histogram(
    "pynomaly_model_inference_seconds",
    "Time to score a table with a trained model (predict), with one fitted to it (detect), or in a job.",
    ("algorithm", "work"),
    _REQUEST_BOUNDS,
)
CELLS: Final = Counter("pynomaly_cells_total", "Cells of the tables that were worked on.", ("dataset",))
MISSING_CELLS: Final = Counter(
    "pynomaly_missing_cells_total", "Cells of the tables that were worked on that held nothing.", ("dataset",)
)
JOBS: Final = Counter("pynomaly_jobs_finished_total", "Jobs that have ended.", ("kind", "state"))
JOB_SECONDS: Final = Histogram(
    "pynomaly_job_duration_seconds",
    "Time from a job's submission to its end.",
    ("kind",),
    _JOB_BOUNDS,
)
JOB_WAIT_SECONDS: Final = Histogram(
    "pynomaly_job_wait_seconds", "Time from a job's submission to its first start.", ("kind",), _JOB_BOUNDS
)
LEASES_LOST: Final = Counter(
    "pynomaly_lease_losses_total", "Jobs and shards taken back from workers that were silent.", ("work",)
)
LIMITED: Final = Counter(
    "pynomaly_rate_limit_decisions_total",
    "Charges of rate limits and quotas; decision is admitted, refused or over-quota.",
    ("limit", "decision"),
)
LIMITED_LOCALLY: Final = Counter(
    "pynomaly_rate_limit_local_total",
    "Charges that a process counted for itself because Valkey did not answer.",
    ("limit",),
)
SHED: Final = Counter(
    "pynomaly_shed_total", "Requests refused because a lane was full or too slow.", ("lane",)
)
BREAKER_OPENED: Final = Counter(
    "pynomaly_breaker_opened_total",
    "Times that something was given up until it works again: the shared rate limits, a webhook's endpoint.",
    ("breaker",),
)


class _Column(Protocol):
    @property
    def missing(self) -> int:
        """Cells that hold nothing."""


class _Found(Protocol):
    @property
    def algorithm(self) -> str:
        """Its name in the registry."""

    @property
    def n_rows(self) -> int:
        """Rows."""

    @property
    def n_anomalies(self) -> int:
        """Those of them that are anomalous."""

    @property
    def elapsed_ms(self) -> float:
        """How long it took."""


def note_found(found: _Found, dataset: str, work: str) -> None:
    """Count what was found in a table.

    Args:
        found: the result.
        dataset: kind of the data.
        work: `detect`, `predict` or `job`.
    """
    ROWS.add(found.algorithm, dataset, amount=found.n_rows)
    ANOMALIES.add(found.algorithm, dataset, amount=found.n_anomalies)
    INFERENCE_SECONDS.observe(found.elapsed_ms / 1_000, found.algorithm, work)


def note_cells(columns: Sequence[_Column], n_rows: int, dataset: str) -> None:
    """Count the cells of a table, and those that hold nothing."""
    CELLS.add(dataset, amount=n_rows * len(columns))
    MISSING_CELLS.add(dataset, amount=sum(column.missing for column in columns))
