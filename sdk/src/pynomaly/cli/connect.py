"""Which server a command talks to."""

from __future__ import annotations

import argparse
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pynomaly.client import PynomalyClient
    from pynomaly.transport import Driver


def connect(arguments: argparse.Namespace) -> PynomalyClient:
    """Return a client for the server that the options name."""
    from pynomaly.client import PynomalyClient

    return PynomalyClient(base_url=arguments.base_url, timeout=arguments.timeout)


@contextmanager
def anonymous(address: str, timeout: float | None) -> Generator[Driver]:
    """What calls the server of this address without a credential."""
    from pynomaly.profile import anonymous_connection
    from pynomaly.transport import CallOptions, Driver

    driver = Driver(anonymous_connection(address), options=CallOptions(timeout=timeout))
    try:
        yield driver
    finally:
        driver.close()
