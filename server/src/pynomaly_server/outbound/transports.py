"""HTTP to addresses that a guard has let pass, and to no other.

The guard is asked for every request, and the connection is made to the very address it answered, with the
name kept in `Host` and in TLS. Redirects are not followed, proxies of the environment not used. Certificates
are checked against the usual authorities, or those in `SSL_CERT_FILE` or `SSL_CERT_DIR`.
"""

from __future__ import annotations

import ssl
from typing import Final

import httpx

from pynomaly_server.outbound.guard import WEB_PORTS, Guard
from pynomaly_server.outbound.networks import Address
from pynomaly_server.outbound.urls import Target, parse_target

# A connection belongs to the name its certificate was checked for, while the pool knows addresses only; so
# none is kept for another request.
_LIMITS: Final = httpx.Limits(max_keepalive_connections=0)
_TRY_NEXT: Final = (httpx.ConnectError, httpx.ConnectTimeout)


def make_client(guard: Guard, timeout: httpx.Timeout) -> httpx.Client:
    """A blocking client for URLs that callers name.

    Its methods raise `ForbiddenTargetError` for a URL that is not allowed, otherwise what httpx raises.
    """
    return httpx.Client(
        transport=GuardedTransport(guard), timeout=timeout, follow_redirects=False, trust_env=False
    )


def make_async_client(guard: Guard, timeout: httpx.Timeout) -> httpx.AsyncClient:
    """As `make_client`, for the event loop."""
    return httpx.AsyncClient(
        transport=AsyncGuardedTransport(guard), timeout=timeout, follow_redirects=False, trust_env=False
    )


def trusted_authorities() -> str:
    """The certificates, in PEM, that these clients trust, for connections that are none of HTTP."""
    found = httpx.create_ssl_context().get_ca_certs(binary_form=True)
    return "".join(ssl.DER_cert_to_PEM_cert(certificate) for certificate in found)


class GuardedTransport(httpx.BaseTransport):
    """Asks the guard, then tries the addresses it answered one after the other until one connects."""

    def __init__(self, guard: Guard, ports: frozenset[int] = WEB_PORTS) -> None:
        self._guard = guard
        self._ports = ports
        self._inner = httpx.HTTPTransport(verify=httpx.create_ssl_context(), limits=_LIMITS, trust_env=False)

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; see `httpx.BaseTransport`."""
        target = parse_target(str(request.url))
        *others, last = self._guard.addresses(target, self._ports)
        for address in others:
            try:
                return self._inner.handle_request(_pinned(request, target, address))
            except _TRY_NEXT:
                continue
        return self._inner.handle_request(_pinned(request, target, last))

    def close(self) -> None:
        """Close what is open."""
        self._inner.close()


class AsyncGuardedTransport(httpx.AsyncBaseTransport):
    """As `GuardedTransport`, for the event loop."""

    def __init__(self, guard: Guard, ports: frozenset[int] = WEB_PORTS) -> None:
        self._guard = guard
        self._ports = ports
        self._inner = httpx.AsyncHTTPTransport(
            verify=httpx.create_ssl_context(), limits=_LIMITS, trust_env=False
        )

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send a request; see `httpx.AsyncBaseTransport`."""
        target = parse_target(str(request.url))
        *others, last = await self._guard.addresses_async(target, self._ports)
        for address in others:
            try:
                return await self._inner.handle_async_request(_pinned(request, target, address))
            except _TRY_NEXT:
                continue
        return await self._inner.handle_async_request(_pinned(request, target, last))

    async def aclose(self) -> None:
        """Close what is open."""
        await self._inner.aclose()


def _pinned(request: httpx.Request, target: Target, address: Address) -> httpx.Request:
    """The request as it was, `Host` included, but to an address."""
    return httpx.Request(
        request.method,
        request.url.copy_with(host=str(address)),
        headers=request.headers,
        stream=request.stream,
        extensions={**request.extensions, "sni_hostname": target.host},
    )
