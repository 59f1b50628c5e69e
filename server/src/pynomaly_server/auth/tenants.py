"""What an operator does with tenants: list them and make them."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.exc import IntegrityError

from pynomaly_server.auth.principal import EVERYTHING
from pynomaly_server.auth.repository import ApiKeyRepository, TenantRepository
from pynomaly_server.auth.service import AuthService
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import TenantRow
from pynomaly_server.ids import new_id


class TenantTakenError(Exception):
    """There is a tenant of this name."""


class TenantService:
    """For the command line; no caller over HTTP sees any tenant but its own."""

    def __init__(self, sessions: AsyncSessions, auth: AuthService) -> None:
        self._sessions = sessions
        self._auth = auth

    async def all(self) -> Sequence[TenantRow]:
        """Every tenant, oldest first."""
        async with self._sessions.read() as session:
            return await TenantRepository(session).all()

    async def named(self, name: str) -> TenantRow | None:
        """The tenant of this name, or with this id."""
        return next((row for row in await self.all() if name in {row.id, row.name}), None)

    async def create(self, name: str) -> tuple[str, str]:
        """Make a tenant and a key that may do everything in it; raises `TenantTakenError`.

        Returns:
            The tenant's id, and the key in plain text, which nothing can show a second time.
        """
        tenant_id = new_id("ten")
        plain, values = self._auth.new_row(tenant_id, "first key", [EVERYTHING], None)
        async with self._sessions.write() as session:
            try:
                await TenantRepository(session).add(tenant_id, name)
            except IntegrityError:
                raise TenantTakenError(name) from None
            await ApiKeyRepository(session).add(**values)
            await session.commit()
        return tenant_id, plain
