"""Brings the database to the tables of this version; safe when several processes do it at once."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from pynomaly_server.db.session import database_url, make_engine
from pynomaly_server.settings import Settings

MIGRATIONS: Final = Path(__file__).parent / "migrations"
_ADVISORY_LOCK: Final = 0x70796E6F  # any number that nobody else locks: "pyno"


def upgrade(settings: Settings, revision: str = "head") -> None:
    """Run every migration up to `revision` that the database has not seen yet."""
    make_folder(settings)
    engine = make_engine(settings)
    try:
        with _one_at_a_time(engine, settings) as connection:
            command.upgrade(_config(connection), revision)
    finally:
        engine.dispose()


def known_revisions() -> list[str]:
    """The migrations of this version, oldest first."""
    scripts = ScriptDirectory(str(MIGRATIONS))
    return [script.revision for script in scripts.walk_revisions()][::-1]


def current_revision(connection: sa.Connection) -> str | None:
    """The newest migration that the database has seen; None where it has seen none."""
    return MigrationContext.configure(connection).get_current_revision()


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
