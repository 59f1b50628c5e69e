"""Who stands behind a call that comes without a credential: somebody who logs in, or tries to."""

from __future__ import annotations

from contextvars import ContextVar
from typing import Final

from pynomaly_server.auth.principal import Principal

_actor: Final[ContextVar[Principal | None]] = ContextVar("pynomaly_actor", default=None)


def forget_actor() -> None:
    """Begin a request, about whose sender nothing is known."""
    _actor.set(None)


def note_actor(tenant_id: str, subject: str) -> None:
    """Say whom the request is about, whether or not it succeeds: for the audit log, a proof of nothing."""
    _actor.set(Principal(tenant_id=tenant_id, subject=subject, scopes=frozenset()))


def noted_actor() -> Principal | None:
    """Whom the request is about."""
    return _actor.get()
