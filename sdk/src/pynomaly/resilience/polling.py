"""How a job is polled: held by the server while possible, with growing pauses where the server answers at
once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class PollPolicy:
    """The pace of polling.

    Attributes:
        hold: Seconds the server is asked to hold an answer back (`?wait=`).
        base: First pause between two polls in seconds.
        cap: Longest pause in seconds.
        patience: Seconds a server may stay unreachable where the caller set no limit.
    """

    hold: float = 30.0
    base: float = 0.25
    cap: float = 8.0
    patience: float = 120.0

    def wait(self, remaining: float) -> float:
        """Seconds to ask the server to hold back, so that its answer comes before the deadline."""
        return max(0.0, min(self.hold, remaining - 1.0))

    def pause(self, polls: int, took: float, random: Callable[[], float]) -> float:
        """Seconds to pause after a poll that found the job still under way.

        A server that held the answer back has waited in our place, so the next poll follows at once. The
        jitter is half of the pause: with full jitter a run of small draws would ask many times in a row.

        Args:
            polls: Number of answers or failures in a row that came at once, 1 for the first.
            took: Seconds the poll took.
            random: Draws a number in [0, 1).
        """
        bound = min(self.cap, self.base * 2.0 ** min(polls - 1, 32))
        return max(0.0, bound * (0.5 + 0.5 * random()) - took)
