"""Refusals in the words of the contract: problem documents as a real server writes them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

_TYPE = "https://pynomaly.dev/problems/"

KINDS: Mapping[str, tuple[int, str]] = {
    "bad-request": (400, "The request cannot be understood"),
    "malformed-json": (400, "The body is not valid JSON"),
    "unauthenticated": (401, "No valid credential was sent"),
    "forbidden": (403, "The credential lacks a scope"),
    "switched-off": (403, "The operator has switched this off"),
    "not-found": (404, "There is no such resource"),
    "method-not-allowed": (405, "The method is not allowed here"),
    "not-acceptable": (406, "None of the accepted media types is offered"),
    "request-timeout": (408, "The request came too slowly"),
    "conflict": (409, "The resource is in another state"),
    "request-in-progress": (409, "The same request is still being worked on"),
    "result-expired": (410, "The result is no longer kept"),
    "payload-too-large": (413, "The input is over a limit"),
    "unsupported-media-type": (415, "The media type is not accepted here"),
    "validation": (422, "The request does not fit the contract"),
    "too-few-rows": (422, "There are too few rows to learn from"),
    "bad-dataset": (422, "The table cannot be used"),
    "forbidden-address": (422, "The address is not allowed"),
    "idempotency-mismatch": (422, "The idempotency key was used for another request"),
    "rate-limited": (429, "Too many requests"),
    "quota-exceeded": (429, "A quota of the tenant is used up"),
    "internal": (500, "The server failed"),
    "job-crashed": (500, "The job ended its worker each time it was tried"),
    "overloaded": (503, "The server is saturated"),
    "unavailable": (503, "A part of the server cannot be reached"),
}
"""Status and title of each code that the fake server uses; the titles are those of the real one."""

USUAL = {
    400: "bad-request",
    401: "unauthenticated",
    403: "forbidden",
    404: "not-found",
    406: "not-acceptable",
    408: "request-timeout",
    409: "request-in-progress",
    410: "result-expired",
    413: "payload-too-large",
    415: "unsupported-media-type",
    422: "validation",
    429: "rate-limited",
    500: "internal",
    503: "overloaded",
}
"""The code that goes with a status where a test names none."""


@dataclass
class Refusal(Exception):  # noqa: N818  a refusal is an answer
    """Ends the work on a request with a problem document.

    Attributes:
        code: One of `KINDS`.
        detail: What was wrong, where, and what to do.
        errors: Pairs of pointer and fault.
        headers: Further headers of the answer.
    """

    code: str
    detail: str
    errors: Sequence[tuple[str, str]] = ()
    headers: Mapping[str, str] = field(default_factory=dict[str, str])

    @property
    def status(self) -> int:
        """The HTTP status."""
        return KINDS[self.code][0]

    def document(self, request_id: str) -> dict[str, Any]:
        """The problem document."""
        status, title = KINDS[self.code]
        document: dict[str, Any] = {
            "type": _TYPE + self.code,
            "title": title,
            "status": status,
            "detail": self.detail,
            "code": self.code,
            "request_id": request_id,
        }
        if self.errors:
            document["errors"] = [{"pointer": pointer, "detail": detail} for pointer, detail in self.errors]
        return document
