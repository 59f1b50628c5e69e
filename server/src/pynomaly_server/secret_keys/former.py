"""The secret keys that were the server's before: they open and verify what is older, and make nothing new.

They come from two places. The operator names them in `PYNOMALY_SECRET_KEY_PREVIOUS` while one key takes the
place of another. `pynomaly keys rotate-installation` then keeps each in the database, sealed under the key
that is the server's now, for what no server can make anew: hashes of API keys and refresh tokens, of which it
has no plain text, secrets of webhooks, which their receivers have, and entries of the audit log. Nothing else
asks for the kept ones.
"""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import msgspec
import structlog

from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import FormerSecretKeyRow
from pynomaly_server.secret_keys.repository import FormerKeyRepository
from pynomaly_server.secret_keys.sealing import CannotOpenError, Seal

BELIEVED_SECONDS: Final = 5.0
_LABEL: Final = b"pynomaly former secret keys, version 1"
_log = structlog.get_logger("pynomaly.secret_keys")


class Kept(msgspec.Struct, frozen=True):
    """What is sealed: a key, and by tenant the number and the hash of the last entry of the audit log that
    may be under it."""

    secret_key: str
    heads: dict[str, tuple[int, str]]


@dataclass(frozen=True, slots=True)
class FormerKey:
    """A key that was the server's before.

    Attributes:
        secret_key: It.
        heads: As `Kept` has them; None where the operator has named the key and nothing is noted yet.
    """

    secret_key: str = field(repr=False)
    heads: Mapping[str, tuple[int, str]] | None = None


class FormerKeys:
    """Knows the former keys of a server, newest first; what the database says is believed for 5 seconds.

    Args:
        sessions: The server's database.
        secret_key: The key that is the server's now.
        told: Those that the operator names.
        clock: Seconds, for tests.
    """

    def __init__(
        self,
        sessions: AsyncSessions,
        secret_key: str,
        told: Sequence[str] = (),
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._sessions = sessions
        self._secret_key = secret_key
        self._told = tuple(told)
        self._clock = clock
        self._keys: tuple[FormerKey, ...] = ()
        self._read_at = float("-inf")

    async def all(self) -> tuple[FormerKey, ...]:
        """Every former key."""
        now = self._clock()
        if now - self._read_at >= BELIEVED_SECONDS:
            async with self._sessions.read() as session:
                rows = await FormerKeyRepository(session).newest()
            kept = [each for each in (self._opened(row) for row in rows) if each is not None]
            known = {each.secret_key for each in kept}
            named = [FormerKey(told) for told in self._told if told not in known]
            self._keys = (*named, *(FormerKey(each.secret_key, each.heads) for each in kept))
            self._read_at = now
        return self._keys

    async def secrets(self) -> tuple[str, ...]:
        """The same as texts."""
        return tuple(key.secret_key for key in await self.all())

    def _opened(self, row: FormerSecretKeyRow) -> Kept | None:
        for secret in (self._secret_key, *self._told):
            try:
                kept = opened(row.id, row.sealed, secret)
            except CannotOpenError:
                continue
            return None if kept.secret_key == self._secret_key else kept
        _log.warning("a former secret key cannot be opened with the one that is the server's now", key=row.id)
        return None


def fingerprint(secret_key: str) -> str:
    """What a secret key is called where it must not be said: 16 hexadecimal digits, the same for the same."""
    return hmac.new(secret_key.encode(), b"pynomaly name of a secret key", hashlib.sha256).hexdigest()[:16]


def sealed(kept: Kept, under: str) -> bytes:
    """A former key as its row has it, under the key that took its place."""
    return Seal(under, _LABEL).close(msgspec.json.encode(kept), fingerprint(kept.secret_key).encode())


def opened(key_id: str, text: bytes, under: str) -> Kept:
    """What `sealed` made; raises `CannotOpenError`."""
    return msgspec.json.decode(Seal(under, _LABEL).open(text, key_id.encode()), type=Kept)
