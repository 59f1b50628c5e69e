"""The one shape of everything that is not 2xx: `application/problem+json` (RFC 9457).

Services raise `ProblemError(code, detail)`; the HTTP edge turns it, and whatever else goes wrong, into a
response.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pynomaly_server.redaction import without_secrets
from pynomaly_server.telemetry.trace_context import current

TYPE_BASE: Final = "https://pynomaly.dev/problems/"
MEDIA_TYPE: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Kind:
    """What every problem of one code has in common."""

    status: int
    title: str


KINDS: Final[Mapping[str, Kind]] = {
    "bad-request": Kind(400, "The request cannot be understood"),
    "malformed-json": Kind(400, "The body is not valid JSON"),
    "unauthenticated": Kind(401, "No valid credential was sent"),
    "forbidden": Kind(403, "The credential lacks a scope"),
    "switched-off": Kind(403, "The operator has switched this off"),
    "not-found": Kind(404, "There is no such resource"),
    "method-not-allowed": Kind(405, "The method is not allowed here"),
    "not-acceptable": Kind(406, "None of the accepted media types is offered"),
    "request-timeout": Kind(408, "The request came too slowly"),
    "conflict": Kind(409, "The resource is in another state"),
    "credential-unreadable": Kind(409, "The stored credential cannot be read"),
    "model-unreadable": Kind(409, "The stored model cannot be used"),
    "request-in-progress": Kind(409, "The same request is still being worked on"),
    "result-expired": Kind(410, "The result is no longer kept"),
    "payload-too-large": Kind(413, "The input is over a limit"),
    "job-limit-exceeded": Kind(413, "The job is over a limit of this server"),
    "uri-too-long": Kind(414, "The URL is too long"),
    "unsupported-media-type": Kind(415, "The media type is not accepted here"),
    "validation": Kind(422, "The request does not fit the contract"),
    "algorithm-unavailable": Kind(422, "The algorithm cannot run on this server"),
    "too-few-rows": Kind(422, "There are too few rows to learn from"),
    "too-many-rows": Kind(422, "There are more rows than the format holds"),
    "bad-package": Kind(422, "The package of a model cannot be used"),
    "bad-dataset": Kind(422, "The table cannot be used"),
    "untrusted-package": Kind(422, "The package of a model is signed by nobody who is trusted here"),
    "forbidden-address": Kind(422, "The address is not allowed"),
    "forbidden-source": Kind(422, "The data source is not allowed"),
    "idempotency-mismatch": Kind(422, "The idempotency key was used for another request"),
    "rate-limited": Kind(429, "Too many requests"),
    "quota-exceeded": Kind(429, "A quota of the tenant is used up"),
    "headers-too-large": Kind(431, "The headers are too large"),
    "internal": Kind(500, "The server failed"),
    "job-crashed": Kind(500, "The job ended its worker each time it was tried"),
    "overloaded": Kind(503, "The server is saturated"),
    "source-unavailable": Kind(502, "The data source cannot be read"),
    "unavailable": Kind(503, "A part of the server cannot be reached"),
}


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault in the input: `pointer` is a JSON pointer into the body, or `?name` for a query parameter."""

    pointer: str
    detail: str


@dataclass(eq=False)
class ProblemError(Exception):
    """A request, or a job, ends with this problem.

    `code` is one of `KINDS`; `detail` says what was wrong, where, and what to do.
    """

    code: str
    detail: str
    errors: Sequence[Fault] = ()
    headers: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.code not in KINDS:
            raise ValueError(f"{self.code!r} is no registered kind of problem; add it to KINDS.")
        super().__init__(self.code, self.detail)

    def __str__(self) -> str:
        return f"{self.code}: {self.detail}"

    @property
    def status(self) -> int:
        """The HTTP status of this kind of problem."""
        return KINDS[self.code].status

    def document(self, request_id: str) -> dict[str, Any]:
        """The problem document, ready to be encoded; it quotes the caller, but no secret."""
        kind = KINDS[self.code]
        document: dict[str, Any] = {
            "type": TYPE_BASE + self.code,
            "title": kind.title,
            "status": kind.status,
            "detail": without_secrets(self.detail),
            "code": self.code,
            "request_id": request_id,
        }
        place = current()
        if place is not None:
            document["trace_id"] = place.trace_id
        if self.errors:
            document["errors"] = [
                {"pointer": without_secrets(fault.pointer), "detail": without_secrets(fault.detail)}
                for fault in self.errors
            ]
        return document


def invalid(faults: Sequence[Fault]) -> ProblemError:
    """A `validation` problem that names each of `faults`."""
    listed = "; ".join(f"{fault.pointer or 'the body'} {fault.detail}" for fault in faults)
    return ProblemError("validation", f"The request does not fit the contract: {listed}.", faults)
