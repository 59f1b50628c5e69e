"""What workers do to the rows of several light jobs at once: claim them, hold them, end them, give them back.

Each method is one transaction unless it says otherwise, and fenced as an attempt's are: all rows of a batch
have one worker's name, which no other claim has. Jobs that have ended their worker are not claimed together.
One that does therefore costs its neighbours one claim and no more: from then on each is claimed by itself.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import cache, lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from pynomaly_server.db.tables import JobRow
from pynomaly_server.db.types import utc_now
from pynomaly_server.jobs.attempts import Attempt, Attempts, ran_since
from pynomaly_server.jobs.changes import (
    CLAIMANT,
    claimed_by,
    end_as_asked,
    job_change,
    queued_again,
    result_key_of,
)
from pynomaly_server.jobs.endings import announce
from pynomaly_server.jobs.kinds import Noted
from pynomaly_server.jobs.light.claims import LightBatch
from pynomaly_server.jobs.queues import OF_TENANT, ready
from pynomaly_server.jobs.result_objects import HeldResult, keep
from pynomaly_server.jobs.state import JobState, Stage
from pynomaly_server.problems import ProblemError


class LightJobs:
    """Claims of light jobs; leases and limits are those of `attempts`."""

    def __init__(self, attempts: Attempts) -> None:
        self._sessions = attempts.sessions
        self._attempts = attempts

    @property
    def lease_seconds(self) -> float:
        """How long a claim holds without a word."""
        return self._attempts.lease_seconds

    def claim_in(self, session: Session, first: Attempt, most: int) -> LightBatch:
        """Take up to `most` further light jobs that wait behind `first`, in its transaction and its name."""
        if self._attempts.max_attempts == 1:  # whatever ends the worker would be the end of all
            return LightBatch([first])
        theirs = {"of_tenant": first.tenant_id, "of_queue": first.queue, "claimant": first.worker}
        rows = session.execute(_claiming(self.lease_seconds), {**theirs, "most": most}).all()
        others = [
            replace(
                first,
                job_id=row.id,
                number=row.attempt,
                kind=row.kind,
                request=row.request,
                sources=row.sources,
                ran_seconds=ran_since(row.started_at, row.updated_at),
                traceparent=row.traceparent,
            )
            for row in rows
        ]
        return LightBatch([first, *sorted(others, key=lambda attempt: attempt.job_id)])

    def advance(self, batch: LightBatch, stage: Stage, done: int, total: int | None) -> bool | None:
        """Write the progress of the current job, and renew all; returns as `renew` does. Two transactions."""
        self._attempts.advance(batch.current, stage, done, total)
        return self.renew(batch)

    def renew(self, batch: LightBatch) -> bool | None:
        """Renew the leases of all that have not ended; False, or None where none is left or all are lost.

        Whether one is to be cancelled is found when it ends, or by the watch.
        """
        with self._sessions.write() as session:
            renewed = session.scalars(
                job_change(*_held_by(batch), lease_until=utc_now(self.lease_seconds)).returning(JobRow.id)
            ).all()
            session.commit()
        return False if renewed else None

    def succeed(self, batch: LightBatch, results: Mapping[str, HeldResult | Noted]) -> Sequence[str]:
        """End jobs with their results, or as was asked, by their ids; returns those that have succeeded.

        May be repeated when the answer of the database was lost.
        """
        mine = {"held_ids": list(results), "holder": batch.current.worker}
        with self._sessions.write() as session:
            succeeded = session.scalars(_succeeding(self._attempts), mine).all()
            _keep(session, {job_id: results[job_id] for job_id in succeeded})
            announce(session, succeeded)
            if len(succeeded) < len(results):
                end_as_asked(session, *_held_by(batch), JobRow.id.in_(results))
                mine_before = {attempt.result_key for attempt in batch.attempts}
                succeeded = session.scalars(
                    sa.select(JobRow.id).where(JobRow.id.in_(results), JobRow.result_key.in_(mine_before))
                ).all()
            session.commit()
        return succeeded

    def release(self, batch: LightBatch) -> Sequence[str]:
        """Give back what has not ended, for other workers to take at once, and return which; no crash."""
        with self._sessions.write() as session:
            end_as_asked(session, *_held_by(batch))
            released = session.scalars(
                job_change(*_held_by(batch), **queued_again(0)).returning(JobRow.id)
            ).all()
            session.commit()
        return released

    def is_to_be_cancelled(self, batch: LightBatch) -> bool:
        """Whether the job that is being worked on was asked to end; changes nothing."""
        return self._attempts.is_to_be_cancelled(batch.current)

    def cancel(self, batch: LightBatch) -> bool:
        """End the current job as the caller asked, and give the others back. Two transactions."""
        cancelled = self._attempts.cancel(batch.current)
        self.release(batch)
        return cancelled

    def fail(self, batch: LightBatch, problem: ProblemError) -> bool:
        """End the current job with a problem, and give the others back. Two transactions."""
        failed = self._attempts.fail(batch.current, problem)
        self.release(batch)
        return failed


def _keep(session: Session, results: Mapping[str, HeldResult | Noted]) -> None:
    """Keep results and write their notes."""
    notes = [result for result in results.values() if isinstance(result, Noted)]
    held = {
        job_id: result.result if isinstance(result, Noted) else result for job_id, result in results.items()
    }
    keep(session, {job_id: result for job_id, result in held.items() if isinstance(result, HeldResult)})
    for noted in sorted(notes, key=lambda each: each.place):
        noted.note(session)


@cache
def _claiming(lease_seconds: float) -> ReturningUpdate[Any]:
    """Take light jobs of a tenant and a queue, in the order in which they were submitted, but not more than
    the parameter `most`."""
    waiting = (
        sa.select(JobRow.id)
        .where(
            JobRow.tenant_id == OF_TENANT,
            JobRow.queue == sa.bindparam("of_queue", type_=sa.String),
            JobRow.light.is_(True),
            JobRow.crashes == 0,
            *ready(),
        )
        .order_by(JobRow.id)
        .limit(sa.bindparam("most", type_=sa.Integer))
        .with_for_update(skip_locked=True)
        # PostgreSQL may run a subquery once for each row, and each time find others.
        .cte("waiting")
    )
    values = claimed_by(CLAIMANT, lease_seconds)
    return job_change(JobRow.id.in_(sa.select(waiting.c.id)), *ready(), **values).returning(
        JobRow.id,
        JobRow.attempt,
        JobRow.kind,
        JobRow.request,
        JobRow.sources,
        JobRow.started_at,
        JobRow.updated_at,
        JobRow.traceparent,
    )


@lru_cache(maxsize=4)
def _succeeding(attempts: Attempts) -> ReturningUpdate[str]:
    """End jobs with the results that they had under the claim named `holder`."""
    tenant_id: sa.SQLColumnExpression[str] = JobRow.tenant_id
    key = result_key_of(tenant_id, JobRow.id, sa.cast(JobRow.attempt, sa.Text))
    return job_change(
        JobRow.id.in_(sa.bindparam("held_ids", expanding=True, type_=sa.String)),
        JobRow.state == JobState.RUNNING,
        JobRow.worker == sa.bindparam("holder", type_=sa.String),
        JobRow.cancel_requested.is_(False),
        **attempts.success(key),
    ).returning(JobRow.id)


def _held_by(batch: LightBatch) -> tuple[sa.ColumnElement[bool], ...]:
    """The fence: rows that are still this batch's."""
    return (
        JobRow.id.in_(batch.job_ids),
        JobRow.state == JobState.RUNNING,
        JobRow.worker == batch.current.worker,
    )
