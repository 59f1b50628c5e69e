"""A job's row in the contract's words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import msgspec

from pynomaly_server.contract.structs import Job, JobLinks, JobProgress, Problem, TrainedVersion
from pynomaly_server.db.tables import JobRow
from pynomaly_server.jobs.progress import progress_of
from pynomaly_server.jobs.state import JobState, Stage
from pynomaly_server.telemetry.trace_context import parse


def described(row: JobRow) -> Job:
    """A job in the contract's words."""
    return Job(
        job_id=row.id,
        kind=row.kind,
        state=row.state,
        progress=progress_of(row),
        attempt=row.attempt,
        error=None if row.error is None else _problem(row.error, row.id),
        created_at=row.created_at,
        started_at=row.started_at,
        finished_at=row.finished_at,
        expires_at=row.expires_at,
        trace_id=_trace_id(row),
        model=None if row.outcome is None else msgspec.convert(row.outcome["model"], TrainedVersion),
        links=_links(row.id),
    )


@dataclass(frozen=True, slots=True)
class SubmittedJob:
    """What is known of the row of a job that has just been stored."""

    id: str
    kind: str
    queue: str
    light: bool
    total: int | None
    traceparent: str | None
    created_at: datetime


def as_submitted(row: JobRow | SubmittedJob) -> Job:
    """The job as the first answer to its submission showed it, whatever has become of it."""
    return Job(
        job_id=row.id,
        kind=row.kind,
        state=JobState.QUEUED.value,
        progress=JobProgress(done=0, total=row.total, stage=Stage.QUEUED.value),
        attempt=0,
        error=None,
        created_at=row.created_at,
        started_at=None,
        finished_at=None,
        trace_id=_trace_id(row),
        links=_links(row.id),
    )


def _trace_id(row: JobRow | SubmittedJob) -> str | None:
    place = parse(row.traceparent)
    return None if place is None else place.trace_id


def _problem(document: dict[str, Any], job_id: str) -> Problem:
    # A job has no request of its own any more; its id is what finds it in the logs.
    return msgspec.convert({**document, "request_id": job_id}, Problem)


def _links(job_id: str) -> JobLinks:
    # Type checkers take a keyword argument called `self` for the object itself.
    here = f"/api/v1/jobs/{job_id}"
    return msgspec.convert({"self": here, "result": f"{here}/result", "events": f"{here}/events"}, JobLinks)
