"""Puts all that is kept under former secret keys under the one that is the server's now.

Each item is taken over by itself: who is interrupted begins again and finds done what is done, and a server
at work goes on meanwhile, as long as it knows both keys.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Final

from pynomaly_server.audit.chain import Head
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.secret_keys.former import Kept, fingerprint, opened, sealed
from pynomaly_server.secret_keys.repository import FormerKeyRepository
from pynomaly_server.secret_keys.sealing import CannotOpenError

_TOLD_EVERY: Final = 100


class Taken(Enum):
    """What became of an item."""

    OVER = auto()  # it was under a former key and is under the new one now
    THERE = auto()  # it was under the new one already
    LOST = auto()  # none of the keys opens it


@dataclass(frozen=True, slots=True)
class Part:
    """A kind of what is kept: its name for people, how many there are, and each as it is taken over."""

    name: str
    total: int
    items: AsyncIterator[tuple[str, Taken]]


@dataclass(slots=True)
class Done:
    """What came of a part: how many were taken over, how many there are, and the ids of those lost."""

    name: str
    total: int = 0
    taken: int = 0
    lost: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        """One line for people."""
        line = f"{self.name}: {self.total:,}, {self.taken:,} of them taken over"
        if self.lost:
            line += f"; no key opens {len(self.lost):,}: {', '.join(self.lost[:10])}"
        return line


async def take_over(part: Part, tell: Callable[[str], None]) -> Done:
    """Go through a part; `tell` hears of every hundredth item."""
    done = Done(part.name)
    async for item, taken in part.items:
        done.total += 1
        if taken is Taken.OVER:
            done.taken += 1
        elif taken is Taken.LOST:
            done.lost.append(item)
        if done.total % _TOLD_EVERY == 0:
            tell(f"{part.name}: {done.total:,} of {part.total:,}")
    return done


async def keep_former(
    sessions: AsyncSessions, secret_key: str, told: Sequence[str], heads: Sequence[Head]
) -> Done:
    """Keep the keys that the operator names, and seal anew those that are kept already.

    Args:
        sessions: The server's database.
        secret_key: The key that is the server's now.
        told: Those before it.
        heads: How far the audit log goes. What is behind them must be under the new key.
    """
    done = Done("former secret keys")
    noted = {head.tenant_id: (head.seq, head.hash) for head in heads}
    async with sessions.write() as session:
        keys = FormerKeyRepository(session)
        found: dict[str, Kept] = {}
        for row in await keys.newest():
            done.total += 1
            under = next((key for key in (secret_key, *told) if _opens(row.id, row.sealed, key)), None)
            if under is None:
                done.lost.append(row.id)
                continue
            found[row.id] = opened(row.id, row.sealed, under)
            if under != secret_key:
                await keys.put(row.id, sealed(found[row.id], secret_key))
                done.taken += 1
        for former in told:
            if fingerprint(former) not in found:
                done.total += 1
                done.taken += 1
            await keys.put(fingerprint(former), sealed(Kept(former, noted), secret_key))
        await session.commit()
    return done


def _opens(key_id: str, text: bytes, under: str) -> bool:
    try:
        opened(key_id, text, under)
    except CannotOpenError:
        return False
    return True
