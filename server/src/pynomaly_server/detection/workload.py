"""Runs short CPU work beside the event loop, large and small apart; sheds what it cannot start soon."""

from __future__ import annotations

import os
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final, TypeVar

import anyio
import anyio.to_thread

from pynomaly_server.shedding.lane import Lane

T = TypeVar("T")
SMALL_EFFORT: Final = 50_000
"""Cells of a table that an algorithm of low cost is through with in some hundredths of a second."""
EFFORT: Final = {"low": 1, "medium": 4, "high": 20}
"""How much longer the algorithms of a cost class take than those of the lowest."""
PATIENCE_SECONDS: Final = 15.0
TINY_EFFORT: Final = 2_000
AT_ONCE_SECONDS: Final = 0.002
"""Time below which work is sooner done than a thread has woken up for it."""
LAST_TIMES: Final = 8
"""How many works are looked back on. The shortest tells: a busy machine makes any one of them longer."""
MOST_KNOWN: Final = 10_000
_REMEDY: Final = "or submit a batch job"


class Workload:
    """Threads with bounded queues before them, one lane for small work and one for large.

    The kernels under it release the GIL, so threads are enough. `cores` small works run at once, and one
    large work less than that, so that however many large ones come, small ones find a core.
    """

    def __init__(self, cores: int | None = None, patience: float = PATIENCE_SECONDS) -> None:
        cores = cores or os.cpu_count() or 1
        self._small = Lane(
            "small detections", places=cores, most_waiting=64, patience=patience, remedy=_REMEDY
        )
        # Who waits holds its table: a short queue bounds memory, too.
        self._large = Lane(
            "large detections",
            places=max(1, cores - 1),
            most_waiting=16,
            patience=patience,
            remedy=_REMEDY,
        )
        self._taken: dict[str, deque[float]] = {}
        self._limiters = {lane: anyio.CapacityLimiter(lane.places) for lane in (self._small, self._large)}

    async def run(self, work: Callable[[], T], effort: float = 0.0, like: str | None = None) -> T:
        """The result of `work`, whose `effort` is counted in cells for an algorithm of low cost.

        `like` names works that take about as long for as many cells. Tiny ones of a name of which one of the
        last took less than `AT_ONCE_SECONDS` are done in the event loop: on the way to a thread and back a
        request waits twice for its turn, which costs more than the work.

        Raises:
            ProblemError: `overloaded` (503) where too many wait already, or would wait for too long.
        """
        if like is not None and effort <= TINY_EFFORT:
            if min(self._taken.get(like, ()), default=AT_ONCE_SECONDS) < AT_ONCE_SECONDS:
                return self._timed(work, like)
            work = partial(self._timed, work, like)
        lane = self._small if effort <= SMALL_EFFORT else self._large
        async with lane.place():
            return await anyio.to_thread.run_sync(work, limiter=self._limiters[lane])

    def _timed(self, work: Callable[[], T], like: str) -> T:
        began = time.perf_counter()
        try:
            return work()
        finally:
            times = self._taken.get(like)
            if times is None:
                if len(self._taken) >= MOST_KNOWN:
                    self._taken.clear()
                times = self._taken[like] = deque(maxlen=LAST_TIMES)
            times.append(time.perf_counter() - began)
