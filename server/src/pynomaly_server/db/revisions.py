"""Which migrations there are and which of them a database has seen, without loading what runs them.

Every process asks this when it starts; only `pynomaly migrate` and `pynomaly serve` run a migration.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Final

import sqlalchemy as sa

MIGRATIONS: Final = Path(__file__).parent / "migrations"
VERSION_TABLE: Final = "alembic_version"
"""Where Alembic keeps which migrations a database has seen."""
_SEEN: Final = sa.table(VERSION_TABLE, sa.column("version_num"))


@cache
def known_revisions() -> Sequence[str]:
    """The migrations of this version, oldest first: their files begin with revisions, which count up."""
    return tuple(sorted(path.name.partition("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py")))


def current_revision(connection: sa.Connection) -> str | None:
    """The newest migration that the database has seen; None where it has seen none."""
    if not sa.inspect(connection).has_table(_SEEN.name):
        return None
    return connection.scalar(sa.select(_SEEN.c.version_num))


def lacking(current: str | None) -> str:
    """What is to be done about a database that has seen `current`, in words; empty where nothing is."""
    known = known_revisions()
    if current is None:
        return "its tables are missing; run `pynomaly migrate`"
    if current in known[:-1]:
        return f"its tables are of an earlier version ({current}, not {known[-1]}); run `pynomaly migrate`"
    return ""
