"""SQL of quotas; every statement is for one tenant."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.db.tables import TenantQuotaRow
from pynomaly_server.db.tenants import of_tenant


class QuotaRepository:
    """Statements on one session for one tenant; commits nothing."""

    def __init__(self, session: AsyncSession, tenant_id: str) -> None:
        self._session = session
        self._tenant_id = tenant_id

    async def find(self) -> TenantQuotaRow | None:
        """What is said of this tenant alone."""
        return await self._session.scalar(of_tenant(TenantQuotaRow, self._tenant_id))

    async def set(self, **values: int | None) -> None:
        """Say something of this tenant alone; what is not named stays."""
        changed = await self._session.execute(
            sa.update(TenantQuotaRow)
            .where(TenantQuotaRow.tenant_id == self._tenant_id)
            .values(**values)
            .returning(TenantQuotaRow.tenant_id)
            .execution_options(synchronize_session=False)
        )
        if changed.first() is None:
            await self._session.execute(sa.insert(TenantQuotaRow).values(tenant_id=self._tenant_id, **values))
