"""Addresses of servers: one spelling for the root of the API, and which of them are this machine."""

from __future__ import annotations

import ipaddress
from urllib.parse import SplitResult, urlsplit

from pynomaly import remedies
from pynomaly.errors import ConfigurationError
from pynomaly.remedies import Remedy

_BASE_PATH = "/api/v1"
_DEFAULT_PORTS = {"http": 80, "https": 443}


def api_root(base_url: str) -> str:
    """Return the address up to and including `/api/v1`.

    `https://host`, `https://host/v1` and `https://host/api/v1/` all mean `https://host/api/v1`; a path
    before it, as behind a proxy, is kept.

    Raises:
        ConfigurationError: Not an http or https address, or one that holds credentials, a query or a
            fragment.
    """
    parts = _split(base_url)
    path = parts.path.rstrip("/")
    for ending in (_BASE_PATH, "/v1"):
        if path.endswith(ending):
            path = path.removesuffix(ending)
            break
    return f"{parts.scheme}://{parts.netloc}{path}{_BASE_PATH}"


def _split(base_url: str) -> SplitResult:
    try:
        parts = urlsplit(base_url.strip())
        port = parts.port
    except ValueError:
        raise _unusable("it cannot be read as a URL") from None
    if parts.username is not None or parts.password is not None:
        raise _unusable("it holds credentials", remedies.NO_CREDENTIALS_IN_ADDRESS)
    if parts.scheme not in _DEFAULT_PORTS or not parts.hostname or port == 0:
        raise _unusable("it is not an http or https address with a host")
    if parts.query or parts.fragment:
        raise _unusable("it holds a query or a fragment")
    return parts


def _unusable(why: str, remedy: Remedy = remedies.ADDRESS_LIKE) -> ConfigurationError:
    # The address itself is not repeated: it may hold a password.
    return ConfigurationError(f"The server's address is unusable: {why}.", remedy=remedy)


def is_loopback(root: str) -> bool:
    """Whether the address can only be this machine."""
    host = urlsplit(root).hostname or ""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def same_server(root: str, other: str) -> bool:
    """Whether two API roots mean the same server; every spelling of loopback is the same host."""
    return _identity(root) == _identity(other)


def _identity(root: str) -> tuple[str, str, int, str]:
    parts = urlsplit(root)
    host = "localhost" if is_loopback(root) else (parts.hostname or "")
    return parts.scheme, host, parts.port or _DEFAULT_PORTS[parts.scheme], parts.path
