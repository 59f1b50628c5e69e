"""When a failed attempt is made again, and after how long.

The wait is "full jitter": a uniform draw below an exponentially growing bound, which spreads the clients of
a server that comes back (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog, 2015).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

FailureKind = Literal["connection", "timeout", "status", "response"]

_RETRIED_STATUSES = frozenset({408, 425, 429})
_IN_FLIGHT = "request-in-progress"
_USED_UP = "quota-exceeded"


@dataclass(frozen=True, slots=True)
class Failure:
    """Why an attempt brought no answer.

    Attributes:
        kind: `connection` (refused, reset, cut off), `timeout`, `status` (an answer that is not 2xx) or
            `response` (a 2xx answer that cannot be read).
        status: HTTP status where an answer came.
        code: The problem's code where the answer held one.
        retry_after: Seconds the server asks to wait, or None.
        replayable: Whether the request can be sent again at all; a body that was read from an iterator
            cannot.
    """

    kind: FailureKind
    status: int | None = None
    code: str | None = None
    retry_after: float | None = None
    replayable: bool = True


@dataclass(frozen=True, slots=True)
class Retry:
    """Make another attempt after `wait` seconds."""

    wait: float


@dataclass(frozen=True, slots=True)
class GiveUp:
    """Make no further attempt.

    Attributes:
        reason: What forbids an attempt that the failure itself would allow: no time is left, the retry
            budget is spent, or the circuit breaker has opened.
    """

    reason: Literal["deadline", "budget", "breaker"] | None = None


Decision = Retry | GiveUp


@dataclass(frozen=True, slots=True)
class RetryPolicy:
    """Retries with exponential backoff and full jitter.

    Attributes:
        max_retries: Further attempts after the first; 0 for none.
        base: Bound of the first wait in seconds.
        cap: Largest bound of a wait in seconds.
    """

    max_retries: int = 3
    base: float = 0.5
    cap: float = 8.0

    def __post_init__(self) -> None:
        if self.max_retries < 0:
            raise ValueError(f"max_retries must be 0 or more, not {self.max_retries}")

    def decide(
        self, *, retry: str, failure: Failure, attempt: int, remaining: float, random: Callable[[], float]
    ) -> Decision:
        """Decide what follows a failed attempt.

        Args:
            retry: The operation's retry class in the contract: `safe`, `idempotency-key` or `never`.
            failure: What went wrong.
            attempt: Number of the failed attempt, 1 for the first.
            remaining: Seconds left until the deadline.
            random: Draws a number in [0, 1).
        """
        if retry not in ("safe", "idempotency-key") or not failure.replayable or not is_transient(failure):
            return GiveUp()
        if attempt > self.max_retries:
            return GiveUp()
        wait = failure.retry_after
        if wait is None:
            wait = self.backoff(attempt, random)
        if wait >= remaining:
            return GiveUp("deadline")
        return Retry(wait)

    def backoff(self, attempt: int, random: Callable[[], float]) -> float:
        """Draw the wait after failed attempt number `attempt`, in seconds."""
        # The exponent is bounded too: 2.0 ** 2000 overflows long after the cap has decided.
        bound = min(self.cap, self.base * 2.0 ** min(attempt - 1, 32))
        return random() * bound


def is_transient(failure: Failure) -> bool:
    """Whether the same request may well succeed a little later."""
    if failure.kind in ("connection", "timeout"):
        return True
    status = failure.status
    if failure.kind == "response" or status is None:
        return False
    if failure.code == _USED_UP:
        return False
    if status in _RETRIED_STATUSES or (status == 409 and failure.code == _IN_FLIGHT):
        return True
    return 500 <= status <= 599 and status != 501
