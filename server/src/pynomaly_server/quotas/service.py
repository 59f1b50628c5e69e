"""Knows what each tenant may use."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.quotas.quota import NAMES, Quota
from pynomaly_server.quotas.repository import QuotaRepository
from pynomaly_server.settings import Settings
from pynomaly_server.shared_lookups import SharedLookups

REMEMBERED_SECONDS: Final = 5.0
REMEMBERED_TENANTS: Final = 10_000


class Quotas:
    """The settings' quotas, and those that an operator gave to one tenant.

    They are remembered for five seconds, so that a request costs no query and a change holds soon.
    """

    def __init__(
        self, sessions: AsyncSessions, settings: Settings, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._sessions = sessions
        self._of_all = Quota.of_settings(settings)
        self._clock = clock
        self._remembered: dict[str, tuple[float, Quota]] = {}
        self._looking: SharedLookups[str, Quota] = SharedLookups()

    def change_for_all(self, settings: Settings) -> None:
        """Take over the quotas of the settings as they are now."""
        self._of_all = Quota.of_settings(settings)
        self._remembered.clear()

    async def of(self, tenant_id: str) -> Quota:
        """What a tenant may use."""
        good_until, quota = self._remembered.get(tenant_id, (0.0, self._of_all))
        if self._clock() < good_until:
            return quota
        return await self._looking.get(tenant_id, lambda: self._look_up(tenant_id))

    async def _look_up(self, tenant_id: str) -> Quota:
        async with self._sessions.read() as session:
            row = await QuotaRepository(session, tenant_id).find()
        quota = self._of_all
        if row is not None:
            # 0 in a row says "none" where the settings have a quota, and NULL leaves it to them.
            own = {name: getattr(row, name) for name in NAMES}
            quota = Quota(
                **{
                    name: getattr(self._of_all, name) if value is None else value or None
                    for name, value in own.items()
                }
            )
        if len(self._remembered) >= REMEMBERED_TENANTS:
            self._remembered.clear()
        self._remembered[tenant_id] = (self._clock() + REMEMBERED_SECONDS, quota)
        return quota

    async def change(self, tenant_id: str, **values: int | None) -> None:
        """Give a tenant quotas of its own by their names; 0 is no quota, None what the settings say."""
        async with self._sessions.write() as session:
            await QuotaRepository(session, tenant_id).set(**values)
            await session.commit()
        self._remembered.pop(tenant_id, None)
