"""`pynomaly keys`: make, list, rotate and revoke the API keys of one's tenant, over HTTP."""

from __future__ import annotations

import argparse
import sys
from datetime import timedelta
from typing import TYPE_CHECKING

from pynomaly.cli.connect import add_connection_options, connect
from pynomaly.rendering import text_table

if TYPE_CHECKING:
    from pynomaly.cli.program import Subparsers


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "keys", help="make and revoke API keys", description="Make, list, rotate and revoke API keys."
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make an API key and print it, this once")
    create.add_argument("name", help="what the key is for")
    create.add_argument(
        "--scope", action="append", dest="scopes", metavar="SCOPE",
        help="what it may do, for example detect:run; give it several times (default: everything)",
    )  # fmt: skip
    create.set_defaults(handler=run_create)
    listed = actions.add_parser("list", help="list the API keys, without their secrets")
    listed.set_defaults(handler=run_list)
    rotate = actions.add_parser("rotate", help="make a key like another, which goes on working for a while")
    rotate.set_defaults(handler=run_rotate)
    revoke = actions.add_parser("revoke", help="make an API key worthless")
    revoke.set_defaults(handler=run_revoke)
    for action in (rotate, revoke):
        action.add_argument("key_id", help="its id, as `keys list` shows it")
    rotate.add_argument(
        "--overlap", type=float, default=86_400, metavar="SECONDS",
        help="how long the old key goes on working (default: a day)",
    )  # fmt: skip
    for action in (create, listed, rotate, revoke):
        add_connection_options(action)


def run_create(arguments: argparse.Namespace) -> int:
    """Make a key and print it."""
    with connect(arguments) as client:
        made = client.api_keys.create(arguments.name, arguments.scopes or ["*"])
    sys.stdout.write(f"{made.key}\n")
    return 0


def run_list(arguments: argparse.Namespace) -> int:
    """Print the keys."""
    with connect(arguments) as client:
        rows = [
            [
                key.key_id,
                key.prefix,
                f"{key.created_at:%Y-%m-%d %H:%M}",
                "revoked" if key.revoked_at else "good",
                key.name,
                " ".join(key.scopes),
            ]
            for key in client.api_keys.list()
        ]
    table = text_table(["id", "begins with", "made", "state", "name", "scopes"], rows, width=200, keep=6)
    sys.stdout.write(f"{table}\n")
    return 0


def run_rotate(arguments: argparse.Namespace) -> int:
    """Make a key like another and print it."""
    with connect(arguments) as client:
        made = client.api_keys.rotate(arguments.key_id, overlap=timedelta(seconds=arguments.overlap))
    sys.stdout.write(f"{made.key}\n")
    return 0


def run_revoke(arguments: argparse.Namespace) -> int:
    """Revoke a key."""
    with connect(arguments) as client:
        client.api_keys.revoke(arguments.key_id)
    sys.stdout.write(f"Revoked {arguments.key_id}.\n")
    return 0
