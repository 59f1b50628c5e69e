"""Keeps what repeats from filling the log."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from typing import Final

EVERY_SECONDS: Final = 60.0
REMEMBERED: Final = 10_000


class Repeats:
    """Tells the first of its kind within a minute, per process.

    A client in a loop with a revoked key would otherwise cost a transaction per attempt.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen: dict[Hashable, float] = {}

    def is_first(self, what: Hashable) -> bool:
        """Whether `what` was not seen within the last minute; it is from now on."""
        now = self._clock()
        if now - self._seen.get(what, -EVERY_SECONDS) < EVERY_SECONDS:
            return False
        if len(self._seen) >= REMEMBERED:
            self._seen.clear()
        self._seen[what] = now
        return True
