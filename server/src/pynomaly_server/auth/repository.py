"""SQL of tenants and API keys."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.db.tables import ApiKeyRow, TenantRow
from pynomaly_server.db.types import utc_now


class ApiKeyRepository:
    """Statements on one session; commits nothing."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, prefix: str) -> tuple[ApiKeyRow, TenantRow] | None:
        """The key with this public part, and its tenant: the one statement that knows no tenant yet."""
        statement = (
            sa.select(ApiKeyRow, TenantRow)
            .join(TenantRow, TenantRow.id == ApiKeyRow.tenant_id)
            .where(ApiKeyRow.prefix == prefix)
        )
        found = (await self._session.execute(statement)).one_or_none()
        return None if found is None else (found[0], found[1])

    async def touch(self, key_id: str, not_since: datetime) -> None:
        """Note that a key is used, unless that was noted after `not_since`."""
        await self._session.execute(
            sa.update(ApiKeyRow)
            .where(
                ApiKeyRow.id == key_id,
                sa.or_(ApiKeyRow.last_used_at.is_(None), ApiKeyRow.last_used_at < not_since),
            )
            .values(last_used_at=utc_now())
        )

    async def add(self, **values: object) -> ApiKeyRow:
        """Insert a key and return its row."""
        inserted = await self._session.scalars(
            sa.insert(ApiKeyRow).values(created_at=utc_now(), **values).returning(ApiKeyRow)
        )
        return inserted.one()

    async def own(self, tenant_id: str, key_id: str) -> ApiKeyRow | None:
        """A key of this tenant, whatever its state."""
        return await self._session.scalar(
            sa.select(ApiKeyRow).where(ApiKeyRow.tenant_id == tenant_id, ApiKeyRow.id == key_id)
        )

    async def newest(self, tenant_id: str, *, limit: int, before: str | None) -> Sequence[ApiKeyRow]:
        """Up to `limit` keys, newest first, older than the key `before`."""
        statement = (
            sa.select(ApiKeyRow)
            .where(ApiKeyRow.tenant_id == tenant_id)
            .order_by(ApiKeyRow.id.desc())
            .limit(limit)
        )
        if before is not None:
            statement = statement.where(ApiKeyRow.id < before)
        return (await self._session.scalars(statement)).all()

    async def end_after(self, tenant_id: str, key_id: str, seconds: float) -> bool:
        """Let a key that still works end in `seconds`, or when it would have ended anyway if that is sooner;
        False where it does not work any more."""
        soon = utc_now(seconds)
        ended = await self._session.execute(
            sa.update(ApiKeyRow)
            .where(
                ApiKeyRow.tenant_id == tenant_id,
                ApiKeyRow.id == key_id,
                ApiKeyRow.revoked_at.is_(None),
                sa.or_(ApiKeyRow.expires_at.is_(None), ApiKeyRow.expires_at > utc_now()),
            )
            .values(expires_at=sa.case((ApiKeyRow.expires_at < soon, ApiKeyRow.expires_at), else_=soon))
            .returning(ApiKeyRow.id)
            .execution_options(synchronize_session=False)
        )
        return ended.first() is not None

    async def of_tenant(self, tenant_id: str) -> Sequence[ApiKeyRow]:
        """A tenant's keys, oldest first."""
        statement = sa.select(ApiKeyRow).where(ApiKeyRow.tenant_id == tenant_id).order_by(ApiKeyRow.id)
        return (await self._session.scalars(statement)).all()

    async def revoke(self, tenant_id: str, key_id: str) -> bool:
        """Revoke a key; False where the tenant has no such key, or it was revoked before."""
        revoked = await self._session.execute(
            sa.update(ApiKeyRow)
            .where(ApiKeyRow.tenant_id == tenant_id, ApiKeyRow.id == key_id, ApiKeyRow.revoked_at.is_(None))
            .values(revoked_at=utc_now())
            .returning(ApiKeyRow.id)
        )
        return revoked.first() is not None


class TenantRepository:
    """Statements on one session; commits nothing."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def named(self, name: str) -> TenantRow | None:
        """The tenant of this name."""
        return await self._session.scalar(sa.select(TenantRow).where(TenantRow.name == name))

    async def add(self, tenant_id: str, name: str) -> None:
        """Insert a tenant; a name that is taken raises `IntegrityError`."""
        await self._session.execute(
            sa.insert(TenantRow).values(id=tenant_id, name=name, created_at=utc_now())
        )
