"""Tells the tenant's webhooks of jobs that have ended, in the transaction that ended them; counts them."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from pynomaly_server.db.tables import JobRow
from pynomaly_server.jobs.state import FINAL
from pynomaly_server.telemetry.figures import JOB_SECONDS, JOB_WAIT_SECONDS, JOBS
from pynomaly_server.webhooks.outbox import Event, record

# Made once, and of columns: making it and the objects of rows takes longer than looking them up.
_ENDED: Final = sa.select(
    JobRow.id,
    JobRow.tenant_id,
    JobRow.kind,
    JobRow.state,
    JobRow.error,
    JobRow.outcome,
    JobRow.created_at,
    JobRow.started_at,
    JobRow.finished_at,
).where(
    JobRow.id.in_(sa.bindparam("job_ids", expanding=True, type_=sa.String)), JobRow.state.in_(sorted(FINAL))
)


def announce(session: Session, job_ids: Sequence[str]) -> None:
    """Store a message for each of these jobs that has ended; call it once, behind the statement that did."""
    if not job_ids:
        return
    ended = session.execute(_ENDED, {"job_ids": list(job_ids)}).all()
    record(session, [_event(job) for job in ended])
    # What is rolled back has not happened.
    sa.event.listen(session, "after_commit", partial(_count, [_figures(job) for job in ended]), once=True)


def _figures(job: sa.Row[Any]) -> tuple[str, str, float, float | None]:
    """Kind, state, and seconds from the submission to the end and to the first start."""
    assert job.finished_at is not None
    waited = None if job.started_at is None else (job.started_at - job.created_at).total_seconds()
    return job.kind, job.state, (job.finished_at - job.created_at).total_seconds(), waited


def _count(ended: Sequence[tuple[str, str, float, float | None]], _session: Any) -> None:
    for kind, state, seconds, waited in ended:
        JOBS.add(kind, state)
        JOB_SECONDS.observe(seconds, kind)
        if waited is not None:
            JOB_WAIT_SECONDS.observe(waited, kind)


def _event(job: sa.Row[Any]) -> Event:
    assert job.finished_at is not None
    here = f"/api/v1/jobs/{job.id}"
    data = {
        "job_id": job.id,
        "kind": job.kind,
        "state": job.state,
        "error": None if job.error is None else {**job.error, "request_id": job.id},
        "created_at": job.created_at,
        "started_at": job.started_at,
        "finished_at": job.finished_at,
        "model": None if job.outcome is None else job.outcome["model"],
        "links": {"self": here, "result": f"{here}/result"},
    }
    return Event(job.tenant_id, f"job.{job.state}", job.finished_at, data, job.id)
