"""One tree of errors: everything this package raises on purpose is a `PynomalyError`."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

from pynomaly import remedies

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pynomaly._generated.models import Problem
    from pynomaly.remedies import Remedy

_KEY = re.compile(r"pyn_[0-9A-Za-z_]+")
_BEARER = re.compile(r"(?i)(bearer\s+)\S+")
_SHOWN_FAULTS = 5


def redact(text: str) -> str:
    """Return `text` with API keys and bearer tokens made unreadable."""
    return _BEARER.sub(r"\1…", _KEY.sub("pyn_…", text))


@dataclass(frozen=True, slots=True)
class Attempt:
    """What happened in one attempt of a call.

    Attributes:
        number: 1 for the first attempt.
        started: Seconds from the start of the call to the start of this attempt.
        elapsed: Seconds this attempt took.
        outcome: What came of it in words, such as `503 overloaded` or `ConnectError`.
        status: HTTP status, where an answer came.
        request_id: The server's `X-Request-Id`, where an answer came.
        wait: Seconds waited afterwards before the next attempt; None after the last.
    """

    number: int
    started: float
    elapsed: float
    outcome: str
    status: int | None = None
    request_id: str | None = None
    wait: float | None = None


def _restore(cls: type[PynomalyError], args: tuple[Any, ...], state: dict[str, Any]) -> PynomalyError:
    error = cls.__new__(cls, *args)
    error.args = args
    error.__dict__.update(state)
    return error


class PynomalyError(Exception):
    """Base of every error of this package; its text is safe to log.

    Args:
        message: What is wrong, and where.
        remedy: What to do about it, where Python and the command line have different words for that.
        ending: What follows the remedy.
    """

    def __init__(self, message: str, *, remedy: Remedy | None = None, ending: str = "") -> None:
        said = "" if remedy is None else f" {remedy.python}"
        super().__init__(redact(f"{message}{said}{ending}"))
        self._shell = None if remedy is None else redact(f"{message} {remedy.shell}{ending}")

    def shell_text(self) -> str:
        """The error's text as the command line says it: with options and commands for arguments and
        methods."""
        return str(self) if self._shell is None else self._shell

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (type(self), self.args, self.__dict__.copy())


class ConfigurationError(PynomalyError):
    """The client cannot work with what it was told or found: key, address, profile or an option."""


class DataError(PynomalyError, ValueError):
    """The data cannot be sent as they are; the message names the place."""


class MissingFileError(PynomalyError, FileNotFoundError):
    """There is no file of the name that was given."""


class APIError(PynomalyError):
    """A call that did not bring a usable answer.

    Attributes:
        status: HTTP status, or None where no answer came.
        code: The problem's stable name (`validation`, `rate-limited`, …), or None.
        request_id: Finds the request in the server's logs, or None.
        problem: The server's problem document, or None where the answer held none.
        attempts: What happened in each attempt, the first one first.
    """

    def __init__(
        self,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        request_id: str | None = None,
        problem: Problem | None = None,
        attempts: Sequence[Attempt] = (),
        remedy: Remedy | None = None,
        ending: str = "",
    ) -> None:
        super().__init__(message, remedy=remedy, ending=ending)
        self.status = status
        self.code = code
        self.request_id = request_id
        self.problem = problem
        self.attempts: tuple[Attempt, ...] = tuple(attempts)

    def __str__(self) -> str:
        return super().__str__() + self._tries()

    def shell_text(self) -> str:
        """See `PynomalyError.shell_text`."""
        return str(self) if self._shell is None else self._shell + self._tries()

    def _tries(self) -> str:
        return f" [after {len(self.attempts)} attempts]" if len(self.attempts) > 1 else ""


class APIConnectionError(APIError):
    """No whole answer came: the server could not be reached, or the connection broke."""


class APITimeoutError(APIError, TimeoutError):
    """The call's deadline passed; `timeout` covers attempts, waits and polling together."""


class CircuitOpenError(APIError):
    """Nothing was sent: the server kept failing, and is left alone for a while.

    Attributes:
        origin: The server.
        group: Operations that share the circuit breaker.
        retry_after: Seconds until a call may try again.
    """

    def __init__(
        self, origin: str, group: str, *, retry_after: float, attempts: Sequence[Attempt] = ()
    ) -> None:
        when = f"in {retry_after:.1f} s" if retry_after > 0 else "as soon as the call that probes it is over"
        super().__init__(
            f"{origin} kept failing, so the circuit breaker of {group!r} lets no call through; it may be "
            f"tried again {when}.",
            remedy=remedies.MEANWHILE,
            attempts=attempts,
        )
        self.origin = origin
        self.group = group
        self.retry_after = retry_after


class APIResponseError(APIError):
    """The server said yes, but the body is not what the contract promises."""


class APIStatusError(APIError):
    """The server, or something in front of it, refused the call. There is one subclass per status.

    Attributes:
        retry_after: Seconds the server asks to wait before the next attempt, or None.
    """

    status: int
    retry_after: float | None = None
    remedy: ClassVar[Remedy | None] = None


class BadRequestError(APIStatusError):
    """400: the body is not what its media type says."""


class AuthenticationError(APIStatusError):
    """401: the API key is missing, wrong, expired or revoked."""

    remedy = remedies.CHECK_KEY


class PermissionDeniedError(APIStatusError):
    """403: the API key lacks a scope."""

    remedy = remedies.OTHER_KEY


class NotFoundError(APIStatusError):
    """404: no such resource for this key."""


class MethodNotAllowedError(APIStatusError):
    """405: the address exists, the method does not."""

    remedy = remedies.CHECK_SERVER


class NotAcceptableError(APIStatusError):
    """406: none of the media types asked for is offered."""


class RequestTimeoutError(APIStatusError):
    """408: the server gave up waiting for the request."""


class ConflictError(APIStatusError):
    """409: the resource is in a state that does not allow this."""


class GoneError(APIStatusError):
    """410: what is asked for was there, and is no longer kept."""


class PayloadTooLargeError(APIStatusError):
    """413: more data than this operation takes."""

    remedy = remedies.AS_A_JOB


class UnsupportedMediaTypeError(APIStatusError):
    """415: the server does not read this media type here."""


class UnprocessableEntityError(APIStatusError):
    """422: understood, but it cannot be used: wrong options, too few rows, an unusable table."""


class TooEarlyError(APIStatusError):
    """425: the server would not risk a replayed request."""


class RateLimitError(APIStatusError):
    """429: too many requests."""

    remedy = remedies.SLOW_DOWN


class ServerError(APIStatusError):
    """5xx: the fault is the server's."""


class InternalServerError(ServerError):
    """500: the server failed."""

    remedy = remedies.REPORT


class BadGatewayError(ServerError):
    """502: a proxy got no usable answer from the server."""


class ServiceUnavailableError(ServerError):
    """503: the server cannot do this now."""

    remedy = remedies.LATER


class GatewayTimeoutError(ServerError):
    """504: a proxy gave up waiting for the server."""


STATUS_ERRORS: dict[int, type[APIStatusError]] = {
    400: BadRequestError,
    401: AuthenticationError,
    403: PermissionDeniedError,
    404: NotFoundError,
    405: MethodNotAllowedError,
    406: NotAcceptableError,
    408: RequestTimeoutError,
    409: ConflictError,
    410: GoneError,
    413: PayloadTooLargeError,
    415: UnsupportedMediaTypeError,
    422: UnprocessableEntityError,
    425: TooEarlyError,
    429: RateLimitError,
    500: InternalServerError,
    502: BadGatewayError,
    503: ServiceUnavailableError,
    504: GatewayTimeoutError,
}


_TOLD = frozenset({"quota-exceeded", "switched-off"})
"""Codes whose details say what to do; what else helps with their status does not help."""


def status_error(
    status: int,
    *,
    problem: Problem | None,
    request_id: str | None,
    text: str = "",
    by_body: bool = False,
) -> APIStatusError:
    """Build the error of a status.

    Args:
        status: HTTP status, 300 or more.
        problem: The problem document, where the answer held one.
        request_id: `X-Request-Id` of the answer.
        text: What the answer said where it held no problem document.
        by_body: Whether the call's credential was its body: a password or a refresh token.
    """
    cls = STATUS_ERRORS.get(status) or (ServerError if status >= 500 else APIStatusError)
    if problem is None:
        return _foreign(cls, status, text, request_id)
    request_id = request_id or problem.request_id
    parts = [problem.detail or problem.title]
    # The detail of a problem with a single fault usually tells that fault already.
    faults = [fault for fault in problem.errors or [] if fault.detail.rstrip(". ") not in problem.detail]
    parts += [f"{fault.pointer}: {fault.detail}" for fault in faults[:_SHOWN_FAULTS]]
    if len(faults) > _SHOWN_FAULTS:
        parts.append(f"and {len(faults) - _SHOWN_FAULTS} more faults")
    message = "; ".join(part.rstrip(". ") for part in parts) + "."
    return cls(
        message,
        status=status,
        code=problem.code,
        request_id=request_id,
        problem=problem,
        remedy=None if problem.code in _TOLD or (by_body and status == 401) else cls.remedy,
        ending=f" (HTTP {status}, {problem.code}, request {request_id})",
    )


def _foreign(cls: type[APIStatusError], status: int, text: str, request_id: str | None) -> APIStatusError:
    """The error of an answer that no Pynomaly server writes: a proxy's page, a redirect, another program."""
    if 300 <= status < 400:
        message = f"The server answers with a redirect (HTTP {status}){text}."
        return cls(message, status=status, request_id=request_id, remedy=remedies.FINAL_ADDRESS)
    said = " ".join(text.split())[:200]
    quoted = f': "{said}"' if said else ""
    return cls(
        f"HTTP {status} without a problem document{quoted}.",
        status=status,
        request_id=request_id,
        remedy=remedies.ANOTHER_PROGRAM,
        ending=f" (request {request_id})" if request_id else "",
    )


class JobError(PynomalyError):
    """A job that will bring no result.

    Attributes:
        job_id: Id of the job.
    """

    def __init__(self, message: str, *, job_id: str) -> None:
        super().__init__(message)
        self.job_id = job_id


class JobFailedError(JobError):
    """The job ended without a result; `problem` and `code` say why."""

    def __init__(self, job_id: str, problem: Problem | None) -> None:
        detail = (problem.detail or problem.title) if problem else "the server gives no reason"
        code = f" ({problem.code})" if problem else ""
        super().__init__(f"Job {job_id} failed{code}: {detail}", job_id=job_id)
        self.problem = problem
        self.code = problem.code if problem else None


class JobCancelledError(JobError):
    """The job was cancelled before it had a result."""

    def __init__(self, job_id: str) -> None:
        super().__init__(f"Job {job_id} was cancelled, so it has no result; submit it again.", job_id=job_id)


class UnknownJobStateError(JobError):
    """The server names a state this version does not know."""

    def __init__(self, job_id: str, state: str) -> None:
        super().__init__(
            f"Job {job_id} is in state {state!r}, which this version of pynomaly-sdk does not know; "
            "update it with: pip install --upgrade pynomaly-sdk",
            job_id=job_id,
        )
        self.state = state


class WebhookVerificationError(PynomalyError):
    """A webhook's message is not to be trusted: its signature, its time or its form is wrong."""
