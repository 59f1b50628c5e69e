"""Charges senders for what is no known caller's: calls without credentials, credentials that fail, strays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pynomaly_server.addresses import TrustedProxies
from pynomaly_server.contract.operations import Operation
from pynomaly_server.ratelimit.limiter import RateLimiter, Standing

if TYPE_CHECKING:
    from litestar.types import HTTPScope, Scope


class SenderLimits:
    """Stands before the authentication, which charges the callers that it knows.

    Puts the sender's address into the scope's state as `client_address`, and what the request draws on as
    `allowance`.
    """

    def __init__(self, limiter: RateLimiter, proxies: TrustedProxies) -> None:
        self._limiter = limiter
        self._proxies = proxies

    async def let_in(self, scope: HTTPScope, operation: Operation) -> None:
        """Let a request pass whose sender may send it; raises `ProblemError` `rate-limited`."""
        address = self._proxies.client_of(scope)
        scope["state"]["client_address"] = address
        if not operation.public:
            self._limiter.refuse_spent(address)
            if operation.limit is None:
                return
            # A stolen token guesses passwords no faster than somebody without one.
        allowance = scope["state"]["allowance"] = self._limiter.of_sender(address, operation)
        await allowance.begin()

    async def count_failure(self, scope: Scope) -> None:
        """Charge whoever has sent a credential that failed; raises `ProblemError` `rate-limited`."""
        state = scope["state"]
        state["allowance"] = await self._limiter.count_failure(state["client_address"])

    async def count_stray(self, scope: HTTPScope) -> Standing | None:
        """Charge whoever asked for a path or method that does not exist, which no route answers for."""
        return await self._limiter.count_stray(self._proxies.client_of(scope))
