"""Nobody gets at a scope they lack by way of what they make or change."""

from __future__ import annotations

from collections.abc import Iterable

from pynomaly_server.auth.principal import Principal
from pynomaly_server.problems import ProblemError


def check_reach(principal: Principal, scopes: Iterable[str], deed: str, remedy: str) -> None:
    """Raise `forbidden` where `scopes` has one that the caller lacks.

    Args:
        principal: The caller.
        scopes: What would be given, or what somebody has who would be acted upon.
        deed: What the caller cannot do, to follow "cannot".
        remedy: What to do instead, as a sentence.
    """
    lacking = sorted(scope for scope in scopes if not principal.may(scope))
    if lacking:
        raise ProblemError(
            "forbidden", f"The caller lacks the scope {lacking[0]!r} and cannot {deed}. {remedy}"
        )
