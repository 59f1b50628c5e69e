"""What the database says of the server as a whole, over all tenants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.db.tables import DatasetRow, JobRow, ModelVersionRow, TenantRow, WebhookDeliveryRow
from pynomaly_server.db.types import utc_now

MOST_TENANTS: Final = 20
"""Tenants that have figures of their own: those with the most."""
_UNFINISHED: Final = ("queued", "running")


@dataclass(frozen=True, slots=True)
class UnfinishedJobs:
    """Jobs of one queue in one state; `oldest_seconds` counts from the submission of the oldest."""

    queue: str
    state: str
    count: int
    oldest_seconds: float


class FiguresRepository:
    """Counts; every statement is a look into an index or over a small table."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def unfinished_jobs(self) -> Sequence[UnfinishedJobs]:
        """Jobs that have not ended, by queue and state."""
        found = await self._session.execute(
            sa.select(JobRow.queue, JobRow.state, sa.func.count(), sa.func.min(JobRow.created_at), utc_now())
            .where(JobRow.state.in_(_UNFINISHED))
            .group_by(JobRow.queue, JobRow.state)
        )
        return [
            UnfinishedJobs(queue, state, count, max((now - oldest).total_seconds(), 0.0))
            for queue, state, count, oldest, now in found
        ]

    async def jobs_of_tenants(self) -> dict[str, int]:
        """Unfinished jobs of the tenants that have the most."""
        count = sa.func.count()
        return await self._by_tenant(
            sa.select(JobRow.tenant_id, count)
            .where(JobRow.state.in_(_UNFINISHED))
            .group_by(JobRow.tenant_id)
            .order_by(count.desc())
        )

    async def dataset_bytes_of_tenants(self) -> dict[str, int]:
        """Bytes of the datasets of the tenants that have the most."""
        size = sa.func.sum(DatasetRow.size_bytes)
        return await self._by_tenant(
            sa.select(DatasetRow.tenant_id, size).group_by(DatasetRow.tenant_id).order_by(size.desc())
        )

    async def _by_tenant(self, statement: sa.Select[str, int]) -> dict[str, int]:
        found = await self._session.execute(statement.limit(MOST_TENANTS))
        return {tenant_id: int(amount) for tenant_id, amount in found}

    async def tenants(self) -> int:
        """Tenants that are not disabled."""
        return await self._count(
            sa.select(sa.func.count()).select_from(TenantRow).where(TenantRow.disabled_at.is_(None))
        )

    async def models(self) -> int:
        """Models that have a version to score with."""
        return await self._count(sa.select(sa.func.count(ModelVersionRow.model_id.distinct())))

    async def webhooks_waiting(self) -> int:
        """Messages for webhooks that have neither arrived nor been given up."""
        return await self._count(
            sa.select(sa.func.count())
            .select_from(WebhookDeliveryRow)
            .where(WebhookDeliveryRow.state == "pending")
        )

    async def _count(self, statement: sa.Select[int]) -> int:
        return await self._session.scalar(statement) or 0
