"""Appends to the audit log."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter

from pynomaly_server.audit.chain import Chain, Deed
from pynomaly_server.audit.repository import AuditAppends
from pynomaly_server.db.group_commit import GroupCommit
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.transactions import transaction


class AuditTrail:
    """The only writer of a process: what comes while a transaction runs goes into the next one together.

    The head of a tenant's chain is a row that every process locks to append. With one transaction of a
    process at a time, entries that wait for that lock hold one connection and not all of the pool's.
    """

    def __init__(self, sessions: AsyncSessions, chain: Chain) -> None:
        self._sessions = sessions
        self._chain = chain
        self._entries = GroupCommit(self._store)

    async def append(self, deed: Deed) -> None:
        """Store an entry; it is committed when this returns.

        Where the caller is cancelled meanwhile, the entry is stored all the same.

        Raises:
            SQLAlchemyError: the database could not store it.
        """
        await self.hand_in(deed)

    def hand_in(self, deed: Deed) -> asyncio.Future[None]:
        """Have an entry stored; the future is done when it is committed, or raises as `append` does."""
        return self._entries.hand_in(deed)

    async def aclose(self) -> None:
        """Wait until all that was handed in is stored, or has failed to be."""
        await self._entries.aclose()

    async def _store(self, deeds: Sequence[Deed]) -> list[None]:
        # Heads are locked in one order everywhere, so that no two transactions wait for each other.
        ordered = sorted(deeds, key=attrgetter("tenant_id"))
        async with transaction(self._sessions) as appending:
            for tenant_id, own in groupby(ordered, key=attrgetter("tenant_id")):
                await AuditAppends(appending, tenant_id).append(self._chain, list(own))
            await appending.commit()
        return [None] * len(deeds)
