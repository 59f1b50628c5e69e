"""What `x-pynomaly` says of an operation, read and checked in one place."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

SCOPE = re.compile(r"^[a-z]+(?:-[a-z]+)*:[a-z]+(?:-[a-z]+)*$")
NAME = re.compile(r"^[a-z]+(?:-[a-z]+)*$")
RETRY = ("safe", "idempotency-key", "never")
TIMEOUT = ("short", "normal", "long")
KEYS = (
    "scopes",
    "cost",
    "limit",
    "retry",
    "timeout",
    "breaker",
    "fallback",
    "pagination",
    "job",
    "audit",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Traits:
    """The `x-pynomaly` of one operation."""

    scopes: tuple[str, ...]
    cost: float
    cost_per_row: float
    limit: str | None
    retry: str
    timeout: str
    breaker: str
    fallback: str | None
    pagination: str | None
    job: bool


def read_traits(extension: dict[str, Any]) -> Traits:
    """Read an `x-pynomaly` that has no faults."""
    cost = extension["cost"]
    per_row = cost if isinstance(cost, dict) else {"base": cost, "per_row": 0}
    return Traits(
        scopes=tuple(extension.get("scopes", ())),
        cost=float(per_row.get("base", 0)),
        cost_per_row=float(per_row["per_row"]),
        limit=extension.get("limit"),
        retry=extension["retry"],
        timeout=extension["timeout"],
        breaker=extension["breaker"],
        fallback=extension.get("fallback"),
        pagination=extension.get("pagination"),
        job=extension.get("job", False),
    )


def trait_faults(extension: Any, *, public: bool) -> list[str]:
    """Say what is wrong with an `x-pynomaly`, each fault with its remedy; an empty list where nothing is."""
    if not isinstance(extension, dict):
        return ["has no x-pynomaly; say at least cost, retry, timeout and breaker"]
    faults = [
        f"x-pynomaly has the unknown key {key!r}; it may have {', '.join(KEYS)}"
        for key in extension
        if key not in KEYS
    ]
    faults += _scope_faults(extension, public=public)
    if not _is_cost(extension.get("cost")):
        faults.append(
            "x-pynomaly.cost must be a number of tokens or {per_row: tokens, base: tokens}, none negative"
        )
    for key, allowed in (("retry", RETRY), ("timeout", TIMEOUT)):
        if extension.get(key) not in allowed:
            faults.append(f"x-pynomaly.{key} must be one of {', '.join(allowed)}")
    if not isinstance(extension.get("breaker"), str) or not NAME.match(extension["breaker"]):
        faults.append("x-pynomaly.breaker must name a group of operations in kebab-case")
    if not isinstance(extension.get("audit", False), bool):
        faults.append("x-pynomaly.audit must be true or false; without it everything but a GET is audited")
    for key, only in (("limit", "login"), ("fallback", "local"), ("pagination", "cursor"), ("job", True)):
        if key in extension and extension[key] is not only and extension[key] != only:
            faults.append(f"x-pynomaly.{key} can only be {str(only).lower()}; leave it out otherwise")
    return faults


def _scope_faults(extension: dict[str, Any], *, public: bool) -> list[str]:
    scopes = extension.get("scopes")
    if public:
        return (
            []
            if scopes is None
            else ["x-pynomaly.scopes is given, but `security: []` makes it public; drop one"]
        )
    if not isinstance(scopes, list) or not all(
        isinstance(scope, str) and SCOPE.match(scope) for scope in scopes
    ):
        return ["x-pynomaly.scopes must be a list such as [jobs:read]; [] admits every principal"]
    return []


def _is_cost(cost: Any) -> bool:
    if isinstance(cost, dict):
        return (
            "per_row" in cost
            and set(cost) <= {"per_row", "base"}
            and all(_is_amount(n) for n in cost.values())
        )
    return _is_amount(cost)


def _is_amount(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and value >= 0
