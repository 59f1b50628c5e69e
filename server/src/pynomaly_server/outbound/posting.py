"""Posts messages to addresses that callers name, and looks at nothing of the answers but their status and how
long they ask to wait."""

from __future__ import annotations

import asyncio
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Self

import httpx

from pynomaly_server.outbound.guard import Guard
from pynomaly_server.outbound.retry_after import seconds_to_wait
from pynomaly_server.outbound.transports import make_async_client


class UnansweredError(Exception):
    """No answer came; the message says why in words for the caller who named the address."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a receiver answered: the status, and the seconds that its `Retry-After` asks to wait."""

    status: int
    retry_after: float | None = None


class Poster:
    """One client for many messages; close it with `async with`."""

    def __init__(self, guard: Guard, *, timeout_seconds: float) -> None:
        self._seconds = timeout_seconds
        # The bound of a whole exchange is `post`'s; one per read would let a slow answer go on for ever.
        self._client = make_async_client(guard, httpx.Timeout(None))

    async def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Answer:
        """Send one message; the answer's body is not read.

        Raises:
            ForbiddenTargetError: the address is not allowed (any more).
            UnansweredError: no answer came within the time, or at all.
        """
        try:
            async with (
                asyncio.timeout(self._seconds),
                self._client.stream("POST", url, content=body, headers=dict(headers)) as response,
            ):
                asked = seconds_to_wait(response.headers.get("retry-after"), now=time.time())
                return Answer(response.status_code, asked)
        except TimeoutError:
            raise UnansweredError(f"No answer came within {self._seconds:g} s.") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise UnansweredError(_words(error)) from error

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()


def _words(error: BaseException) -> str:
    if _caused_by_tls(error):
        return "The TLS handshake failed. Check that the certificate is valid, complete and for this host."
    if isinstance(error, httpx.ConnectError):
        return "The host does not accept connections at this port."
    return "The connection broke off before an answer came."


def _caused_by_tls(error: BaseException | None) -> bool:
    while error is not None:
        if isinstance(error, ssl.SSLError):
            return True
        error = error.__cause__ or error.__context__
    return False
