"""Waiting for the tables of this version, for processes that nobody asks whether they are ready."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import sqlalchemy as sa
import structlog

from pynomaly_server.db.revisions import current_revision, lacking
from pynomaly_server.db.session import make_engine
from pynomaly_server.settings import Settings

LOOK_SECONDS: Final = 2.0
_log = structlog.get_logger("pynomaly.database")


def wait_for_tables(settings: Settings, rest: Callable[[float], bool]) -> bool:
    """Return once the database has the tables of this version, or those of a later one.

    Until then the log says what is lacking, in the words of the API's health, whenever that changes. No
    connection stays open, so that a process may fork afterwards.

    Args:
        settings: Where the database is.
        rest: Waits so many seconds; true where the process is to end instead.

    Returns:
        Whether the tables are there; false where `rest` ended the waiting.
    """
    said = ""
    while lack := _lack(settings):
        if lack != said:
            _log.error("waiting for the database", reason=lack)
            said = lack
        if rest(LOOK_SECONDS):
            return False
    if said:
        _log.info("the database is ready")
    return True


def _lack(settings: Settings) -> str:
    engine = make_engine(settings)
    try:
        with engine.connect() as connection:
            return lacking(current_revision(connection))
    except (sa.exc.OperationalError, sa.exc.InterfaceError) as error:
        return f"it cannot be reached ({type(error.orig).__name__})"
    finally:
        engine.dispose()
