"""`pynomaly health`: how the server and its parts are."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from pynomaly.cli.connect import add_connection_options, connect
from pynomaly.rendering import text_table

if TYPE_CHECKING:
    from pynomaly.cli.program import Subparsers


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "health", help="check the server", description="Check the server and its parts."
    )
    add_connection_options(parser)
    parser.set_defaults(handler=run)


def run(arguments: argparse.Namespace) -> int:
    """Print the state; 1 unless everything is ok."""
    with connect(arguments) as client:
        health = client.health_check()
    rows = [[check.name, check.status, check.detail] for check in health.checks]
    table = text_table(["part", "status", "detail"], rows, width=120, keep=3)
    sys.stdout.write(f"{health.status} (server {health.version})\n{table}\n")
    return 0 if health.status == "ok" else 1
