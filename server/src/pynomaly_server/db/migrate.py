"""Brings the database to the tables of this version; safe when several processes do it at once."""

from __future__ import annotations

import fcntl
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa
import structlog
from alembic import command
from alembic.config import Config
from psycopg.errors import LockNotAvailable

from pynomaly_server.db.revisions import MIGRATIONS, current_revision, known_revisions
from pynomaly_server.db.session import database_url, make_engine
from pynomaly_server.settings import Settings

_LOCK_SECONDS: Final = 2
_REST_SECONDS: Final = 1.0
_ATTEMPTS: Final = 60
_log = structlog.get_logger("pynomaly.migrations")
_ADVISORY_LOCK: Final = 0x70796E6F  # any number that nobody else locks: "pyno"


class UnknownRevisionError(Exception):
    """There is no such migration; the message says which there are."""


def upgrade(settings: Settings, revision: str = "head") -> None:
    """Run every migration up to `revision` that the database has not seen yet.

    A database of a later version is left as it is: its tables hold what this version needs, since a release
    takes away only what the one before it does not use any more.
    """
    with _migrating(settings) as connection:
        current = current_revision(connection)
        connection.rollback()  # each migration is a transaction of its own, unless it finds one begun
        if current is not None and current not in known_revisions():
            _log.warning("the database is of a later version, and is left as it is", revision=current)
            return
        _with_patience(connection, lambda: command.upgrade(_config(connection), revision))


def downgrade(settings: Settings, revision: str) -> None:
    """Take back every migration after `revision`, newest first; what only these have kept is lost.

    Raises:
        UnknownRevisionError: the database has a later version's migrations, or `revision` is none of ours.
    """
    known = known_revisions()
    with _migrating(settings) as connection:
        for asked in (revision, current_revision(connection)):
            if asked is not None and asked not in known:
                raise UnknownRevisionError(
                    f"{asked} is no revision of this version, which has {known[0]} to {known[-1]}."
                )
        connection.rollback()
        _with_patience(connection, lambda: command.downgrade(_config(connection), revision))


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def make_folder(settings: Settings) -> None:
    """Make the folder of an SQLite file."""
    url = database_url(settings, asynchronous=False)
    if url.get_backend_name() == "sqlite" and url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)


@contextmanager
def _migrating(settings: Settings) -> Iterator[sa.Connection]:
    make_folder(settings)
    engine = make_engine(settings)
    try:
        with _one_at_a_time(engine, settings) as connection:
            yield connection
    finally:
        engine.dispose()


def _with_patience(connection: sa.Connection, migrate: Callable[[], None]) -> None:
    """Migrate, and begin the rest anew where a table is in use.

    A migration that waits for a table has all later requests for it wait behind it. So it gives up after a
    moment, lets them pass, and tries again.
    """
    if connection.dialect.name == "sqlite":
        migrate()
        return
    for attempt in range(1, _ATTEMPTS + 1):
        connection.exec_driver_sql(f"SET lock_timeout = '{_LOCK_SECONDS}s'")
        connection.commit()
        try:
            migrate()
        except sa.exc.OperationalError as error:
            if not isinstance(error.orig, LockNotAvailable) or attempt == _ATTEMPTS:
                raise
            connection.rollback()
            _log.warning("a table is in use; the migration is tried again", attempt=attempt)
            time.sleep(_REST_SECONDS)
        else:
            return


@contextmanager
def _one_at_a_time(engine: sa.Engine, settings: Settings) -> Iterator[sa.Connection]:
    """A connection that no other process has at the same time for this purpose."""
    if engine.dialect.name == "sqlite":
        path = Path(f"{database_url(settings, asynchronous=False).database}.migrate.lock")
        with path.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            with engine.connect() as connection:
                yield connection
        return
    with engine.connect() as holder, engine.connect() as connection:
        # Held by a connection of its own and outside of transactions, so that it survives the commits of the
        # migrations however long they take.
        holder.execution_options(isolation_level="AUTOCOMMIT")
        holder.execute(sa.text("SELECT pg_advisory_lock(:lock)"), {"lock": _ADVISORY_LOCK})
        yield connection
