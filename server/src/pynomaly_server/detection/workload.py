"""Runs short CPU work beside the event loop, as much at once as there are cores; sheds the rest."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final, TypeVar

import anyio
import anyio.to_thread

from pynomaly_server.problems import ProblemError

T = TypeVar("T")
MAX_WAITING: Final = 64


class Workload:
    """A bounded pool of threads with a bounded queue before it.

    The kernels under it release the GIL, so threads are enough; `cores` is how many run at once.
    """

    def __init__(self, cores: int | None = None, max_waiting: int = MAX_WAITING) -> None:
        self._limiter = anyio.CapacityLimiter(cores or os.cpu_count() or 1)
        self._max_waiting = max_waiting

    async def run(self, work: Callable[[], T]) -> T:
        """The result of `work`.

        Raises:
            ProblemError: `overloaded` (503) where too many wait already.
        """
        if self._limiter.statistics().tasks_waiting >= self._max_waiting:
            raise ProblemError(
                "overloaded",
                "The server has more detections waiting than it can start soon. Try again after the time in "
                "Retry-After, or submit a batch job.",
            )
        return await anyio.to_thread.run_sync(work, limiter=self._limiter)
