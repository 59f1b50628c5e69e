"""Reads a request's body in whatever media type its operation accepts, within its limit."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pynomaly_server.problems import ProblemError

if TYPE_CHECKING:
    from litestar.types import Receive

JSON = "application/json"


@dataclass(frozen=True, slots=True)
class TableBody:
    """A whole body that is a table in a media type of its own."""

    media_type: str
    data: bytes


@dataclass(frozen=True, slots=True)
class BodyStream:
    """A body that the handler reads piece by piece; reading past the limit raises `payload-too-large`."""

    media_type: str
    chunks: AsyncIterator[bytes]


class ClientGoneError(Exception):
    """The body broke off: the caller hung up, or what it sent is no HTTP body."""


def refuse_declared_length(declared: str | None, limit: int, remedy: str) -> None:
    """Refuse by `Content-Length`, before a byte is read.

    Raises:
        ProblemError: `payload-too-large`.
    """
    if declared is not None and declared.isdecimal() and int(declared) > limit:
        raise too_large(int(declared), limit, remedy)


async def stream_body(receive: Receive, limit: int, remedy: str) -> AsyncIterator[bytes]:
    """Yield the body as it arrives.

    Raises:
        ProblemError: `payload-too-large` once more than `limit` bytes have come.
        ClientGoneError: the body broke off.
    """
    size = 0
    more = True
    while more:
        chunk, more = await _next_of(receive)
        size += len(chunk)
        if size > limit:
            raise too_large(size, limit, remedy)
        if chunk:
            yield chunk


async def read_body(receive: Receive, limit: int, remedy: str) -> bytes:
    """The whole body; raises as `stream_body` does."""
    whole, more = await _next_of(receive)
    size = len(whole)
    chunks = [whole]
    while more and size <= limit:
        chunk, more = await _next_of(receive)
        size += len(chunk)
        chunks.append(chunk)
    if size > limit:
        raise too_large(size, limit, remedy)
    return b"".join(chunks) if len(chunks) > 1 else whole


async def _next_of(receive: Receive) -> tuple[bytes, bool]:
    """The next piece of a body, and whether more may come."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise ClientGoneError
        if message["type"] == "http.request":
            return message.get("body", b""), message.get("more_body", False)


def too_large(size: int, limit: int, remedy: str) -> ProblemError:
    """The problem of a body with `size` bytes where `limit` are taken."""
    return ProblemError(
        "payload-too-large",
        f"The body has {size:,} bytes or more; the limit here is {limit:,} bytes. {remedy}",
    )
