"""Charges requests: unknown senders before their credential is looked at, known callers after it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware

from pynomaly_server.addresses import TrustedProxies
from pynomaly_server.contract.operations import Operation
from pynomaly_server.problems import ProblemError
from pynomaly_server.ratelimit.limiter import RateLimiter, Standing

if TYPE_CHECKING:
    from litestar.types import ASGIApp, HTTPScope, Receive, Scope, Send


class RateLimitMiddleware(ASGIMiddleware):
    """Stands before the authentication, which charges the callers that it knows.

    Puts the sender's address into the scope's state as `client_address`, and what the request draws on as
    `allowance`.
    """

    def __init__(self, limiter: RateLimiter, proxies: TrustedProxies) -> None:
        self._limiter = limiter
        self._proxies = proxies

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Serve the request, or raise `rate-limited`."""
        operation: Operation | None = scope["route_handler"].opt.get("operation")
        if operation is None or scope["type"] != ScopeType.HTTP:
            await next_app(scope, receive, send)
            return
        address = self._proxies.client_of(scope)
        scope["state"]["client_address"] = address
        if operation.public:
            allowance = scope["state"]["allowance"] = self._limiter.of_sender(address, operation)
            await allowance.begin()
            await next_app(scope, receive, send)
            return
        self._limiter.refuse_spent(address)
        if operation.limit is not None:
            # A stolen token guesses passwords no faster than somebody without one.
            allowance = scope["state"]["allowance"] = self._limiter.of_sender(address, operation)
            await allowance.begin()
        try:
            await next_app(scope, receive, send)
        except ProblemError as problem:
            # Only what stands between here and the handler raises this: the authentication.
            if problem.code == "unauthenticated":
                scope["state"]["allowance"] = await self._limiter.count_failure(address)
            raise

    async def count_stray(self, scope: HTTPScope) -> Standing | None:
        """Charge whoever asked for a path or method that does not exist, which no route answers for."""
        return await self._limiter.count_stray(self._proxies.client_of(scope))
