"""Looks through the chains for what was changed, removed, moved or cut off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pynomaly_server.audit.chain import FIRST_HASH, Chain, Deed, Head, Outcome
from pynomaly_server.audit.repository import AuditRepository, tenants
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import AuditRow

_READ_AT_ONCE: Final = 1_000
MOST_FAULTS: Final = 20


@dataclass(slots=True)
class Verdict:
    """What was found of one tenant's log; sound where `faults` is empty."""

    tenant_id: str
    entries: int = 0
    faults: list[str] = field(default_factory=list)


class Verification:
    """Reads every tenant's log; for the operator, who holds the server's secret key."""

    def __init__(self, sessions: AsyncSessions, chain: Chain) -> None:
        self._sessions = sessions
        self._chain = chain

    async def heads(self) -> Sequence[Head]:
        """The end of each chain, to be kept where nobody who can write the database can write."""
        async with self._sessions.read() as session:
            found = [await AuditRepository(session, tenant).head() for tenant in await tenants(session)]
        return [head for head in found if head is not None]

    async def verify(self, noted: Mapping[str, Head] | None = None) -> Sequence[Verdict]:
        """Check each chain from its first entry on, and that the heads `noted` before lie on it."""
        noted = noted or {}
        async with self._sessions.read() as session:
            known = await tenants(session)
        return [await self._verify_one(tenant, noted.get(tenant)) for tenant in sorted({*known, *noted})]

    async def _verify_one(self, tenant_id: str, noted: Head | None) -> Verdict:
        verdict = Verdict(tenant_id)
        last = Head(tenant_id, 0, FIRST_HASH)
        head: Head | None = None
        noted_is_there = noted is None or noted == last
        ended = False
        while not ended:
            rows = await self._behind(last)
            for row in rows:
                self._check(row, last, verdict.faults)
                verdict.entries += 1
                last = Head(tenant_id, row.seq, row.hash)
                noted_is_there = noted_is_there or last == noted
            if not rows:
                # Read behind the entries: where it is ahead of them, some were appended, or are missing.
                found = await self._head(tenant_id)
                ended = found is None or found.seq <= last.seq or found == head
                head = found
        verdict.faults += _end_faults(last, head)
        if noted is not None and not noted_is_there:
            verdict.faults.append(
                f"entry {noted.seq}, which was noted as the head, is not there: the log was cut off or "
                "written anew"
            )
        verdict.faults = verdict.faults[:MOST_FAULTS]
        return verdict

    async def _behind(self, last: Head) -> Sequence[AuditRow]:
        async with self._sessions.read() as session:
            return await AuditRepository(session, last.tenant_id).oldest(limit=_READ_AT_ONCE, after=last.seq)

    async def _head(self, tenant_id: str) -> Head | None:
        async with self._sessions.read() as session:
            return await AuditRepository(session, tenant_id).head()

    def _check(self, row: AuditRow, last: Head, faults: list[str]) -> None:
        if row.seq != last.seq + 1:
            missing = (
                f"entry {last.seq + 1} is"
                if row.seq == last.seq + 2
                else f"entries {last.seq + 1} to {row.seq - 1} are"
            )
            faults.append(f"{missing} missing")
        elif row.previous_hash != last.hash:
            faults.append(f"entry {row.seq} does not follow the one before it")
        if self._chain.hash(_deed(row), row.seq, row.previous_hash) != row.hash:
            faults.append(f"entry {row.seq} was changed or moved")


def _end_faults(last: Head, head: Head | None) -> list[str]:
    if head is None:
        return ["the head is missing, which says where the log ends"] if last.seq else []
    if head.seq > last.seq:
        return [f"the head is entry {head.seq}, but the log ends at entry {last.seq}: its end is missing"]
    if head.seq < last.seq:
        return [f"the head is entry {head.seq}, but the log goes on to entry {last.seq}: it was set back"]
    if head.hash != last.hash:
        return [f"the head is not entry {head.seq} as it is there"]
    return []


def _deed(row: AuditRow) -> Deed:
    return Deed(
        tenant_id=row.tenant_id,
        time=row.time,
        actor=row.actor,
        action=row.action,
        resource=row.resource,
        outcome=Outcome(row.outcome),
        status=row.status,
        address=row.address,
        request_id=row.request_id,
    )
