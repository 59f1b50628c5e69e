"""Tells every process that models of a tenant are about to change, so that none believes what it remembers.

Each tenant has a mark in Valkey, which the call that limits a request brings along. What a reference meant
is believed only under the mark that was there before it was looked up, and for `BELIEVED_SECONDS`. Who
changes models sets the mark to `CHANGING` before they commit: nothing is believed or remembered under that.
It expires after `ANNOUNCED_SECONDS`, and the next request makes another mark, under which everything is
looked up anew. A process that dies on the way therefore leaves nothing behind, and no order of two changes
matters.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Final, Generic, TypeVar

import redis
import redis.asyncio
import structlog

from pynomaly_server.models.references import Reference
from pynomaly_server.ratelimit.limits import CHANGING, mark_name

ANNOUNCED_SECONDS: Final = 2.0
"""How long nothing is believed after an announcement; a transaction commits within it."""
BELIEVED_SECONDS: Final = 2.0
"""How long a lookup is believed at most, where a change could not be announced."""
PATIENCE_SECONDS: Final = 1.0
MOST_REMEMBERED: Final = 10_000
_MILLISECONDS: Final = 1_000
_log = structlog.get_logger("pynomaly.models")
T = TypeVar("T")


class Announcements:
    """Announces changes that this process makes."""

    def __init__(self, broker: redis.asyncio.Redis, clock: Callable[[], float] = time.monotonic) -> None:
        self._broker = broker
        self._clock = clock

    @asynccontextmanager
    async def of_change(self, tenant_id: str) -> AsyncIterator[None]:
        """Around the transaction that changes models of a tenant; behind it, every process knows.

        Where Valkey cannot be told, the end waits until nobody believes what they looked up before.
        """
        announced, since = await self._announce(tenant_id), self._clock()
        try:
            yield
        finally:
            # A commit that took its time came after others had begun to believe again.
            if announced and self._clock() - since > ANNOUNCED_SECONDS / 2:
                announced = await self._announce(tenant_id)
            if not announced:
                await asyncio.sleep(BELIEVED_SECONDS)

    async def _announce(self, tenant_id: str) -> bool:
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                await self._broker.set(
                    mark_name(tenant_id), CHANGING, px=round(ANNOUNCED_SECONDS * _MILLISECONDS)
                )
        except (redis.RedisError, OSError, TimeoutError) as error:
            _log.warning("a change of models could not be announced; it waits instead", reason=str(error))
            return False
        return True


def announce(broker: redis.Redis, tenant_id: str) -> None:
    """As `Announcements.of_change` begins, for threads; where Valkey is away, others learn of it in time."""
    try:
        broker.set(mark_name(tenant_id), CHANGING, px=round(ANNOUNCED_SECONDS * _MILLISECONDS))
    except (redis.RedisError, OSError) as error:
        _log.warning("a change of models could not be announced", reason=str(error))


class Remembered(Generic[T]):
    """What references meant a moment ago, by the mark that was there before they were looked up."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: dict[tuple[str, Reference], tuple[str, float, T]] = {}

    def now(self) -> float:
        """The time to hand to `put`, taken before the lookup."""
        return self._clock()

    def get(self, tenant_id: str, reference: Reference, mark: str | None) -> T | None:
        """What a reference means, where that is still to be believed; nothing is without a mark."""
        held = self._held.get((tenant_id, reference))
        if held is None or mark is None or held[0] != mark or not self.believed(held[1]):
            return None
        return held[2]

    def believed(self, since: float) -> bool:
        """Whether what was looked up at this time or later is still to be believed under its mark."""
        return self._clock() - since <= BELIEVED_SECONDS

    def put(self, tenant_id: str, reference: Reference, mark: str | None, since: float, found: T) -> None:
        """Remember what was looked up at `since` or later, by a request that had this mark before."""
        if mark is None:
            return
        if len(self._held) >= MOST_REMEMBERED:
            self._held.clear()
        self._held[tenant_id, reference] = (mark, since, found)
