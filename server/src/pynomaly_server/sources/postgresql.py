"""Tables of a PostgreSQL server: a table or one SELECT, read in bounded memory.

The connection goes to the address that the guard has checked (`hostaddr`), while the name is kept for TLS.
The query runs as a subquery of ours, in one statement of the extended protocol, in a read-only transaction;
so it can be nothing but a query. Rows come through a cursor of the server, some thousand at a time.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

import polars as pl
import psycopg
from psycopg import sql
from psycopg.types.numeric import FloatLoader
from psycopg.types.string import TextLoader

from pynomaly_server.contract.structs import PostgresqlSecrets, RemoteSource
from pynomaly_server.credentials.kinds import POSTGRESQL, POSTGRESQL_PORTS, server_url
from pynomaly_server.outbound.guard import Guard
from pynomaly_server.outbound.networks import Address
from pynomaly_server.outbound.transports import trusted_authorities
from pynomaly_server.outbound.urls import ForbiddenTargetError, Target, parse_target
from pynomaly_server.problems import ProblemError
from pynomaly_server.sources.fetching import Allotment, Fetched

RETRY_SECONDS: Final = (0.5, 2.0)
"""Pauses before the second and the third try, where the server cannot be reached or is lost on the way."""
BATCH_BYTES: Final = 8 * 2**20
_FIRST_ROWS: Final = 50
_MOST_ROWS: Final = 20_000
_CONNECT_SECONDS: Final = 10
_LONGEST_NAME: Final = 63
_SHOWN_CHARACTERS: Final = 200
_PARQUET: Final = "application/vnd.apache.parquet"
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
_TYPES: Final[dict[int, pl.DataType]] = {
    16: pl.Boolean(),
    20: pl.Int64(),
    21: pl.Int64(),
    23: pl.Int64(),
    26: pl.Int64(),
    700: pl.Float64(),
    701: pl.Float64(),
    1082: pl.Date(),
    1114: pl.Datetime("us"),
    1184: pl.Datetime("us", "UTC"),
    1700: pl.Float64(),
}
"""What columns become by their type's number in PostgreSQL's pg_type.dat; all others become text."""
_NUMERIC: Final = 1700


@dataclass(frozen=True, slots=True)
class Reading:
    """One query to be read: where, as whom, and what. `shown` names the database in messages."""

    target: Target
    database: str
    query: sql.Composed
    secrets: PostgresqlSecrets = field(repr=False)

    @property
    def shown(self) -> str:
        """The database as a message names it."""
        return self.target.shown


def reading_of(source: RemoteSource, secrets: PostgresqlSecrets) -> Reading:
    """What a source asks for; raises `ForbiddenTargetError` where it is not in the one strict form."""
    target = parse_target(source.url, (POSTGRESQL,))
    if target.query:
        raise ForbiddenTargetError(
            f"The URL {target.shown} has options. Leave them out: host, port and database are all that is "
            "taken from it, and the rest from the credential."
        )
    at = parse_target(server_url(secrets), (POSTGRESQL,))
    if (target.host, target.port) != (at.host, at.port):
        raise ForbiddenTargetError(
            f"The credential {source.credential_id} is for {at.origin}, and the source is at "
            f"{target.origin}. Name another credential, or store one for that server."
        )
    database = unquote(target.path[1:])
    if not database or len(database) > _LONGEST_NAME or "/" in database or _CONTROL.search(database):
        raise ForbiddenTargetError(
            f"The URL {target.shown} names no database. Write it as postgresql://host/database."
        )
    target = replace(target, encrypted=secrets.sslmode != "disable")
    return Reading(target, database, _query(source), secrets)


def read(reading: Reading, folder: Path, guard: Guard, allotment: Allotment, seconds: float) -> Fetched:
    """Read the rows into a Parquet file in `folder`; no statement may take more than `seconds`.

    Raises:
        ProblemError: `forbidden-source`, `source-unavailable`, `payload-too-large` or `bad-dataset`; the
        message names the database, and never the password.
    """
    try:
        return allotment.run(reading.shown, _read(reading, folder, guard, allotment, seconds))
    except ForbiddenTargetError as error:
        raise ProblemError("forbidden-source", str(error)) from None


class _LostError(Exception):
    """It may go better in a moment; the message says what went wrong."""


async def _read(
    reading: Reading, folder: Path, guard: Guard, allotment: Allotment, seconds: float
) -> Fetched:
    for pause in RETRY_SECONDS:
        with contextlib.suppress(_LostError):
            return await _read_once(reading, folder, guard, allotment, seconds)
        await asyncio.sleep(pause)
    try:
        return await _read_once(reading, folder, guard, allotment, seconds)
    except _LostError as lost:
        raise ProblemError(
            "source-unavailable", f"{reading.shown} {lost} Submit the job again later."
        ) from None


async def _read_once(
    reading: Reading, folder: Path, guard: Guard, allotment: Allotment, seconds: float
) -> Fetched:
    addresses = await guard.addresses_async(reading.target, POSTGRESQL_PORTS)
    connection = await _connected(reading, addresses, folder)
    parts: list[Path] = []
    size = 0.0
    # Closed and not given back: what is open on it ends with it, whatever went wrong.
    try:
        async with contextlib.aclosing(_frames(connection, reading, seconds)) as frames:
            async for frame in frames:
                size += frame.estimated_size()
                allotment.check_size(reading.shown, int(size))
                parts.append(folder / f"{len(parts):06d}.parquet")
                frame.write_parquet(parts[-1], compression="lz4")
    finally:
        await connection.close()
    whole = folder / "fetched"
    pl.scan_parquet(parts).sink_parquet(whole, compression="lz4")
    for part in parts:
        part.unlink()
    return Fetched(reading.shown, whole, _PARQUET)


async def _connected(
    reading: Reading, addresses: Sequence[Address], folder: Path
) -> psycopg.AsyncConnection[Any]:
    """A connection to the first of the addresses that takes one."""
    options = _options(reading, folder)
    fault: psycopg.Error | None = None
    for address in addresses:
        try:
            # psycopg takes the parameters of libpq by name, whatever they are.
            return await psycopg.AsyncConnection.connect(hostaddr=str(address), **options)
        except psycopg.Error as error:
            fault = error
            if _was_answered(error):
                break
    raise _connect_problem(reading, str(fault))


def _options(reading: Reading, folder: Path) -> dict[str, Any]:
    secrets = reading.secrets
    options: dict[str, Any] = {
        "host": reading.target.host,
        "port": reading.target.port,
        "dbname": reading.database,
        "user": secrets.user,
        "password": secrets.password,
        "sslmode": secrets.sslmode,
        "connect_timeout": _CONNECT_SECONDS,
        "client_encoding": "UTF8",
        "application_name": "pynomaly",
        # Nothing of the account that the worker runs under, neither its certificate nor its PGOPTIONS.
        "sslcertmode": "disable",
        "gssencmode": "disable",
        "options": "",
    }
    if secrets.sslmode == "disable":
        options["require_auth"] = "!password"
    else:
        authorities = folder / "authorities.pem"
        authorities.write_text(secrets.ca_certificate or trusted_authorities(), encoding="utf-8")
        options["sslrootcert"] = str(authorities)
    return options


def _was_answered(error: psycopg.Error) -> bool:
    """Whether the server spoke, so that another of its addresses would say the same."""
    return "FATAL" in str(error)


def _connect_problem(reading: Reading, said: str) -> Exception:
    """What a failed connection means; libpq's own words name files and are not repeated."""
    if "FATAL" in said:
        return ProblemError(
            "source-unavailable",
            f"{reading.shown} did not let the user of the credential in. Check that the database exists, and "
            "the user, the password and what the user may do.",
        )
    if "SSL" in said or "certificate" in said:
        return ProblemError(
            "source-unavailable",
            f"{reading.shown} offers no TLS that can be trusted. Check that its certificate is valid and for "
            "this host, and give the certificate of its authority as ca_certificate in the credential.",
        )
    if "authentication method" in said:
        return ProblemError(
            "source-unavailable",
            f"{reading.shown} asks for the password in plain text. Let it use scram-sha-256, or TLS.",
        )
    return _LostError("does not accept connections.")


async def _frames(
    connection: psycopg.AsyncConnection[Any], reading: Reading, seconds: float
) -> AsyncGenerator[pl.DataFrame]:
    """The rows in frames of about `BATCH_BYTES`; where there are no rows, one frame with the columns."""
    _load_few_types(connection)
    try:
        await connection.set_read_only(True)
        await connection.execute(
            "SELECT set_config('statement_timeout', %s, true), set_config('TimeZone', 'UTC', true), "
            "set_config('DateStyle', 'ISO, MDY', true)",
            (str(int(seconds * 1000)),),
        )
        async with connection.cursor(name="source") as cursor:
            await cursor.execute(reading.query)
            schema = _schema(reading, cursor.description or [])
            rows = await cursor.fetchmany(_FIRST_ROWS)
            while True:
                frame = _frame(schema, rows)
                yield frame
                if not rows:
                    return
                per_row = max(int(frame.estimated_size()) // frame.height, 1)
                rows = await cursor.fetchmany(max(1, min(BATCH_BYTES // per_row, _MOST_ROWS)))
                if not rows:
                    return
    except psycopg.Error as error:
        raise _query_problem(reading, error, seconds) from None
    except (ValueError, OverflowError):
        raise _unreadable(reading) from None


def _load_few_types(connection: psycopg.AsyncConnection[Any]) -> None:
    """Let this connection answer with values of `_TYPES` and text, and nothing else."""
    for known in list(connection.adapters.types):
        for oid in (known.oid, known.array_oid):
            if oid and oid not in _TYPES:
                connection.adapters.register_loader(oid, TextLoader)
    connection.adapters.register_loader(_NUMERIC, FloatLoader)


def _schema(reading: Reading, columns: Sequence[psycopg.Column]) -> dict[str, pl.DataType]:
    schema: dict[str, pl.DataType] = {}
    for column in columns:
        if column.name in schema:
            raise ProblemError(
                "bad-dataset",
                f"The query at {reading.shown} has two columns called {column.name[:60]!r}. Give each a name "
                "of its own with AS.",
            )
        schema[column.name] = _TYPES.get(column.type_code, pl.String())
    if not schema:
        raise ProblemError(
            "bad-dataset", f"The query at {reading.shown} has no columns. Select at least one."
        )
    return schema


def _frame(schema: dict[str, pl.DataType], rows: Sequence[Sequence[Any]]) -> pl.DataFrame:
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(schema)
    return pl.DataFrame(
        [
            pl.Series(name, values, dtype=kind)
            for (name, kind), values in zip(schema.items(), columns, strict=True)
        ]
    )


def _query_problem(reading: Reading, error: psycopg.Error, seconds: float) -> Exception:
    state = error.sqlstate or ""
    if isinstance(error, psycopg.DataError) and not state:
        return _unreadable(reading)
    if state == "57014":
        return ProblemError(
            "source-unavailable",
            f"The query at {reading.shown} took more than {seconds:g} seconds, the limit. Select less, or "
            "make it faster.",
        )
    if not state or state[:2] in {"08", "53", "57"}:
        return _LostError("was lost while the rows came.")
    said = _CONTROL.sub(" ", error.diag.message_primary or "")[:_SHOWN_CHARACTERS]
    return ProblemError(
        "bad-dataset",
        f"{reading.shown} refused the query: {said!r} (SQLSTATE {state}). Give one SELECT that only reads, "
        "or a table that the user of the credential may read.",
    )


def _unreadable(reading: Reading) -> ProblemError:
    return ProblemError(
        "bad-dataset",
        f"The query at {reading.shown} has values that a table cannot hold: dates or times beyond the years "
        "1 to 9999, infinite ones, or text that is not UTF-8. Leave them out, or cast the column to text.",
    )


def _query(source: RemoteSource) -> sql.Composed:
    if source.table:
        return sql.SQL("SELECT * FROM {}").format(sql.Identifier(*source.table.split(".")))
    inner = (source.query or "").rstrip().removesuffix(";")
    # A line of its own for the parenthesis: the query may end in a comment.
    return sql.SQL("SELECT * FROM (\n{}\n) AS source").format(_Verbatim(inner))


class _Verbatim(sql.Composable):
    """Text of the caller's in a statement: it is theirs to write, and bounded by how it is sent."""

    def as_bytes(self, context: Any = None) -> bytes:  # noqa: ARG002
        """The text."""
        return str(self._obj).encode()
