"""Says in the description of every operation who may call it, so that no reader has to know `x-pynomaly`."""

from __future__ import annotations

import copy
from typing import Any

from codegen.grammar import METHODS


def with_access(document: dict[str, Any]) -> dict[str, Any]:
    """A copy of a bundled document whose descriptions end in what a caller needs."""
    described = copy.deepcopy(document)
    for item in described.get("paths", {}).values():
        for method in METHODS:
            if method in item:
                operation = item[method]
                operation["description"] = (
                    f"{operation.get('description', '').strip()}\n\n{_needs(operation)}"
                )
    return described


def _needs(operation: dict[str, Any]) -> str:
    if operation.get("security") == []:
        return "Access: everybody, without a credential."
    scopes = [f"`{scope}`" for scope in operation.get("x-pynomaly", {}).get("scopes", ())]
    if not scopes:
        return "Access: every caller with a valid credential."
    return f"Access: callers with the scope{'s' if len(scopes) > 1 else ''} {' and '.join(scopes)}."
