"""Looks for steps that are due, in a thread of the sweeper's process with an event loop of its own."""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections.abc import Iterator
from typing import Final

import structlog

from pynomaly_server.db.session import AsyncSessions, make_async_engine, make_async_sessions
from pynomaly_server.features import Features
from pynomaly_server.models.drift.retention import forget_old
from pynomaly_server.models.retraining.repository import all_rules
from pynomaly_server.outages import Outage
from pynomaly_server.settings import Settings

PASS_SECONDS: Final = 5.0
_CLEANING_SECONDS: Final = 3_600.0
_log = structlog.get_logger("pynomaly.models")


async def watch(settings: Settings, features: Features, stop: asyncio.Event) -> None:
    """Take the steps that are due until `stop` is set; nothing that fails ends it."""
    engine = make_async_engine(settings)
    sessions = make_async_sessions(engine)
    outage = Outage(
        _log, "models to be trained anew cannot be looked up", "models to be trained anew are looked up again"
    )
    clean_at = time.monotonic() + PASS_SECONDS
    try:
        async with contextlib.AsyncExitStack() as parts:
            sweep = None
            while not stop.is_set():
                try:
                    if sweep is None and await _any_rule(sessions):
                        # A process whose tenants have no rule does without the libraries.
                        from pynomaly_server.models.retraining.sweep import opened

                        sweep = await parts.enter_async_context(opened(settings, features))
                    if sweep is not None:
                        await sweep.sweep()
                    if time.monotonic() >= clean_at:
                        await _forget(sessions)
                        clean_at = time.monotonic() + _CLEANING_SECONDS
                except Exception as error:  # noqa: BLE001 - the database is away; what is due stays due
                    outage.failed(error)
                else:
                    outage.succeeded()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(stop.wait(), PASS_SECONDS)
    finally:
        await engine.dispose()


async def _any_rule(sessions: AsyncSessions) -> bool:
    async with sessions.read() as session:
        return bool(await all_rules(session))


async def _forget(sessions: AsyncSessions) -> None:
    async with sessions.write() as session:
        await forget_old(session)
        await session.commit()


@contextlib.contextmanager
def retraining(settings: Settings, features: Features) -> Iterator[None]:
    """Watch in a thread while the context is open; what `features` say may change meanwhile."""
    loop = asyncio.new_event_loop()
    stop = asyncio.Event()
    thread = threading.Thread(
        target=loop.run_until_complete, args=[watch(settings, features, stop)], name="retraining", daemon=True
    )
    thread.start()
    try:
        yield
    finally:
        loop.call_soon_threadsafe(stop.set)
        thread.join()
        loop.close()
