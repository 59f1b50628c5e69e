"""Turns what can go wrong in one attempt into a failure for the policies and an error for the caller."""

from __future__ import annotations

from dataclasses import dataclass

from pynomaly import remedies
from pynomaly.errors import (
    APIConnectionError,
    APIError,
    APIResponseError,
    APIStatusError,
    APITimeoutError,
    CircuitOpenError,
    ConfigurationError,
)
from pynomaly.resilience import Failure, is_transient, parse_retry_after
from pynomaly.transport.answer import Answer, refusal


@dataclass(frozen=True, slots=True)
class Fault:
    """One failed attempt.

    Attributes:
        failure: What the policies decide by.
        error: What the caller gets if nothing follows.
        outcome: A few words for the record of the attempt.
        cause: The exception underneath, where it says more than the error.
        reached: Whether the request may have reached a server.
    """

    failure: Failure
    error: APIError
    outcome: str
    cause: Exception | None = None
    reached: bool = True


class RefusedError(Exception):
    """Carries an answer that is not 2xx out of the attempt."""

    def __init__(self, answer: Answer) -> None:
        super().__init__(answer.status)
        self.answer = answer


class TooLargeError(Exception):
    """Carries the fact that an answer is over its bound out of the attempt."""

    def __init__(self, limit: int) -> None:
        super().__init__(limit)
        self.limit = limit


_BY_BODY = frozenset({"createToken", "refreshToken"})
"""Operations whose callers are known by the request's body alone."""


def classify(
    exc: Exception, *, origin: str, wall_time: float, operation_id: str | None = None
) -> Fault | None:
    """Explain an exception of an attempt; None where it is not about the network, so that it passes through
    unchanged.

    Args:
        exc: What the attempt raised.
        origin: The server, for messages.
        wall_time: Seconds since the epoch, to read a `Retry-After` date.
        operation_id: What was called.

    Raises:
        ConfigurationError: The request cannot be sent at all.
    """
    import httpx

    if isinstance(exc, RefusedError):
        return _refused(exc.answer, wall_time, by_body=operation_id in _BY_BODY)
    if isinstance(exc, TooLargeError):
        message = f"The answer is larger than {exc.limit} bytes; ask for less, or stream it."
        return Fault(Failure("response"), APIResponseError(message), "answer too large")
    if isinstance(exc, httpx.ConnectTimeout):
        late = APITimeoutError(f"No connection to {origin} in time.", remedy=remedies.CHECK_REACHABLE)
        return Fault(Failure("timeout"), late, "ConnectTimeout", exc, reached=False)
    if isinstance(exc, TimeoutError | httpx.TimeoutException):
        late = APITimeoutError(f"No answer from {origin} in time.", remedy=remedies.LONGER_OR_LOOK)
        return Fault(Failure("timeout"), late, "timeout", exc)
    if isinstance(exc, httpx.DecodingError):
        message = f"The answer of {origin} cannot be decompressed."
        return Fault(Failure("response"), APIResponseError(message), "undecodable answer", exc)
    if isinstance(exc, httpx.LocalProtocolError | httpx.InvalidURL | httpx.UnsupportedProtocol):
        # Its text may quote a header's value, so it is not repeated.
        raise ConfigurationError(
            f"The request to {origin} cannot be sent: an extra header or the address holds forbidden "
            f"characters."
        ) from None
    if isinstance(exc, httpx.ConnectError | httpx.ProxyError):
        refused = APIConnectionError(f"Cannot connect to {origin}: {exc}.", remedy=remedies.CHECK_RUNNING)
        return Fault(Failure("connection"), refused, type(exc).__name__, exc, reached=False)
    if isinstance(exc, httpx.TransportError):
        reason = str(exc) or type(exc).__name__
        message = f"The connection to {origin} broke before the whole answer was there: {reason}."
        return Fault(Failure("connection"), APIConnectionError(message), type(exc).__name__, exc)
    return None


def may_pass(error: APIError) -> bool:
    """Whether the same call may well succeed later, or elsewhere: the server may be restarting."""
    if isinstance(error, APIConnectionError | APITimeoutError | CircuitOpenError):
        return True
    if isinstance(error, APIStatusError):
        return is_transient(Failure("status", status=error.status, code=error.code))
    return False


def _refused(answer: Answer, wall_time: float, *, by_body: bool) -> Fault:
    error: APIStatusError = refusal(answer, by_body=by_body)
    error.retry_after = parse_retry_after(answer.headers.get("retry-after"), now=wall_time)
    failure = Failure("status", status=answer.status, code=error.code, retry_after=error.retry_after)
    return Fault(failure, error, f"{answer.status} {error.code}" if error.code else str(answer.status))
