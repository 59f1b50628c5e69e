"""Credentials that were good a moment ago, so that a busy caller costs no query per request."""

from __future__ import annotations

import hashlib
import os
import time
from collections.abc import Callable
from typing import Final

from pynomaly_server.auth.principal import Principal

BELIEVED_SECONDS: Final = 0.5
MAX_BELIEFS: Final = 10_000
_KEY: Final = os.urandom(32)


def remembered_as(credential: str) -> bytes:
    """A digest of a credential, which is itself not kept; it says nothing outside of this process.

    Each request asks, and OpenSSL's HMAC, by which keys are stored, takes three times as long.
    """
    return hashlib.blake2b(credential.encode(), key=_KEY, digest_size=32).digest()


class Beliefs:
    """Remembers principals by what `remembered_as` says of their credential.

    Half a second, so that what is taken back is gone within one on every process, without any of them
    telling the others.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._held: dict[bytes, tuple[float, Principal]] = {}

    def get(self, credential: bytes) -> Principal | None:
        """The principal, where it was checked a moment ago."""
        until, principal = self._held.get(credential, (0.0, None))
        return principal if self._clock() < until else None

    def put(self, credential: bytes, principal: Principal | None, at_most: float = BELIEVED_SECONDS) -> None:
        """Believe a principal for a moment, `at_most` so many seconds; None ends a belief."""
        self._held.pop(credential, None)
        if principal is None:
            return
        if len(self._held) >= MAX_BELIEFS:
            self._held.clear()
        self._held[credential] = (self._clock() + min(at_most, BELIEVED_SECONDS), principal)
