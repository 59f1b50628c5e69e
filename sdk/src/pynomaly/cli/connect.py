"""The options that say which server a command talks to."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pynomaly.client import PynomalyClient


def add_connection_options(parser: argparse.ArgumentParser) -> None:
    """Add `--base-url` and `--timeout`. The key is no option: other users can see a command line."""
    parser.add_argument(
        "--base-url", metavar="URL", help="address of the server (default: PYNOMALY_BASE_URL, the profile)"
    )
    parser.add_argument("--timeout", type=float, metavar="SECONDS", help="time for the whole call")


def connect(arguments: argparse.Namespace) -> PynomalyClient:
    """Return a client for the server that the options name."""
    from pynomaly.client import PynomalyClient

    return PynomalyClient(base_url=arguments.base_url, timeout=arguments.timeout)
