"""SQL of the rules by which models are trained anew."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.db.tables import ModelRetrainingRow, TenantRow
from pynomaly_server.db.tenants import of_tenant
from pynomaly_server.db.types import utc_now


class RetrainingRepository:
    """Statements on one session for one tenant; commits nothing."""

    def __init__(self, session: AsyncSession, tenant_id: str) -> None:
        self._session = session
        self._tenant_id = tenant_id

    async def find(self, model_id: str, alias: str) -> ModelRetrainingRow | None:
        """The rule of an alias."""
        return await self._session.scalar(self._of(model_id, alias).execution_options(populate_existing=True))

    async def put(self, model_id: str, alias: str, rule: dict[str, Any], created_by: str) -> None:
        """Make the rule of an alias, or change what it says; what it is about goes on."""
        values = {"rule": rule, "created_by": created_by, "changed_at": utc_now()}
        if await self.find(model_id, alias) is None:
            await self._session.execute(
                sa.insert(ModelRetrainingRow).values(
                    tenant_id=self._tenant_id, model_id=model_id, alias=alias, state="idle", runs=0, **values
                )
            )
        else:
            await self.change(model_id, alias, **values)

    async def change(self, model_id: str, alias: str, **values: Any) -> None:
        """Change columns of a rule."""
        await self._session.execute(
            sa.update(ModelRetrainingRow)
            .where(
                ModelRetrainingRow.tenant_id == self._tenant_id,
                ModelRetrainingRow.model_id == model_id,
                ModelRetrainingRow.alias == alias,
            )
            .values(**values)
            .execution_options(synchronize_session=False)
        )

    async def delete(self, model_id: str, alias: str) -> bool:
        """Delete the rule of an alias; False where there is none."""
        deleted = await self._session.scalar(
            sa.delete(ModelRetrainingRow)
            .where(
                ModelRetrainingRow.tenant_id == self._tenant_id,
                ModelRetrainingRow.model_id == model_id,
                ModelRetrainingRow.alias == alias,
            )
            .returning(ModelRetrainingRow.alias)
        )
        return deleted is not None

    def _of(self, model_id: str, alias: str) -> sa.Select[ModelRetrainingRow]:
        return of_tenant(ModelRetrainingRow, self._tenant_id).where(
            ModelRetrainingRow.model_id == model_id, ModelRetrainingRow.alias == alias
        )


async def all_rules(session: AsyncSession) -> Sequence[ModelRetrainingRow]:
    """The rules of all tenants that are not disabled; for the sweeper."""
    found = await session.scalars(
        sa.select(ModelRetrainingRow)
        .join(TenantRow, TenantRow.id == ModelRetrainingRow.tenant_id)
        .where(TenantRow.disabled_at.is_(None))
        .order_by(ModelRetrainingRow.model_id, ModelRetrainingRow.alias)
    )
    return found.all()
