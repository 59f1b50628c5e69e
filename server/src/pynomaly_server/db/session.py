"""Engines and sessions, for coroutines and for threads.

`Sessions.read` is for statements that only look, `Sessions.write` for those that change; nothing is
committed unless the service says so.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.pool import ConnectionPoolEntry

from pynomaly_server.settings import Settings
from pynomaly_server.telemetry.tracing import watch_statements

BUSY_SECONDS: Final = 10
CONNECT_SECONDS: Final = 5
IDLE_SECONDS: Final = 10
TRUSTED_SECONDS: Final = 0.5
"""A connection that was good so long ago is taken for good."""
_BEGIN: Final = "pynomaly_begin"


@dataclass(frozen=True, slots=True)
class AsyncSessions:
    """Makes sessions for coroutines."""

    engine: AsyncEngine
    read: async_sessionmaker[AsyncSession]
    write: async_sessionmaker[AsyncSession]


@dataclass(frozen=True, slots=True)
class Sessions:
    """Makes sessions for threads."""

    engine: sa.Engine
    read: sessionmaker[Session]
    write: sessionmaker[Session]


def make_async_engine(settings: Settings) -> AsyncEngine:
    """An engine for the API: aiosqlite or psycopg."""
    url = database_url(settings, asynchronous=True)
    engine = create_async_engine(url, **_options(url))
    _prepare(engine.sync_engine)
    if settings.otlp_endpoint:
        watch_statements(engine.sync_engine)
    return engine


def make_engine(settings: Settings) -> sa.Engine:
    """An engine for workers, the sweeper and migrations: sqlite3 or psycopg. Open it after a fork."""
    url = database_url(settings, asynchronous=False)
    engine = sa.create_engine(url, **_options(url))
    _prepare(engine)
    if settings.otlp_endpoint:
        watch_statements(engine)
    return engine


def make_async_sessions(engine: AsyncEngine) -> AsyncSessions:
    """Session factories on `engine`."""
    reading = engine.execution_options(**_reading(engine.dialect))
    writing = engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
    return AsyncSessions(
        engine,
        async_sessionmaker(reading, expire_on_commit=False),
        async_sessionmaker(writing, expire_on_commit=False),
    )


def make_sessions(engine: sa.Engine) -> Sessions:
    """Session factories on `engine`."""
    reading = engine.execution_options(**_reading(engine.dialect))
    writing = engine.execution_options(**{_BEGIN: "BEGIN IMMEDIATE"})
    return Sessions(
        engine, sessionmaker(reading, expire_on_commit=False), sessionmaker(writing, expire_on_commit=False)
    )


def _reading(dialect: sa.Dialect) -> dict[str, Any]:
    # A statement that only looks needs no transaction around it, whose ends would be two more round trips.
    return {"isolation_level": "AUTOCOMMIT"} if dialect.name == "postgresql" else {}


def database_url(settings: Settings, *, asynchronous: bool) -> URL:
    """The settings' database with the driver that fits; makes the folder of an SQLite file."""
    url = make_url(settings.database_url)
    if url.get_backend_name() == "sqlite":
        return url.set(drivername="sqlite+aiosqlite" if asynchronous else "sqlite+pysqlite")
    return url.set(drivername="postgresql+psycopg")


def _options(url: URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": BUSY_SECONDS, "check_same_thread": False}}
    return {
        "pool_size": 5,
        "max_overflow": 10,
        "pool_timeout": BUSY_SECONDS,
        "connect_args": {
            "connect_timeout": CONNECT_SECONDS,
            # A process that is put to sleep within a transaction would hold its row locks until it wakes up.
            "options": f"-c timezone=utc -c idle_in_transaction_session_timeout={IDLE_SECONDS}s",
        },
    }


def _prepare(engine: sa.Engine) -> None:
    """Make SQLite durable, concurrent and strict; PostgreSQL is all that, and may be far away."""
    if engine.dialect.name != "sqlite":
        _ask_after_idle(engine)
        return

    @sa.event.listens_for(engine, "connect")
    def _on_connect(connection: Any, _record: Any) -> None:
        # The driver would begin transactions by its own rules; `_on_begin` does it by ours.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={BUSY_SECONDS * 1000}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @sa.event.listens_for(engine, "begin")
    def _on_begin(connection: sa.Connection) -> None:
        # A transaction that reads first and writes later fails at once when another wrote in between,
        # however long it would be willing to wait; so writers take their place in the queue at the
        # beginning.
        connection.exec_driver_sql(connection.get_execution_options().get(_BEGIN, "BEGIN"))


def _ask_after_idle(engine: sa.Engine) -> None:
    """Ask whether a connection is still good before it is used, unless it was used a moment ago.

    One that is not is replaced without a word, as after a restart of the database. Whoever comes within that
    moment meets the error that whoever was in the middle of a statement meets.
    """

    @sa.event.listens_for(engine, "connect")
    @sa.event.listens_for(engine, "checkin")
    def _used(_connection: Any, record: ConnectionPoolEntry) -> None:
        record.info["used_at"] = time.monotonic()

    @sa.event.listens_for(engine, "checkout")
    def _ask(connection: Any, record: ConnectionPoolEntry, _fairy: Any) -> None:
        if time.monotonic() - record.info["used_at"] < TRUSTED_SECONDS:
            return
        try:
            engine.dialect.do_ping(connection)
        except Exception as error:
            raise sa.exc.InvalidatePoolError from error
