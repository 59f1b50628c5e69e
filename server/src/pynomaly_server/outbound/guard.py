"""Decides whether the server may connect to an address that a caller has named."""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Sequence
from typing import Any, Final

from pynomaly_server.outbound.networks import Address, Allowances, why_refused
from pynomaly_server.outbound.urls import ForbiddenTargetError, Target

WEB_PORTS: Final = frozenset({443, 8443})
RESOLVE_SECONDS: Final = 10.0
_ALLOW: Final = "The operator of the server can allow it with PYNOMALY_OUTBOUND_ALLOW."


class Guard:
    """Refuses what is not of the public internet, unless the operator allows it.

    A name is resolved once, and refused when any of its addresses is refused; the addresses returned are
    those to connect to, so that a name cannot lead somewhere else a moment later. Plain HTTP, and ports
    other than the usual ones, are for allowed hosts and networks alone.
    """

    def __init__(self, allowances: Allowances | None = None) -> None:
        self._allowances = allowances or Allowances()

    def addresses(self, target: Target, ports: frozenset[int] = WEB_PORTS) -> Sequence[Address]:
        """The addresses to connect to, in the resolver's order; blocks while the name is looked up.

        Raises:
            ForbiddenTargetError: the target is not allowed, or its name leads nowhere.
        """
        found: list[Any] = []
        if target.address is None:
            try:
                found = socket.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
            except (OSError, UnicodeError):
                raise _nowhere(target) from None
        return self._checked(target, found, ports)

    async def addresses_async(self, target: Target, ports: frozenset[int] = WEB_PORTS) -> Sequence[Address]:
        """As `addresses`, without blocking the event loop, in at most `RESOLVE_SECONDS`."""
        found: list[Any] = []
        if target.address is None:
            loop = asyncio.get_running_loop()
            try:
                async with asyncio.timeout(RESOLVE_SECONDS):
                    found = await loop.getaddrinfo(target.host, target.port, type=socket.SOCK_STREAM)
            except (OSError, UnicodeError):
                raise _nowhere(target) from None
        return self._checked(target, found, ports)

    def _checked(self, target: Target, found: Sequence[Any], ports: frozenset[int]) -> Sequence[Address]:
        literal = target.address
        addresses: list[Address] = (
            [literal] if literal else [ipaddress.ip_address(row[4][0]) for row in found]
        )
        if not addresses:
            raise _nowhere(target)
        allowed = [self._allowances.allows(target.host, target.port, address) for address in addresses]
        for address, is_allowed in zip(addresses, allowed, strict=True):
            kind = None if is_allowed else why_refused(address)
            if kind is not None and literal is not None:
                raise ForbiddenTargetError(
                    f"{target.origin} is not on the public internet: the address is {kind}. {_ALLOW}"
                )
            if kind is not None:
                # The same words as for a name that is not there: who asks may not learn of inner names.
                raise _nowhere(target)
        if all(allowed):
            return list(dict.fromkeys(addresses))
        if not target.encrypted:
            remedy = "Use https://." if target.scheme == "http" else "Use TLS."
            raise ForbiddenTargetError(f"{target.origin} is not encrypted. {remedy} {_ALLOW}")
        if target.port not in ports:
            listed = ", ".join(str(port) for port in sorted(ports))
            raise ForbiddenTargetError(
                f"{target.origin} is at port {target.port}; allowed here: {listed}. {_ALLOW}"
            )
        return list(dict.fromkeys(addresses))


def _nowhere(target: Target) -> ForbiddenTargetError:
    return ForbiddenTargetError(
        f"The host of {target.origin} cannot be found, or is not on the public internet. Check its spelling. "
        + _ALLOW
    )
