"""What a job's state means for somebody who waits for it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pynomaly import remedies
from pynomaly.errors import (
    APIError,
    APITimeoutError,
    JobCancelledError,
    JobFailedError,
    UnknownJobStateError,
)
from pynomaly.remedies import Remedy

if TYPE_CHECKING:
    from pynomaly._generated.models import Job


def has_succeeded(job: Job) -> bool:
    """Whether the result is there; False while it may still come.

    Raises:
        JobFailedError: The job failed.
        JobCancelledError: It was cancelled.
        UnknownJobStateError: The state is one that this version does not know.
    """
    match job.state:
        case "succeeded":
            return True
        case "queued" | "running":
            return False
        case "failed":
            raise JobFailedError(job.job_id, job.error)
        case "cancelled":
            raise JobCancelledError(job.job_id)
        case other:
            raise UnknownJobStateError(job.job_id, other)


def has_ended(job: Job) -> bool:
    """Whether the job is over, in whichever way.

    Raises:
        UnknownJobStateError: The state is one that this version does not know.
    """
    try:
        return has_succeeded(job)
    except (JobFailedError, JobCancelledError):
        return True


def still_running(
    job_id: str, job: Job | None, seconds: float, last_error: APIError | None
) -> APITimeoutError:
    """The error of a wait whose time is up before the job's end."""
    known = "unknown"
    if job is not None:
        total = "" if job.progress.total is None else f" of {job.progress.total}"
        known = f"{job.state}, {job.progress.done}{total} rows done"
    remedy = remedies.take_up_later(job_id)
    if last_error:
        remedy = Remedy(
            f"{remedy.python} The last poll failed: {last_error}",
            f"{remedy.shell} The last poll failed: {last_error.shell_text()}",
        )
    return APITimeoutError(
        f"Job {job_id} has not ended within {seconds:g} s (state: {known}). It goes on at the server.",
        remedy=remedy,
        attempts=last_error.attempts if last_error else (),
    )
