"""Who is charged how much, and what happens when a bucket is empty or Valkey is away."""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Protocol

from pynomaly_server.addresses import sender
from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.operations import Operation
from pynomaly_server.problems import ProblemError
from pynomaly_server.quotas.quota import Quota, month_used_up, this_month
from pynomaly_server.ratelimit.limits import UNLIMITED, Charge, Decision, Limit, Limits, Tally
from pynomaly_server.ratelimit.local import LocalBuckets
from pynomaly_server.ratelimit.shared import SharedBuckets, UnreachableError
from pynomaly_server.telemetry.figures import LIMITED, LIMITED_LOCALLY

MOST_REMEMBERED: Final = 10_000
_FAILURE: Final = 1_000
_HINTS: Final = {
    "principal": "send more rows in one request, or ask the operator of the server for a higher limit",
    "address": "and check the credential: failed ones are counted by the sender's address",
    "login": "and check user name and password",
}


class QuotasOf(Protocol):
    """What the limiter asks about quotas."""

    def of(self, tenant_id: str) -> Awaitable[Quota]:
        """What a tenant may use."""
        ...


@dataclass(frozen=True, slots=True)
class Standing:
    """How things stand with a limit after a charge."""

    limit: Limit
    decision: Decision

    def headers(self) -> list[tuple[bytes, bytes]]:
        """`RateLimit-Policy` and `RateLimit` (draft-ietf-httpapi-ratelimit-headers-09)."""
        return _headers(self.limit, self.decision)


class Allowance:
    """What one request has drawn on, and may draw on further once it knows its rows."""

    def __init__(
        self,
        limiter: RateLimiter,
        limit: Limit | None,
        key: str,
        operation: Operation,
        tenant_id: str | None = None,
    ) -> None:
        self._limiter = limiter
        self._limit = limit
        self._key = key
        self._operation = operation
        self._tenant_id = tenant_id
        self._quota = Quota()
        self._decision: Decision | None = None
        self.mark: str | None = None
        """The tenant's mark as this request found it; None where nothing remembered may be believed."""

    async def begin(self) -> None:
        """Draw what the operation costs, and count the request; raises as `take_rows` does."""
        tenant_id, tokens, quota = self._tenant_id, self._operation.cost, None
        if tenant_id is not None:
            self._quota = await self._limiter.quotas.of(tenant_id)
            quota = self._quota.requests
            if quota is None and tokens <= 0:
                self._limiter.note(Tally(tenant_id, "requests", this_month(), 1, None))
                return
        elif self._limit is None or tokens <= 0:
            return
        await self._take(_beginning(self._limit, self._key, tokens, tenant_id, this_month(), quota))
        self.mark = None if self._decision is None else self._decision.mark

    async def _take(self, charge: Charge) -> None:
        tokens, tally = charge.millitokens / 1_000, charge.tally
        self._decision = await self._limiter.take(charge)
        if tally is not None and tally.quota is not None and self._decision.over_quota:
            used = self._decision.counted
            raise month_used_up(tally.counted, tally.quota, used, tally.amount, datetime.now(UTC))
        if not self._decision.admitted and self._limit is not None:
            raise refusal(self._limit, self._decision, f"{self._operation.operation_id} costs {tokens:g}")

    async def take_rows(self, rows: int) -> None:
        """Count rows, and draw what they cost beyond the base: whole tokens, what is left over is free.

        So a request of few rows waits for Valkey once, unless the tenant has a quota of rows.

        Raises:
            ProblemError: `rate-limited` or `quota-exceeded`.
        """
        tokens, tally = int(rows * self._operation.cost_per_row), None
        if self._tenant_id is not None:
            tally = Tally(self._tenant_id, "rows", this_month(), rows, self._quota.rows)
            if tally.quota is None and tokens <= 0:
                self._limiter.note(tally)
                return
        elif self._limit is None or tokens <= 0:
            return
        await self._take(Charge(self._limit or UNLIMITED, self._key, tokens * 1_000, tally))

    def headers(self) -> list[tuple[bytes, bytes]]:
        """As `Standing.headers`; none where nothing was drawn."""
        if self._limit is None or self._decision is None:
            return []
        return _headers(self._limit, self._decision)


@lru_cache(maxsize=MOST_REMEMBERED)
def _beginning(
    limit: Limit | None, key: str, tokens: float, tenant_id: str | None, month: str, quota: int | None
) -> Charge:
    """What a request is charged before anything is known of its rows; callers come again and again."""
    tally = None if tenant_id is None else Tally(tenant_id, "requests", month, 1, quota)
    return Charge(limit or UNLIMITED, key, round(tokens * 1_000), tally, marked=True)


def _headers(limit: Limit, decision: Decision) -> list[tuple[bytes, bytes]]:
    return [
        (b"ratelimit-policy", limit.policy),
        (b"ratelimit", f'"{limit.name}";r={decision.remaining};t={decision.reset}'.encode()),
    ]


class RateLimiter:
    """Charges principals, and senders who are not known yet.

    While Valkey is away each process counts for itself: the limits hold per process. Logins are refused
    meanwhile, since guessing passwords must not become cheaper by bringing Valkey down.
    """

    def __init__(
        self,
        shared: SharedBuckets,
        limits: Limits,
        quotas: QuotasOf,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.quotas = quotas
        self._shared = shared
        self._local = LocalBuckets()
        self._limits = limits
        self._clock = clock
        self._spent: dict[str, float] = {}

    def change(self, limits: Limits) -> None:
        """Hold callers and senders to other limits from now on."""
        self._limits = limits
        self._spent.clear()

    async def take(self, charge: Charge) -> Decision:
        """Take a charge from the shared bucket, or from the local one where Valkey is away."""
        name = charge.limit.name
        try:
            decision = await self._shared.take(charge)
        except UnreachableError:
            LIMITED_LOCALLY.add(name)
            if name == "login":
                raise ProblemError(
                    "unavailable",
                    "Logins are closed, and no password is changed, while the server cannot count them. Try "
                    "again after the time in Retry-After, or use an API key.",
                    headers={"Retry-After": "5"},
                ) from None
            decision = self._local.take(charge)
        LIMITED.add(name, _decided(decision))
        return decision

    def note(self, tally: Tally) -> None:
        """Count what nothing is refused for, without waiting."""
        self._shared.note(tally)

    def of_caller(self, principal: Principal, operation: Operation) -> Allowance:
        """What a known caller draws on for a call."""
        key = f"{principal.tenant_id}:{principal.subject}"
        return Allowance(self, self._limits.principal, key, operation, principal.tenant_id)

    def of_sender(self, address: str, operation: Operation) -> Allowance:
        """What a sender draws on for a call that needs no credentials, or checks a password."""
        limit = self._limits.login if operation.limit == "login" else self._limits.address
        return Allowance(self, limit, sender(address), operation)

    def refuse_spent(self, address: str) -> None:
        """Refuse a sender whose credentials failed too often, before the next one is looked at.

        Raises:
            ProblemError: `rate-limited`.
        """
        limit = self._limits.address
        until = self._spent.get(sender(address)) if self._spent and limit is not None else None
        if limit is None or until is None:
            return
        wait = until - self._clock()
        if wait <= 0:
            del self._spent[sender(address)]
            return
        seconds = int(wait) + 1
        raise refusal(limit, Decision(False, 0, seconds, seconds), "a failed credential costs 1")

    async def count_stray(self, address: str) -> Standing | None:
        """Charge a sender for a request to nowhere as for a failed credential; refuses nothing."""
        limit = self._limits.address
        if limit is None:
            return None
        return Standing(limit, await self.take(Charge(limit, sender(address), _FAILURE)))

    async def count_failure(self, address: str) -> Standing | None:
        """Charge a sender for a credential that failed; raises `ProblemError` `rate-limited` when spent."""
        limit = self._limits.address
        if limit is None:
            return None
        key = sender(address)
        decision = await self.take(Charge(limit, key, _FAILURE))
        if not decision.admitted:
            if len(self._spent) >= MOST_REMEMBERED:
                self._spent.clear()
            self._spent[key] = self._clock() + decision.retry_after
            raise refusal(limit, decision, "a failed credential costs 1")
        return Standing(limit, decision)


def _decided(decision: Decision) -> str:
    if decision.over_quota:
        return "over-quota"
    return "admitted" if decision.admitted else "refused"


def refusal(limit: Limit, decision: Decision, cost: str) -> ProblemError:
    """The problem of a charge that was not admitted."""
    wait = decision.retry_after
    return ProblemError(
        "rate-limited",
        f"The limit {limit.name!r} of {limit.tokens:,} tokens per {limit.seconds:,} s is used up: {cost}, "
        f"and {decision.remaining:,} are left. Try again in {wait:,} s, {_HINTS[limit.name]}.",
        headers={"Retry-After": str(wait)},
    )
