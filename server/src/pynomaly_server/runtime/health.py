"""Asking a server how it is, with the standard library alone."""

import http.client
import json
import ssl
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit


class HealthProbe:
    """Asks `GET /api/v1/health` and remembers which parts are not up yet.

    Args:
        url: of the server, for example `http://127.0.0.1:8000`.
        ask: gets the decoded answer or None; replaced in tests.
    """

    def __init__(self, url: str, ask: Callable[[str], dict[str, Any] | None] | None = None) -> None:
        self._url = url
        self._ask = ask or ask_health
        self.missing = "the HTTP API does not answer"

    def __call__(self) -> bool:
        """Whether every part is up."""
        said = self._ask(self._url)
        if said is None:
            return False
        down = [check for check in said.get("checks", []) if check.get("status") != "ok"]
        self.missing = "; ".join(f"{check.get('name')}: {check.get('detail')}" for check in down)
        return said.get("status") == "ok"


def ask_health(
    url: str, *, timeout: float = 5.0, trust: ssl.SSLContext | None = None
) -> dict[str, Any] | None:
    """The answer of the health operation, or None where nobody answers it; `trust` is for `https` URLs."""
    where = urlsplit(url)
    host = where.hostname or "127.0.0.1"
    if where.scheme == "https":
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            host, where.port, timeout=timeout, context=trust
        )
    else:
        connection = http.client.HTTPConnection(host, where.port, timeout=timeout)
    try:
        connection.request("GET", "/api/v1/health", headers={"Accept": "application/json"})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != http.client.OK:
            return None
        said: Any = json.loads(body)
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()
    return said if isinstance(said, dict) else None
