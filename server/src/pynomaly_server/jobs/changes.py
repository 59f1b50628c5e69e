"""Changes of jobs' rows, in SQL: what is set when a job is claimed, ends or is given back, and its fence."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from pynomaly_server.db.tables import JobRow
from pynomaly_server.db.types import utc_now
from pynomaly_server.jobs.endings import announce
from pynomaly_server.jobs.state import JobState, Stage

if TYPE_CHECKING:
    from pynomaly_server.jobs.attempts import Attempt

CLAIMANT: Final = sa.bindparam("claimant", type_=sa.String)
"""Stands for the name of a claim in statements that are made once."""
T = TypeVar("T", str, sa.SQLColumnExpression[str])


def job_change(*where: sa.ColumnElement[bool], **values: Any) -> sa.Update:
    """An UPDATE of jobs that counts as a change in the eyes of those who follow them."""
    return (
        sa.update(JobRow)
        .where(*where)
        .values(**values, updated_at=utc_now(), version=JobRow.version + 1)
        .execution_options(synchronize_session=False)
    )


def result_key_of(tenant_id: T, job_id: T, number: T) -> T:
    """Where an attempt puts its result; in SQL as well."""
    return "tenants/" + tenant_id + "/jobs/" + job_id + "/" + number


def held_by(attempt: Attempt) -> tuple[sa.ColumnElement[bool], ...]:
    """The fence: the row is still this attempt's."""
    return (
        JobRow.id == attempt.job_id,
        JobRow.state == JobState.RUNNING,
        JobRow.attempt == attempt.number,
        JobRow.worker == attempt.worker,
    )


def claimed_by(worker: str | sa.BindParameter[str], lease_seconds: float) -> dict[str, Any]:
    """The values of a job that a worker has just claimed."""
    return {
        "state": JobState.RUNNING,
        "attempt": JobRow.attempt + 1,
        "worker": worker,
        "lease_until": utc_now(lease_seconds),
        "claimed_at": utc_now(),
        "started_at": sa.func.coalesce(JobRow.started_at, utc_now()),
        "retry_at": None,
        "stage": Stage.READING,
        "done": 0,
        "scoring_since": None,
    }


def ending(state: JobState) -> dict[str, Any]:
    """The values of a job that has ended."""
    return {"state": state, "worker": None, "lease_until": None, "finished_at": utc_now()}


def queued_again(rest_seconds: float) -> dict[str, Any]:
    """The values of a job that is to be claimed again, after a rest."""
    return {
        "state": JobState.QUEUED,
        "stage": Stage.QUEUED,
        "done": 0,
        "worker": None,
        "lease_until": None,
        "retry_at": utc_now(rest_seconds),
    }


def end_as_asked(session: Session, *where: sa.ColumnElement[bool]) -> Sequence[str]:
    """End those of the rows `where` that were asked to end, and return which."""
    cancelled = session.scalars(
        job_change(*where, JobRow.cancel_requested.is_(True), **ending(JobState.CANCELLED)).returning(
            JobRow.id
        )
    ).all()
    announce(session, cancelled)
    return cancelled
