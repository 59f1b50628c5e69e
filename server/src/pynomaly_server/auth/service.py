"""Makes, checks and revokes API keys."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta
from typing import Final

import structlog
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from pynomaly_server.auth.beliefs import Beliefs, remembered_as
from pynomaly_server.auth.keys import hash_key, new_key, prefix_of, same_hash
from pynomaly_server.auth.principal import EVERYTHING, SCOPES, Principal
from pynomaly_server.auth.repository import ApiKeyRepository, TenantRepository
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import ApiKeyRow
from pynomaly_server.ids import new_id
from pynomaly_server.secret_keys.former import FormerKeys
from pynomaly_server.shared_lookups import SharedLookups

DEFAULT_TENANT: Final = "default"
LAST_USED_EVERY: Final = timedelta(minutes=1)
_log = structlog.get_logger("pynomaly.auth")


class AuthService:
    """Turns the text of a key into a `Principal`.

    A key that was good is believed for a moment without another look.
    """

    def __init__(
        self,
        sessions: AsyncSessions,
        secret_key: str,
        clock: Callable[[], float] = time.monotonic,
        former: FormerKeys | None = None,
    ) -> None:
        self._sessions = sessions
        self._secret_key = secret_key
        self._former = former or FormerKeys(sessions, secret_key)
        self._beliefs = Beliefs(clock)
        self._looking: SharedLookups[bytes, Principal | None] = SharedLookups()

    async def authenticate(self, token: str) -> Principal | None:
        """The caller whose key this is, or None where the key does not work (any more)."""
        remembered = remembered_as(token)
        principal = self._beliefs.get(remembered)
        if principal is not None:
            return principal
        prefix = prefix_of(token)
        return None if prefix is None else await self._looked_up(prefix, token, remembered)

    async def _looked_up(self, prefix: str, token: str, remembered: bytes) -> Principal | None:
        """What `_look_up` finds; requests that come while one looks the same key up share what it finds.

        So a key that was revoked a moment before is believed no longer than one that was looked up then.
        """

        async def look_up() -> Principal | None:
            principal = await self._look_up(prefix, token, hash_key(token, self._secret_key))
            self._beliefs.put(remembered, principal)
            return principal

        return await self._looking.get(remembered, look_up)

    async def _look_up(self, prefix: str, token: str, key_hash: str) -> Principal | None:
        async with self._sessions.read() as session:
            found = await ApiKeyRepository(session).find(prefix)
        if found is None:
            return None
        key, tenant = found
        former_hash = None
        if not same_hash(key.key_hash, key_hash):
            former_hash = await self._former_hash(key, token)
            if former_hash is None:
                return None
        now = datetime.now(UTC)
        expired = key.expires_at is not None and key.expires_at <= now
        if expired or key.revoked_at is not None or tenant.disabled_at is not None:
            return None
        if former_hash is not None:
            await self._note(key.id, lambda keys: keys.hash_anew(key.id, former_hash, key_hash))
        if key.last_used_at is None or key.last_used_at < now - LAST_USED_EVERY:
            await self._note(key.id, lambda keys: keys.touch(key.id, now - LAST_USED_EVERY))
        return Principal(tenant_id=key.tenant_id, subject=key.id, scopes=frozenset(key.scopes))

    async def owner(self, token: str) -> Principal | None:
        """Whose key this is or once was, as a principal that may do nothing; None for no key of ours."""
        prefix = prefix_of(token)
        if prefix is None:
            return None
        async with self._sessions.read() as session:
            found = await ApiKeyRepository(session).find(prefix)
        if found is None:
            return None
        known = same_hash(found[0].key_hash, hash_key(token, self._secret_key))
        if not known and await self._former_hash(found[0], token) is None:
            return None
        return Principal(tenant_id=found[0].tenant_id, subject=found[0].id, scopes=frozenset())

    async def _former_hash(self, key: ApiKeyRow, token: str) -> str | None:
        """The hash of a key under a former secret key, where the row has that one."""
        for secret in await self._former.secrets():
            if same_hash(key.key_hash, hash_key(token, secret)):
                return key.key_hash
        return None

    async def _note(self, key_id: str, write: Callable[[ApiKeyRepository], Awaitable[None]]) -> None:
        try:
            async with self._sessions.write() as session:
                await write(ApiKeyRepository(session))
                await session.commit()
        except SQLAlchemyError:
            # A good key stays good while the database is too busy to note it.
            _log.warning("use of a key was not noted", key_id=key_id, exc_info=True)

    async def create_key(
        self, tenant_id: str, name: str, scopes: Iterable[str], expires_at: datetime | None = None
    ) -> tuple[str, str]:
        """Make a key.

        Returns:
            The key in plain text, which nothing can show a second time, and its id.

        Raises:
            ValueError: a scope is unknown.
        """
        plain, values = self.new_row(tenant_id, name, scopes, expires_at)
        async with self._sessions.write() as session:
            await ApiKeyRepository(session).add(**values)
            await session.commit()
        return plain, str(values["id"])

    def new_row(
        self, tenant_id: str, name: str, scopes: Iterable[str], expires_at: datetime | None
    ) -> tuple[str, dict[str, object]]:
        """A new key in plain text, and the row that stands for it; raises as `create_key` does."""
        wanted = sorted(set(scopes))
        if unknown := [scope for scope in wanted if scope not in SCOPES | {EVERYTHING}]:
            known = ", ".join(sorted(SCOPES))
            raise ValueError(f"{unknown[0]!r} is no scope; use some of {known}, or * for all.")
        plain, prefix = new_key()
        return plain, {
            "id": new_id("key"),
            "tenant_id": tenant_id,
            "name": name,
            "prefix": prefix,
            "key_hash": hash_key(plain, self._secret_key),
            "scopes": wanted,
            "expires_at": expires_at,
        }

    async def list_keys(self, tenant_id: str) -> Sequence[ApiKeyRow]:
        """A tenant's keys, revoked ones included, oldest first."""
        async with self._sessions.read() as session:
            return await ApiKeyRepository(session).of_tenant(tenant_id)

    async def revoke_key(self, tenant_id: str, key_id: str) -> bool:
        """Revoke a key; False where there is no such key that still works."""
        async with self._sessions.write() as session:
            revoked = await ApiKeyRepository(session).revoke(tenant_id, key_id)
            await session.commit()
        return revoked

    async def default_tenant(self) -> str | None:
        """Id of the tenant that the first start made, or None before it."""
        async with self._sessions.read() as session:
            tenant = await TenantRepository(session).named(DEFAULT_TENANT)
        return None if tenant is None else tenant.id

    async def ensure_first_key(self, deliver: Callable[[str], None]) -> bool:
        """Make the default tenant and its admin key, exactly once, however many processes try.

        `deliver` gets the key before it is committed: where it raises, nothing is made, and where the
        process dies after it, the next start makes another. Returns whether the key was made now.
        """
        async with self._sessions.write() as session:
            tenants = TenantRepository(session)
            if await tenants.named(DEFAULT_TENANT) is not None:
                return False
            tenant_id = new_id("ten")
            try:
                await tenants.add(tenant_id, DEFAULT_TENANT)
            except IntegrityError:
                return False
            plain, values = self.new_row(tenant_id, "first key", [EVERYTHING], None)
            await ApiKeyRepository(session).add(**values)
            await session.flush()
            deliver(plain)
            await session.commit()
        return True
