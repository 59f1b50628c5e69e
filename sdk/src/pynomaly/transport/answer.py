"""Reads answers: the promised model, or the error that the status and the problem document call for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar
from urllib.parse import urlsplit

from pynomaly import remedies
from pynomaly.errors import APIResponseError, APIStatusError, Attempt, status_error

if TYPE_CHECKING:
    import httpx

    from pynomaly._generated.models import Problem

T = TypeVar("T")

_REQUEST_ID_LENGTH = 128


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer.

    Attributes:
        status: HTTP status.
        headers: By lower-case name.
        body: The decoded bytes.
        attempts: What it took to get it.
    """

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    attempts: tuple[Attempt, ...] = ()

    @property
    def media_type(self) -> str:
        """Media type without its parameters."""
        return media_type(self.headers)

    @property
    def request_id(self) -> str | None:
        """The server's name for this request."""
        return request_id(self.headers)


def media_type(headers: Mapping[str, str]) -> str:
    """Media type of an answer, lower case and without parameters."""
    return headers.get("content-type", "").partition(";")[0].strip().lower()


def request_id(headers: Mapping[str, str]) -> str | None:
    """`X-Request-Id` of an answer, where it is fit to be shown."""
    value = headers.get("x-request-id", "")
    return value if 0 < len(value) <= _REQUEST_ID_LENGTH and value.isprintable() else None


def decode(answer: Answer, response_type: type[T]) -> T:
    """Read the promised type from a 2xx answer.

    Raises:
        APIResponseError: The body is something else.
    """
    from pydantic import BaseModel, TypeAdapter, ValidationError

    if answer.media_type != "application/json":
        raise _unreadable(
            answer, f"it is {answer.media_type or 'of no media type'} instead of application/json"
        )
    try:
        if issubclass(response_type, BaseModel):
            return response_type.model_validate_json(answer.body)
        return TypeAdapter(response_type).validate_json(answer.body)
    except ValidationError as exc:
        first = exc.errors(include_url=False, include_input=False)[0]
        place = "/".join(str(part) for part in first["loc"]) or "the whole body"
        raise _unreadable(answer, f"{place}: {first['msg']}") from None


def _unreadable(answer: Answer, why: str) -> APIResponseError:
    return APIResponseError(
        f"HTTP {answer.status}, but the body is not what the contract promises: {why}.",
        remedy=remedies.CHECK_BETWEEN,
        ending=f" (request {answer.request_id})" if answer.request_id else "",
        status=answer.status,
        request_id=answer.request_id,
        attempts=answer.attempts,
    )


def refusal(answer: Answer, *, by_body: bool = False) -> APIStatusError:
    """Build the error of an answer that is not 2xx; `by_body` as in `status_error`."""
    problem = _problem(answer)
    text = "" if problem else _words(answer)
    return status_error(
        answer.status, problem=problem, request_id=answer.request_id, text=text, by_body=by_body
    )


def _problem(answer: Answer) -> Problem | None:
    from pydantic import ValidationError

    from pynomaly._generated.models import Problem

    if answer.media_type not in ("application/problem+json", "application/json"):
        return None
    try:
        return Problem.model_validate_json(answer.body)
    except ValidationError:
        return None


def _words(answer: Answer) -> str:
    if 300 <= answer.status < 400:
        target = urlsplit(answer.headers.get("location", ""))
        return f" to {target.scheme}://{target.hostname}" if target.scheme and target.hostname else ""
    if answer.media_type.startswith("text/") or "json" in answer.media_type:
        return answer.body[:1000].decode("utf-8", "replace")
    return ""


def plain_headers(headers: httpx.Headers) -> dict[str, str]:
    """Headers by lower-case name; of one that came twice the values are joined by a comma."""
    plain: dict[str, str] = {}
    for raw, value in headers.raw:
        name = raw.decode("latin-1").lower()
        text = value.decode("latin-1")
        plain[name] = f"{plain[name]}, {text}" if name in plain else text
    return plain
