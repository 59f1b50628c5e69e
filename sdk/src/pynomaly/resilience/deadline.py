"""The deadline of a whole call: attempts, waits and polling together never pass it."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Deadline:
    """A point in time that a call must not pass.

    Attributes:
        started: When the call began, in seconds of a monotonic clock.
        seconds: How long it may take; infinity for no limit.
    """

    started: float
    seconds: float

    def __post_init__(self) -> None:
        if math.isnan(self.seconds) or self.seconds <= 0:
            raise ValueError(
                f"timeout must be a positive number of seconds, not {self.seconds!r}; use math.inf for no "
                f"limit"
            )

    def elapsed(self, now: float) -> float:
        """Seconds since the call began."""
        return now - self.started

    def remaining(self, now: float) -> float:
        """Seconds left at `now`, never less than 0."""
        return max(0.0, self.started + self.seconds - now)

    def passed(self, now: float) -> bool:
        """Whether nothing is left at `now`."""
        return self.remaining(now) <= 0.0
