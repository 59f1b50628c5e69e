"""Access tokens: JWTs as RFC 8725 and RFC 9068 want them, signed by this server for itself."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from typing import Final

import msgspec

from pynomaly_server.auth.base62 import random_text
from pynomaly_server.auth.signing_keys import SigningKey, SigningKeys

ISSUER: Final = "pynomaly"
AUDIENCE: Final = "pynomaly-api"
CLOCK_SKEW_SECONDS: Final = 30
"""How far the clocks of the machines of one server may be apart."""


class Claims(msgspec.Struct, forbid_unknown_fields=True):
    """What an access token says, all of it required: no role and no scope, which may change while it lives.

    `sub` is the user, `sid` the session, times are seconds since 1970.
    """

    iss: str
    aud: str
    sub: str
    sid: str
    jti: str
    iat: int
    nbf: int
    exp: int


class AccessTokens:
    """Issues tokens that live `token_seconds`, and reads what comes back."""

    def __init__(self, keys: SigningKeys, token_seconds: int, now: Callable[[], float] = time.time) -> None:
        self._keys = keys
        self._token_seconds = token_seconds
        self._now = now
        self._decoder = msgspec.json.Decoder(Claims)

    async def signer(self) -> SigningKey:
        """The key to sign with; it may take a write to the database to have one."""
        return await self._keys.current()

    def issue(self, signer: SigningKey, user_id: str, session_id: str) -> str:
        """A new token for a user's session."""
        moment = self._now()
        now = int(moment)
        claims = Claims(
            iss=ISSUER,
            aud=AUDIENCE,
            sub=user_id,
            sid=session_id,
            jti=random_text(22),
            iat=now,
            nbf=now,
            # Rounded up, so that it lives no shorter than its holder is told.
            exp=math.ceil(moment) + self._token_seconds,
        )
        return signer.sign(msgspec.json.encode(claims))

    async def read(self, token: str) -> Claims | None:
        """The claims of a token that this server signed and that is good now; its session may have ended."""
        key = await self._keys.of(token)
        payload = None if key is None else key.verify(token)
        if payload is None:
            return None
        try:
            claims = self._decoder.decode(payload)
        except (msgspec.MsgspecError, RecursionError, UnicodeDecodeError):
            return None
        return claims if self._holds(claims) else None

    def seconds_left(self, claims: Claims) -> float:
        """How long the token is good for."""
        return claims.exp - self._now()

    def _holds(self, claims: Claims) -> bool:
        now = self._now()
        soon = now + CLOCK_SKEW_SECONDS
        return (
            claims.iss == ISSUER
            and claims.aud == AUDIENCE
            and claims.exp > now
            and claims.nbf <= soon
            and claims.iat <= soon
        )
