"""What is tried again and again says once that it fails, and once that it works again."""

from __future__ import annotations

from typing import Final, Protocol

import redis
from sqlalchemy.exc import InterfaceError, OperationalError

_AWAY: Final = (OSError, redis.RedisError, OperationalError, InterfaceError)


class _Log(Protocol):
    def warning(self, event: str, **fields: object) -> object: ...


class Outage:
    """For one loop: while what goes wrong stays of one kind, the log has one line of it.

    A database or a broker that is away is told by its reason; anything else has its traceback.

    Args:
        log: Where to say it.
        failing: What does not work.
        works: That it works again.
    """

    def __init__(self, log: _Log, failing: str, works: str) -> None:
        self._log = log
        self._failing = failing
        self._works = works
        self._kind: type[BaseException] | None = None

    def failed(self, error: Exception) -> None:
        """Note that an attempt has failed."""
        if type(error) is self._kind:
            return
        self._kind = type(error)
        if (away := _away(error)) is None:
            self._log.warning(self._failing, exc_info=error)
        else:
            self._log.warning(self._failing, reason=away)

    def succeeded(self) -> None:
        """Note that an attempt has succeeded."""
        if self._kind is not None:
            self._kind = None
            self._log.warning(self._works)


def _away(error: BaseException) -> str | None:
    """Why something does not answer; None where it is another kind of error."""
    # The broker's library wraps the client's error.
    for each in (error, error.__cause__):
        if isinstance(each, _AWAY):
            reason = str(getattr(each, "orig", None) or each).strip() or type(each).__name__
            return reason.splitlines()[0]
    return None
