"""The keys that sign access tokens: one that signs, and those before it that still verify.

No key is stored. Each follows from the server's secret key, its id and its algorithm (HMAC-SHA256 under a
key of its own), so the database has nothing to steal; in turn, another secret key ends every token, but for
those that a former one verifies as long as the operator names it.
"""

from __future__ import annotations

import hmac
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Final

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from pynomaly_server.auth.repository import SigningKeyRepository
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import SigningKeyRow
from pynomaly_server.ids import new_id

TOKEN_TYPE: Final = "at+jwt"  # noqa: S105 - the media type of RFC 9068, no secret
RELOADED_SECONDS: Final = 0.25
_MARGIN_SECONDS: Final = 60


class TokenAlgorithm(StrEnum):
    """How access tokens may be signed."""

    EDDSA = "EdDSA"
    HS256 = "HS256"


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A key, bound to its one algorithm.

    Attributes:
        header: The header of every token it signs, as it stands in them. Nothing else is taken for a token
            of this key, so nobody's header is ever interpreted.
        former: What the key of this id was under former secret keys; it verifies and signs nothing.
    """

    key_id: str
    algorithm: TokenAlgorithm
    header: str
    private: Any = field(repr=False)
    public: Any = field(repr=False)
    former: tuple[Any, ...] = field(default=(), repr=False)

    def sign(self, payload: bytes) -> str:
        """The token (JWS, compact form) of a payload."""
        return _signed(payload, self.private, self.algorithm, self.key_id)

    def verify(self, token: str) -> bytes | None:
        """The payload of a token, or None where it is not of this key."""
        if token.partition(".")[0] != self.header:
            return None
        for public in (self.public, *self.former):
            try:
                return bytes(_JWS.decode(token, public, algorithms=[self.algorithm]))
            except jwt.PyJWTError:
                continue
        return None


_JWS: Final = jwt.PyJWS(algorithms=list(TokenAlgorithm))


def _signed(payload: bytes, key: Any, algorithm: TokenAlgorithm, key_id: str) -> str:
    return _JWS.encode(payload, key, algorithm=algorithm, headers={"typ": TOKEN_TYPE, "kid": key_id})


class SigningKeys:
    """The keys of one server.

    `token_seconds` is how long a token may live, and so for how long a key verifies once it signs no more.
    What the database says is looked at again after a quarter of a second.
    """

    def __init__(
        self,
        sessions: AsyncSessions,
        secret_key: str,
        algorithm: TokenAlgorithm,
        token_seconds: int,
        clock: Callable[[], float] = time.monotonic,
        former: Sequence[str] = (),
    ) -> None:
        self._sessions = sessions
        self._secret, *self._former = (
            hmac.digest(secret.encode(), b"pynomaly token signing", "sha256")
            for secret in (secret_key, *former)
        )
        self._algorithm = algorithm
        self._keep_seconds = token_seconds + _MARGIN_SECONDS
        self._clock = clock
        self._derived: dict[str, SigningKey] = {}
        self._good: dict[str, SigningKey] = {}
        self._current: SigningKey | None = None
        self._loaded_at = float("-inf")

    async def current(self) -> SigningKey:
        """The key that signs; the first call on a new server makes it."""
        await self._load()
        if self._current is None:
            await self._add_where_none_signs()
            await self._load(anew=True)
        assert self._current is not None
        return self._current

    async def of(self, token: str) -> SigningKey | None:
        """The key that a token claims to be signed with, where that is a key of ours that still verifies."""
        await self._load()
        return self._good.get(token.partition(".")[0])

    async def rotate(self, *, at_once: bool = False) -> str:
        """Sign with a new key from now on; returns its id.

        The keys before it go on verifying until the last token they signed has expired, or not at all with
        `at_once`, for a key that has leaked.
        """
        key_id = new_id("sig")
        async with self._sessions.write() as session:
            keys = SigningKeyRepository(session)
            await keys.end_after(0 if at_once else self._keep_seconds)
            await keys.add(key_id, self._algorithm)
            await session.commit()
        return key_id

    async def listed(self) -> Sequence[SigningKeyRow]:
        """Every key that still verifies, oldest first."""
        async with self._sessions.read() as session:
            return await SigningKeyRepository(session).good()

    async def _add_where_none_signs(self) -> None:
        async with self._sessions.write() as session:
            keys = SigningKeyRepository(session)
            if _signing(await keys.good(), self._algorithm) is None:
                # Where two processes get here at the same time there are two keys, and the later one signs.
                await keys.add(new_id("sig"), self._algorithm)
                await session.commit()

    async def _load(self, *, anew: bool = False) -> None:
        now = self._clock()
        if not anew and now - self._loaded_at < RELOADED_SECONDS:
            return
        rows = await self.listed()
        keys = [self._key(row.id, TokenAlgorithm(row.algorithm)) for row in rows]
        signing = _signing(rows, self._algorithm)
        self._good = {key.header: key for key in keys}
        self._current = None if signing is None else self._derived[signing.id]
        self._loaded_at = now

    def _key(self, key_id: str, algorithm: TokenAlgorithm) -> SigningKey:
        if key_id not in self._derived:
            former = tuple(_derived(secret, key_id, algorithm).public for secret in self._former)
            self._derived[key_id] = replace(_derived(self._secret, key_id, algorithm), former=former)
        return self._derived[key_id]


def _signing(rows: Sequence[SigningKeyRow], algorithm: TokenAlgorithm) -> SigningKeyRow | None:
    return next(
        (row for row in reversed(rows) if row.algorithm == algorithm and row.expires_at is None), None
    )


def _derived(secret: bytes, key_id: str, algorithm: TokenAlgorithm) -> SigningKey:
    seed = hmac.digest(secret, f"{algorithm}\0{key_id}".encode(), "sha256")
    private: Any = Ed25519PrivateKey.from_private_bytes(seed) if algorithm is TokenAlgorithm.EDDSA else seed
    public: Any = private.public_key() if algorithm is TokenAlgorithm.EDDSA else seed
    header = _signed(b"", private, algorithm, key_id).partition(".")[0]
    return SigningKey(key_id, algorithm, header, private, public)
