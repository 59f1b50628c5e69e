"""Writes the audit log: after an answer is determined and, where it is a success, before it is sent.

So nobody holds the answer of a change that the log does not have. An audited operation that succeeded but
cannot be noted is answered with 503; what is not noted because the process dies between the change and its
entry has no answer either.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Awaitable
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Final, Protocol

import structlog
from sqlalchemy.exc import SQLAlchemyError

from pynomaly_server.audit.chain import Deed, Outcome
from pynomaly_server.audit.repeats import Repeats
from pynomaly_server.audit.trail import AuditTrail
from pynomaly_server.auth.acting import noted_actor
from pynomaly_server.auth.admission import credential
from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.operations import Operation
from pynomaly_server.problems import ProblemError

if TYPE_CHECKING:
    from litestar.types import HTTPScope

_ID: Final = re.compile(r"[A-Za-z0-9._@-]{1,80}")
_REFUSED: Final = frozenset({401, 403})
_NOT_NOTED: Final = frozenset({429, 503})
_log = structlog.get_logger("pynomaly.audit")


class Owners(Protocol):
    """What is asked of the auth service."""

    def owner(self, token: str) -> Awaitable[Principal | None]:
        """The caller whose credential this is or once was, without any right."""
        ...


class AuditNotes:
    """What is noted of requests, those that the authentication refuses among them."""

    def __init__(self, trail: AuditTrail, owners: Owners) -> None:
        self._trail = trail
        self._owners = owners
        self._repeats = Repeats()

    async def note(self, operation: Operation, scope: HTTPScope, status: int, location: str | None) -> None:
        """Note what is to be noted of a request, before its answer is sent.

        Args:
            operation: What was asked for.
            scope: The request.
            status: That of the answer.
            location: Where the answer says that what was made is found.

        Raises:
            ProblemError: `unavailable`: it was done, and cannot be noted.
        """
        refused = status in _REFUSED
        if not (refused or operation.audited) or status in _NOT_NOTED:
            return
        caller = await self._caller(operation, scope, status)
        if caller is None:
            return
        deed = Deed(
            tenant_id=caller.tenant_id,
            time=datetime.now(UTC),
            actor=caller.subject,
            action=operation.operation_id,
            resource=_resource(operation, scope, location),
            outcome=Outcome.REFUSED if refused else Outcome.FAILED if status >= 400 else Outcome.SUCCEEDED,
            status=status,
            address=_address(scope),
            request_id=scope["state"]["request_id"],
        )
        changed = deed.outcome == Outcome.SUCCEEDED and operation.method != "GET"
        if not changed and not self._repeats.is_first((deed.actor, deed.action, deed.resource, status)):
            return
        stored = self._trail.hand_in(deed)
        if deed.outcome != Outcome.SUCCEEDED:
            # Nobody waits: how long a refusal takes must not tell whether there is such a user.
            stored.add_done_callback(partial(_tell_failure, deed))
            return
        try:
            await stored
        except SQLAlchemyError as error:
            _tell_failure(deed, stored)
            raise ProblemError(
                "unavailable",
                f"{deed.action} was done, but could not be noted in the audit log, so its answer is held "
                "back. Look at what is there before you try again.",
            ) from error

    async def _caller(self, operation: Operation, scope: HTTPScope, status: int) -> Principal | None:
        known = scope.get("user") or noted_actor()
        if isinstance(known, Principal):
            return known
        if status != 401 or operation.public:
            # What a public operation refuses is no credential in a header.
            return None
        try:
            token = credential(scope["headers"])
        except ProblemError:
            return None
        # Whose key it was costs a query, which a caller in a loop is not to cause.
        if not self._repeats.is_first((hash(token), operation.operation_id)):
            return None
        try:
            return await self._owners.owner(token)
        except SQLAlchemyError as error:
            _log.error(
                "a refusal is not noted in the audit log", action=operation.operation_id, exc_info=error
            )
            return None


def _tell_failure(deed: Deed, stored: asyncio.Future[None]) -> None:
    if not stored.cancelled() and (error := stored.exception()) is not None:
        _log.error("not noted in the audit log", action=deed.action, actor=deed.actor, exc_info=error)


def _resource(operation: Operation, scope: HTTPScope, location: str | None) -> str | None:
    """The id at the end of `Location`, else what the path names, where it is well formed.

    A number there stands behind what it is of: `/models/card-fraud/versions/3` is `card-fraud@3`. Of ids in a
    path it is the last; what has no id but a name or number of its own stands behind that which it is of:
    `card-fraud@production`.
    """
    named = None
    if location:
        *_, of, _, named = location.split("/")
        named = f"{of}@{named}" if named.isdecimal() else named
    if named is None:
        names = [part.name for part in operation.parameters if part.location == "path"]
        if names and names[-1].endswith("_id"):
            names = names[-1:]
        named = "@".join(str(scope["path_params"].get(name)) for name in names) or None
    return named if named is not None and _ID.fullmatch(named) else None


def _address(scope: HTTPScope) -> str | None:
    """The sender's, also behind a trusted proxy."""
    address: str | None = scope["state"].get("client_address")
    return address
