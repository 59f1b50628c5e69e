"""Lets pages of other origins call the API from a browser, where the operator names those origins (CORS).

Credentials travel in headers and never in cookies, so nothing is allowed "with credentials".
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final
from urllib.parse import urlsplit

EVERY_ORIGIN: Final = "*"
PREFLIGHT_SECONDS: Final = 600
_REQUEST_HEADERS: Final = (
    b"Authorization, X-API-Key, Content-Type, Accept, Idempotency-Key, Last-Event-ID, X-Request-Id, "
    b"Traceparent"
)
_RESPONSE_HEADERS: Final = (
    b"X-Request-Id, Location, Retry-After, RateLimit, RateLimit-Policy, Idempotency-Replayed, "
    b"Content-Disposition, WWW-Authenticate"
)
Headers = list[tuple[bytes, bytes]]


class Cors:
    """Answers for one list of origins; empty, it allows nothing and adds nothing."""

    def __init__(self, origins: Iterable[str]) -> None:
        self._origins = frozenset(origin.encode() for origin in origins)
        self._every = EVERY_ORIGIN.encode() in self._origins

    def headers(self, request_headers: Iterable[tuple[bytes, bytes]]) -> Headers:
        """What any answer gets: the origin where it may read the answer, and which headers it sees."""
        if not self._origins:
            return []
        allowed = self._allowed(request_headers)
        # The answer differs by origin, which caches must know also of those that were not allowed.
        vary: Headers = [] if self._every else [(b"vary", b"Origin")]
        if allowed is None:
            return vary
        return [
            *vary,
            (b"access-control-allow-origin", allowed),
            (b"access-control-expose-headers", _RESPONSE_HEADERS),
        ]

    def preflight(self, request_headers: Iterable[tuple[bytes, bytes]], methods: Iterable[str]) -> Headers:
        """What the answer to a browser's question before a call gets besides."""
        asked = any(name == b"access-control-request-method" for name, _ in request_headers)
        if not asked or self._allowed(request_headers) is None:
            return []
        return [
            (b"access-control-allow-methods", ", ".join(methods).encode()),
            (b"access-control-allow-headers", _REQUEST_HEADERS),
            (b"access-control-max-age", str(PREFLIGHT_SECONDS).encode()),
        ]

    def _allowed(self, request_headers: Iterable[tuple[bytes, bytes]]) -> bytes | None:
        origin = next((value for name, value in request_headers if name == b"origin"), None)
        if origin is None:
            return None
        if self._every:
            return EVERY_ORIGIN.encode()
        return origin if origin in self._origins else None


def parse_origins(text: str) -> tuple[str, ...]:
    """The origins in a list separated by commas.

    Raises:
        ValueError: one is no origin, such as `https://app.example.com`, or `*` stands beside others.
    """
    origins = tuple(part.strip() for part in text.split(",") if part.strip())
    if EVERY_ORIGIN in origins:
        if len(origins) > 1:
            raise ValueError("* stands for every origin and must stand alone.")
        return origins
    for origin in origins:
        parts = urlsplit(origin)
        plain = f"{parts.scheme}://{parts.netloc}"
        if parts.scheme not in {"http", "https"} or not parts.hostname or plain != origin or "@" in origin:
            raise ValueError(f"{origin!r} is no origin.")
        if origin != origin.lower():
            raise ValueError(f"{origin!r} is no origin as browsers send it; write it in lower case.")
    return origins
