"""SQL of tenants, API keys, users, their sessions and the keys that sign tokens."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.db.tables import ApiKeyRow, LoginSessionRow, SigningKeyRow, TenantRow, UserRow
from pynomaly_server.db.tenants import of_tenant
from pynomaly_server.db.types import utc_now

_NOT_YET: Final = datetime(9999, 1, 1, tzinfo=UTC)


class ApiKeyRepository:
    """Statements on one session; commits nothing."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def find(self, prefix: str) -> tuple[ApiKeyRow, TenantRow] | None:
        """The key with this public part, and its tenant: the one statement that knows no tenant yet."""
        statement = (
            sa.select(ApiKeyRow, TenantRow)
            .join(TenantRow, TenantRow.id == ApiKeyRow.tenant_id)
            .where(ApiKeyRow.prefix == prefix)
        )
        found = (await self._session.execute(statement)).one_or_none()
        return None if found is None else (found[0], found[1])

    async def touch(self, key_id: str, not_since: datetime) -> None:
        """Note that a key is used, unless that was noted after `not_since`."""
        await self._session.execute(
            sa.update(ApiKeyRow)
            .where(
                ApiKeyRow.id == key_id,
                sa.or_(ApiKeyRow.last_used_at.is_(None), ApiKeyRow.last_used_at < not_since),
            )
            .values(last_used_at=utc_now())
        )

    async def hash_anew(self, key_id: str, old_hash: str, new_hash: str) -> None:
        """Put another hash of the same key in the place of `old_hash`."""
        await self._session.execute(
            sa.update(ApiKeyRow)
            .where(ApiKeyRow.id == key_id, ApiKeyRow.key_hash == old_hash)
            .values(key_hash=new_hash)
        )

    async def add(self, **values: object) -> ApiKeyRow:
        """Insert a key and return its row."""
        inserted = await self._session.scalars(
            sa.insert(ApiKeyRow).values(created_at=utc_now(), **values).returning(ApiKeyRow)
        )
        return inserted.one()

    async def own(self, tenant_id: str, key_id: str) -> ApiKeyRow | None:
        """A key of this tenant, whatever its state."""
        return await self._session.scalar(
            sa.select(ApiKeyRow).where(ApiKeyRow.tenant_id == tenant_id, ApiKeyRow.id == key_id)
        )

    async def newest(self, tenant_id: str, *, limit: int, before: str | None) -> Sequence[ApiKeyRow]:
        """Up to `limit` keys, newest first, older than the key `before`."""
        statement = (
            sa.select(ApiKeyRow)
            .where(ApiKeyRow.tenant_id == tenant_id)
            .order_by(ApiKeyRow.id.desc())
            .limit(limit)
        )
        if before is not None:
            statement = statement.where(ApiKeyRow.id < before)
        return (await self._session.scalars(statement)).all()

    async def end_after(self, tenant_id: str, key_id: str, seconds: float) -> bool:
        """Let a key that still works end in `seconds`, or when it would have ended anyway if that is sooner;
        False where it does not work any more."""
        soon = utc_now(seconds)
        ended = await self._session.execute(
            sa.update(ApiKeyRow)
            .where(
                ApiKeyRow.tenant_id == tenant_id,
                ApiKeyRow.id == key_id,
                ApiKeyRow.revoked_at.is_(None),
                sa.or_(ApiKeyRow.expires_at.is_(None), ApiKeyRow.expires_at > utc_now()),
            )
            .values(expires_at=sa.case((ApiKeyRow.expires_at < soon, ApiKeyRow.expires_at), else_=soon))
            .returning(ApiKeyRow.id)
            .execution_options(synchronize_session=False)
        )
        return ended.first() is not None

    async def of_tenant(self, tenant_id: str) -> Sequence[ApiKeyRow]:
        """A tenant's keys, oldest first."""
        statement = sa.select(ApiKeyRow).where(ApiKeyRow.tenant_id == tenant_id).order_by(ApiKeyRow.id)
        return (await self._session.scalars(statement)).all()

    async def revoke(self, tenant_id: str, key_id: str) -> bool:
        """Revoke a key; False where the tenant has no such key, or it was revoked before."""
        revoked = await self._session.execute(
            sa.update(ApiKeyRow)
            .where(ApiKeyRow.tenant_id == tenant_id, ApiKeyRow.id == key_id, ApiKeyRow.revoked_at.is_(None))
            .values(revoked_at=utc_now())
            .returning(ApiKeyRow.id)
        )
        return revoked.first() is not None


class TenantRepository:
    """Statements on one session; commits nothing."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def named(self, name: str) -> TenantRow | None:
        """The tenant of this name."""
        return await self._session.scalar(sa.select(TenantRow).where(TenantRow.name == name))

    async def all(self) -> Sequence[TenantRow]:
        """Every tenant, oldest first."""
        return (await self._session.scalars(sa.select(TenantRow).order_by(TenantRow.id))).all()

    async def add(self, tenant_id: str, name: str) -> None:
        """Insert a tenant; a name that is taken raises `IntegrityError`."""
        await self._session.execute(
            sa.insert(TenantRow).values(id=tenant_id, name=name, created_at=utc_now())
        )


class UserRepository:
    """Statements on one session for one tenant; commits nothing."""

    def __init__(self, session: AsyncSession, tenant_id: str) -> None:
        self._session = session
        self._tenant_id = tenant_id

    async def add(self, **values: object) -> UserRow:
        """Insert a user; a username that is taken raises `IntegrityError`."""
        inserted = await self._session.scalars(
            sa.insert(UserRow)
            .values(tenant_id=self._tenant_id, created_at=utc_now(), **values)
            .returning(UserRow)
        )
        return inserted.one()

    async def find(self, user_id: str) -> UserRow | None:
        """The user as they are now."""
        return await self._session.scalar(self._own().where(UserRow.id == user_id))

    async def newest(self, *, limit: int, before: str | None) -> Sequence[UserRow]:
        """Up to `limit` users, newest first, older than the user `before`."""
        statement = self._own().order_by(UserRow.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(UserRow.id < before)
        return (await self._session.scalars(statement)).all()

    async def admins_for_change(self) -> Sequence[str]:
        """Ids of the admins who can log in; none of them changes before this transaction ends."""
        # In one order for everybody, so that no two transactions wait for each other.
        statement = (
            self._own()
            .where(UserRow.role == "admin", UserRow.disabled_at.is_(None))
            .order_by(UserRow.id)
            .with_for_update()
        )
        return [row.id for row in await self._session.scalars(statement)]

    async def change(self, user_id: str, **values: object) -> UserRow | None:
        """Change a user; None where there is none."""
        changed = await self._session.scalars(
            sa.update(UserRow)
            .where(UserRow.tenant_id == self._tenant_id, UserRow.id == user_id)
            .values(**values)
            .returning(UserRow)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
        return changed.one_or_none()

    async def replace_password(self, user_id: str, checked_hash: str, new_hash: str) -> bool:
        """Exchange the hash of a password; False where it is not `checked_hash` by now, so that one of many
        wins, or where the user is disabled."""
        replaced = await self._session.execute(
            sa.update(UserRow)
            .where(
                UserRow.tenant_id == self._tenant_id,
                UserRow.id == user_id,
                UserRow.password_hash == checked_hash,
                UserRow.disabled_at.is_(None),
            )
            .values(password_hash=new_hash)
            .returning(UserRow.id)
            .execution_options(synchronize_session=False)
        )
        return replaced.first() is not None

    async def delete(self, user_id: str) -> bool:
        """Delete a user with their sessions; False where there is none."""
        deleted = await self._session.scalars(
            sa.delete(UserRow)
            .where(UserRow.tenant_id == self._tenant_id, UserRow.id == user_id)
            .returning(UserRow.id)
            .execution_options(synchronize_session=False)
        )
        return deleted.first() is not None

    def _own(self) -> sa.Select[UserRow]:
        return of_tenant(UserRow, self._tenant_id)


class SessionRepository:
    """Statements on the sessions of users; commits nothing."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def user_named(self, tenant: str, username: str) -> UserRow | None:
        """Who wants to log in, unless the tenant, given by name or id, is disabled; it is not known yet
        that they may."""
        return await self._session.scalar(
            sa.select(UserRow)
            .join(TenantRow, TenantRow.id == UserRow.tenant_id)
            .where(
                sa.or_(TenantRow.name == tenant, TenantRow.id == tenant),
                TenantRow.disabled_at.is_(None),
                UserRow.username == username,
            )
        )

    async def user_of(self, session_id: str, user_id: str) -> UserRow | None:
        """The user of a session, where session, user and tenant are all good."""
        return await self._session.scalar(
            sa.select(UserRow)
            .join(LoginSessionRow, LoginSessionRow.user_id == UserRow.id)
            .join(TenantRow, TenantRow.id == UserRow.tenant_id)
            .where(
                LoginSessionRow.id == session_id,
                LoginSessionRow.revoked_at.is_(None),
                LoginSessionRow.expires_at > utc_now(),
                UserRow.id == user_id,
                UserRow.disabled_at.is_(None),
                TenantRow.disabled_at.is_(None),
            )
        )

    async def note_login(self, user_id: str, checked_hash: str, **values: object) -> bool:
        """Note that a user logs in, and change `values`; False where they may not any more, or the password
        is not the one of `checked_hash` by now."""
        noted = await self._session.execute(
            sa.update(UserRow)
            .where(
                UserRow.id == user_id, UserRow.password_hash == checked_hash, UserRow.disabled_at.is_(None)
            )
            .values(last_login_at=utc_now(), **values)
            .returning(UserRow.id)
            .execution_options(synchronize_session=False)
        )
        return noted.first() is not None

    async def add(self, seconds: float, **values: object) -> LoginSessionRow:
        """Insert a session that ends in `seconds`, and forget those of its user that have ended by time."""
        await self._session.execute(
            sa.delete(LoginSessionRow)
            .where(LoginSessionRow.user_id == values["user_id"], LoginSessionRow.expires_at < utc_now())
            .execution_options(synchronize_session=False)
        )
        inserted = await self._session.scalars(
            sa.insert(LoginSessionRow)
            .values(created_at=utc_now(), expires_at=utc_now(seconds), **values)
            .returning(LoginSessionRow)
        )
        return inserted.one()

    async def with_prefix(self, prefix: str) -> LoginSessionRow | None:
        """The session whose tokens begin so."""
        return await self._session.scalar(sa.select(LoginSessionRow).where(LoginSessionRow.prefix == prefix))

    async def renew(self, session_id: str, old_hash: str, new_hash: str) -> LoginSessionRow | None:
        """Exchange the token that works; None where that is not `old_hash`, so that one of many wins.

        `note_renewal` is to follow.
        """
        renewed = await self._session.scalars(
            sa.update(LoginSessionRow)
            .where(
                LoginSessionRow.id == session_id,
                LoginSessionRow.token_hash == old_hash,
                LoginSessionRow.revoked_at.is_(None),
            )
            .values(token_hash=new_hash, renewed_at=_NOT_YET)
            .returning(LoginSessionRow)
            .execution_options(synchronize_session=False, populate_existing=True)
        )
        return renewed.one_or_none()

    async def note_renewal(self, session_id: str, token_hash: str, renewed_at: datetime) -> None:
        """Say when the token that works now was handed out, unless it has been exchanged meanwhile."""
        await self._session.execute(
            sa.update(LoginSessionRow)
            .where(LoginSessionRow.id == session_id, LoginSessionRow.token_hash == token_hash)
            .values(renewed_at=renewed_at)
            .execution_options(synchronize_session=False)
        )

    async def renewed_at(self, session_id: str) -> datetime | None:
        """When the token that works was handed out, far ahead where it is about to be; None: no session."""
        return await self._session.scalar(
            sa.select(LoginSessionRow.renewed_at).where(LoginSessionRow.id == session_id)
        )

    async def revoke(self, session_id: str) -> None:
        """End a session."""
        await self._revoke(LoginSessionRow.id == session_id)

    async def revoke_all_of(self, user_id: str, *, but: str | None = None) -> None:
        """End every session of a user, or every one `but` that one."""
        kept = [] if but is None else [LoginSessionRow.id != but]
        await self._revoke(LoginSessionRow.user_id == user_id, *kept)

    async def _revoke(self, *which: sa.ColumnElement[bool]) -> None:
        await self._session.execute(
            sa.update(LoginSessionRow)
            .where(*which, LoginSessionRow.revoked_at.is_(None))
            .values(revoked_at=utc_now())
            .execution_options(synchronize_session=False)
        )


class SigningKeyRepository:
    """Statements on the keys of the whole server; commits nothing."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def good(self) -> Sequence[SigningKeyRow]:
        """The keys that verify, oldest first."""
        statement = (
            sa.select(SigningKeyRow)
            .where(sa.or_(SigningKeyRow.expires_at.is_(None), SigningKeyRow.expires_at > utc_now()))
            .order_by(SigningKeyRow.id)
        )
        return (await self._session.scalars(statement)).all()

    async def add(self, key_id: str, algorithm: str) -> None:
        """Insert a key that signs."""
        await self._session.execute(
            sa.insert(SigningKeyRow).values(id=key_id, algorithm=algorithm, created_at=utc_now())
        )

    async def end_after(self, seconds: float) -> None:
        """Let every key sign no more, and verify for `seconds` at most."""
        until = utc_now(seconds)
        await self._session.execute(
            sa.update(SigningKeyRow)
            .where(sa.or_(SigningKeyRow.expires_at.is_(None), SigningKeyRow.expires_at > until))
            .values(expires_at=until)
            .execution_options(synchronize_session=False)
        )
