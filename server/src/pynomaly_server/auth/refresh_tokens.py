"""The text of a refresh token: `pyr_<12 public id>_<43 secret><22 tag>`, all of them base62.

The public id finds the session. The secret is new in every token, and a session keeps the hash of its
latest alone. The tag is an HMAC of the rest under a key of the server, and tells a token that was used
already, which is an alarm, from one that was never made, which is noise; so no used token need be kept.
"""

from __future__ import annotations

import hmac
import re
from typing import Final

from pynomaly_server.auth.base62 import encoded, random_text

_ID_LENGTH: Final = 12
_SECRET_LENGTH: Final = 43  # 256 bits
_TAG_LENGTH: Final = 22  # 128 bits
_PREFIX_LENGTH: Final = len("pyr_") + _ID_LENGTH
_SHAPE: Final = re.compile(rf"pyr_[0-9A-Za-z]{{{_ID_LENGTH}}}_[0-9A-Za-z]{{{_SECRET_LENGTH + _TAG_LENGTH}}}")


def is_refresh_token(text: str) -> bool:
    """Whether a text has the shape of a refresh token, whoever made it."""
    return _SHAPE.fullmatch(text) is not None


class RefreshTokens:
    """Makes and recognises the refresh tokens of one server."""

    def __init__(self, secret_key: str) -> None:
        self._key = hmac.digest(secret_key.encode(), b"pynomaly refresh token", "sha256")

    @staticmethod
    def new_prefix() -> str:
        """The public part of a new session's tokens: `pyr_` and the public id."""
        return "pyr_" + random_text(_ID_LENGTH)

    def make(self, prefix: str) -> str:
        """A new token of the session with this public part."""
        body = f"{prefix}_{random_text(_SECRET_LENGTH)}"
        return body + self._tag(body)

    def prefix_of(self, text: str) -> str | None:
        """The public part of a token that this server made; None for anything else."""
        if not is_refresh_token(text):
            return None
        body, tag = text[:-_TAG_LENGTH], text[-_TAG_LENGTH:]
        return text[:_PREFIX_LENGTH] if hmac.compare_digest(tag, self._tag(body)) else None

    def _tag(self, body: str) -> str:
        return encoded(int.from_bytes(hmac.digest(self._key, body.encode(), "sha256")[:16]), _TAG_LENGTH)
