"""One call under way: its deadline, the record of its attempts and what follows a failed one.

Both drivers keep the state of a call here; neither reads a clock or decides anything by itself.
"""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Callable
from typing import NoReturn
from urllib.parse import urlsplit

from pynomaly.errors import APIStatusError, APITimeoutError, Attempt
from pynomaly.resilience import Deadline, GiveUp, Retry, RetryPolicy
from pynomaly.transport.fault import classify
from pynomaly.transport.request import Outgoing

_CONNECT_SECONDS = 5.0


class Call:
    """The state of one call.

    Args:
        request: What is sent in each attempt.
        retry: Retry class of the operation.
        policy: Decides about further attempts.
        deadline: Bounds everything together.
        random: Draws a number in [0, 1) for the jitter.
    """

    def __init__(
        self,
        request: Outgoing,
        *,
        retry: str,
        policy: RetryPolicy,
        deadline: Deadline,
        random: Callable[[], float],
    ) -> None:
        self.request = request
        self.deadline = deadline
        self._retry = retry
        self._policy = policy
        self._random = random
        self._attempts: list[Attempt] = []
        self._began = 0.0
        self._next: Retry | GiveUp = GiveUp()

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """What happened so far."""
        return tuple(self._attempts)

    @property
    def origin(self) -> str:
        """The server, for messages."""
        parts = urlsplit(self.request.url)
        return f"{parts.scheme}://{parts.netloc}"

    def begin(self, now: float) -> None:
        """Start an attempt.

        Raises:
            APITimeoutError: No time is left.
        """
        self._next = GiveUp()
        self._began = now
        if self.deadline.passed(now):
            raise APITimeoutError(
                f"The {self.deadline.seconds:g} s of {self.request.operation_id} were over before another "
                f"attempt could start. "
                "Give the call a longer timeout=.",
                attempts=self.attempts,
            )

    def timeouts(self, now: float) -> dict[str, float | None]:
        """Bounds of the steps of an attempt in seconds, for httpx."""
        left = self.deadline.remaining(now)
        bound = None if math.isinf(left) else left
        return {"connect": min(_CONNECT_SECONDS, left), "read": bound, "write": bound, "pool": bound}

    def succeeded(self, now: float, status: int, request_id: str | None) -> None:
        """Record the attempt that brought the answer."""
        self._record(now, str(status), status, request_id)

    def fail(self, exc: Exception, now: float, wall_time: float) -> NoReturn:
        """Record a failed attempt, decide what follows, and raise the error for the caller."""
        fault = classify(exc, origin=self.origin, wall_time=wall_time)
        if fault is None:
            raise exc
        error = fault.error
        self._record(now, fault.outcome, error.status, error.request_id)
        content = self.request.content
        failure = dataclasses.replace(fault.failure, replayable=content is None or content.replayable)
        self._next = self._policy.decide(
            retry=self._retry,
            failure=failure,
            attempt=len(self._attempts),
            remaining=self.deadline.remaining(now),
            random=self._random,
        )
        if isinstance(self._next, Retry):
            self._attempts[-1] = dataclasses.replace(self._attempts[-1], wait=self._next.wait)
        error.attempts = self.attempts
        if self._next == GiveUp(deadline=True) and isinstance(error, APIStatusError):
            error.add_note(
                f"Not tried again: the next wait would pass the timeout of {self.deadline.seconds:g} s."
            )
        raise error from fault.cause

    def broke(self, exc: Exception, wall_time: float) -> NoReturn:
        """Raise the error of a stream that broke under way; it is not retried, because part of it was
        already used."""
        fault = classify(exc, origin=self.origin, wall_time=wall_time)
        if fault is None:
            raise exc
        fault.error.attempts = self.attempts
        raise fault.error from fault.cause

    def wants_retry(self, _state: object) -> bool:
        """Whether another attempt follows, for tenacity."""
        return isinstance(self._next, Retry)

    def next_wait(self, _state: object) -> float:
        """Seconds until the next attempt, for tenacity."""
        return self._next.wait if isinstance(self._next, Retry) else 0.0

    def _record(self, now: float, outcome: str, status: int | None, request_id: str | None) -> None:
        self._attempts.append(
            Attempt(
                number=len(self._attempts) + 1,
                started=self.deadline.elapsed(self._began),
                elapsed=now - self._began,
                outcome=outcome,
                status=status,
                request_id=request_id,
            )
        )
