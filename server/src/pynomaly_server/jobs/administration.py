"""What the operator of a server does to jobs, whoever they belong to."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import sqlalchemy as sa

from pynomaly_server.db.session import Sessions
from pynomaly_server.db.tables import JobRow, JobShardRow, TenantRow
from pynomaly_server.db.types import utc_now
from pynomaly_server.jobs.endings import announce
from pynomaly_server.jobs.shards.conditions import left_to_shards
from pynomaly_server.jobs.state import JobState, Stage


@dataclass(frozen=True, slots=True)
class AdministeredJob:
    """A job, the name of its tenant, and how many shards of its present attempt are in each state."""

    row: JobRow
    tenant: str
    shards: dict[str, int] = field(default_factory=dict)


class JobAdministration:
    """Each method is one transaction, and each change holds for a row only in the states it is meant for."""

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    def newest(self, *, limit: int, state: JobState | None = None) -> Sequence[AdministeredJob]:
        """Up to `limit` jobs of all tenants, newest first."""
        statement = _jobs().order_by(JobRow.id.desc()).limit(limit)
        if state is not None:
            statement = statement.where(JobRow.state == state)
        with self._sessions.read() as session:
            return [AdministeredJob(found[0], found[1]) for found in session.execute(statement)]

    def find(self, job_id: str) -> AdministeredJob | None:
        """The job as it is now."""
        with self._sessions.read() as session:
            found = session.execute(_jobs().where(JobRow.id == job_id)).one_or_none()
            if found is None:
                return None
            counted = session.execute(
                sa.select(JobShardRow.state, sa.func.count())
                .where(JobShardRow.job_id == job_id, JobShardRow.attempt == found[0].attempt)
                .group_by(JobShardRow.state)
                .order_by(JobShardRow.state)
            )
            shards = {each[0]: each[1] for each in counted}
        return AdministeredJob(found[0], found[1], shards)

    def cancel(self, job_id: str) -> bool:
        """End a job that is queued or left to its shards, or ask its worker to; False where it has ended."""
        in_no_hands = sa.or_(JobRow.state == JobState.QUEUED, sa.and_(*left_to_shards()))
        return self._changed(
            job_id,
            [JobState.QUEUED, JobState.RUNNING],
            cancel_requested=True,
            state=sa.case((in_no_hands, JobState.CANCELLED), else_=JobRow.state),
            finished_at=sa.case((in_no_hands, utc_now()), else_=JobRow.finished_at),
        )

    def retry(self, job_id: str) -> bool:
        """Queue a failed or cancelled job as if it had just been submitted; False in any other state.

        `attempt` is kept: it fences off whoever worked on the job before, and no two attempts share a
        result's place. The sweeper finds the job due and publishes it.
        """
        return self._changed(
            job_id,
            [JobState.FAILED, JobState.CANCELLED],
            state=JobState.QUEUED,
            stage=Stage.QUEUED,
            done=0,
            crashes=0,
            error=None,
            cancel_requested=False,
            started_at=None,
            finished_at=None,
            retry_at=utc_now(),
        )

    def _changed(self, job_id: str, states: Sequence[JobState], **values: object) -> bool:
        with self._sessions.write() as session:
            changed = session.scalar(
                sa.update(JobRow)
                .where(JobRow.id == job_id, JobRow.state.in_(states))
                .values(**values, updated_at=utc_now(), version=JobRow.version + 1)
                .returning(JobRow.id)
                .execution_options(synchronize_session=False)
            )
            if changed is not None:
                announce(session, [changed])
            session.commit()
        return changed is not None


def _jobs() -> sa.Select[JobRow, str]:
    return sa.select(JobRow, TenantRow.name).join(TenantRow, TenantRow.id == JobRow.tenant_id)
