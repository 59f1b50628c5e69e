"""Callbacks of the caller: what a client does is told as it happens."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from pynomaly.resilience.breaker import BreakerState

Event = TypeVar("Event")

_log = logging.getLogger("pynomaly")


@dataclass(frozen=True, slots=True)
class RequestEvent:
    """An attempt begins.

    Attributes:
        operation_id: Operation of the contract.
        origin: The server.
        attempt: Number of the attempt, 1 for the first.
    """

    operation_id: str
    origin: str
    attempt: int


@dataclass(frozen=True, slots=True)
class RetryEvent:
    """An attempt failed and another follows.

    Attributes:
        operation_id: Operation of the contract.
        origin: The server.
        attempt: Number of the failed attempt.
        outcome: What came of it, such as `503 overloaded`.
        wait: Seconds until the next.
    """

    operation_id: str
    origin: str
    attempt: int
    outcome: str
    wait: float


@dataclass(frozen=True, slots=True)
class BreakerEvent:
    """A circuit breaker changed.

    Attributes:
        origin: The server.
        group: Group of operations that share the breaker.
        before: Where it stood.
        after: Where it stands.
    """

    origin: str
    group: str
    before: BreakerState
    after: BreakerState


@dataclass(frozen=True, slots=True)
class FallbackEvent:
    """The server could not answer, and something else does.

    Attributes:
        operation_id: Operation of the contract.
        to: The next address, `function` or `local`.
        error: Why, as an exception.
    """

    operation_id: str
    to: str
    error: Exception


@dataclass(frozen=True, slots=True)
class Hooks:
    """The callbacks of a client. They run within the call, so they should be quick; what one raises is
    logged and does the call no harm.

    Attributes:
        on_request: Before each attempt.
        on_retry: After a failed attempt that is made again.
        on_breaker: When a circuit breaker opens, closes or lets probes through.
        on_fallback: When something else than the first server answers.
    """

    on_request: Callable[[RequestEvent], object] | None = None
    on_retry: Callable[[RetryEvent], object] | None = None
    on_breaker: Callable[[BreakerEvent], object] | None = None
    on_fallback: Callable[[FallbackEvent], object] | None = None

    def request(self, event: RequestEvent) -> None:
        """Tell `on_request`."""
        _tell(self.on_request, event)

    def retry(self, event: RetryEvent) -> None:
        """Tell `on_retry`."""
        _tell(self.on_retry, event)

    def breaker(self, event: BreakerEvent) -> None:
        """Tell `on_breaker`."""
        _tell(self.on_breaker, event)

    def fallback(self, event: FallbackEvent) -> None:
        """Tell `on_fallback`."""
        _tell(self.on_fallback, event)


def _tell(hook: Callable[[Event], object] | None, event: Event) -> None:
    if hook is None:
        return
    try:
        hook(event)
    except Exception:  # noqa: BLE001  a hook must not break a call
        _log.exception("A hook failed on %s", type(event).__name__)
