"""SQL of stored credentials; every statement is for one tenant, but for those of the operator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session

from pynomaly_server.db.tables import CredentialRow
from pynomaly_server.db.tenants import hold_tenant, of_tenant
from pynomaly_server.db.transactions import Transaction
from pynomaly_server.db.types import utc_now

_HOLD: Final = (
    sa.select(CredentialRow.id)
    .where(
        CredentialRow.tenant_id == sa.bindparam("of_tenant", type_=sa.String),
        CredentialRow.id == sa.bindparam("wanted", type_=sa.String),
    )
    .with_for_update(read=True, key_share=True)
)


class CredentialRepository:
    """Statements on one session for one tenant; commits nothing."""

    def __init__(self, session: AsyncSession, tenant_id: str) -> None:
        self._session = session
        self._tenant_id = tenant_id

    async def count_for_adding(self) -> int:
        """How many credentials there are; nobody else adds one before this transaction ends."""
        await self._session.execute(hold_tenant(self._tenant_id))
        count = await self._session.scalar(
            sa.select(sa.func.count())
            .select_from(CredentialRow)
            .where(CredentialRow.tenant_id == self._tenant_id)
        )
        return count or 0

    async def add(self, **values: object) -> CredentialRow:
        """Insert a credential and return its row."""
        inserted = await self._session.scalars(
            sa.insert(CredentialRow)
            .values(tenant_id=self._tenant_id, created_at=utc_now(), updated_at=utc_now(), **values)
            .returning(CredentialRow)
        )
        return inserted.one()

    async def find(self, credential_ids: Sequence[str]) -> dict[str, CredentialRow]:
        """Those of the credentials that are this tenant's, by id."""
        statement = self._own().where(CredentialRow.id.in_(credential_ids))
        return {row.id: row for row in await self._session.scalars(statement)}

    async def newest(self, *, limit: int, before: str | None) -> Sequence[CredentialRow]:
        """Up to `limit` credentials, newest first, older than the credential `before`."""
        statement = self._own().order_by(CredentialRow.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(CredentialRow.id < before)
        return (await self._session.scalars(statement)).all()

    async def change(self, credential_id: str, **values: object) -> CredentialRow | None:
        """Change a credential; None where there is none."""
        changed = await self._session.scalars(
            sa.update(CredentialRow)
            .where(CredentialRow.tenant_id == self._tenant_id, CredentialRow.id == credential_id)
            .values(updated_at=utc_now(), **values)
            .returning(CredentialRow)
            .execution_options(synchronize_session=False)
        )
        return changed.one_or_none()

    async def hold_alone(self, credential_id: str) -> bool:
        """Wait until nobody holds the credential, and let nobody hold it; False where it is not there."""
        return await self._session.scalar(self._locked([credential_id]).with_for_update()) is not None

    async def delete(self, credential_id: str) -> None:
        """Delete a credential that `hold_alone` has."""
        await self._session.execute(
            sa.delete(CredentialRow).where(
                CredentialRow.tenant_id == self._tenant_id, CredentialRow.id == credential_id
            )
        )

    def _locked(self, credential_ids: Sequence[str]) -> sa.Select[str]:
        # SQLite knows no locks of rows and needs none: its transactions that write come one after the other.
        return (
            sa.select(CredentialRow.id)
            .where(CredentialRow.tenant_id == self._tenant_id, CredentialRow.id.in_(credential_ids))
            .order_by(CredentialRow.id)
        )

    def _own(self) -> sa.Select[CredentialRow]:
        return of_tenant(CredentialRow, self._tenant_id)


async def every(session: AsyncSession, *, after: str, limit: int) -> Sequence[CredentialRow]:
    """Up to `limit` credentials of all tenants behind the id `after`; for the operator."""
    statement = sa.select(CredentialRow).where(CredentialRow.id > after).order_by(CredentialRow.id)
    return (await session.scalars(statement.limit(limit))).all()


async def count_every(session: AsyncSession) -> int:
    """How many credentials all tenants have."""
    return await session.scalar(sa.select(sa.func.count()).select_from(CredentialRow)) or 0


async def seal_anew(session: AsyncSession, credential_id: str, old: bytes, new: bytes) -> bool:
    """Put what is sealed anew in the place of `old`; False where that was replaced meanwhile."""
    changed = await session.scalars(
        sa.update(CredentialRow)
        .where(CredentialRow.id == credential_id, CredentialRow.sealed == old)
        .values(sealed=new)
        .returning(CredentialRow.id)
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None


def find_now(session: Session, tenant_id: str, credential_id: str) -> CredentialRow | None:
    """The credential as it is now, for a thread."""
    return session.scalar(
        sa.select(CredentialRow).where(
            CredentialRow.tenant_id == tenant_id, CredentialRow.id == credential_id
        )
    )


async def hold(transaction: Transaction, tenant_id: str, credential_id: str) -> bool:
    """Whether it is there; nobody can delete it before the transaction ends, but others hold it too."""
    return bool(await transaction.rows(_HOLD, {"of_tenant": tenant_id, "wanted": credential_id}))
