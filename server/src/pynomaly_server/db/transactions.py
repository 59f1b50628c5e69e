"""Short transactions of statements that are made once, for what is stored with nearly every request.

A statement through an `AsyncSession` costs several times what the database's driver takes for it: sessions,
events and a greenlet for each. Where the database is PostgreSQL, what is run here is compiled once and given
to the driver itself, on a connection of the engine's own pool; on SQLite it goes through a session. Both take
the same statements and mean the same.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

import msgspec
import psycopg
import sqlalchemy as sa
from psycopg.rows import namedtuple_row
from sqlalchemy.util import greenlet_spawn

from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.telemetry.tracing import told_statement

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncSession
    from sqlalchemy.sql.compiler import SQLCompiler

Parameters = Mapping[str, object]
_ROWS: Final = "rows"


class ManyRows:
    """An INSERT of any number of rows at once.

    Args:
        table: Where they go.
        columns: The names of those columns whose values come with each row.
        fixed: Values that are the same for all rows, by column: SQL, or plain ones.
        returning: Columns to be told of each row that was inserted, in no order.
    """

    def __init__(
        self,
        table: sa.Table,
        columns: Sequence[str],
        fixed: Mapping[str, Any] | None = None,
        returning: Sequence[str] = (),
    ) -> None:
        fixed = fixed or {}
        told = [table.c[name] for name in returning]
        one_by_one: sa.Insert = sa.insert(table).values(dict(fixed)) if fixed else sa.insert(table)
        # As one parameter, however many rows and columns: each of its own takes the driver longer than JSON.
        given = (
            sa.func.json_to_recordset(sa.bindparam(_ROWS, type_=sa.Text).cast(sa.JSON))
            .table_valued(*(sa.column(name, table.c[name].type) for name in columns))
            .render_derived("given", with_types=True)
        )
        chosen = [
            *(given.c[name] for name in columns),
            *(
                value
                if isinstance(value, sa.ColumnElement)
                else sa.cast(sa.literal(value, table.c[name].type), table.c[name].type)
                for name, value in fixed.items()
            ),
        ]
        together: sa.Insert = sa.insert(table).from_select([*columns, *fixed], sa.select(*chosen))
        self.one_by_one: sa.Executable = one_by_one.returning(*told) if told else one_by_one
        self.together: sa.Executable = together.returning(*told) if told else together
        self.returns: bool = bool(told)


class Transaction(Protocol):
    """A transaction that is undone unless it is committed; what fails raises SQLAlchemy's errors."""

    async def rows(self, statement: sa.Executable, parameters: Parameters | None = None) -> Sequence[Any]:
        """Run a statement that was made once, and return its rows; their columns are attributes."""
        ...

    async def insert(self, into: ManyRows, rows: Sequence[Parameters]) -> Sequence[Any]:
        """Insert at least one row; what `into` is to be told of each."""
        ...

    def nested(self) -> AbstractAsyncContextManager[object]:
        """What fails within is undone by itself."""
        ...

    async def commit(self) -> None:
        """Keep all of it."""
        ...


class OfSession:
    """As `Transaction`, on a session that somebody else has opened or has other work for."""

    def __init__(self, session: AsyncSession) -> None:
        self._session = session

    async def rows(self, statement: sa.Executable, parameters: Parameters | None = None) -> Sequence[Any]:
        """Run a statement."""
        result = await self._session.execute(statement, parameters)
        nothing = isinstance(result, sa.CursorResult) and not result.returns_rows
        return () if nothing else result.all()

    async def insert(self, into: ManyRows, rows: Sequence[Parameters]) -> Sequence[Any]:
        """Insert rows."""
        result = await self._session.execute(into.one_by_one, list(rows))
        return result.all() if into.returns else ()

    def nested(self) -> AbstractAsyncContextManager[object]:
        """A savepoint."""
        return self._session.begin_nested()

    async def commit(self) -> None:
        """Commit."""
        await self._session.commit()


class _OfDriver:
    """As `Transaction`, on a connection of psycopg, which begins a transaction with the first statement."""

    def __init__(self, driver: psycopg.AsyncConnection[Any], dialect: sa.Dialect) -> None:
        self._driver = driver
        self._dialect = dialect

    async def rows(self, statement: sa.Executable, parameters: Parameters | None = None) -> Sequence[Any]:
        made = _made(statement, self._dialect)
        return await self._run(made.text, made.values(parameters or {}))

    async def insert(self, into: ManyRows, rows: Sequence[Parameters]) -> Sequence[Any]:
        made = _made(into.together, self._dialect)
        return await self._run(made.text, made.values({_ROWS: msgspec.json.encode(rows).decode()}))

    @asynccontextmanager
    async def nested(self) -> AsyncIterator[None]:
        await self._run("SAVEPOINT nested", None)
        try:
            yield
        except sa.exc.SQLAlchemyError:
            await self._run("ROLLBACK TO SAVEPOINT nested", None)
            raise
        await self._run("RELEASE SAVEPOINT nested", None)

    async def commit(self) -> None:
        try:
            await self._driver.commit()
        except psycopg.Error as error:
            raise _as_sqlalchemy("COMMIT", error) from error

    async def _run(self, text: str, values: Parameters | None) -> Sequence[Any]:
        with told_statement(text, "postgresql"):
            try:
                async with self._driver.cursor(row_factory=namedtuple_row) as cursor:
                    await cursor.execute(text, values)
                    return await cursor.fetchall() if cursor.description is not None else ()
            except psycopg.Error as error:
                raise _as_sqlalchemy(text, error) from error


@asynccontextmanager
async def transaction(sessions: AsyncSessions) -> AsyncIterator[Transaction]:
    """A transaction that writes; undone where it was not committed."""
    dialect = sessions.engine.dialect
    if dialect.name != "postgresql":
        async with sessions.write() as session:
            yield OfSession(session)
        return
    try:
        lent = await sessions.engine.raw_connection()
    except psycopg.Error as error:
        raise _as_sqlalchemy("BEGIN", error) from error
    driver = cast("psycopg.AsyncConnection[Any]", lent.driver_connection)
    try:
        yield _OfDriver(driver, dialect)
    except sa.exc.DBAPIError as error:
        if driver.closed:
            await greenlet_spawn(lent.invalidate, error)
        raise
    finally:
        # The pool undoes what was not committed.
        await greenlet_spawn(lent.close)


@dataclass(frozen=True, slots=True)
class _Made:
    """A statement as the driver takes it."""

    text: str
    always: Parameters
    """Values that are part of the statement."""
    written: Mapping[str, Any]
    """What turns values into what the driver takes, by their names, where something has to."""

    def values(self, given: Parameters) -> dict[str, object]:
        values = {**self.always, **given}
        for name, write in self.written.items():
            values[name] = write(values[name])
        return values


@lru_cache(maxsize=256)
def _made(statement: sa.Executable, dialect: sa.Dialect) -> _Made:
    compiled: SQLCompiler = statement.compile(dialect=dialect)  # type: ignore[attr-defined]
    if compiled.post_compile_params:
        raise ValueError(f"{compiled} has a list whose length is not known. Give each value its own name.")
    writers = {
        name: bind.type.dialect_impl(dialect).bind_processor(dialect)
        for bind, name in compiled.bind_names.items()
    }
    return _Made(
        str(compiled),
        dict(compiled.params),
        {name: write for name, write in writers.items() if write is not None},
    )


def _as_sqlalchemy(text: str, error: psycopg.Error) -> BaseException:
    """What a session would have raised."""
    return sa.exc.DBAPIError.instance(text, None, error, psycopg.Error, hide_parameters=True)
