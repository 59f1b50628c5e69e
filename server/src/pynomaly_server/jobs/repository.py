"""SQL of jobs as their owners see them; every statement is for one tenant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, cast

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.db.tables import JobResultRow, JobRow
from pynomaly_server.db.tenants import hold_tenant, of_tenant
from pynomaly_server.db.transactions import ManyRows, Transaction
from pynomaly_server.db.types import utc_now
from pynomaly_server.jobs.shards.conditions import left_to_shards
from pynomaly_server.jobs.state import JobState, Stage

_JOBS: Final = cast("sa.Table", JobRow.__table__)
_NEW_JOBS: Final = ManyRows(
    _JOBS,
    (
        *("id", "tenant_id", "kind", "request", "sources", "total", "queue", "light"),
        *("idempotency_key", "request_hash", "traceparent"),
    ),
    fixed={
        "state": JobState.QUEUED.value,
        "stage": Stage.QUEUED.value,
        "version": 1,
        "attempt": 0,
        "crashes": 0,
        "done": 0,
        "cancel_requested": False,
        "created_at": utc_now(),
        "updated_at": utc_now(),
    },
    returning=("id", "created_at"),
)
_OF_TENANT: Final = sa.bindparam("of_tenant", type_=sa.String)
_HOLD: Final = hold_tenant(_OF_TENANT)
_UNFINISHED: Final = (
    sa.select(sa.func.count().label("jobs"))
    .select_from(JobRow)
    .where(
        JobRow.tenant_id == _OF_TENANT,
        sa.or_(JobRow.state == JobState.QUEUED, JobRow.state == JobState.RUNNING),
    )
)
_REMOVE: Final = sa.delete(_JOBS).where(
    _JOBS.c.tenant_id == _OF_TENANT, _JOBS.c.id == sa.bindparam("unwanted", type_=sa.String)
)


class JobAdditions:
    """Adds a tenant's jobs in a transaction; commits nothing."""

    def __init__(self, transaction: Transaction, tenant_id: str) -> None:
        self._transaction = transaction
        self._tenant_id = tenant_id

    async def add(self, jobs: Sequence[Mapping[str, object]]) -> dict[str, datetime]:
        """Insert queued jobs, all with values for the same columns; when each was created, by its id.

        A key that is in use raises `IntegrityError`.
        """
        # In one order everywhere, so that no two transactions wait for each other's keys.
        ordered = sorted(jobs, key=lambda job: str(job.get("idempotency_key")))
        inserted = await self._transaction.insert(
            _NEW_JOBS, [{"tenant_id": self._tenant_id, **job} for job in ordered]
        )
        return {row.id: row.created_at for row in inserted}

    async def remove(self, job_ids: Sequence[str]) -> None:
        """Take jobs out again that were added in this transaction."""
        for job_id in job_ids:
            await self._transaction.rows(_REMOVE, {"of_tenant": self._tenant_id, "unwanted": job_id})

    async def unfinished(self) -> int:
        """How many jobs are queued or running; nobody else adds one this way before the transaction ends."""
        await self._transaction.rows(_HOLD, {"of_tenant": self._tenant_id})
        [count] = await self._transaction.rows(_UNFINISHED, {"of_tenant": self._tenant_id})
        return int(count.jobs)


class JobRepository:
    """Statements on one session for one tenant; commits nothing."""

    def __init__(self, session: AsyncSession, tenant_id: str) -> None:
        self._session = session
        self._tenant_id = tenant_id

    async def unfinished(self) -> int:
        """How many jobs are queued or running."""
        return await self._session.scalar(_UNFINISHED, {"of_tenant": self._tenant_id}) or 0

    async def find(self, job_id: str) -> JobRow | None:
        """The job as it is now."""
        return await self._session.scalar(self._own().where(JobRow.id == job_id))

    async def held_result(self, job_id: str) -> JobResultRow | None:
        """The result of a job, where it is kept in the database."""
        return await self._session.scalar(
            sa.select(JobResultRow)
            .join(JobRow, JobRow.id == JobResultRow.job_id)
            .where(JobRow.tenant_id == self._tenant_id, JobRow.id == job_id)
        )

    async def newest(self, *, limit: int, before: str | None, state: str | None) -> Sequence[JobRow]:
        """Up to `limit` jobs, newest first, older than the job `before`."""
        statement = self._own().order_by(JobRow.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(JobRow.id < before)
        if state is not None:
            statement = statement.where(JobRow.state == state)
        return (await self._session.scalars(statement)).all()

    async def reading(self, needed: str) -> str | None:
        """The oldest job that has not ended and has this dataset or credential, by its id, in its sources."""
        return await self._session.scalar(
            sa.select(JobRow.id)
            .where(
                JobRow.tenant_id == self._tenant_id,
                JobRow.state.in_([JobState.QUEUED, JobState.RUNNING]),
                # An id is no part of any other text: it has a prefix, 32 digits, and quotes around it.
                sa.cast(JobRow.sources, sa.Text).contains(f'"{needed}"', autoescape=True),
            )
            .order_by(JobRow.id)
            .limit(1)
        )

    async def for_model(self, kind: str, model_id: str, version: int | None, *, limit: int) -> Sequence[str]:
        """Up to `limit` jobs of a kind, the oldest first, that have not ended and name a model as theirs.

        With a `version`, only those that name this one of it.
        """
        named = JobRow.request["model"]
        statement = sa.select(JobRow.id).where(
            JobRow.tenant_id == self._tenant_id,
            JobRow.state.in_([JobState.QUEUED, JobState.RUNNING]),
            JobRow.kind == kind,
            named["model_id"].as_string() == model_id,
        )
        if version is not None:
            statement = statement.where(named["version"].as_integer() == version)
        return (await self._session.scalars(statement.order_by(JobRow.id).limit(limit))).all()

    async def cancel(self, job_id: str) -> JobRow | None:
        """End a job that is queued or left to its shards, or ask its worker to; None where it has ended."""
        in_no_hands = sa.or_(JobRow.state == JobState.QUEUED, sa.and_(*left_to_shards()))
        cancelled = await self._session.scalars(
            sa.update(JobRow)
            .where(
                JobRow.tenant_id == self._tenant_id,
                JobRow.id == job_id,
                JobRow.state.in_([JobState.QUEUED, JobState.RUNNING]),
            )
            .values(
                cancel_requested=True,
                state=sa.case((in_no_hands, JobState.CANCELLED), else_=JobRow.state),
                finished_at=sa.case((in_no_hands, utc_now()), else_=JobRow.finished_at),
                updated_at=utc_now(),
                version=JobRow.version + 1,
            )
            .returning(JobRow)
            .execution_options(synchronize_session=False)
        )
        return cancelled.one_or_none()

    def _own(self) -> sa.Select[JobRow]:
        return of_tenant(JobRow, self._tenant_id)
