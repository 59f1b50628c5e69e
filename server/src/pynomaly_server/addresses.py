"""The address of a request's sender, also behind proxies, and the part of it that one sender has."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from litestar.types import HTTPScope

UNKNOWN: Final = "unknown"
_MOST_HOPS: Final = 32
_PORT: Final = re.compile(r"(?:\[(?P<six>[^\]]*)\]|(?P<four>[0-9.]+))(?::[0-9]+)?")
_MOST_KNOWN: Final = 4_096
_FOR: Final = re.compile(r'(?:^|;)\s*for\s*=\s*(?:"([^"]*)"|([^;"\s]*))', re.IGNORECASE)

Address = IPv4Address | IPv6Address


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """Networks whose machines may say for whom they speak; nobody else is believed."""

    networks: Sequence[IPv4Network | IPv6Network] = ()

    @classmethod
    def parse(cls, text: str) -> TrustedProxies:
        """Networks and addresses separated by commas; raises `ValueError`."""
        return cls(tuple(ip_network(part.strip()) for part in text.split(",") if part.strip()))

    def client_of(self, scope: HTTPScope) -> str:
        """The sender's address, or `unknown`.

        `X-Forwarded-For` and `Forwarded` (RFC 7239) are read from their end, where the nearest proxy has
        written, up to the first address that is no trusted proxy. A proxy writes one of the two: where both
        are there and disagree, one of them is the sender's own invention, and the proxy itself counts.
        """
        client = scope.get("client")
        peer, told = _peer(client[0]) if client else (None, UNKNOWN)
        if peer is None or not self._trusted(peer):
            return told
        found = {
            self._beyond(hops)
            for hops in (
                _forwarded_for(_values(scope["headers"], b"x-forwarded-for")),
                _forwarded(_values(scope["headers"], b"forwarded")),
            )
            if hops
        }
        return str(found.pop() or peer) if len(found) == 1 else told

    def _beyond(self, hops: Sequence[str]) -> Address | None:
        """The last address of `hops` that is no trusted proxy; None where an unreadable one comes before."""
        nearest: Address | None = None
        for hop in reversed(hops[-_MOST_HOPS:]):
            address = _address(hop)
            if address is None:
                return nearest
            nearest = address
            if not self._trusted(address):
                return address
        return nearest

    def _trusted(self, address: Address) -> bool:
        return any(address in network for network in self.networks)


def sender(address: str) -> str:
    """What one sender holds: an IPv4 address, or the /64 of an IPv6 address, whose owner has all of it."""
    if ":" not in address:
        return address
    return str(IPv6Network((address, 64), strict=False))


def _address(text: str) -> Address | None:
    found = _PORT.fullmatch(text.strip())
    if found is not None:
        text = found["six"] or found["four"] or ""
    try:
        address = ip_address(text.strip())
    except ValueError:
        return None
    if isinstance(address, IPv4Address):
        return address
    # A zone (`%eth0`) means something on one machine only, and may be text of any kind and length.
    return address.ipv4_mapped or IPv6Address(int(address))


@lru_cache(_MOST_KNOWN)
def _peer(text: str) -> tuple[Address | None, str]:
    """The address that a connection comes from, and how it is told; one sends many requests."""
    address = _address(text)
    return address, UNKNOWN if address is None else str(address)


def _values(headers: Iterable[tuple[bytes, bytes]], wanted: bytes) -> str:
    return ",".join(value.decode("latin-1") for name, value in headers if name == wanted)


def _forwarded_for(text: str) -> list[str]:
    return [hop.strip() for hop in text.split(",")] if text else []


def _forwarded(text: str) -> list[str]:
    """The `for` of each element; one without it is a hop that does not say."""
    hops = []
    for element in text.split(",") if text else []:
        found = _FOR.search(element)
        hops.append((found[1] or found[2] or "") if found else "")
    return hops
