"""Waits for a database that is away for a moment."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final, TypeVar

import structlog
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError

T = TypeVar("T")
PATIENCE_SECONDS: Final = 60.0
_FIRST_PAUSE: Final = 0.1
_LONGEST_PAUSE: Final = 2.0
_log = structlog.get_logger("pynomaly.jobs")


def patiently(change: Callable[[], T]) -> T:
    """Make a change, again and again while the database restarts, is locked or has dropped the connection.

    Minutes of work are not thrown away for a second without database. The change must be one that may be
    made twice.

    Raises:
        sqlalchemy.exc.DBAPIError: it stayed away for longer than `PATIENCE_SECONDS`.
    """
    until = time.monotonic() + PATIENCE_SECONDS
    pause = _FIRST_PAUSE
    while True:
        try:
            return change()
        except (OperationalError, InterfaceError, InternalError) as error:
            if time.monotonic() > until:
                raise
            _log.warning("waiting for the database", error=str(error.orig))
        time.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)
