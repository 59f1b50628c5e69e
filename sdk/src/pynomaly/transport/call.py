"""One call under way: its deadline, the record of its attempts and what follows a failed one.

Both drivers keep the state of a call here; neither reads a clock or decides anything by itself.
"""

from __future__ import annotations

import dataclasses
import functools
import math
from collections.abc import Callable, Sequence
from typing import NoReturn
from urllib.parse import urlsplit

from pynomaly import remedies
from pynomaly.errors import APIError, APIStatusError, APITimeoutError, Attempt, CircuitOpenError
from pynomaly.resilience import (
    Deadline,
    FallbackEvent,
    GiveUp,
    Guards,
    Permit,
    RequestEvent,
    Retry,
    RetryEvent,
    RetryPolicy,
    Verdict,
    verdict,
)
from pynomaly.transport.fault import classify, may_pass
from pynomaly.transport.operation import Operation
from pynomaly.transport.request import Outgoing
from pynomaly.transport.tracing import CallTrace, start_trace

_CONNECT_SECONDS = 5.0


class Call:
    """The state of one call.

    Attributes:
        trace: Its spans; None where nobody traces.

    Args:
        request: What is sent in each attempt, to the first server.
        op: The operation.
        further: Addresses of the installation that are tried in turn where the first does not answer, each
            up to and including `/api/v1`.
        policy: Decides about further attempts.
        deadline: Bounds everything together.
        guards: Breakers and budget, shared with other calls.
        random: Draws a number in [0, 1) for the jitter.
    """

    def __init__(
        self,
        request: Outgoing,
        *,
        op: Operation,
        further: Sequence[str] = (),
        policy: RetryPolicy,
        deadline: Deadline,
        guards: Guards,
        random: Callable[[], float],
    ) -> None:
        self.request = request
        self.deadline = deadline
        self.origin = _origin(request.root)
        self._op = op
        self._further = list(further)
        self._policy = policy
        self._guards = guards
        self._random = random
        self._attempts: list[Attempt] = []
        self._here = 0
        self._began = 0.0
        self._permit: Permit | None = None
        self._reached = False
        self._next: Retry | GiveUp = GiveUp()
        self.trace: CallTrace | None = None
        guards.pay_in()

    @property
    def attempts(self) -> tuple[Attempt, ...]:
        """What happened so far."""
        return tuple(self._attempts)

    def start_trace(self) -> CallTrace | None:
        """Begin the span of the call, to be entered at once; None where nobody traces."""
        self.trace = start_trace(self._op)
        return self.trace

    @property
    def hedge_after(self) -> float | None:
        """Seconds after which the request is sent a second time; None where it must not be."""
        is_read = self._op.method == "GET" and self._op.retry == "safe"
        return self._guards.policy.hedge_after if is_read else None

    def begin(self, now: float) -> None:
        """Start an attempt.

        Raises:
            APITimeoutError: No time is left.
            CircuitOpenError: The breaker lets no attempt through.
        """
        self._next = GiveUp()
        self._began = now
        if self.deadline.passed(now):
            raise APITimeoutError(
                f"The {self.deadline.seconds:g} s of {self.request.operation_id} were over before another "
                f"attempt could start.",
                remedy=remedies.LONGER,
                attempts=self.attempts,
            )
        self._permit = self._guards.acquire(self.origin, self._op.breaker, now)
        if self._permit is None:
            raise CircuitOpenError(
                self.origin,
                self._op.breaker,
                retry_after=self._guards.closed_for(self.origin, self._op.breaker, now),
                attempts=self.attempts,
            )
        self._here += 1
        if self.trace is not None:
            self.trace.attempt(self.origin)
        self._guards.hooks.request(
            RequestEvent(self.request.operation_id, self.origin, len(self._attempts) + 1)
        )

    @property
    def replayable(self) -> bool:
        """Whether the request can be sent another time; a body that was read from an iterator cannot."""
        return self.request.content is None or self.request.content.replayable

    def timeouts(self, now: float) -> dict[str, float | None]:
        """Bounds of the steps of an attempt in seconds, for httpx."""
        left = self.deadline.remaining(now)
        bound = None if math.isinf(left) else left
        return {"connect": min(_CONNECT_SECONDS, left), "read": bound, "write": bound, "pool": bound}

    def succeeded(self, now: float, status: int, request_id: str | None) -> None:
        """Record the attempt that brought the answer."""
        self._settle(now)
        self._record(now, str(status), status, request_id)
        if self.trace is not None:
            self.trace.ended(str(status), status, request_id, failed=False)

    def fail(self, exc: Exception, now: float, wall_time: float) -> NoReturn:
        """Record a failed attempt, decide what follows, and raise the error for the caller."""
        fault = classify(exc, origin=self.origin, wall_time=wall_time, operation_id=self.request.operation_id)
        if fault is None:
            raise exc
        error = fault.error
        self._record(now, fault.outcome, error.status, error.request_id)
        if self.trace is not None:
            self.trace.ended(fault.outcome, error.status, error.request_id, failed=True)
        self._reached = self._reached or fault.reached
        failure = dataclasses.replace(fault.failure, replayable=self.replayable)
        self._settle(now, verdict(failure), failure.retry_after)
        self._next = self._policy.decide(
            retry=self._op.retry,
            failure=failure,
            attempt=self._here,
            remaining=self.deadline.remaining(now),
            random=self._random,
        )
        self._guard_retry(now)
        if isinstance(self._next, Retry):
            self._attempts[-1] = dataclasses.replace(self._attempts[-1], wait=self._next.wait)
            if self.trace is not None:
                self.trace.waits(self._next.wait)
            self._guards.hooks.retry(
                RetryEvent(
                    self.request.operation_id,
                    self.origin,
                    len(self._attempts),
                    fault.outcome,
                    self._next.wait,
                )
            )
        error.attempts = self.attempts
        self._explain(error)
        raise error from fault.cause

    def release(self, now: float) -> None:
        """Give the breaker's permit back where the attempt was abandoned; nothing otherwise."""
        if self._permit is not None:
            self._guards.settle(self.origin, self._op.breaker, self._permit, "neutral", now)
            self._permit = None

    def moves_on(self, error: APIError, now: float) -> bool:
        """Turn to the next address where there is one and it may be asked; whether it was done.

        A request that must not be repeated goes elsewhere only while it has certainly reached no server.
        """
        content = self.request.content
        replayable = content is None or content.replayable or not self._attempts
        repeatable = self._op.retry != "never" or not self._reached
        if not (self._further and replayable and repeatable and may_pass(error)):
            return False
        if self.deadline.passed(now):
            return False
        root = self._further.pop(0)
        self.request = dataclasses.replace(self.request, root=root)
        self.origin = _origin(root)
        self._here = 0
        if self.trace is not None:
            self.trace.moves_on(self.origin)
        self._guards.hooks.fallback(FallbackEvent(self.request.operation_id, self.origin, error))
        return True

    def broke(self, exc: Exception, wall_time: float) -> NoReturn:
        """Raise the error of a stream that broke under way; it is not retried, because part of it was
        already used."""
        fault = classify(exc, origin=self.origin, wall_time=wall_time, operation_id=self.request.operation_id)
        if fault is None:
            raise exc
        fault.error.attempts = self.attempts
        raise fault.error from fault.cause

    def wants_retry(self, _state: object = None) -> bool:
        """Whether another attempt follows, for tenacity."""
        return isinstance(self._next, Retry)

    def next_wait(self, _state: object = None) -> float:
        """Seconds until the next attempt, for tenacity."""
        return self._next.wait if isinstance(self._next, Retry) else 0.0

    def _guard_retry(self, now: float) -> None:
        """Let a retry wait until the breaker lets it through; give it up where another address can be asked
        meanwhile, or the deadline or the budget forbids it."""
        if not isinstance(self._next, Retry):
            return
        closed = self._guards.closed_for(self.origin, self._op.breaker, now)
        if closed > self._next.wait:
            waits = not self._further and closed < self.deadline.remaining(now)
            self._next = Retry(closed) if waits else GiveUp("breaker")
        if isinstance(self._next, Retry) and not self._guards.take():
            self._next = GiveUp("budget")

    def _explain(self, error: APIError) -> None:
        if not isinstance(self._next, GiveUp):
            return
        if self._next.reason == "deadline" and isinstance(error, APIStatusError):
            error.add_note(
                f"Not tried again: the next wait would pass the timeout of {self.deadline.seconds:g} s."
            )
        elif self._next.reason == "breaker":
            error.add_note("Not tried again: the circuit breaker has opened after too many failures.")
        elif self._next.reason == "budget":
            error.add_note("Not tried again: too many calls of this client are being retried already.")

    def _settle(self, now: float, judged: Verdict = "success", retry_after: float | None = None) -> None:
        if self._permit is not None:
            self._guards.settle(self.origin, self._op.breaker, self._permit, judged, now, retry_after)
            self._permit = None

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


@functools.lru_cache(maxsize=64)
def _origin(root: str) -> str:
    parts = urlsplit(root)
    return f"{parts.scheme}://{parts.netloc}"
