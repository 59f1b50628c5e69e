"""Stores what comes while a transaction runs in the next one together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, Generic, TypeVar

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

MOST_AT_ONCE: Final = 200
PACE_SECONDS: Final = 0.01
"""Transactions of a lane begin no faster after one another."""
# Faults of the database, not of what is to be stored.
_OUT_OF_REACH: Final = (OperationalError, InterfaceError, PoolTimeoutError, OSError)

T = TypeVar("T")
R = TypeVar("R")


class GroupCommit(Generic[T, R]):
    """One transaction at a time in each lane, `PACE_SECONDS` apart; what comes alone is stored at once.

    The busier a process is, the more share a transaction, its round trips and its sync of the disk. Where a
    transaction fails through one of its things, each is stored by itself, so that the others are not lost
    with it.

    Args:
        store: stores things in one transaction and has committed them when it returns; what became of each,
            in their order, or why one could not be stored.
    """

    def __init__(self, store: Callable[[Sequence[T]], Awaitable[Sequence[R | Exception]]]) -> None:
        self._store = store
        self._lanes: dict[str, list[tuple[T, asyncio.Future[R]]]] = {}
        self._writers: set[asyncio.Task[None]] = set()

    def hand_in(self, thing: T, lane: str = "") -> asyncio.Future[R]:
        """Have a thing stored, also where nobody waits for it any more.

        Returns:
            What became of it, once that is committed; raises why it was not stored.
        """
        stored: asyncio.Future[R] = asyncio.get_running_loop().create_future()
        if lane in self._lanes:
            self._lanes[lane].append((thing, stored))
        else:
            self._lanes[lane] = [(thing, stored)]
            writer = asyncio.create_task(self._write(lane))
            self._writers.add(writer)
            writer.add_done_callback(self._writers.discard)
        return stored

    async def aclose(self) -> None:
        """Wait until all that was handed in is stored, or has failed to be."""
        if self._writers:
            await asyncio.wait(self._writers)

    async def _write(self, lane: str) -> None:
        waiting = self._lanes[lane]
        clock = asyncio.get_running_loop().time
        try:
            while waiting:
                next_at = clock() + PACE_SECONDS
                batch = waiting[:MOST_AT_ONCE]
                del waiting[:MOST_AT_ONCE]
                await self._settle(batch)
                if len(waiting) < MOST_AT_ONCE:
                    await asyncio.sleep(next_at - clock())
        finally:
            del self._lanes[lane]

    async def _settle(self, batch: Sequence[tuple[T, asyncio.Future[R]]]) -> None:
        try:
            outcomes = await self._store([thing for thing, _ in batch])
        except Exception as fault:  # noqa: BLE001 - those who wait are told
            if len(batch) == 1 or isinstance(fault, _OUT_OF_REACH):
                outcomes = [fault] * len(batch)
            else:
                for one in batch:
                    await self._settle([one])
                return
        for (_, stored), outcome in zip(batch, outcomes, strict=True):
            if stored.done():
                continue
            if isinstance(outcome, Exception):
                stored.set_exception(outcome)
            else:
                stored.set_result(outcome)
