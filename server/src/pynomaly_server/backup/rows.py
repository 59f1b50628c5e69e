"""The rows of a database as text that every database takes: a list per row, a file per table.

The tables are those of the database and not those of the code, so that one whose schema is older can be
backed up before it is migrated, and what SQLite has kept can go on in PostgreSQL.
"""

from __future__ import annotations

import base64
import hashlib
import json
import warnings
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import IO, Any, Final

import sqlalchemy as sa

from pynomaly_server.db.revisions import VERSION_TABLE

_ROWS_AT_ONCE: Final = 500


def tables_of(connection: sa.Connection) -> Sequence[sa.Table]:
    """The tables of a database, those first that others refer to."""
    metadata = sa.MetaData()
    with warnings.catch_warnings():
        # Of indexes on expressions, which rows do not need.
        warnings.simplefilter("ignore", sa.exc.SAWarning)
        metadata.reflect(connection)
    return [table for table in metadata.sorted_tables if table.name != VERSION_TABLE]


def write_rows(connection: sa.Connection, table: sa.Table, file: IO[bytes]) -> int:
    """Write the rows of a table, in the order of their keys, and say how many there are.

    The same rows are the same bytes, whatever database they are in.
    """
    file.write(_line([column.name for column in table.columns]))
    statement = _all_of(table, "BINARY" if connection.dialect.name == "sqlite" else "C")
    count = 0
    for row in connection.execute(statement, execution_options={"yield_per": _ROWS_AT_ONCE}):
        file.write(
            _line([_told(column.type, value) for column, value in zip(table.columns, row, strict=True)])
        )
        count += 1
    return count


def read_rows(connection: sa.Connection, table: sa.Table, lines: Iterable[bytes]) -> int:
    """Insert what `write_rows` wrote into an empty table, and say how many rows that were."""
    ahead = iter(lines)
    columns = [table.columns[name] for name in json.loads(next(ahead))]
    for column in columns:
        if isinstance(column.type, sa.JSON):
            column.type = sa.JSON(none_as_null=True)
    aware = connection.dialect.name != "sqlite"
    count = 0
    while rows := [json.loads(line) for line in islice(ahead, _ROWS_AT_ONCE)]:
        connection.execute(
            table.insert(),
            [
                {
                    column.name: _taken(column.type, value, aware)
                    for column, value in zip(columns, row, strict=True)
                }
                for row in rows
            ],
        )
        count += len(rows)
    return count


def digest(connection: sa.Connection, table: sa.Table) -> str:
    """SHA-256 of what `write_rows` would write."""
    hashing = _Hashing()
    write_rows(connection, table, hashing)  # type: ignore[arg-type]
    return hashing.hash.hexdigest()


def references(connection: sa.Connection, tables: Mapping[str, sa.Table]) -> tuple[set[str], set[str]]:
    """Keys of the objects that rows name, and the keys below which finished jobs have theirs."""
    objects: set[str] = set()
    for table, column in (("datasets", "object_key"), ("model_versions", "artefact_key")):
        if table in tables:
            objects.update(connection.scalars(sa.select(tables[table].columns[column])))
    jobs = tables["jobs"].columns
    statement = sa.select(jobs.result_key).where(jobs.result_key.is_not(None))
    if "job_results" in tables:
        statement = statement.where(jobs.id.not_in(sa.select(tables["job_results"].columns.job_id)))
    return objects, set(connection.scalars(statement))


class _Hashing:
    """Stands where a file stands."""

    def __init__(self) -> None:
        self.hash = hashlib.sha256()

    def write(self, content: bytes) -> None:
        self.hash.update(content)


def _all_of(table: sa.Table, collation: str) -> sa.Select[Any]:
    def shown(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
        # JSON's own null is another thing than none, and only its text tells them apart.
        return sa.cast(column, sa.Text) if isinstance(column.type, sa.JSON) else column

    def ordered(column: sa.Column[Any]) -> sa.ColumnElement[Any]:
        # By their bytes, as SQLite does, and not by the rules of a language.
        return sa.collate(column, collation) if isinstance(column.type, sa.String) else column

    return sa.select(*map(shown, table.columns)).order_by(*map(ordered, table.primary_key.columns))


def _line(values: list[Any]) -> bytes:
    return json.dumps(values, separators=(",", ":")).encode() + b"\n"


def _told(kind: sa.types.TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, sa.LargeBinary):
        return base64.b64encode(value).decode()
    if isinstance(kind, sa.JSON):
        return [json.loads(value)]
    if isinstance(kind, sa.DateTime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
        return moment.isoformat(timespec="microseconds")
    return value


def _taken(kind: sa.types.TypeEngine[Any], value: Any, aware: bool) -> Any:
    if value is None:
        return None
    if isinstance(kind, sa.LargeBinary):
        return base64.b64decode(value)
    if isinstance(kind, sa.JSON):
        return sa.JSON.NULL if value[0] is None else value[0]
    if isinstance(kind, sa.DateTime):
        moment = datetime.fromisoformat(value)
        return moment if aware else moment.replace(tzinfo=None)
    return value
