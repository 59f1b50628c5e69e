"""One row per `Idempotency-Key`: a request that is repeated gets the row that the first one made.

The key is part of the row and unique within its tenant and table, so that of any number of requests with one
key, at the same time or after a crash, one makes the row and the others find it.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Final, Generic, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import DatasetRow, JobRow
from pynomaly_server.db.types import utc_now
from pynomaly_server.problems import ProblemError

KEPT_SECONDS: Final = 24 * 3600.0
Row = TypeVar("Row", JobRow, DatasetRow)
Made = TypeVar("Made")


class KeyedRows(Generic[Row]):
    """The rows of a table that are made by requests which may carry a key."""

    def __init__(self, sessions: AsyncSessions, table: type[Row]) -> None:
        self._sessions = sessions
        self._table: type[Row] = table

    async def find(self, tenant_id: str, key: str) -> Row | None:
        """The row that a request with this key made within the last 24 hours."""
        statement = sa.select(self._table).where(
            *self._with(tenant_id, key), self._table.created_at > utc_now(-KEPT_SECONDS)
        )
        async with self._sessions.read() as session:
            return await session.scalar(statement)

    def confirm(self, row: Row, request_hash: str) -> Row:
        """The row, where it was made by a request with this hash.

        Raises:
            ProblemError: `idempotency-mismatch`.
        """
        if row.request_hash != request_hash:
            raise ProblemError(
                "idempotency-mismatch",
                f"The Idempotency-Key {row.idempotency_key!r} was used for another request within the last "
                "24 hours. Repeat that request as it was, or take a new key.",
            )
        return row

    async def insert(
        self,
        tenant_id: str,
        key: str | None,
        request_hash: str,
        add: Callable[[AsyncSession], Awaitable[Made]],
    ) -> tuple[Made | Row, bool]:
        """Insert a row with `add`, which may be called twice, and commit; its `idempotency_key` is `key`.

        Returns:
            What `add` has made, or the row of another request with this key that was faster, and whether it
            is that.

        Raises:
            ProblemError: `idempotency-mismatch`, `request-in-progress`, or whatever `add` raises.
        """
        for forgetting in (False, True):
            async with self._sessions.write() as session:
                if forgetting and key is not None:
                    await self._forget_old(session, tenant_id, key)
                try:
                    row = await add(session)
                    await session.commit()
                except IntegrityError:
                    await session.rollback()
                    if key is None:
                        raise
                else:
                    return row, False
            # Another request has the key: a faster one, or one whose 24 hours are over.
            faster = await self.find(tenant_id, key)
            if faster is not None:
                return self.confirm(faster, request_hash), True
        raise ProblemError(
            "request-in-progress", "A request with the same Idempotency-Key is being worked on. Try again."
        )

    async def _forget_old(self, session: AsyncSession, tenant_id: str, key: str) -> None:
        """Free a key whose 24 hours are over."""
        await session.execute(
            sa.update(self._table)
            .where(*self._with(tenant_id, key), self._table.created_at <= utc_now(-KEPT_SECONDS))
            .values(idempotency_key=None)
        )

    def _with(self, tenant_id: str, key: str) -> tuple[sa.ColumnElement[bool], ...]:
        return self._table.tenant_id == tenant_id, self._table.idempotency_key == key
