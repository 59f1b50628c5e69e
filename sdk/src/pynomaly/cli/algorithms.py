"""`pynomaly algorithms [NAME]`: what the server can detect with."""

from __future__ import annotations

import argparse
import json
import sys
from typing import TYPE_CHECKING

from pynomaly.cli.connect import add_connection_options, connect
from pynomaly.rendering import terminal_width, text_table

if TYPE_CHECKING:
    from pynomaly.cli.program import Subparsers


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "algorithms", help="list the algorithms", description="List the algorithms, or show one."
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="show this one with its parameters")
    parser.add_argument("--json", action="store_true", help="for programs")
    add_connection_options(parser)
    parser.set_defaults(handler=run)


def run(arguments: argparse.Namespace) -> int:
    """List or show."""
    with connect(arguments) as client:
        if arguments.name:
            sys.stdout.write(f"{client.algorithms.get_algorithm(arguments.name).model_dump_json(indent=2)}\n")
            return 0
        known = client.algorithms.list_algorithms().items
    if arguments.json:
        json.dump([each.model_dump(mode="json") for each in known], sys.stdout, indent=2)
        sys.stdout.write("\n")
        return 0
    rows = [[each.name, each.title, each.cost, "yes" if each.available else "no"] for each in known]
    sys.stdout.write(
        text_table(["algorithm", "what it is", "cost", "available"], rows, width=terminal_width(), keep=4)
        + "\n"
    )
    return 0
