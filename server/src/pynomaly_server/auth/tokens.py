"""What users do with tokens: log in, renew, log out; and who stands behind an access token."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import IntegrityError

from pynomaly_server.auth.access_tokens import AccessTokens
from pynomaly_server.auth.acting import note_actor
from pynomaly_server.auth.beliefs import Beliefs, remembered_as
from pynomaly_server.auth.keys import hash_key
from pynomaly_server.auth.passwords import Passwords
from pynomaly_server.auth.principal import Principal
from pynomaly_server.auth.refresh_tokens import RefreshTokens, is_refresh_token
from pynomaly_server.auth.repository import SessionRepository
from pynomaly_server.auth.roles import ROLES
from pynomaly_server.contract.structs import LoginRequest, TokenPair
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import LoginSessionRow
from pynomaly_server.ids import new_id
from pynomaly_server.problems import ProblemError
from pynomaly_server.secret_keys.former import FormerKeys

_DAY_SECONDS: Final = timedelta(days=1).total_seconds()
_log = structlog.get_logger("pynomaly.auth")


class TokenService:
    """Sessions of users: each begins with a login and ends after `session_days`, at a log-out, or when one
    of its refresh tokens comes back that was used already.

    What a role may do is looked up for each access token, and believed for a moment; so a change of role, a
    disabled user, a disabled tenant and a log-out hold within a second on every process.
    """

    def __init__(
        self,
        sessions: AsyncSessions,
        secret_key: str,
        access: AccessTokens,
        passwords: Passwords,
        *,
        session_days: int,
        token_seconds: int,
        clock: Callable[[], float] = time.monotonic,
        former: FormerKeys | None = None,
    ) -> None:
        self._sessions = sessions
        self._secret_key = secret_key
        self._access = access
        self._passwords = passwords
        self._refresh = RefreshTokens(secret_key)
        self._former = former or FormerKeys(sessions, secret_key)
        self._session_seconds = session_days * _DAY_SECONDS
        self._token_seconds = token_seconds
        self._beliefs = Beliefs(clock)

    async def log_in(self, request: LoginRequest) -> TokenPair:
        """Begin a session.

        Raises:
            ProblemError: `unauthenticated`, the same and as late for a wrong password, an unknown user, a
                disabled one and one of a disabled tenant; `overloaded` where too many passwords wait.
        """
        async with self._sessions.read() as session:
            user = await SessionRepository(session).user_named(request.tenant, request.username.lower())
        if user is not None:
            note_actor(user.tenant_id, user.id)
        fits = await self._passwords.fits(request.password, None if user is None else user.password_hash)
        if user is None or not fits or user.disabled_at is not None:
            raise _wrong_login()
        changed: dict[str, object] = {}
        if self._passwords.is_outdated(user.password_hash):
            changed["password_hash"] = await self._passwords.hashed(request.password)
        signer = await self._access.signer()
        prefix = self._refresh.new_prefix()
        token = self._refresh.make(prefix)
        async with self._sessions.write() as session:
            held = SessionRepository(session)
            if not await held.note_login(user.id, user.password_hash, **changed):
                raise _wrong_login()
            try:
                row = await held.add(
                    self._session_seconds,
                    id=new_id("ses"),
                    tenant_id=user.tenant_id,
                    user_id=user.id,
                    prefix=prefix,
                    token_hash=hash_key(token, self._secret_key),
                    renewed_at=datetime.now(UTC),
                )
            except IntegrityError:
                raise _wrong_login() from None
            await session.commit()
        return self._pair(self._access.issue(signer, user.id, row.id), token, row)

    async def renew(self, refresh_token: str, arrived: datetime | None = None) -> TokenPair:
        """Exchange a refresh token for new tokens.

        Of many requests with one token, one wins. A token that comes back after it was used has been copied:
        the session ends, for the thief and for the owner. Requests that had `arrived` already when the winner
        was about to be answered are a race of one client with itself; they are refused, and the session goes
        on. Clocks of several machines should differ by less than an answer takes.

        Raises:
            ProblemError: `unauthenticated`.
        """
        arrived = arrived or datetime.now(UTC)
        made = await self._made(refresh_token)
        if made is None:
            raise _wrong_token()
        prefix, made_under = made
        signer = await self._access.signer()
        token = self._refresh.make(prefix)
        old_hash, new_hash = hash_key(refresh_token, made_under), hash_key(token, self._secret_key)
        async with self._sessions.write() as session:
            held = SessionRepository(session)
            found = await held.with_prefix(prefix)
            if found is not None:
                note_actor(found.tenant_id, found.user_id)
            if found is None or await held.user_of(found.id, found.user_id) is None:
                raise _wrong_token()
            row = await held.renew(found.id, old_hash, new_hash)
            if row is None:
                renewed_at = await held.renewed_at(found.id)
                if renewed_at is not None and renewed_at < arrived:
                    await held.revoke(found.id)
                    await session.commit()
                    _log.warning("a used refresh token came back", session=found.id, user=found.user_id)
                raise _wrong_token()
            await session.commit()
        # Until now nobody can have learnt of the new token, nor that the old one is used.
        async with self._sessions.write() as session:
            await SessionRepository(session).note_renewal(row.id, new_hash, datetime.now(UTC))
            await session.commit()
        return self._pair(self._access.issue(signer, row.user_id, row.id), token, row)

    async def log_out(self, refresh_token: str) -> None:
        """End the session of a refresh token; nothing happens where it has none."""
        made = await self._made(refresh_token)
        if made is None:
            return
        prefix, _ = made
        async with self._sessions.write() as session:
            held = SessionRepository(session)
            found = await held.with_prefix(prefix)
            if found is not None:
                note_actor(found.tenant_id, found.user_id)
                await held.revoke(found.id)
                await session.commit()

    async def _made(self, refresh_token: str) -> tuple[str, str] | None:
        """The public part of a refresh token of ours, and the secret key that it was made under."""
        if not is_refresh_token(refresh_token):
            return None
        prefix = self._refresh.prefix_of(refresh_token)
        if prefix is not None:
            return prefix, self._secret_key
        for secret in await self._former.secrets():
            prefix = RefreshTokens(secret).prefix_of(refresh_token)
            if prefix is not None:
                return prefix, secret
        return None

    async def authenticate(self, token: str) -> Principal | None:
        """The user whose access token this is, or None where it does not work (any more)."""
        remembered = remembered_as(token)
        principal = self._beliefs.get(remembered)
        if principal is not None:
            return principal
        claims = await self._access.read(token)
        if claims is None:
            return None
        async with self._sessions.read() as session:
            user = await SessionRepository(session).user_of(claims.sid, claims.sub)
        if user is not None:
            principal = Principal(user.tenant_id, user.id, ROLES[user.role], user.role, claims.sid)
        self._beliefs.put(remembered, principal, at_most=self._access.seconds_left(claims))
        return principal

    def _pair(self, access_token: str, refresh_token: str, row: LoginSessionRow) -> TokenPair:
        return TokenPair(
            access_token=access_token,
            token_type="Bearer",  # noqa: S106 - the scheme, no secret  # nosec B106
            expires_in=self._token_seconds,
            refresh_token=refresh_token,
            refresh_expires_at=row.expires_at,
        )


def _wrong_login() -> ProblemError:
    return ProblemError(
        "unauthenticated",
        "There is no user with this username and this password in the tenant, or they are disabled. "
        "Check all three, or ask an admin of the tenant.",
    )


def _wrong_token() -> ProblemError:
    return ProblemError(
        "unauthenticated",
        "The refresh token is not valid: it is unknown, used, expired or revoked. "
        "Log in again with createToken.",
    )
