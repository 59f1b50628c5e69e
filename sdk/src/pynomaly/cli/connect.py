"""Which server a command talks to."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pynomaly.client import PynomalyClient


def connect(arguments: argparse.Namespace) -> PynomalyClient:
    """Return a client for the server that the options name."""
    from pynomaly.client import PynomalyClient

    return PynomalyClient(base_url=arguments.base_url, timeout=arguments.timeout)
