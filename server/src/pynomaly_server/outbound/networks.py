"""Which addresses are of the public internet, and which others an operator has allowed.

The refused networks are those of IANA's registries of special-purpose addresses
(https://www.iana.org/assignments/iana-ipv4-special-registry and …/iana-ipv6-special-registry), of multicast
(RFC 5771, RFC 4291) and of what was taken out of use, whether or not a registry calls them reachable.
`ipaddress.is_global` is not asked: it follows the registries' footnotes, changes with Python's version, and
looks at neither the IPv4 address inside an IPv6 one nor at the addresses that clouds keep for themselves.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_REFUSED: Final[Mapping[str, str]] = {
    "0.0.0.0/8": "this network",
    "10.0.0.0/8": "private",
    "100.64.0.0/10": "shared by carriers (CGNAT)",
    "127.0.0.0/8": "loopback",
    "168.63.129.16/32": "a cloud's own",  # Azure's host, inside a public network
    "169.254.0.0/16": "link-local",
    "172.16.0.0/12": "private",
    "192.0.0.0/24": "kept for protocols",
    "192.0.2.0/24": "for documentation",
    "192.31.196.0/24": "of AS112",
    "192.52.193.0/24": "kept for AMT",
    "192.88.99.0/24": "a 6to4 relay",
    "192.168.0.0/16": "private",
    "192.175.48.0/24": "of AS112",
    "198.18.0.0/15": "for benchmarks",
    "198.51.100.0/24": "for documentation",
    "203.0.113.0/24": "for documentation",
    "224.0.0.0/4": "multicast",
    "240.0.0.0/4": "reserved",
    "::/128": "unspecified",
    "::1/128": "loopback",
    "::ffff:0:0/96": "an IPv4 address in IPv6 (mapped)",
    "::/96": "an IPv4 address in IPv6 (compatible)",
    "64:ff9b::/96": "an IPv4 address in IPv6 (NAT64)",
    "64:ff9b:1::/48": "an IPv4 address in IPv6 (NAT64)",
    "100::/64": "discarded",
    "2001::/32": "an IPv4 address in IPv6 (Teredo)",
    "2001::/23": "kept for protocols",
    "2001:db8::/32": "for documentation",
    "2002::/16": "an IPv4 address in IPv6 (6to4)",
    "2620:4f:8000::/48": "of AS112",
    "3ffe::/16": "taken out of use (6bone)",
    "3fff::/20": "for documentation",
    "5f00::/16": "kept for segment routing",
    "fc00::/7": "private (ULA)",
    "fe80::/10": "link-local",
    "fec0::/10": "site-local",
    "ff00::/8": "multicast",
}
REFUSED_NETWORKS: Final[Sequence[tuple[Network, str]]] = [
    (ipaddress.ip_network(network), kind) for network, kind in _REFUSED.items()
]
# All that IANA has given out as global unicast (RFC 4291, section 2.4); whatever lies outside is nobody's.
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")


def why_refused(address: Address) -> str | None:
    """What an address is, where it is not of the public internet; None where it is."""
    if isinstance(address, IPv6Address) and address.scope_id is not None:
        return "link-local"
    for network, kind in REFUSED_NETWORKS:
        if address in network:
            return kind
    if isinstance(address, IPv6Address) and address not in _GLOBAL_UNICAST:
        return "not given out"
    return None


@dataclass(frozen=True, slots=True)
class Allowances:
    """What an operator allows beyond the public internet: whole networks, and hosts at one port each."""

    networks: tuple[Network, ...] = ()
    hosts: frozenset[tuple[str, int]] = frozenset()

    @classmethod
    def parse(cls, text: str) -> Allowances:
        """Read `10.1.0.0/16, [fd00::1]:9000, minio:9000`: networks in CIDR form and `host:port` pairs.

        Raises:
            ValueError: an entry is neither.
        """
        networks: list[Network] = []
        hosts: set[tuple[str, int]] = set()
        for entry in (part.strip().lower() for part in text.split(",")):
            if not entry:
                continue
            if "/" in entry:
                networks.append(ipaddress.ip_network(entry))
            else:
                hosts.add(_host_and_port(entry))
        return cls(tuple(networks), frozenset(hosts))

    def allows(self, host: str, port: int, address: Address | None) -> bool:
        """Whether a host is allowed by its name and port, or by the address it has."""
        if (host, port) in self.hosts:
            return True
        return address is not None and any(address in network for network in self.networks)


def _host_and_port(entry: str) -> tuple[str, int]:
    host, colon, port = entry.rpartition(":")
    if not (colon and host and port.isascii() and port.isdecimal() and 0 < int(port) < 65_536):
        raise ValueError(f"{entry!r} is neither a network nor host:port")
    if host.startswith("[") and host.endswith("]"):
        return str(IPv6Address(host[1:-1])), int(port)
    if ":" in host:
        raise ValueError(f"{entry!r} is neither a network nor host:port")
    return host, int(port)
