"""`pynomaly users`: make, list, change and delete the users of one's tenant."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import TYPE_CHECKING

from pynomaly.cli.connect import add_connection_options, connect
from pynomaly.cli.passwords import asked_password, new_password
from pynomaly.errors import ConfigurationError
from pynomaly.rendering import text_table

if TYPE_CHECKING:
    from pynomaly._generated.models import User
    from pynomaly.cli.program import Subparsers
    from pynomaly.client import PynomalyClient

_ROLES = ("viewer", "analyst", "operator", "admin")


def register(commands: Subparsers) -> None:
    """Add the command."""
    parser = commands.add_parser(
        "users", help="make and change users", description="Make, list, change and delete users."
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a user; the password is asked for")
    create.add_argument("username", metavar="USERNAME", help="name to log in with, in lower case")
    create.add_argument("--role", choices=_ROLES, required=True, help="what the user may do")
    create.set_defaults(handler=_create)
    listed = actions.add_parser("list", help="list the users")
    listed.set_defaults(handler=_list)
    role = actions.add_parser("role", help="give a user another role")
    role.set_defaults(handler=_role)
    password = actions.add_parser("password", help="give a user another password, which is asked for")
    password.add_argument("user", metavar="USER", nargs="?", help="username or id; yourself if left out")
    password.set_defaults(handler=_password)
    changes: list[tuple[str, str, Callable[[argparse.Namespace], int]]] = [
        ("disable", "keep a user from logging in", _disable),
        ("enable", "let a user log in again", _enable),
        ("delete", "delete a user", _delete),
    ]
    named = [role]
    for name, what, handler in changes:
        named.append(actions.add_parser(name, help=what))
        named[-1].set_defaults(handler=handler)
    for action in named:
        action.add_argument("user", metavar="USER", help="username or id")
    role.add_argument("role", choices=_ROLES, help="what the user may do")
    for action in (create, listed, password, *named):
        add_connection_options(action)


def _create(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        password = new_password(f"New password of {arguments.username}: ")
        user = client.users.create(arguments.username, password, arguments.role)
    sys.stdout.write(f"{user.user_id} {user.username} is {_article(user.role)}.\n")
    return 0


def _list(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        rows = [
            [
                user.user_id,
                user.username,
                user.role,
                "disabled" if user.disabled_at else "good",
                f"{user.last_login_at:%Y-%m-%d %H:%M}" if user.last_login_at else "never",
            ]
            for user in client.users.list()
        ]
    table = text_table(["id", "username", "role", "state", "last login"], rows, width=160, keep=5)
    sys.stdout.write(f"{table}\n")
    return 0


def _role(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        user = client.users.set_role(_found(client, arguments.user).user_id, arguments.role)
    sys.stdout.write(f"{user.username} is {_article(user.role)}.\n")
    return 0


def _password(arguments: argparse.Namespace) -> int:
    if arguments.user is None:
        return _own_password(arguments)
    with connect(arguments) as client:
        user = _found(client, arguments.user)
        client.users.set_password(user.user_id, new_password(f"New password of {user.username}: "))
    sys.stdout.write(f"{user.username} has another password, and every session has ended.\n")
    return 0


def _own_password(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        client.users.change_password(asked_password("Current password: "), new_password("New password: "))
    sys.stdout.write("You have another password, and every other session of yours has ended.\n")
    return 0


def _disable(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        user = client.users.disable(_found(client, arguments.user).user_id)
    sys.stdout.write(f"{user.username} is disabled, and every session has ended.\n")
    return 0


def _enable(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        user = client.users.enable(_found(client, arguments.user).user_id)
    sys.stdout.write(f"{user.username} can log in.\n")
    return 0


def _delete(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        user = _found(client, arguments.user)
        client.users.delete(user.user_id)
    sys.stdout.write(f"{user.username} is deleted.\n")
    return 0


def _found(client: PynomalyClient, name: str) -> User:
    """The user of this id or username."""
    for user in client.users.list():
        if name in (user.user_id, user.username):
            return user
    raise ConfigurationError(f"There is no user {name!r}. `pynomaly users list` shows them.")


def _article(role: str) -> str:
    return f"{'an' if role[0] in 'ao' else 'a'} {role}"
