"""Headers that tell browsers and caches to be careful with answers."""

from __future__ import annotations

from typing import Final

SAFE_HEADERS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cache-control", b"no-store"),
    # An answer is data: opened as a page, it loads nothing, runs nothing and is framed by nobody.
    (b"content-security-policy", b"default-src 'none'; frame-ancestors 'none'"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
)
"""Those that every answer has, unless it says otherwise itself."""

ENCRYPTED_HEADERS: Final[tuple[tuple[bytes, bytes], ...]] = (
    (b"strict-transport-security", b"max-age=31536000"),
)
"""Those that answers over TLS have besides; over plain HTTP browsers must ignore them (RFC 6797, 7.2)."""
