"""The circuit breaker: calls to a server that keeps failing fail at once instead of waiting for it.

Closed, it lets every attempt through and counts. Open, it lets none through until a time. Half-open, it lets
a few probes through: one that succeeds closes it, one that fails opens it again (M. Nygard, "Release It!",
2007, "Circuit Breaker").
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

from pynomaly.resilience.retry import Failure

Verdict = Literal["success", "failure", "neutral"]


class BreakerState(StrEnum):
    """Where a breaker stands."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


@dataclass(frozen=True, slots=True)
class BreakerPolicy:
    """When a breaker opens, and for how long.

    Attributes:
        consecutive: Failures in a row that open it.
        failure_rate: Share of failures in (0, 1] within the window that opens it.
        min_calls: Attempts that the window must hold before the share counts.
        window: Length of the window in seconds.
        open_seconds: How long it stays open; a longer `Retry-After` of the server extends it.
        probes: Attempts that may be under way at once while it is half-open.
    """

    consecutive: int = 5
    failure_rate: float = 0.5
    min_calls: int = 20
    window: float = 30.0
    open_seconds: float = 5.0
    probes: int = 1

    def __post_init__(self) -> None:
        if self.consecutive < 1 or self.min_calls < 1 or self.probes < 1:
            raise ValueError("consecutive, min_calls and probes must be 1 or more")
        if not 0.0 < self.failure_rate <= 1.0:
            raise ValueError(f"failure_rate must be in (0, 1], not {self.failure_rate}")
        if not (self.window > 0.0 and self.open_seconds > 0.0):
            raise ValueError("window and open_seconds must be positive numbers of seconds")


@dataclass(frozen=True, slots=True)
class Permit:
    """Leave to make one attempt; it must be given back with `Breaker.settle`.

    Attributes:
        round: The period of the breaker it belongs to: what an attempt from an earlier one brings says
            nothing about the present.
    """

    round: int


def verdict(failure: Failure | None) -> Verdict:
    """What an attempt says about the health of the server: a server that refuses a request is at work.

    Args:
        failure: Why the attempt brought no answer; None where it did.
    """
    if failure is None:
        return "success"
    if failure.kind in ("connection", "timeout"):
        return "failure"
    if failure.kind == "response" or failure.status is None:
        return "neutral"
    if failure.status == 429:
        return "neutral"
    return "failure" if 500 <= failure.status <= 599 and failure.status != 501 else "success"


class Breaker:
    """The state of one breaker. Time comes from outside; whoever shares it between threads locks around it.

    Args:
        policy: When it opens.
        changed: Told every change, as (from, to).
    """

    def __init__(
        self,
        policy: BreakerPolicy,
        changed: Callable[[BreakerState, BreakerState], None] | None = None,
    ) -> None:
        self._policy = policy
        self._changed = changed
        self._state = BreakerState.CLOSED
        self._round = 0
        self._seen: deque[tuple[float, bool]] = deque()
        self._failed = 0
        self._in_a_row = 0
        self._open_until = 0.0
        self._probing = 0

    def state(self, now: float) -> BreakerState:
        """Where it stands at `now`."""
        if self._state is BreakerState.OPEN and now >= self._open_until:
            return BreakerState.HALF_OPEN
        return self._state

    def closed_for(self, now: float) -> float:
        """Seconds until an attempt may be let through: 0 unless it is open."""
        return max(0.0, self._open_until - now) if self._state is BreakerState.OPEN else 0.0

    def acquire(self, now: float) -> Permit | None:
        """Leave for one attempt, or None where it is refused."""
        if self._state is BreakerState.OPEN and now >= self._open_until:
            self._move(BreakerState.HALF_OPEN)
        if self._state is BreakerState.OPEN:
            return None
        if self._state is BreakerState.HALF_OPEN:
            if self._probing >= self._policy.probes:
                return None
            self._probing += 1
        return Permit(self._round)

    def settle(
        self, permit: Permit, verdict: Verdict, now: float, *, retry_after: float | None = None
    ) -> None:
        """Give a permit back with what came of the attempt.

        Args:
            permit: What `acquire` gave; one of an earlier period is only taken back.
            verdict: What the attempt says of the server; `neutral` says nothing, as does an attempt that
                was abandoned.
            now: The time.
            retry_after: Seconds the server asks to be left alone.
        """
        if permit.round != self._round:
            return
        if self._state is BreakerState.HALF_OPEN:
            self._probing -= 1
            if verdict == "success":
                self._move(BreakerState.CLOSED)
            elif verdict == "failure":
                self._open(now, retry_after)
            return
        if verdict == "neutral":
            return
        self._count(now, failed=verdict == "failure")
        if self._in_a_row >= self._policy.consecutive or self._too_many():
            self._open(now, retry_after)

    def reset(self) -> None:
        """Close it and forget what was counted."""
        self._move(BreakerState.CLOSED)

    def _count(self, now: float, *, failed: bool) -> None:
        self._in_a_row = self._in_a_row + 1 if failed else 0
        self._seen.append((now, failed))
        self._failed += failed
        while self._seen and (self._seen[0][0] <= now - self._policy.window or len(self._seen) > _MOST_SEEN):
            self._failed -= self._seen.popleft()[1]

    def _too_many(self) -> bool:
        seen = len(self._seen)
        return seen >= self._policy.min_calls and self._failed >= self._policy.failure_rate * seen

    def _open(self, now: float, retry_after: float | None) -> None:
        self._open_until = now + max(self._policy.open_seconds, retry_after or 0.0)
        self._move(BreakerState.OPEN)

    def _move(self, to: BreakerState) -> None:
        before, self._state = self._state, to
        self._round += 1
        self._probing = 0
        if to is BreakerState.CLOSED:
            self._seen.clear()
            self._failed = self._in_a_row = 0
        if self._changed is not None and before is not to:
            self._changed(before, to)


# A busy client makes thousands of calls in a window; the latest thousand tell the share as well.
_MOST_SEEN = 1000
