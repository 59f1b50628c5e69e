"""`pynomaly algorithms [NAME]`: what the server can detect with."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from pynomaly.cli.arguments import add_command
from pynomaly.cli.connect import connect
from pynomaly.cli.output import print_json
from pynomaly.rendering import terminal_width, text_table

if TYPE_CHECKING:
    from pynomaly.cli.arguments import Subparsers


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = add_command(
        commands, "algorithms", run, "list the algorithms", "List the algorithms, or show one."
    )
    parser.add_argument("name", nargs="?", metavar="NAME", help="show this one with its parameters")


def run(arguments: argparse.Namespace) -> int:
    """List or show."""
    with connect(arguments) as client:
        if arguments.name:
            print_json(client.algorithms.get_algorithm(arguments.name))
            return 0
        known = client.algorithms.list_algorithms().items
    if arguments.json:
        print_json(known)
        return 0
    rows = [[each.name, each.title, each.cost, "yes" if each.available else "no"] for each in known]
    headers = ["algorithm", "what it is", "cost", "available"]
    sys.stdout.write(text_table(headers, rows, width=terminal_width(), keep=4) + "\n")
    return 0
