"""Appends to the audit log."""

from __future__ import annotations

import asyncio
from itertools import groupby
from operator import attrgetter
from typing import Final

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

from pynomaly_server.audit.chain import Chain, Deed
from pynomaly_server.audit.repository import AuditRepository
from pynomaly_server.db.session import AsyncSessions

MOST_AT_ONCE: Final = 200
# Faults of the database, not of an entry.
_OUT_OF_REACH: Final = (OperationalError, InterfaceError, PoolTimeoutError, OSError)
_Waiting = tuple[Deed, asyncio.Future[None]]


class AuditTrail:
    """The only writer of a process: what comes while a transaction runs goes into the next one together.

    The head of a tenant's chain is a row that every process locks to append. With one transaction of a
    process at a time, entries that wait for that lock hold one connection and not all of the pool's.
    """

    def __init__(self, sessions: AsyncSessions, chain: Chain) -> None:
        self._sessions = sessions
        self._chain = chain
        self._waiting: list[_Waiting] = []
        self._writer: asyncio.Task[None] | None = None

    async def append(self, deed: Deed) -> None:
        """Store an entry; it is committed when this returns.

        Where the caller is cancelled meanwhile, the entry is stored all the same.

        Raises:
            SQLAlchemyError: the database could not store it.
        """
        await self.hand_in(deed)

    def hand_in(self, deed: Deed) -> asyncio.Future[None]:
        """Have an entry stored; the future is done when it is committed, or raises as `append` does."""
        stored: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((deed, stored))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write())
        return stored

    async def aclose(self) -> None:
        """Wait until all that was handed in is stored, or has failed to be."""
        if self._writer is not None:
            await asyncio.wait([self._writer])

    async def _write(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[:MOST_AT_ONCE], self._waiting[MOST_AT_ONCE:]
                fault = await self._fault_of(batch)
                if fault is None or len(batch) == 1 or isinstance(fault, _OUT_OF_REACH):
                    _tell(batch, fault)
                    continue
                # One of them cannot be stored; the others are not to be lost with it.
                for one in batch:
                    _tell([one], await self._fault_of([one]))
        finally:
            self._writer = None

    async def _fault_of(self, batch: list[_Waiting]) -> Exception | None:
        """Store these in one transaction; None, or why none of them is stored."""
        try:
            await self._store([deed for deed, _ in batch])
        except Exception as fault:  # noqa: BLE001 - those who wait are told
            return fault
        return None

    async def _store(self, deeds: list[Deed]) -> None:
        # Heads are locked in one order everywhere, so that no two transactions wait for each other.
        deeds = sorted(deeds, key=attrgetter("tenant_id"))
        async with self._sessions.write() as session:
            for tenant_id, own in groupby(deeds, key=attrgetter("tenant_id")):
                await AuditRepository(session, tenant_id).append(self._chain, list(own))
            await session.commit()


def _tell(batch: list[_Waiting], fault: Exception | None) -> None:
    for _, stored in batch:
        if stored.done():
            continue
        if fault is None:
            stored.set_result(None)
        else:
            stored.set_exception(fault)
