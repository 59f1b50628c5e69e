"""Asks each part of the server whether it works, all at once and within a time limit."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping
from typing import Final

import structlog

from pynomaly_server import __version__
from pynomaly_server.contract.structs import Health, HealthCheck

CHECK_SECONDS: Final = 2.0
_log = structlog.get_logger("pynomaly.health")

Check = Callable[[], Awaitable[str]]
"""Returns what was found, in words; raises `PartDownError`, or anything else, where the part fails."""


class PartDownError(Exception):
    """A part answered, and what it said means that it does not work. The message may be shown to anybody."""


class HealthService:
    """`required` parts make the server `down` when they fail, the others `degraded`."""

    def __init__(self, checks: Mapping[str, Check], required: frozenset[str]) -> None:
        self._checks = checks
        self._required = required

    async def health(self) -> Health:
        """The state of every part; never raises."""
        results = await asyncio.gather(*(_run(name, check) for name, check in self._checks.items()))
        failed = {result.name for result in results if result.status != "ok"}
        status = "down" if failed & self._required else "degraded" if failed else "ok"
        return Health(status=status, version=__version__, checks=list(results))


async def _run(name: str, check: Check) -> HealthCheck:
    started = time.perf_counter()
    try:
        async with asyncio.timeout(CHECK_SECONDS):
            status, detail = "ok", await check()
    except TimeoutError:
        status, detail = "down", f"did not answer within {CHECK_SECONDS:g} s"
    except PartDownError as error:
        status, detail = "down", str(error)
    except Exception as error:  # noqa: BLE001 - whatever a part raises, it does not work
        # Whoever asks may be anybody: the cause goes to the log, not into the answer.
        _log.warning("health check failed", part=name, error=f"{type(error).__name__}: {error}")
        status, detail = "down", "cannot be reached; the server's log has the cause"
    return HealthCheck(
        name=name, status=status, detail=detail, elapsed_ms=round((time.perf_counter() - started) * 1000, 2)
    )
