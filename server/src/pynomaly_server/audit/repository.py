"""SQL of the audit log. Nothing here changes or deletes an entry."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, cast

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.audit.chain import FIRST_HASH, Chain, Deed, Head
from pynomaly_server.audit.filters import Filters
from pynomaly_server.db.tables import AuditHeadRow, AuditRow
from pynomaly_server.db.tenants import of_tenant
from pynomaly_server.db.transactions import ManyRows, OfSession, Transaction

# Made once and for the tables themselves: what is appended with every change is not to be made each time.
_HEADS: Final = cast("sa.Table", AuditHeadRow.__table__)
_OWN: Final = _HEADS.c.tenant_id == sa.bindparam("of_tenant", type_=sa.String)
_HEAD: Final = sa.select(_HEADS.c.seq, _HEADS.c.hash).where(_OWN)
_LOCK: Final = _HEAD.with_for_update()
_LOG: Final = cast("sa.Table", AuditRow.__table__)
_ENTRIES: Final = ManyRows(_LOG, _LOG.columns.keys())
_FIRST: Final = ManyRows(_HEADS, _HEADS.columns.keys())
_MOVE: Final = (
    sa.update(_HEADS)
    .where(_OWN)
    .values(
        seq=sa.bindparam("last", type_=_HEADS.c.seq.type),
        hash=sa.bindparam("last_hash", type_=_HEADS.c.hash.type),
    )
)


class AuditAppends:
    """Appends to one tenant's chain in a transaction; commits nothing."""

    def __init__(self, transaction: Transaction, tenant_id: str) -> None:
        self._transaction = transaction
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
        await self._transaction.insert(_ENTRIES, rows)
        await self._transaction.rows(
            _MOVE, {"of_tenant": self._tenant_id, "last": head.seq, "last_hash": head.hash}
        )
        return head

    async def _lock_head(self) -> Head:
        found = await self._find_head()
        if found is not None:
            return found
        first = Head(self._tenant_id, 0, FIRST_HASH)
        try:
            async with self._transaction.nested():
                await self._transaction.insert(
                    _FIRST, [{"tenant_id": first.tenant_id, "seq": first.seq, "hash": first.hash}]
                )
        except IntegrityError:
            # Another process has begun the chain meanwhile; the insert waited until it was done.
            found = await self._find_head()
            if found is None:
                raise
            return found
        return first

    async def _find_head(self) -> Head | None:
        found = await self._transaction.rows(_LOCK, {"of_tenant": self._tenant_id})
        return _head(self._tenant_id, found)


class AuditRepository:
    """Statements on one session for one tenant; commits nothing."""

    def __init__(self, session: AsyncSession, tenant_id: str) -> None:
        self._session = session
        self._tenant_id = tenant_id

    async def append(self, chain: Chain, deeds: Sequence[Deed]) -> Head:
        """As `AuditAppends.append`, in the transaction of the session."""
        return await AuditAppends(OfSession(self._session), self._tenant_id).append(chain, deeds)

    async def head(self) -> Head | None:
        """The end of the chain, None before the first entry."""
        found = await self._session.execute(_HEAD, {"of_tenant": self._tenant_id})
        return _head(self._tenant_id, found.all())

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


def _head(tenant_id: str, found: Sequence[Any]) -> Head | None:
    return Head(tenant_id, found[0].seq, found[0].hash) if found else None


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
