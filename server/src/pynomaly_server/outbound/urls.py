"""Reads a URL in one strict way, so that nothing later can read it in another.

Most tricks with URLs live on two parsers that disagree. Here a URL is plain printable ASCII; its host is a
name of letters, digits and hyphens, an IPv4 address of four plain decimal numbers, or an IPv6 address in
brackets; everything else is refused and not repaired.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Final

from pynomaly_server.outbound.networks import Address

LONGEST_URL: Final = 2_048
DEFAULT_PORTS: Final[Mapping[str, int]] = {"https": 443, "http": 80, "postgresql": 5432}
_SHAPE: Final = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<path>/[^?#]*)?(?P<query>\?[^#]*)?"
    r"(?P<fragment>\#.*)?",
    re.DOTALL,
)
_REST: Final = re.compile(r"(?:[A-Za-z0-9._~!$&'()*+,;=:@/?-]|%[0-9A-Fa-f]{2})*")
_AUTHORITY: Final = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9.-]+)(?::(?P<port>[0-9]{1,5}))?")
_LABEL: Final = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?")
_LIKE_A_NUMBER: Final = re.compile(r"[0-9]+|0x[0-9a-f]*")
_LONGEST_NAME: Final = 253
_SHOWN_CHARACTERS: Final = 200


class ForbiddenTargetError(Exception):
    """A request to this address is not made; the message says why and what to do, and holds no secret."""


@dataclass(frozen=True, slots=True)
class Target:
    """A URL in its parts; `host` is in lower case and without brackets, `path` begins with a slash.

    `encrypted` is whether what is sent there is, by TLS.
    """

    scheme: str
    host: str
    port: int
    path: str
    query: str
    encrypted: bool = True

    @property
    def address(self) -> Address | None:
        """The host where it is an address, None where it is a name."""
        try:
            return ipaddress.ip_address(self.host)
        except ValueError:
            return None

    @property
    def origin(self) -> str:
        """Scheme, host and port, as a URL spells them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        port = "" if self.port == DEFAULT_PORTS.get(self.scheme) else f":{self.port}"
        return f"{self.scheme}://{host}{port}"

    @property
    def url(self) -> str:
        """The URL to request. Its query may hold a secret; for messages there is `shown`."""
        return self.origin + self.path + self.query

    @property
    def shown(self) -> str:
        """The URL without its query, short enough for a message."""
        return (self.origin + self.path)[:_SHOWN_CHARACTERS]


def without_query(url: str) -> str:
    """What of any text in place of a URL may be repeated in a message: no query, fragment or user."""
    front = re.split(r"[?#]", url, maxsplit=1)[0]
    return repr(re.sub(r"//[^/]*@", "//***@", front)[:_SHOWN_CHARACTERS])


def parse_target(url: str, schemes: Collection[str] = ("https", "http")) -> Target:
    """Take a URL apart.

    Raises:
        ForbiddenTargetError: it is of another scheme, or not in the one strict form.
    """
    shown = without_query(url)
    if len(url) > LONGEST_URL:
        raise ForbiddenTargetError(f"The URL {shown} has more than {LONGEST_URL:,} characters, the limit.")
    found = _SHAPE.fullmatch(url)
    if found is None:
        raise ForbiddenTargetError(f"{shown} is no URL. Write it as {' or '.join(schemes)}://host/path.")
    scheme = found["scheme"].lower()
    if scheme not in schemes:
        raise ForbiddenTargetError(
            f"The URL {shown} is of the scheme {scheme[:20]!r}; allowed here: {', '.join(schemes)}."
        )
    if found["fragment"]:
        raise ForbiddenTargetError(f"The URL {shown} has a fragment (#…). Leave it out.")
    if "@" in found["authority"]:
        raise ForbiddenTargetError(
            f"The URL {shown} holds a user or a password. Keep them in a stored credential instead."
        )
    authority = _AUTHORITY.fullmatch(found["authority"])
    host = None if authority is None else _host(authority["host"].lower())
    if authority is None or host is None:
        raise ForbiddenTargetError(
            f"The URL {shown} has a host that is not written plainly. Write a name in ASCII without a dot at "
            "its end (an international one as xn--…), an IPv4 address as four decimal numbers, or an IPv6 "
            "address in brackets."
        )
    path, query = found["path"] or "/", found["query"] or ""
    if not _REST.fullmatch(path + query):
        raise ForbiddenTargetError(
            f"The URL {shown} has characters in its path or query that a URL cannot hold. Write them as %XX."
        )
    port = int(authority["port"] or DEFAULT_PORTS[scheme])
    if not 0 < port < 65_536:
        raise ForbiddenTargetError(f"The URL {shown} has no port from 1 to 65535.")
    return Target(scheme, host, port, path, query, encrypted=scheme != "http")


def _host(text: str) -> str | None:
    """The host in its one spelling; None where it has another."""
    if text.startswith("["):
        try:
            return str(ipaddress.IPv6Address(text[1:-1]))
        except ValueError:
            return None
    labels = text.split(".")
    if _LIKE_A_NUMBER.fullmatch(labels[-1]):
        # What a resolver may take for an address (`2130706433`, `0x7f.1`, `0177.0.0.1`) must be a plain one.
        try:
            return str(ipaddress.IPv4Address(text))
        except ValueError:
            return None
    if len(text) > _LONGEST_NAME or not all(_LABEL.fullmatch(label) for label in labels):
        return None
    return text
