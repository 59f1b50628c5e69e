"""Looks through the chains for what was changed, removed, moved or cut off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from pynomaly_server.audit.chain import FIRST_HASH, Chain, Deed, Head, Outcome
from pynomaly_server.audit.repository import AuditRepository, tenants
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import AuditRow

_READ_AT_ONCE: Final = 1_000
MOST_FAULTS: Final = 20


@dataclass(frozen=True, slots=True)
class FormerChain:
    """Entries under a former secret key; `heads` are the last ones of tenants, None where not noted."""

    chain: Chain
    heads: Mapping[str, Head] | None = None

    def may_have(self, tenant_id: str, seq: int) -> bool:
        """Whether an entry of this number may be under that key."""
        if self.heads is None:
            return True
        return tenant_id in self.heads and seq <= self.heads[tenant_id].seq


@dataclass(slots=True)
class Verdict:
    """What was found of one tenant's log; sound where `faults` is empty."""

    tenant_id: str
    entries: int = 0
    faults: list[str] = field(default_factory=list)


class Verification:
    """Reads every tenant's log; for the operator, who holds the server's secret key.

    Entries may be under the keys of `former` too, as far as the heads that were noted when the key was
    replaced; those heads have to lie on the chain. So whoever learns of a former key can add nothing, and
    what they change shows in the next entry, which is under a key that they do not have.
    """

    def __init__(self, sessions: AsyncSessions, chain: Chain, former: Sequence[FormerChain] = ()) -> None:
        self._sessions = sessions
        self._chain = chain
        self._former = former

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
        missing = {
            head for head in (noted, *self._replaced_at(tenant_id)) if head is not None and head != last
        }
        ended = False
        while not ended:
            rows = await self._behind(last)
            for row in rows:
                self._check(row, last, verdict.faults)
                verdict.entries += 1
                last = Head(tenant_id, row.seq, row.hash)
                missing.discard(last)
            if not rows:
                # Read behind the entries: where it is ahead of them, some were appended, or are missing.
                found = await self._head(tenant_id)
                ended = found is None or found.seq <= last.seq or found == head
                head = found
        verdict.faults += _end_faults(last, head)
        verdict.faults += [
            f"entry {head.seq}, which was noted as the head, is not there: the log was cut off or "
            "written anew"
            for head in sorted(missing, key=lambda head: head.seq)
        ]
        verdict.faults = verdict.faults[:MOST_FAULTS]
        return verdict

    def _replaced_at(self, tenant_id: str) -> list[Head]:
        """The last entries under former keys, where they were noted."""
        return [
            former.heads[tenant_id] for former in self._former if former.heads and tenant_id in former.heads
        ]

    async def _behind(self, last: Head) -> Sequence[AuditRow]:
        async with self._sessions.read() as session:
            return await AuditRepository(session, last.tenant_id).oldest(limit=_READ_AT_ONCE, after=last.seq)

    async def _head(self, tenant_id: str) -> Head | None:
        async with self._sessions.read() as session:
            return await AuditRepository(session, tenant_id).head()

    def _chains(self, row: AuditRow) -> Iterator[Chain]:
        yield self._chain
        yield from (former.chain for former in self._former if former.may_have(row.tenant_id, row.seq))

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
        if not any(
            chain.hash(_deed(row), row.seq, row.previous_hash) == row.hash for chain in self._chains(row)
        ):
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
