"""A class of work with places and a queue of its own, which says how long the queue will take."""

from __future__ import annotations

import asyncio
import math
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final

from pynomaly_server.problems import ProblemError
from pynomaly_server.telemetry.figures import SHED

LONGEST_RETRY_SECONDS: Final = 120
_NEWEST_WEIGHT: Final = 0.2


class Lane:
    """A bulkhead: `places` works run at once and `most_waiting` wait for one of them, the rest is shed.

    The lane learns how long a work takes (a moving average of those that have ended) and so how fast its
    queue drains. It sheds a work that would wait longer than `patience` seconds even where the queue has
    room: whoever waits so long has given up when the answer comes.

    Args:
        name: what the works are, in the plural, for messages.
        places: how many run at once.
        most_waiting: how many wait.
        patience: longest wait in seconds that is worth while.
        remedy: what a caller may do besides coming back; begins with `or`, or is empty.
    """

    def __init__(
        self,
        name: str,
        *,
        places: int,
        most_waiting: int,
        patience: float = math.inf,
        remedy: str = "",
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._places = places
        self._most_waiting = most_waiting
        self._patience = patience
        self._remedy = remedy
        self._clock = clock
        self._free = asyncio.Semaphore(places)
        self._running = 0
        self._waiting = 0
        self._seconds: float | None = None

    @property
    def places(self) -> int:
        """How many works run at once."""
        return self._places

    def expected_wait(self) -> float:
        """Seconds until a work that came now would begin, as far as the lane knows."""
        ahead = self._running + self._waiting - self._places + 1
        return 0.0 if ahead <= 0 else ahead * (self._seconds or 0.0) / self._places

    def check(self) -> None:
        """Refuse where the lane is full.

        Raises:
            ProblemError: `overloaded`, with the time after which the queue has drained in `Retry-After`.
        """
        if self._running + self._waiting < self._places:
            return
        wait = self.expected_wait()
        if self._waiting < self._most_waiting and wait <= self._patience:
            return
        SHED.add(self._name)
        seconds = min(max(1, math.ceil(wait)), LONGEST_RETRY_SECONDS)
        other = f", {self._remedy}" if self._remedy else ""
        raise ProblemError(
            "overloaded",
            f"The server has all the {self._name} that it can take: {self._running:,} run and "
            f"{self._waiting:,} wait. Try again in {seconds} s{other}.",
            headers={"Retry-After": str(seconds)},
        )

    def place(self) -> Place:
        """Wait for a place and hold it, by `async with`; that raises as `check` does."""
        return Place(self)

    def place_at_once(self) -> PlaceAtOnce:
        """As `place`, by `with`, in a lane that has no queue: there is nothing to wait for."""
        assert not self._most_waiting, "whoever may have to wait uses `place`"
        return PlaceAtOnce(self)

    async def _begin(self) -> float:
        self.check()
        self._waiting += 1
        try:
            await self._free.acquire()
        finally:
            self._waiting -= 1
        return self._begin_at_once()

    def _begin_at_once(self) -> float:
        self._running += 1
        return self._clock()

    def _end(self, began: float) -> None:
        self._free.release()
        self._end_at_once(began)

    def _end_at_once(self, began: float) -> None:
        self._running -= 1
        taken = self._clock() - began
        known = taken if self._seconds is None else self._seconds
        self._seconds = known + _NEWEST_WEIGHT * (taken - known)


class Place:
    """A place in a lane, held within `async with`; no generator, since those cost more."""

    __slots__ = ("_began", "_lane")

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._began = 0.0

    async def __aenter__(self) -> None:
        self._began = await self._lane._begin()  # noqa: SLF001 - the other half of the lane

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lane._end(self._began)  # noqa: SLF001


class PlaceAtOnce:
    """A place in a lane without a queue, held within `with`: every request has one."""

    __slots__ = ("_began", "_lane")

    def __init__(self, lane: Lane) -> None:
        self._lane = lane
        self._began = 0.0

    def __enter__(self) -> None:
        self._lane.check()
        self._began = self._lane._begin_at_once()  # noqa: SLF001 - the other half of the lane

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lane._end_at_once(self._began)  # noqa: SLF001
