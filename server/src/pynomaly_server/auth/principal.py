"""The caller behind a credential."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from pynomaly_server.contract.operations import OPERATIONS

EVERYTHING: Final = "*"
SCOPES: Final = frozenset(scope for operation in OPERATIONS.values() for scope in operation.scopes)
"""Every scope that some operation of the contract asks for."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller: the tenant whose data it sees, the API key or the user it is, and what that allows."""

    tenant_id: str
    subject: str
    scopes: frozenset[str]
    role: str | None = None
    """The role of a user; an API key has none."""
    session_id: str | None = None
    """The session in which a user calls."""

    def may(self, scope: str) -> bool:
        """Whether the credential allows what `scope` stands for."""
        return scope in self.scopes or EVERYTHING in self.scopes
