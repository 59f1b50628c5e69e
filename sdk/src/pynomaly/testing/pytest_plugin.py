"""Fixtures for pytest, found by its entry point: `fake_pynomaly_server`, `fake_pynomaly_client` and
`fake_async_pynomaly_client`.

This file is read at the start of every run of pytest where the client is installed, so it imports nothing of
its own before a fixture is used.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pynomaly.async_client import AsyncPynomalyClient
    from pynomaly.client import PynomalyClient
    from pynomaly.testing.server import FakeServer


@pytest.fixture
def fake_pynomaly_server() -> FakeServer:
    """A Pynomaly server in memory: `pynomaly.testing.FakeServer`."""
    from pynomaly.testing.server import FakeServer

    return FakeServer()


@pytest.fixture
def fake_pynomaly_client(fake_pynomaly_server: FakeServer) -> Iterator[PynomalyClient]:
    """A client of `fake_pynomaly_server`, closed at the end."""
    with fake_pynomaly_server.client() as client:
        yield client


@pytest.fixture
def fake_async_pynomaly_client(fake_pynomaly_server: FakeServer) -> AsyncPynomalyClient:
    """An asynchronous client of `fake_pynomaly_server`; there is no connection to close."""
    return fake_pynomaly_server.async_client()
