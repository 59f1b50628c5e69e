"""How a command works in the database of the server that its settings name."""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, TypeVar

from pynomaly_server.cli.commands import settings_of
from pynomaly_server.runtime.faults import RuntimeFault

if TYPE_CHECKING:
    from pynomaly_server.db.session import AsyncSessions
    from pynomaly_server.settings import Settings

Answer = TypeVar("Answer")


def with_sessions(
    arguments: argparse.Namespace, ask: Callable[[AsyncSessions, Settings, str], Awaitable[Answer]]
) -> Answer:
    """What `ask` gets from the database, brought up to date before, given the server's secret key.

    Raises:
        RuntimeFault: there is no secret key.
        SettingsError: the settings are not valid.
    """
    import asyncio

    from pynomaly_server.db.migrate import upgrade
    from pynomaly_server.db.session import make_async_engine, make_async_sessions

    settings = settings_of(arguments)
    if settings.secret_key is None:
        raise RuntimeFault(
            f"There is no server's secret key in {settings.data_dir}, and PYNOMALY_SECRET_KEY is not set. "
            "Name the server's data folder with --data-dir, or start one with `pynomaly serve`."
        )
    secret_key = settings.secret_key.get_secret_value()
    upgrade(settings)

    async def connected() -> Answer:
        engine = make_async_engine(settings)
        try:
            return await ask(make_async_sessions(engine), settings, secret_key)
        finally:
            await engine.dispose()

    return asyncio.run(connected())
