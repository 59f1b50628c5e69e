"""How many rows a job may have, looked at when it is submitted and again once every row is counted."""

from __future__ import annotations

from pynomaly_server.contract.structs import BatchDetectionRequest
from pynomaly_server.detection import fitting
from pynomaly_server.problems import ProblemError
from pynomaly_server.settings import Settings


def check_rows(total: int, request: BatchDetectionRequest, settings: Settings) -> None:
    """Refuse `total` rows that are too many; raises `ProblemError` `payload-too-large`."""
    if total > settings.job_max_rows:
        raise ProblemError(
            "payload-too-large",
            f"The data sources have {total:,} rows together; a job takes at most {settings.job_max_rows:,}. "
            "Submit them in several jobs.",
        )
    if total > settings.job_fit_rows and fitting.is_ordered(request):
        raise ProblemError(
            "payload-too-large",
            f"The data sources have {total:,} rows together; time series are looked at whole, and a job "
            f"takes at most {settings.job_fit_rows:,} rows of them. Submit the series in several jobs.",
        )
