"""SQL of datasets; every statement is for one tenant."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.db.tables import DatasetRow
from pynomaly_server.db.tenants import hold_tenant, of_tenant
from pynomaly_server.db.transactions import Transaction
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

    async def stored(self) -> int:
        """Bytes of all datasets."""
        size = await self._session.scalar(
            sa.select(sa.func.sum(DatasetRow.size_bytes)).where(DatasetRow.tenant_id == self._tenant_id)
        )
        return int(size or 0)

    async def stored_for_adding(self) -> int:
        """Bytes of all datasets; nobody else adds one this way before this transaction ends."""
        await self._session.execute(hold_tenant(self._tenant_id))
        return await self.stored()

    async def find(self, dataset_ids: Sequence[str]) -> dict[str, DatasetRow]:
        """Those of the datasets that are this tenant's, by id."""
        statement = self._own().where(DatasetRow.id.in_(dataset_ids))
        return {row.id: row for row in await self._session.scalars(statement)}

    async def newest(self, *, limit: int, before: str | None) -> Sequence[DatasetRow]:
        """Up to `limit` datasets, newest first, older than the dataset `before`."""
        statement = self._own().order_by(DatasetRow.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(DatasetRow.id < before)
        return (await self._session.scalars(statement)).all()

    async def newest_named(self, name: str) -> str | None:
        """The id of the newest dataset of this name."""
        return await self._session.scalar(
            sa.select(DatasetRow.id)
            .where(DatasetRow.tenant_id == self._tenant_id, DatasetRow.name == name)
            .order_by(DatasetRow.id.desc())
            .limit(1)
        )

    async def delete(self, dataset_id: str) -> str | None:
        """Delete a dataset that `hold_alone` has and return the key of its object."""
        return await self._session.scalar(
            sa.delete(DatasetRow)
            .where(DatasetRow.tenant_id == self._tenant_id, DatasetRow.id == dataset_id)
            .returning(DatasetRow.object_key)
        )

    async def hold_alone(self, dataset_id: str) -> bool:
        """Wait until nobody holds the dataset, and let nobody hold it; False where it is not there."""
        statement = self._own().where(DatasetRow.id == dataset_id)
        return await self._session.scalar(statement.with_for_update()) is not None

    def _own(self) -> sa.Select[DatasetRow]:
        return of_tenant(DatasetRow, self._tenant_id)


async def hold(transaction: Transaction, tenant_id: str, dataset_ids: Sequence[str]) -> Sequence[Any]:
    """Where those lie that are there: the columns of `StoredDataset`; nobody deletes them before the end."""
    named = {f"id_{place}": dataset_id for place, dataset_id in enumerate(dataset_ids)}
    return await transaction.rows(_holding(len(named)), {"of_tenant": tenant_id, **named})


@lru_cache(maxsize=64)
def _holding(count: int) -> sa.Select[str, str, str, int, int]:
    """Made once for each number of datasets: making it takes longer than running it."""
    named = [sa.bindparam(f"id_{place}", type_=sa.String) for place in range(count)]
    statement = (
        sa.select(
            DatasetRow.id,
            DatasetRow.object_key,
            DatasetRow.media_type,
            DatasetRow.n_rows,
            DatasetRow.size_bytes,
        )
        .where(DatasetRow.tenant_id == sa.bindparam("of_tenant", type_=sa.String), DatasetRow.id.in_(named))
        .order_by(DatasetRow.id)
    )
    # SQLite knows no locks of rows and needs none: its transactions that write come one after the other.
    return statement.with_for_update(read=True, key_share=True)
