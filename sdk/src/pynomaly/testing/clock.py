"""A clock that moves when somebody sleeps or a test moves it, so that waiting costs no time."""

from __future__ import annotations

import threading
from collections.abc import Generator
from datetime import UTC, datetime, timedelta
from typing import Any

_BEGINNING = datetime(2026, 1, 1, tzinfo=UTC)


class _Passed:
    """What sleeping gives: nothing to wait for, and yet awaitable, so that one clock serves both clients."""

    def __await__(self) -> Generator[Any, Any, None]:
        return
        yield


class VirtualClock:
    """Time that only passes when somebody sleeps, or by `advance`. Safe to share between threads.

    Attributes:
        slept: The seconds of every sleep so far, in their order.
    """

    def __init__(self) -> None:
        self._now = 0.0
        self._lock = threading.Lock()
        self.slept: list[float] = []

    def monotonic(self) -> float:
        """Seconds since the clock was made."""
        return self._now

    def time(self) -> float:
        """Seconds since the epoch; the clock was made at the first moment of 2026 (UTC)."""
        return _BEGINNING.timestamp() + self._now

    def moment(self, seconds: float) -> datetime:
        """The time of day (UTC) at `seconds` on this clock."""
        return _BEGINNING + timedelta(seconds=seconds)

    def sleep(self, seconds: float) -> _Passed:
        """Let `seconds` pass at once; what it returns may be awaited."""
        self.slept.append(seconds)
        self.advance(seconds)
        return _Passed()

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass.

        Raises:
            ValueError: They are negative or endless: nothing would ever happen after them.
        """
        if not 0.0 <= seconds < float("inf"):
            raise ValueError(f"a clock advances by 0 or more seconds, not by {seconds}")
        with self._lock:
            self._now += seconds
