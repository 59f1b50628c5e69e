"""What each role may do. This is the one table; docs/access.md shows it, and a test holds the two equal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from pynomaly_server.auth.principal import EVERYTHING

ADMIN: Final = "admin"
_VIEWER: Final = frozenset({"datasets:read", "jobs:read", "models:read", "webhooks:read"})
_ANALYST: Final = _VIEWER | {
    "credentials:read",
    "datasets:write",
    "detect:run",
    "jobs:write",
    "models:use",
    "models:write",
}
_OPERATOR: Final = _ANALYST | {
    "audit:read",
    "credentials:write",
    "keys:read",
    "metrics:read",
    "users:read",
    "webhooks:write",
}
ADMINS_ALONE: Final = frozenset({"keys:write", "users:write"})
"""Scopes that no lesser role has, because they lead to all others."""

ROLES: Final[Mapping[str, frozenset[str]]] = {
    "viewer": _VIEWER,
    "analyst": _ANALYST,
    "operator": _OPERATOR,
    ADMIN: frozenset({EVERYTHING}),
}
