"""What callers do with the API keys of their tenant: make, list, rotate and revoke them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from pynomaly_server.auth.principal import Principal
from pynomaly_server.auth.reach import check_reach
from pynomaly_server.auth.repository import ApiKeyRepository
from pynomaly_server.auth.service import AuthService
from pynomaly_server.contract.structs import ApiKey, ApiKeyList, CreateApiKeyRequest, NewApiKey
from pynomaly_server.cursors import Cursors
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import ApiKeyRow
from pynomaly_server.problems import Fault, ProblemError, invalid

_REMEDY: Final = "Use a key that has it, or leave it out."


class ApiKeyService:
    """Every method is for one principal, and a foreign key is answered as one that does not exist.

    Nobody gets at a scope they lack: neither by making a key that has it, nor by rotating one, since that
    shows a key that works.
    """

    def __init__(self, sessions: AsyncSessions, auth: AuthService, cursors: Cursors) -> None:
        self._sessions = sessions
        self._auth = auth
        self._cursors = cursors

    async def create(self, principal: Principal, request: CreateApiKeyRequest) -> NewApiKey:
        """Make a key; raises `ProblemError` `validation` or `forbidden`."""
        expires_at = request.expires_at or None
        if expires_at is not None and expires_at <= datetime.now(UTC):
            raise invalid([Fault("/expires_at", "has passed; name a time to come, or null for never")])
        try:
            plain, values = self._auth.new_row(principal.tenant_id, request.name, request.scopes, expires_at)
        except ValueError as fault:
            raise invalid([Fault("/scopes", str(fault).rstrip("."))]) from None
        check_reach(principal, request.scopes, "make a key that has it", _REMEDY)
        async with self._sessions.write() as session:
            row = await ApiKeyRepository(session).add(**values)
            await session.commit()
        return NewApiKey(key=plain, api_key=_described(row))

    async def list(self, principal: Principal, *, limit: int, cursor: str | None = None) -> ApiKeyList:
        """A page of keys, newest first; raises `validation` for a cursor of another list."""
        of_list = (principal.tenant_id, "listApiKeys")
        before = self._cursors.position(cursor, *of_list)
        async with self._sessions.read() as session:
            rows = await ApiKeyRepository(session).newest(principal.tenant_id, limit=limit + 1, before=before)
        page, more = self._cursors.page(rows, limit, *of_list)
        return ApiKeyList(items=[_described(row) for row in page], next_cursor=more)

    async def get(self, principal: Principal, key_id: str) -> ApiKey:
        """Describe a key; raises `not-found`."""
        return _described(await self._row(principal, key_id))

    async def rotate(self, principal: Principal, key_id: str, overlap_seconds: int) -> NewApiKey:
        """Make a key like this one, and let this one end after `overlap_seconds`.

        Raises:
            ProblemError: `not-found`, `forbidden`, or `conflict` where the key does not work any more.
        """
        old = await self._row(principal, key_id)
        check_reach(principal, old.scopes, "rotate a key that has it", _REMEDY)
        plain, values = self._auth.new_row(principal.tenant_id, old.name, old.scopes, old.expires_at)
        async with self._sessions.write() as session:
            keys = ApiKeyRepository(session)
            if not await keys.end_after(principal.tenant_id, key_id, overlap_seconds):
                raise ProblemError(
                    "conflict",
                    f"The key {key_id} is revoked or expired and cannot be rotated. Make a new one with "
                    "createApiKey.",
                )
            row = await keys.add(**values)
            await session.commit()
        return NewApiKey(key=plain, api_key=_described(row))

    async def revoke(self, principal: Principal, key_id: str) -> ApiKey:
        """Make a key worthless within a second; once more changes nothing. Raises `not-found`."""
        await self._auth.revoke_key(principal.tenant_id, key_id)
        return await self.get(principal, key_id)

    async def _row(self, principal: Principal, key_id: str) -> ApiKeyRow:
        async with self._sessions.read() as session:
            row = await ApiKeyRepository(session).own(principal.tenant_id, key_id)
        if row is None:
            raise ProblemError("not-found", f"There is no API key {key_id}.")
        return row


def _described(row: ApiKeyRow) -> ApiKey:
    return ApiKey(
        key_id=row.id,
        name=row.name,
        prefix=row.prefix,
        scopes=row.scopes,
        created_at=row.created_at,
        expires_at=row.expires_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
    )
