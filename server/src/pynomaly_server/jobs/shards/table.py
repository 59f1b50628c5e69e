"""What workers do to the shards of a job: claim one, hold it, end it, give it back.

While its shards are worked on, a job is running and has no worker of its own. Every change is fenced twice,
by the shard's claim and by the job's attempt, so that nothing changes once the job has ended or begun anew;
a cancel ends such a job at once. Whoever changes both rows locks the job's first. The last shard of a job,
which joins the others, waits until these are done; who ends it ends the job.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from pynomaly_server.db.tables import JobRow, JobShardRow
from pynomaly_server.db.types import utc_now
from pynomaly_server.ids import new_id
from pynomaly_server.jobs.attempts import Attempt, Attempts, TakenBack, attempt_of, rest_after
from pynomaly_server.jobs.changes import ending, held_by, job_change
from pynomaly_server.jobs.endings import announce
from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.jobs.shards.claims import PlannedShard, ScoredShard, ShardClaim, ShardEnd
from pynomaly_server.jobs.shards.conditions import left_to_shards, of_a_job_left_to_it, ready_shards
from pynomaly_server.jobs.shards.fences import (
    joins_those_of,
    left_to,
    of_attempt,
    queued_again,
    shard_change,
)
from pynomaly_server.jobs.state import JobState, ShardState, Stage
from pynomaly_server.problems import ProblemError

_TAKEN_AT_ONCE: Final = 500


def first_ready(*which: sa.ColumnElement[bool]) -> sa.Select[str, int, int]:
    """Finds the next shard among `which` of the oldest job, crashed ones last."""
    return (
        sa.select(JobShardRow.job_id, JobShardRow.attempt, JobShardRow.number)
        .where(*which, *ready_shards())
        .order_by(JobShardRow.crashes > 0, JobShardRow.job_id, JobShardRow.number)
        .limit(1)
        .with_for_update(skip_locked=True)
    )


class Shards:
    """Claims of shards; leases and limits are those of `attempts`, and each method is a transaction."""

    def __init__(self, attempts: Attempts) -> None:
        self._sessions = attempts.sessions
        self._attempts = attempts

    @property
    def lease_seconds(self) -> float:
        """How long a claim holds without a word."""
        return self._attempts.lease_seconds

    def hand_over(self, attempt: Attempt, plan: Sequence[PlannedShard]) -> bool:
        """Leave the job to its shards; False where it was cancelled or lost.

        May be repeated when the answer of the database was lost.
        """
        joining = PlannedShard(sum(shard.n_rows for shard in plan), ())
        with self._sessions.write() as session:
            handed = session.scalar(
                job_change(
                    *held_by(attempt),
                    JobRow.cancel_requested.is_(False),
                    worker=None,
                    lease_until=None,
                    stage=Stage.SCORING,
                    done=0,
                    total=joining.first_row,
                    scoring_since=utc_now(),
                    done_at=utc_now(),
                ).returning(JobRow.id)
            )
            if handed is None:
                before = session.scalar(sa.select(JobShardRow.number).where(*of_attempt(attempt)).limit(1))
                return before is not None
            session.execute(
                sa.insert(JobShardRow),
                [
                    {
                        "job_id": attempt.job_id,
                        "attempt": attempt.number,
                        "number": number,
                        "tenant_id": attempt.tenant_id,
                        "queue": attempt.queue,
                        "state": ShardState.QUEUED if shard.batches else ShardState.WAITING,
                        "crashes": 0,
                        "first_row": shard.first_row,
                        "batches": list(shard.batches),
                        "done": 0,
                    }
                    for number, shard in enumerate([*plan, joining])
                ],
            )
            session.commit()
        return True

    def claim(self, job_id: str) -> ShardClaim | None:
        """Take the first shard of a job that can be had; None where there is none (any more, or yet)."""
        with self._sessions.write() as session:
            claim = self.claim_in(session, first_ready(JobShardRow.job_id == job_id))
            session.commit()
        return claim

    def claim_joining(self, attempt: Attempt) -> ShardClaim | None:
        """Take the shard that joins the others, where these are done and nobody has it."""
        with self._sessions.write() as session:
            claim = self.claim_in(session, first_ready(*of_attempt(attempt), joins_those_of(attempt)))
            session.commit()
        return claim

    def claim_in(self, session: Session, first: sa.Select[str, int, int], **named: str) -> ShardClaim | None:
        """Take the shard that `first_ready` finds with these parameters, in this transaction."""
        found = session.execute(first, named).one_or_none()
        if found is None:
            return None
        worker = new_id("wrk")
        row = session.scalars(
            sa.update(JobShardRow)
            .where(
                JobShardRow.job_id == found.job_id,
                JobShardRow.attempt == found.attempt,
                JobShardRow.number == found.number,
                *ready_shards(),
            )
            .values(
                state=ShardState.RUNNING,
                worker=worker,
                lease_until=utc_now(self.lease_seconds),
                retry_at=None,
                done=0,
            )
            .returning(JobShardRow)
            .execution_options(synchronize_session=False)
        ).one_or_none()
        if row is None:
            return None
        job, now = session.execute(sa.select(JobRow, utc_now()).where(JobRow.id == found.job_id)).one()
        return _claim_of(job, row, worker, now)

    def advance(self, claim: ShardClaim, stage: Stage, done: int, _total: int | None) -> bool | None:
        """Write progress and renew the lease; False, or None where the claim is lost.

        A cancel is a loss, since it has ended the job.
        """
        own = 0 if claim.joins else done
        with self._sessions.write() as session:
            if not self._held(session, claim, done=own, lease_until=utc_now(self.lease_seconds)):
                return None
            self._add_up(session, claim, stage)
            session.commit()
        return False

    def renew(self, claim: ShardClaim) -> bool | None:
        """Renew the lease; returns as `advance` does."""
        with self._sessions.write() as session:
            renewed = session.scalar(
                shard_change(claim, of_a_job_left_to_it(), lease_until=utc_now(self.lease_seconds)).returning(
                    JobShardRow.number
                )
            )
            session.commit()
        return None if renewed is None else False

    def finish(self, claim: ShardClaim, n_anomalies: int) -> ShardEnd:
        """End a shard that is scored, unless it was lost, so that its output is nobody's.

        May be repeated when the answer of the database was lost.
        """
        with self._sessions.write() as session:
            held = self._held(
                session,
                claim,
                state=ShardState.DONE,
                worker=None,
                lease_until=None,
                done=claim.shard.n_rows,
                n_anomalies=n_anomalies,
                output_key=claim.output_key,
            )
            if held:
                self._add_up(session, claim, Stage.SCORING)
            else:
                mine = (*of_attempt(claim.attempt), JobShardRow.output_key == claim.output_key)
                if session.scalar(sa.select(JobShardRow.number).where(*mine)) is None:
                    return ShardEnd.LOST
            missing = sa.select(JobShardRow.number).where(
                *of_attempt(claim.attempt),
                JobShardRow.state.in_([ShardState.QUEUED, ShardState.RUNNING]),
                ~joins_those_of(claim.attempt),
            )
            last = session.scalar(missing.limit(1)) is None
            if held and last:
                session.execute(
                    sa.update(JobShardRow)
                    .where(*of_attempt(claim.attempt), JobShardRow.state == ShardState.WAITING)
                    .values(state=ShardState.QUEUED)
                    .execution_options(synchronize_session=False)
                )
            session.commit()
        return ShardEnd.LAST if last else ShardEnd.SCORED

    def succeed(self, claim: ShardClaim, note: Callable[[Session], None] | None = None) -> bool:
        """End the job with the result under the claim's key; False where it was lost.

        `note` writes rows of another room in the same transaction. May be repeated when the answer of the
        database was lost.
        """
        with self._sessions.write() as session:
            if not self._held(session, claim, state=ShardState.DONE, worker=None, lease_until=None):
                mine = (JobRow.id == claim.job_id, JobRow.result_key == claim.result_key)
                return session.scalar(sa.select(JobRow.id).where(*mine)) is not None
            self._end(session, claim, **self._attempts.success(claim.result_key))
            if note is not None:
                note(session)
            session.commit()
        return True

    def fail(self, claim: ShardClaim, problem: ProblemError) -> bool:
        """End the job with a problem that another claim would meet again; False where it was lost."""
        with self._sessions.write() as session:
            held = self._held(session, claim, lease_until=utc_now())
            if held:
                error = problem.document(claim.job_id)
                self._end(session, claim, **ending(JobState.FAILED), error=error)
                session.commit()
        return held

    def is_to_be_cancelled(self, claim: ShardClaim) -> bool:
        """Whether the job was cancelled, which has ended it; changes nothing."""
        cancelled = sa.select(JobRow.id).where(
            JobRow.id == claim.job_id,
            JobRow.attempt == claim.attempt.number,
            JobRow.state == JobState.CANCELLED,
        )
        with self._sessions.read() as session:
            return session.scalar(cancelled) is not None

    def cancel(self, claim: ShardClaim) -> bool:
        """Nothing is left to be done where the job was cancelled; False where it was not."""
        return self.is_to_be_cancelled(claim)

    def release(self, claim: ShardClaim) -> None:
        """Give the shard back unfinished, for another worker to take at once; this is no crash."""
        with self._sessions.write() as session:
            if self._held(session, claim, **queued_again(0)):
                self._add_up(session, claim, Stage.SCORING)
                session.commit()

    def crash(self, claim: ShardClaim) -> None:
        """Give the shard back after an error nobody foresaw: later, and not for ever."""
        self._crashed(claim, rest_after(claim.crashes))

    def take_back(self) -> TakenBack:
        """Take shards from workers that were silent for longer than their lease; returns their jobs."""
        requeued: list[str] = []
        crashed: list[str] = []
        for claim in self._expired():
            ended = self._crashed(claim, 0, JobShardRow.lease_until < utc_now())
            if ended is not None:
                (crashed if ended else requeued).append(claim.job_id)
        return TakenBack(requeued=requeued, crashed=crashed, cancelled=())

    def _expired(self) -> list[ShardClaim]:
        with self._sessions.read() as session:
            found = session.execute(
                sa.select(JobRow, JobShardRow, utc_now())
                .join(JobShardRow, JobShardRow.job_id == JobRow.id)
                .where(
                    *left_to_shards(),
                    JobShardRow.attempt == JobRow.attempt,
                    JobShardRow.state == ShardState.RUNNING,
                    JobShardRow.lease_until < utc_now(),
                )
                .order_by(JobRow.id, JobShardRow.number)
                .limit(_TAKEN_AT_ONCE)
            ).all()
        return [_claim_of(job, row, row.worker or "", now) for job, row, now in found]

    def _crashed(self, claim: ShardClaim, rest_seconds: float, *still: sa.ColumnElement[bool]) -> bool | None:
        """Count a crash; whether the job was given up for it, or None where the claim was none any more."""
        with self._sessions.write() as session:
            again = {**queued_again(rest_seconds), "crashes": JobShardRow.crashes + 1}
            if not self._held(session, claim, *still, **again):
                return None
            self._add_up(session, claim, Stage.SCORING)
            given_up = claim.crashes + 1 >= self._attempts.max_attempts
            if given_up:
                error = self._attempts.crash_problem().document(claim.job_id)
                self._end(session, claim, **ending(JobState.FAILED), error=error)
            session.commit()
        return given_up

    def waiting(self) -> dict[JobQueue, int]:
        """How many shards in each queue could be claimed now."""
        counted = (
            sa.select(JobShardRow.queue, sa.func.count()).where(*ready_shards()).group_by(JobShardRow.queue)
        )
        with self._sessions.read() as session:
            counts = {found[0]: found[1] for found in session.execute(counted)}
        return {queue: counts.get(queue, 0) for queue in JobQueue}

    def due(self, *, waiting_seconds: float, queue: JobQueue, at_most: int) -> Sequence[str]:
        """Mark shards as published now and return the job of each that was due, as `Attempts.due` does."""
        waiting = sa.or_(
            JobShardRow.published_at.is_(None), JobShardRow.published_at < utc_now(-waiting_seconds)
        )
        due = (JobShardRow.queue == queue, *ready_shards(), waiting)
        key = (JobShardRow.job_id, JobShardRow.attempt, JobShardRow.number)
        some = (
            sa.select(*key)
            .where(*due)
            .order_by(JobShardRow.job_id, JobShardRow.number)
            .limit(min(at_most, _TAKEN_AT_ONCE))
            .with_for_update(skip_locked=True)
        )
        with self._sessions.write() as session:
            found = session.execute(some).all()
            if found:
                session.execute(
                    sa.update(JobShardRow)
                    .where(sa.tuple_(*key).in_([tuple(row) for row in found]))
                    .values(published_at=utc_now())
                    .execution_options(synchronize_session=False)
                )
            session.commit()
        return [row.job_id for row in found]

    def not_published(self, job_ids: Sequence[str]) -> None:
        """Make shards of these jobs due again that could not be published after all."""
        with self._sessions.write() as session:
            session.execute(
                sa.update(JobShardRow)
                .where(JobShardRow.job_id.in_(job_ids), JobShardRow.state == ShardState.QUEUED)
                .values(published_at=None)
                .execution_options(synchronize_session=False)
            )
            session.commit()

    def scored(self, attempt: Attempt) -> list[ScoredShard]:
        """What the shards of an attempt made, in the order of their rows."""
        with self._sessions.read() as session:
            rows = session.scalars(
                sa.select(JobShardRow)
                .where(*of_attempt(attempt), JobShardRow.output_key.is_not(None))
                .order_by(JobShardRow.number)
            ).all()
        return [ScoredShard(row.output_key or "", row.done, row.n_anomalies or 0) for row in rows]

    def elapsed_seconds(self, attempt: Attempt) -> float:
        """How long ago the attempt was claimed, by the database's clock."""
        with self._sessions.read() as session:
            since, now = session.execute(
                sa.select(JobRow.claimed_at, utc_now()).where(JobRow.id == attempt.job_id)
            ).one()
        return (now - since).total_seconds() if since is not None else 0.0

    def _held(
        self, session: Session, claim: ShardClaim, *still: sa.ColumnElement[bool], **values: Any
    ) -> bool:
        """Lock the job's row and change the shard's, where both are still as the claim found them."""
        job = sa.select(JobRow.id).where(*left_to(claim)).with_for_update()
        if session.scalar(job) is None:
            return False
        changed = session.scalar(shard_change(claim, *still, **values).returning(JobShardRow.number))
        return changed is not None

    @staticmethod
    def _add_up(session: Session, claim: ShardClaim, stage: Stage) -> None:
        """The job has done what its shards have."""
        done = sa.select(sa.func.coalesce(sa.func.sum(JobShardRow.done), 0)).where(*of_attempt(claim.attempt))
        session.execute(
            job_change(*left_to(claim), stage=stage, done=done.scalar_subquery(), done_at=utc_now())
        )

    @staticmethod
    def _end(session: Session, claim: ShardClaim, **values: Any) -> None:
        session.execute(job_change(*left_to(claim), **values))
        announce(session, [claim.job_id])


def _claim_of(job: JobRow, row: JobShardRow, worker: str, now: datetime) -> ShardClaim:
    return ShardClaim(
        attempt_of(job, row.attempt, worker, now),
        row.number,
        worker,
        row.crashes,
        PlannedShard(row.first_row, tuple(row.batches)),
    )
