"""A database of its own for each test, a clock that stands still, and the first tenant."""

from __future__ import annotations

import pytest

from pynomaly_server.auth.service import AuthService
from pynomaly_server.db.session import make_async_engine, make_async_sessions
from pynomaly_server.settings import Settings

SECRET = "a" * 40


class Clock:
    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
async def sessions(sqlite_url, tmp_path):
    settings = Settings.load(data_dir=tmp_path, database_url=sqlite_url, secret_key=SECRET)
    engine = make_async_engine(settings)
    yield make_async_sessions(engine)
    await engine.dispose()


@pytest.fixture
async def auth(sessions, clock):
    auth = AuthService(sessions, SECRET, clock)
    await auth.ensure_first_key(lambda _: None)
    return auth


@pytest.fixture
async def tenant(auth):
    return await auth.default_tenant()
