"""`pynomaly keys`: make, list, rotate and revoke the API keys of one's tenant, over HTTP.

The server brings a command of this name, which takes these arguments too.
"""

from __future__ import annotations

import argparse
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from pynomaly.cli.arguments import add_command, add_group
from pynomaly.cli.connect import connect
from pynomaly.cli.output import moment, print_json, print_table, tell

if TYPE_CHECKING:
    from pynomaly.cli.arguments import Subparsers

WHAT, DESCRIPTION = "make and revoke API keys", "Make, list, rotate and revoke API keys."
CREATES = "make an API key and print it, this once"
LISTS = "list the API keys, without their secrets"
ROTATES = "make a key like another, which goes on working for a while"
REVOKES = "make an API key worthless"


def register(commands: Subparsers) -> None:
    """Add the command."""
    actions = add_group(commands, "keys", WHAT, DESCRIPTION)
    add_create_arguments(add_command(actions, "create", run_create, CREATES))
    add_command(actions, "list", run_list, LISTS)
    add_rotate_arguments(add_command(actions, "rotate", run_rotate, ROTATES))
    add_key_id(add_command(actions, "revoke", run_revoke, REVOKES))


def add_create_arguments(create: argparse.ArgumentParser) -> None:
    """Say what a new key is."""
    create.add_argument("name", metavar="NAME", help="what the key is for")
    create.add_argument(
        "--scope", action="append", dest="scopes", metavar="SCOPE",
        help="what it may do, for example detect:run; give it several times (default: everything)",
    )  # fmt: skip
    create.add_argument(
        "--days", type=float, metavar="DAYS", help="how long it works (default: until it is revoked)"
    )


def ends(arguments: argparse.Namespace) -> datetime | None:
    """When a key that is made now stops working."""
    days: float | None = arguments.days
    return None if days is None else datetime.now(UTC) + timedelta(days=days)


def state(expires_at: datetime | None, revoked_at: datetime | None) -> str:
    """Whether a key works."""
    if revoked_at is not None:
        return "revoked"
    if expires_at is None:
        return "good"
    return "expired" if expires_at <= datetime.now(UTC) else f"good until {moment(expires_at)}"


def add_rotate_arguments(rotate: argparse.ArgumentParser) -> None:
    """Say which key is replaced, and when."""
    add_key_id(rotate)
    rotate.add_argument(
        "--overlap", type=float, default=86_400, metavar="SECONDS",
        help="how long the old key goes on working (default: a day)",
    )  # fmt: skip


def add_key_id(parser: argparse.ArgumentParser) -> None:
    """Say which key."""
    parser.add_argument("key_id", metavar="KEY_ID", help="its id, as `keys list` shows it")


def run_create(arguments: argparse.Namespace) -> int:
    """Make a key and print it."""
    with connect(arguments) as client:
        made = client.api_keys.create(arguments.name, arguments.scopes or ["*"], expires_at=ends(arguments))
    return tell(arguments, made, made.key)


def run_list(arguments: argparse.Namespace) -> int:
    """Print the keys."""
    with connect(arguments) as client:
        keys = list(client.api_keys.list())
    if arguments.json:
        print_json(keys)
        return 0
    rows = [
        [
            key.key_id,
            key.prefix,
            moment(key.created_at),
            state(key.expires_at, key.revoked_at),
            key.name,
            " ".join(key.scopes),
        ]
        for key in keys
    ]
    print_table(["id", "begins with", "made", "state", "name", "scopes"], rows, keep=6)
    return 0


def run_rotate(arguments: argparse.Namespace) -> int:
    """Make a key like another and print it."""
    with connect(arguments) as client:
        made = client.api_keys.rotate(arguments.key_id, overlap=timedelta(seconds=arguments.overlap))
    return tell(arguments, made, made.key)


def run_revoke(arguments: argparse.Namespace) -> int:
    """Revoke a key."""
    with connect(arguments) as client:
        client.api_keys.revoke(arguments.key_id)
    return tell(arguments, {"revoked": arguments.key_id}, f"Revoked {arguments.key_id}.")
