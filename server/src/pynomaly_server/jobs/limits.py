"""What a job may be and take: rows, bytes, time and memory.

Whoever exceeds a limit is told which setting it is, what it allows, what was reached, and what to do.
"""

from __future__ import annotations

from typing import Final

from pynomaly_server.contract.structs import BatchDetectionRequest, TrainingRequest
from pynomaly_server.detection import fitting
from pynomaly_server.problems import ProblemError
from pynomaly_server.settings import Settings, environment_variable

CODE: Final = "job-limit-exceeded"
_MIB: Final = 2**20


def check_rows(total: int, request: BatchDetectionRequest | TrainingRequest, settings: Settings) -> None:
    """Refuse `total` rows that are too many; raises `ProblemError` `job-limit-exceeded`."""
    if total > settings.job_max_rows:
        raise ProblemError(
            CODE,
            f"The data sources have {total:,} rows together; a job takes at most {settings.job_max_rows:,} "
            f"({environment_variable('job_max_rows')}). Submit them in several jobs.",
        )
    if total > settings.job_fit_rows and fitting.is_ordered(request):
        raise ProblemError(
            CODE,
            f"The data sources have {total:,} rows together; time series are looked at whole, and a job "
            f"takes at most {settings.job_fit_rows:,} rows of them "
            f"({environment_variable('job_fit_rows')}). Submit the series in several jobs.",
        )


def check_bytes(total: int, settings: Settings) -> None:
    """Refuse sources of `total` bytes that are too many; raises `ProblemError` `job-limit-exceeded`."""
    if total > settings.job_max_bytes:
        raise ProblemError(
            CODE,
            f"The data sources have {total:,} bytes together; a job takes at most {settings.job_max_bytes:,} "
            f"({environment_variable('job_max_bytes')}). Submit them in several jobs, or as Parquet, which "
            "takes fewer bytes for the same rows.",
        )


def out_of_time(seconds: float, settings: Settings) -> ProblemError:
    """The end of a job that has run for `seconds`, which is too long."""
    return ProblemError(
        CODE,
        f"The job was not done {seconds:,.0f} seconds after its first start; a job has "
        f"{settings.job_max_seconds:,.0f} ({environment_variable('job_max_seconds')}). Submit fewer rows or "
        "columns, or take a faster algorithm; the operator of the server can raise the limit.",
    )


def out_of_memory(reached: int | None, settings: Settings) -> ProblemError:
    """The end of a job whose process holds `reached` bytes, or None where it was refused the next ones."""
    held = "wanted more memory than there is" if reached is None else f"took {_mib(reached)} MiB of memory"
    return ProblemError(
        CODE,
        f"The worker's process {held}; a job has {_mib(settings.job_max_memory)} MiB "
        f"({environment_variable('job_max_memory')}). Submit fewer rows or columns, or take an algorithm "
        "that needs less; the operator of the server can raise the limit or lower "
        f"{environment_variable('job_fit_rows')}.",
    )


def _mib(size: int) -> str:
    return f"{size / _MIB:,.0f}"
