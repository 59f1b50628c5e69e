"""Shows the audit log to its tenant."""

from __future__ import annotations

import csv
import io
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, Final

import msgspec

from pynomaly_server.audit.chain import written
from pynomaly_server.audit.filters import Filters
from pynomaly_server.audit.repository import AuditRepository
from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import AuditEntry, AuditLog
from pynomaly_server.cursors import Cursors
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import AuditRow
from pynomaly_server.formulas import guarded
from pynomaly_server.problems import Fault, invalid

_EXPORTED_AT_ONCE: Final = 1_000
_COLUMNS: Final = AuditEntry.__struct_fields__


class AuditService:
    """Every method is for one principal and its tenant's log."""

    def __init__(self, sessions: AsyncSessions, cursors: Cursors) -> None:
        self._sessions = sessions
        self._cursors = cursors

    async def page(
        self, principal: Principal, filters: Filters, *, limit: int, cursor: str | None = None
    ) -> AuditLog:
        """A page, newest first; raises `validation` for a cursor of another list or a date out of reach."""
        filters = _in_utc(filters)
        of_list = (principal.tenant_id, "listAuditLog", msgspec.json.encode(filters).decode())
        before = self._cursors.position(cursor, *of_list)
        rows = await self._newest(principal, filters, limit + 1, None if before is None else int(before))
        more = self._cursors.sign(str(rows[limit - 1].seq), *of_list) if len(rows) > limit else None
        return AuditLog(items=[_described(row) for row in rows[:limit]], next_cursor=more)

    def export(self, principal: Principal, filters: Filters, media_type: str) -> AsyncIterator[bytes]:
        """All entries that pass, newest first; raises `validation` for a date out of reach."""
        return self._exported(principal, _in_utc(filters), _WRITERS[media_type])

    async def _exported(
        self, principal: Principal, filters: Filters, write: Callable[[Sequence[AuditRow], bool], bytes]
    ) -> AsyncIterator[bytes]:
        before = None
        while True:
            rows = await self._newest(principal, filters, _EXPORTED_AT_ONCE, before)
            yield write(rows, before is None)
            if len(rows) < _EXPORTED_AT_ONCE:
                return
            before = rows[-1].seq

    async def _newest(
        self, principal: Principal, filters: Filters, limit: int, before: int | None
    ) -> Sequence[AuditRow]:
        async with self._sessions.read() as session:
            return await AuditRepository(session, principal.tenant_id).newest(
                filters, limit=limit, before=before
            )


def _in_utc(filters: Filters) -> Filters:
    moments: dict[str, Any] = {"since": filters.since, "until": filters.until}
    for name, moment in moments.items():
        if moment is not None:
            try:
                moments[name] = moment.astimezone(UTC)
            except OverflowError:
                raise invalid([Fault(f"?{name}", "is not a date in UTC; name a nearer one")]) from None
    return replace(filters, **moments)


def _ndjson(rows: Sequence[AuditRow], _first: bool) -> bytes:
    return b"".join(msgspec.json.encode(_described(row)) + b"\n" for row in rows)


def _csv(rows: Sequence[AuditRow], first: bool) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    if first:
        writer.writerow(_COLUMNS)
    writer.writerows([_cell(getattr(row, name)) for name in _COLUMNS] for row in rows)
    return text.getvalue().encode()


def _cell(value: object) -> object:
    return written(value) if isinstance(value, datetime) else guarded(value)


_WRITERS: Final[dict[str, Callable[[Sequence[AuditRow], bool], bytes]]] = {
    "application/x-ndjson": _ndjson,
    "text/csv": _csv,
}


def _described(row: AuditRow) -> AuditEntry:
    return AuditEntry(**{name: getattr(row, name) for name in _COLUMNS})
