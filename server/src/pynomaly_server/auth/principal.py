"""The caller behind a credential."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

EVERYTHING: Final = "*"
SCOPES: Final = frozenset(
    {"detect:run", "jobs:read", "jobs:write", "datasets:read", "datasets:write", "algorithms:read"}
)


@dataclass(frozen=True, slots=True)
class Principal:
    """A caller: the tenant whose data it sees, the credential it came with, and what that allows."""

    tenant_id: str
    subject: str
    scopes: frozenset[str]

    def may(self, scope: str) -> bool:
        """Whether the credential allows what `scope` stands for."""
        return scope in self.scopes or EVERYTHING in self.scopes
