"""SQL of datasets; every statement is for one tenant."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.db.tables import DatasetRow
from pynomaly_server.db.types import utc_now


class DatasetRepository:
    """Statements on one session for one tenant; commits nothing."""

    def __init__(self, session: AsyncSession, tenant_id: str) -> None:
        self._session = session
        self._tenant_id = tenant_id

    async def add(self, **values: object) -> DatasetRow:
        """Insert a dataset and return its row."""
        inserted = await self._session.scalars(
            sa.insert(DatasetRow)
            .values(tenant_id=self._tenant_id, created_at=utc_now(), **values)
            .returning(DatasetRow)
        )
        return inserted.one()

    async def find(self, dataset_ids: Sequence[str]) -> dict[str, DatasetRow]:
        """Those of the datasets that are this tenant's, by id."""
        statement = sa.select(DatasetRow).where(
            DatasetRow.tenant_id == self._tenant_id, DatasetRow.id.in_(dataset_ids)
        )
        return {row.id: row for row in await self._session.scalars(statement)}
