"""What a running process takes over of its settings on SIGHUP: the limits of callers, what is switched
off, and the log's level.

Every process of a server reads its settings by itself, so each one is sent the signal; `pynomaly serve` and
the parents of API processes and workers pass it on.
"""

from __future__ import annotations

import mmap
from collections.abc import Iterable
from typing import Final

import structlog

from pynomaly_server.logs import configure_logging
from pynomaly_server.settings import Settings, SettingsError, environment_variable

RELOADABLE: Final = (
    "log_level",
    "rate_limit",
    "rate_limit_address",
    "rate_limit_login",
    "quota_requests",
    "quota_rows",
    "quota_stored_bytes",
    "quota_jobs",
    "features_off",
)
"""Settings that can be changed without a restart."""
_log = structlog.get_logger("pynomaly.settings")


def reloaded(held: Settings) -> Settings:
    """The settings `held`, with what can be reloaded as it is now; logs what came of it.

    Where anything at all is wrong with the settings as they are now, nothing changes.
    """
    try:
        now = Settings.load()
    except SettingsError as fault:
        _log.error("settings not reloaded; those before hold", faults=fault.faults)
        return held
    changed = [name for name in Settings.model_fields if getattr(now, name) != getattr(held, name)]
    taken = {name: getattr(now, name) for name in changed if name in RELOADABLE}
    settings = held.model_copy(update=taken)
    if "log_level" in taken:
        configure_logging(settings)
    # At a level that no setting hides.
    _log.warning("settings reloaded", changed=_variables(taken))
    if waiting := [name for name in changed if name not in RELOADABLE]:
        _log.warning("settings changed that only a restart takes over", unchanged=_variables(waiting))
    return settings


def _variables(names: Iterable[str]) -> list[str]:
    return [environment_variable(name) for name in names]


class Reloads:
    """A count that processes share with those that they fork: how often the settings were to be reloaded."""

    def __init__(self) -> None:
        self._shared = mmap.mmap(-1, 8)

    def count(self) -> int:
        """How often so far."""
        return int.from_bytes(self._shared[:], "little")

    def add(self) -> None:
        """Once more; only one process may say so."""
        self._shared[:] = (self.count() + 1).to_bytes(8, "little")
