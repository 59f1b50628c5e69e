"""Says what a tenant has used of its quotas."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import QuotaUse, Usage
from pynomaly_server.problems import ProblemError
from pynomaly_server.quotas.quota import month_of
from pynomaly_server.quotas.service import Quotas
from pynomaly_server.ratelimit.shared import SharedBuckets, UnreachableError

Measured = Callable[[Principal], Awaitable[int]]


class UsageService:
    """`stored_bytes` and `jobs` measure what a tenant has of them now."""

    def __init__(
        self, quotas: Quotas, counters: SharedBuckets, *, stored_bytes: Measured, jobs: Measured
    ) -> None:
        self._quotas = quotas
        self._counters = counters
        self._stored_bytes = stored_bytes
        self._jobs = jobs

    async def show(self, principal: Principal) -> Usage:
        """What is used of each quota; raises `unavailable` while the month's counters cannot be reached."""
        quota = await self._quotas.of(principal.tenant_id)
        month = month_of(datetime.now(UTC))
        try:
            requests, rows = await self._counters.counted(principal.tenant_id, month)
        except UnreachableError:
            raise ProblemError(
                "unavailable",
                "What was used this month cannot be looked up now. Try again after the time in Retry-After.",
            ) from None
        return Usage(
            month=month,
            requests=QuotaUse(used=requests, quota=quota.requests),
            rows=QuotaUse(used=rows, quota=quota.rows),
            stored_bytes=QuotaUse(used=await self._stored_bytes(principal), quota=quota.stored_bytes),
            jobs=QuotaUse(used=await self._jobs(principal), quota=quota.jobs),
        )
