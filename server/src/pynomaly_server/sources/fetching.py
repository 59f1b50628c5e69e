"""How a worker takes a table from elsewhere into a file: bounded in bytes and in time, and interruptible."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterable, Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pynomaly_server.problems import ProblemError

LOOK_SECONDS: Final = 1.0
"""Time between two looks whether the job is still wanted."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A table in a local file; `shown` names where it came from, without secrets."""

    shown: str
    path: Path
    media_type: str


class Allotment:
    """What one data source may take: `max_bytes`, and `seconds` altogether.

    `look_up` is called about every second, whatever the other side does, and raises what ends the job.
    """

    def __init__(self, max_bytes: int, seconds: float, look_up: Callable[[], None]) -> None:
        self._max_bytes = max_bytes
        self._seconds = seconds
        self._look_up = look_up

    def run(self, shown: str, work: Coroutine[Any, Any, Fetched]) -> Fetched:
        """Fetch within the time.

        Raises:
            ProblemError: `source-unavailable` where the time is up; besides what `work` and `look_up` raise.
        """
        return asyncio.run(self._watched(shown, work))

    async def _watched(self, shown: str, work: Coroutine[Any, Any, Fetched]) -> Fetched:
        until = time.monotonic() + self._seconds
        task = asyncio.ensure_future(work)
        try:
            while True:
                left = until - time.monotonic()
                done, _ = await asyncio.wait([task], timeout=min(LOOK_SECONDS, max(left, 0.0)))
                if done:
                    return task.result()
                if left <= 0:
                    raise ProblemError(
                        "source-unavailable",
                        f"{shown} was not there in full after {self._seconds:g} seconds, the limit. Make it "
                        "smaller or its server faster, or upload the data with uploadDataset.",
                    )
                self._look_up()
        finally:
            task.cancel()
            await asyncio.wait([task])

    def check_size(self, shown: str, size: int) -> None:
        """Raises `ProblemError` `payload-too-large` where `size` bytes are too many."""
        if size > self._max_bytes:
            raise ProblemError(
                "payload-too-large",
                f"{shown} has more than {self._max_bytes:,} bytes, the limit. Split the table into several.",
            )

    async def write(self, chunks: AsyncIterable[bytes], path: Path, shown: str) -> None:
        """Write what comes to a file; raises as `check_size` does."""
        size = 0
        with path.open("wb") as file:
            async for chunk in chunks:
                size += len(chunk)
                self.check_size(shown, size)
                file.write(chunk)
