"""What a worker does to a job's row: claim it, hold it, end it, give it back.

Each method is one transaction. An attempt is fenced: its statements hold for the row only as long as nobody
else has taken the job over, so a worker that was asleep past its lease changes nothing. A cancel that was
accepted before an attempt ends is honoured however the attempt ends.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session
from sqlalchemy.sql.dml import ReturningUpdate

from pynomaly_server.db.session import Sessions
from pynomaly_server.db.tables import JobRow
from pynomaly_server.db.types import utc_now
from pynomaly_server.ids import new_id
from pynomaly_server.jobs.changes import (
    CLAIMANT,
    claimed_by,
    end_as_asked,
    ending,
    held_by,
    job_change,
    queued_again,
    result_key_of,
)
from pynomaly_server.jobs.endings import announce
from pynomaly_server.jobs.queues import JobQueue, ready
from pynomaly_server.jobs.state import JobState, Stage
from pynomaly_server.problems import ProblemError

RETRY_SECONDS: Final = (5.0, 20.0, 60.0)
"""How long a job rests after the first, second, … attempt that ended in an error nobody foresaw."""
DAY: Final = 86_400.0
_TAKEN_AT_ONCE: Final = 500
_NAMED: Final = JobRow.id == sa.bindparam("wanted", type_=sa.String)


@dataclass(frozen=True, slots=True)
class Attempt:
    """One claim of one job: the work to do, and the fence that proves whose it is."""

    job_id: str
    tenant_id: str
    number: int
    worker: str
    kind: str
    request: dict[str, Any]
    sources: list[dict[str, Any]]
    queue: str
    ran_seconds: float = 0.0
    """How long ago the job was first started when this attempt claimed it."""
    light: bool = False
    """Whether it may be worked on together with others (`jobs.light`)."""
    traceparent: str | None = None
    """The request that submitted the job, as a place in its trace."""

    @property
    def result_key(self) -> str:
        """Where this attempt, and no other, puts its result."""
        return self._result_key_of(self.number)

    @property
    def parts_key(self) -> str:
        """Under which this attempt puts what shards read and write."""
        return f"{self.result_key}.parts"

    @property
    def earlier_result_keys(self) -> list[str]:
        """Where the attempts before it may have left one."""
        return [self._result_key_of(number) for number in range(1, self.number)]

    def _result_key_of(self, number: int) -> str:
        return result_key_of(self.tenant_id, self.job_id, str(number))


@dataclass(frozen=True, slots=True)
class TakenBack:
    """What became of jobs whose workers were silent for longer than their lease."""

    requeued: Sequence[str]
    crashed: Sequence[str]
    cancelled: Sequence[str]

    def __bool__(self) -> bool:
        return bool(self.requeued or self.crashed or self.cancelled)


@dataclass(frozen=True, slots=True)
class Waiting:
    """Jobs that could be claimed now, and how many of them go together with others."""

    jobs: int
    light: int


class Attempts:
    """What workers and sweepers do to jobs.

    Args:
        sessions: The database.
        lease_seconds: How long a claim holds without a word.
        max_attempts: How often a job may crash.
        retention_days: How long a result is kept from its job's end; 0 is for ever.
    """

    def __init__(
        self, sessions: Sessions, *, lease_seconds: float, max_attempts: int, retention_days: int = 0
    ) -> None:
        self._sessions = sessions
        self._lease_seconds = lease_seconds
        self.max_attempts = max_attempts
        self._retention_days = retention_days

    @property
    def sessions(self) -> Sessions:
        """The database."""
        return self._sessions

    @property
    def lease_seconds(self) -> float:
        """How long a claim holds without a word."""
        return self._lease_seconds

    def claim(self, job_id: str) -> Attempt | None:
        """Take a queued job; None where it is not there to be taken (any more, or yet)."""
        with self._sessions.write() as session:
            attempt = self.claim_in(session, _NAMED, wanted=job_id)
            session.commit()
        return attempt

    def claim_in(self, session: Session, which: sa.ColumnElement[bool], **named: str) -> Attempt | None:
        """Take the queued job that `which` says, in a transaction of the caller's.

        `which` is a condition that is made once, with `named` for its parameters.
        """
        worker = new_id("wrk")
        row = session.scalar(_claiming(which, self._lease_seconds), {"claimant": worker, **named})
        if row is None:
            return None
        return attempt_of(row, row.attempt, worker, row.updated_at)

    def advance(self, attempt: Attempt, stage: Stage, done: int, total: int | None) -> bool | None:
        """Write progress and renew the lease.

        Returns:
            Whether the job is to be cancelled, or None where the attempt has lost the job.
        """
        values: dict[str, Any] = {"stage": stage, "done": done, "total": total, "done_at": utc_now()}
        if stage == Stage.SCORING:
            values["scoring_since"] = sa.func.coalesce(JobRow.scoring_since, utc_now())
        return self._renew(attempt, **values)

    def is_to_be_cancelled(self, attempt: Attempt) -> bool:
        """Whether a job that the attempt still holds was asked to end; changes nothing."""
        asked = sa.select(JobRow.id).where(*held_by(attempt), JobRow.cancel_requested.is_(True))
        with self._sessions.read() as session:
            return session.scalar(asked) is not None

    def renew(self, attempt: Attempt) -> bool | None:
        """Renew the lease; returns as `advance` does."""
        return self._renew(attempt)

    def will_stage(self, attempt: Attempt) -> bool | None:
        """Note that there may be objects of shards from now on; returns as `advance` does."""
        return self._renew(attempt, staged_at=utc_now())

    def _renew(self, attempt: Attempt, **values: Any) -> bool | None:
        with self._sessions.write() as session:
            cancel: bool | None = session.scalar(
                job_change(*held_by(attempt), lease_until=utc_now(self._lease_seconds), **values).returning(
                    JobRow.cancel_requested
                )
            )
            session.commit()
        return cancel

    def succeed(
        self,
        attempt: Attempt,
        result_key: str | None,
        total: int | None = None,
        record: Callable[[Session], dict[str, Any] | None] | None = None,
    ) -> bool:
        """End with a result; False where the job was cancelled or lost, so that the result is nobody's.

        May be repeated when the answer of the database was lost.

        Args:
            attempt: The attempt.
            result_key: Where the result is, or would be; None where it is recorded.
            total: Rows of the job; those that its progress told last where None.
            record: Writes rows of its own in the same transaction and returns what the job says of them, if
                anything.
        """
        with self._sessions.write() as session:
            succeeded = session.scalar(
                job_change(
                    *held_by(attempt),
                    JobRow.cancel_requested.is_(False),
                    **self.success(result_key, total),
                ).returning(JobRow.id)
            )
            if succeeded is not None:
                if record is not None and (outcome := record(session)) is not None:
                    session.execute(sa.update(JobRow).where(JobRow.id == succeeded).values(outcome=outcome))
                announce(session, [succeeded])
            elif not end_as_asked(session, *held_by(attempt)):
                mine = (JobRow.attempt == attempt.number, JobRow.state == JobState.SUCCEEDED)
                succeeded = session.scalar(sa.select(JobRow.id).where(JobRow.id == attempt.job_id, *mine))
            session.commit()
        return succeeded is not None

    def success(
        self, result_key: str | sa.SQLColumnExpression[str] | None, total: int | None = None
    ) -> dict[str, Any]:
        """The values of a job that has ended with a result: all of its rows are done."""
        rows = JobRow.total if total is None else total
        expires = self._retention_days > 0 and result_key is not None
        return {
            "total": rows,
            "done": sa.func.coalesce(rows, JobRow.done),
            **ending(JobState.SUCCEEDED),
            "stage": Stage.DONE,
            "result_key": result_key,
            "expires_at": utc_now(self._retention_days * DAY) if expires else None,
        }

    def fail(self, attempt: Attempt, problem: ProblemError) -> bool:
        """End with a problem that another attempt would meet again; False where the job was lost."""
        with self._sessions.write() as session:
            cancelled = end_as_asked(session, *held_by(attempt))
            failed = session.scalars(
                job_change(
                    *held_by(attempt), **ending(JobState.FAILED), error=problem.document(attempt.job_id)
                ).returning(JobRow.id)
            ).all()
            announce(session, failed)
            session.commit()
        return bool(failed or cancelled)

    def cancel(self, attempt: Attempt) -> bool:
        """End as the caller asked; False where the job was lost, or nobody asked."""
        with self._sessions.write() as session:
            cancelled = end_as_asked(session, *held_by(attempt))
            session.commit()
        return bool(cancelled)

    def release(self, attempt: Attempt) -> None:
        """Give the job back unfinished, for another worker to take at once; this is no crash."""
        with self._sessions.write() as session:
            end_as_asked(session, *held_by(attempt))
            session.execute(job_change(*held_by(attempt), **queued_again(0)))
            session.commit()

    def crash(self, attempt: Attempt) -> None:
        """Give the job back after an error nobody foresaw: later, and not for ever."""
        with self._sessions.write() as session:
            crashes = session.scalar(sa.select(JobRow.crashes).where(JobRow.id == attempt.job_id)) or 0
            self._end_crashed(session, held_by(attempt), rest_after(crashes))
            session.commit()

    def take_back(self) -> TakenBack:
        """Take jobs from workers that were silent for longer than their lease."""
        expired = (JobRow.state == JobState.RUNNING, JobRow.lease_until < utc_now())
        some = sa.select(JobRow.id).where(*expired).limit(_TAKEN_AT_ONCE).with_for_update(skip_locked=True)
        with self._sessions.write() as session:
            # Chosen once: a lease that runs out between two statements would meet only the second.
            silent = session.scalars(some).all()
            if not silent:
                return TakenBack(requeued=(), crashed=(), cancelled=())
            taken = self._end_crashed(session, (JobRow.state == JobState.RUNNING, JobRow.id.in_(silent)), 0)
            session.commit()
        return taken

    def _end_crashed(
        self, session: Session, where: Sequence[sa.ColumnElement[bool]], rest_seconds: float
    ) -> TakenBack:
        """End attempts that came to nothing: as cancelled, as failed for good, or in the queue again."""
        cancelled = end_as_asked(session, *where)
        crashed = session.scalars(
            job_change(
                *where,
                JobRow.crashes + 1 >= self.max_attempts,
                **ending(JobState.FAILED),
                crashes=JobRow.crashes + 1,
                error=self.crash_problem().document("none"),
            ).returning(JobRow.id)
        ).all()
        announce(session, crashed)
        requeued = session.scalars(
            job_change(*where, **queued_again(rest_seconds), crashes=JobRow.crashes + 1).returning(JobRow.id)
        ).all()
        return TakenBack(requeued=requeued, crashed=crashed, cancelled=cancelled)

    def crash_problem(self) -> ProblemError:
        """What a job ends with whose work has crashed too often."""
        times = "once" if self.max_attempts == 1 else f"{self.max_attempts} times"
        return ProblemError(
            "job-crashed",
            f"The job ended its worker {times} and was given up. Try it with fewer rows or features; "
            "the operator finds the cause in the workers' log under the job's id.",
        )

    def waiting(self) -> dict[JobQueue, Waiting]:
        """How many jobs in each queue could be claimed now."""
        together = sa.and_(JobRow.light.is_(True), JobRow.crashes == 0)
        light = sa.func.sum(sa.case((together, 1), else_=0))
        counted = sa.select(JobRow.queue, sa.func.count(), light).where(*ready()).group_by(JobRow.queue)
        with self._sessions.read() as session:
            counts = {found[0]: Waiting(found[1], found[2]) for found in session.execute(counted)}
        return {queue: counts.get(queue, Waiting(0, 0)) for queue in JobQueue}

    def due(
        self, *, waiting_seconds: float, queue: JobQueue | None = None, at_most: int = _TAKEN_AT_ONCE
    ) -> Sequence[str]:
        """Mark queued jobs (of one queue) as published now, and return the `at_most` oldest that were due.

        Due is a job that was given back, and one that has been waiting for `waiting_seconds` since it was
        last published. Marking them makes each due for one sweeper only.
        """
        told_of = sa.func.coalesce(JobRow.published_at, JobRow.created_at)
        # `retry_at` stays, since crashed jobs line up by it; a job given back was told of before that.
        due = [*ready(), sa.or_(JobRow.retry_at > told_of, told_of < utc_now(-waiting_seconds))]
        if queue is not None:
            due.append(JobRow.queue == queue)
        some = (
            sa.select(JobRow.id)
            .where(*due)
            .order_by(JobRow.id)
            .limit(min(at_most, _TAKEN_AT_ONCE))
            .with_for_update(skip_locked=True)
            # PostgreSQL may run a subquery once for each row, and each time find others.
            .cte("some")
        )
        with self._sessions.write() as session:
            ids = session.scalars(
                sa.update(JobRow)
                .where(*due, JobRow.id.in_(sa.select(some.c.id)))
                .values(published_at=utc_now())
                .returning(JobRow.id)
                .execution_options(synchronize_session=False)
            ).all()
            session.commit()
        return sorted(ids)

    def not_published(self, job_ids: Sequence[str]) -> None:
        """Make jobs due again that could not be published after all."""
        with self._sessions.write() as session:
            session.execute(
                sa.update(JobRow)
                .where(JobRow.id.in_(job_ids), JobRow.state == JobState.QUEUED)
                .values(retry_at=utc_now())
                .execution_options(synchronize_session=False)
            )
            session.commit()


def attempt_of(row: JobRow, number: int, worker: str, now: datetime) -> Attempt:
    """The claim of an attempt of this job, made now."""
    ran = ran_since(row.started_at, now)
    light = row.light and row.crashes == 0
    return Attempt(
        row.id,
        row.tenant_id,
        number,
        worker,
        row.kind,
        row.request,
        row.sources,
        row.queue,
        ran,
        light,
        row.traceparent,
    )


def ran_since(started_at: datetime | None, now: datetime) -> float:
    """Seconds since a job was first started."""
    return max((now - (started_at or now)).total_seconds(), 0.0)


@cache
def _claiming(which: sa.ColumnElement[bool], lease_seconds: float) -> ReturningUpdate[JobRow]:
    """Take the job that `which` says, if it may be; the claim's name is the parameter `claimant`."""
    return job_change(which, *ready(), **claimed_by(CLAIMANT, lease_seconds)).returning(JobRow)


def rest_after(crashes: int) -> float:
    """Seconds that work rests after it crashed, which it did `crashes` times before."""
    return RETRY_SECONDS[min(crashes, len(RETRY_SECONDS) - 1)]
