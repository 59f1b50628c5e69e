"""SQL of the audit log. Nothing here changes or deletes an entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, cast

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.audit.chain import FIRST_HASH, Chain, Deed, Head
from pynomaly_server.audit.filters import Filters
from pynomaly_server.db.tables import AuditHeadRow, AuditRow
from pynomaly_server.db.tenants import of_tenant

# Made once and for the tables themselves: what is appended with every change is not to be made each time.
_HEADS: Final = cast("sa.Table", AuditHeadRow.__table__)
_OWN: Final = _HEADS.c.tenant_id == sa.bindparam("of_tenant", type_=sa.String)
_HEAD: Final = sa.select(_HEADS.c.seq, _HEADS.c.hash).where(_OWN)
_LOCK: Final = _HEAD.with_for_update()
_INSERT: Final = sa.insert(cast("sa.Table", AuditRow.__table__))
_MOVE: Final = (
    sa.update(_HEADS)
    .where(_OWN)
    .values(
        seq=sa.bindparam("last", type_=_HEADS.c.seq.type),
        hash=sa.bindparam("last_hash", type_=_HEADS.c.hash.type),
    )
)


class AuditRepository:
    """Statements on one session for one tenant; commits nothing."""

    def __init__(self, session: AsyncSession, tenant_id: str) -> None:
        self._session = session
        self._tenant_id = tenant_id

    async def append(self, chain: Chain, deeds: Sequence[Deed]) -> Head:
        """Put entries at the end of the chain, which is this transaction's until it ends."""
        head = await self._lock_head()
        rows = []
        for deed in deeds:
            previous, head = head, chain.extend(head, deed)
            rows.append(
                {
                    "tenant_id": self._tenant_id,
                    "seq": head.seq,
                    "time": deed.time,
                    "actor": deed.actor,
                    "action": deed.action,
                    "resource": deed.resource,
                    "outcome": str(deed.outcome),
                    "status": deed.status,
                    "address": deed.address,
                    "request_id": deed.request_id,
                    "previous_hash": previous.hash,
                    "hash": head.hash,
                }
            )
        await self._session.execute(_INSERT, rows)
        await self._session.execute(
            _MOVE, {"of_tenant": self._tenant_id, "last": head.seq, "last_hash": head.hash}
        )
        return head

    async def _lock_head(self) -> Head:
        found = await self._find_head(lock=True)
        if found is not None:
            return found
        first = Head(self._tenant_id, 0, FIRST_HASH)
        try:
            async with self._session.begin_nested():
                await self._session.execute(
                    sa.insert(AuditHeadRow).values(tenant_id=first.tenant_id, seq=first.seq, hash=first.hash)
                )
        except IntegrityError:
            # Another process has begun the chain meanwhile; the insert waited until it was done.
            found = await self._find_head(lock=True)
            if found is None:
                raise
            return found
        return first

    async def head(self) -> Head | None:
        """The end of the chain, None before the first entry."""
        return await self._find_head(lock=False)

    async def _find_head(self, *, lock: bool) -> Head | None:
        found = await self._session.execute(_LOCK if lock else _HEAD, {"of_tenant": self._tenant_id})
        row = found.one_or_none()
        return None if row is None else Head(self._tenant_id, row.seq, row.hash)

    async def newest(self, filters: Filters, *, limit: int, before: int | None) -> Sequence[AuditRow]:
        """Up to `limit` entries that pass, newest first, with a number below `before`."""
        statement = self._own().where(*_conditions(filters)).order_by(AuditRow.seq.desc()).limit(limit)
        if before is not None:
            statement = statement.where(AuditRow.seq < before)
        return (await self._session.scalars(statement)).all()

    async def oldest(self, *, limit: int, after: int) -> Sequence[AuditRow]:
        """Up to `limit` entries behind the number `after`, oldest first."""
        statement = self._own().where(AuditRow.seq > after).order_by(AuditRow.seq).limit(limit)
        return (await self._session.scalars(statement)).all()

    def _own(self) -> sa.Select[AuditRow]:
        return of_tenant(AuditRow, self._tenant_id)


async def tenants(session: AsyncSession) -> Sequence[str]:
    """Ids of all tenants that have a log, or a head without one."""
    statement = sa.union(sa.select(AuditHeadRow.tenant_id), sa.select(AuditRow.tenant_id))
    return sorted((await session.scalars(statement)).all())


def _conditions(filters: Filters) -> list[sa.ColumnElement[bool]]:
    equal = {
        AuditRow.actor: filters.actor,
        AuditRow.action: filters.action,
        AuditRow.resource: filters.resource,
        AuditRow.outcome: filters.outcome,
    }
    conditions: list[sa.ColumnElement[bool]] = [
        column == value for column, value in equal.items() if value is not None
    ]
    if filters.since is not None:
        conditions.append(AuditRow.time >= filters.since)
    if filters.until is not None:
        conditions.append(AuditRow.time < filters.until)
    return conditions
