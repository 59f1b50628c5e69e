"""The text of an API key: `pyn_<8 public id>_<43 secret><6 checksum>`, all of them base62.

The public id finds the row, the secret proves the right to it, and the checksum tells a mistyped key from a
wrong one before anything is looked up. The server keeps only an HMAC of the whole text.
"""

from __future__ import annotations

import hmac
import re
import zlib
from typing import Final

from pynomaly_server.auth.base62 import encoded, random_text

_ID_LENGTH: Final = 8
_SECRET_LENGTH: Final = 43  # 256 bits
_CHECKSUM_LENGTH: Final = 6
_DIGEST: Final = "sha256"
_SHAPE: Final = re.compile(
    rf"pyn_[0-9A-Za-z]{{{_ID_LENGTH}}}_[0-9A-Za-z]{{{_SECRET_LENGTH + _CHECKSUM_LENGTH}}}"
)


def new_key() -> tuple[str, str]:
    """A new key and its public part, `pyn_` and the public id, by which it is listed and found."""
    prefix = "pyn_" + random_text(_ID_LENGTH)
    body = f"{prefix}_{random_text(_SECRET_LENGTH)}"
    return body + _checksum(body), prefix


def prefix_of(text: str) -> str | None:
    """The public part of a key, or None where `text` is no key: wrong shape, or the checksum does not fit."""
    if not _SHAPE.fullmatch(text):
        return None
    body, checksum = text[:-_CHECKSUM_LENGTH], text[-_CHECKSUM_LENGTH:]
    return text[: len("pyn_") + _ID_LENGTH] if checksum == _checksum(body) else None


def hash_key(plain: str, secret_key: str) -> str:
    """HMAC-SHA256 of a key in hex: all that is stored of it."""
    return hmac.digest(secret_key.encode(), plain.encode(), _DIGEST).hex()


def same_hash(one: str, other: str) -> bool:
    """Compare two hashes in a time that says nothing about where they differ."""
    return hmac.compare_digest(one, other)


def _checksum(text: str) -> str:
    """CRC-32 in base62. It guards against typing errors, not against people."""
    return encoded(zlib.crc32(text.encode()), _CHECKSUM_LENGTH)
