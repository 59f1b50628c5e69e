"""`pynomaly users`: make, list, change and delete the users of one's tenant."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from pynomaly.cli.arguments import add_command, add_group
from pynomaly.cli.connect import connect
from pynomaly.cli.output import moment, print_json, print_table, tell
from pynomaly.cli.passwords import asked_password, new_password
from pynomaly.errors import ConfigurationError

if TYPE_CHECKING:
    from pynomaly._generated.models import User
    from pynomaly.cli.arguments import Subparsers
    from pynomaly.client import PynomalyClient

_ROLES = ("viewer", "analyst", "operator", "admin")


def register(commands: Subparsers) -> None:
    """Add the command."""
    actions = add_group(commands, "users", "make and change users", "Make, list, change and delete users.")
    create = add_command(actions, "create", _create, "make a user; the password is asked for")
    create.add_argument("username", metavar="USERNAME", help="name to log in with, in lower case")
    create.add_argument("--role", choices=_ROLES, required=True, help="what the user may do")
    add_command(actions, "list", _list, "list the users")
    role = add_command(actions, "role", _role, "give a user another role")
    password = add_command(actions, "password", _password, "give a user another password, which is asked for")
    password.add_argument("user", metavar="USER", nargs="?", help="username or id; yourself if left out")
    disable = add_command(actions, "disable", _disable, "keep a user from logging in")
    enable = add_command(actions, "enable", _enable, "let a user log in again")
    delete = add_command(actions, "delete", _delete, "delete a user")
    for action in (role, disable, enable, delete):
        action.add_argument("user", metavar="USER", help="username or id")
    role.add_argument("role", choices=_ROLES, help="what the user may do")


def _create(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        password = new_password(f"New password of {arguments.username}: ")
        user = client.users.create(arguments.username, password, arguments.role)
    return tell(arguments, user, f"{user.user_id} {user.username} is {_article(user.role)}.")


def _list(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        users = list(client.users.list())
    if arguments.json:
        print_json(users)
        return 0
    rows = [
        [
            user.user_id,
            user.username,
            user.role,
            "disabled" if user.disabled_at else "good",
            moment(user.last_login_at) or "never",
        ]
        for user in users
    ]
    print_table(["id", "username", "role", "state", "last login"], rows, keep=5)
    return 0


def _role(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        user = client.users.set_role(_found(client, arguments.user).user_id, arguments.role)
    return tell(arguments, user, f"{user.username} is {_article(user.role)}.")


def _password(arguments: argparse.Namespace) -> int:
    if arguments.user is None:
        return _own_password(arguments)
    with connect(arguments) as client:
        user = _found(client, arguments.user)
        changed = client.users.set_password(user.user_id, new_password(f"New password of {user.username}: "))
    return tell(arguments, changed, f"{user.username} has another password, and every session has ended.")


def _own_password(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        client.users.change_password(asked_password("Current password: "), new_password("New password: "))
    sentence = "You have another password, and every other session of yours has ended."
    return tell(arguments, {"changed": "password"}, sentence)


def _disable(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        user = client.users.disable(_found(client, arguments.user).user_id)
    return tell(arguments, user, f"{user.username} is disabled, and every session has ended.")


def _enable(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        user = client.users.enable(_found(client, arguments.user).user_id)
    return tell(arguments, user, f"{user.username} can log in.")


def _delete(arguments: argparse.Namespace) -> int:
    with connect(arguments) as client:
        user = _found(client, arguments.user)
        client.users.delete(user.user_id)
    return tell(arguments, {"deleted": user.user_id}, f"{user.username} is deleted.")


def _found(client: PynomalyClient, name: str) -> User:
    """The user of this id or username."""
    for user in client.users.list():
        if name in (user.user_id, user.username):
            return user
    raise ConfigurationError(f"There is no user {name!r}. `pynomaly users list` shows them.")


def _article(role: str) -> str:
    return f"{'an' if role[0] in 'ao' else 'a'} {role}"
