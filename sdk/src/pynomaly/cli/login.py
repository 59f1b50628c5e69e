"""`pynomaly login` and `pynomaly logout`: the session of a user, kept beside the profile."""

from __future__ import annotations

import argparse
import time
from typing import TYPE_CHECKING

from pynomaly.cli.arguments import add_command, add_json_option, add_plain_command, add_timeout_option
from pynomaly.cli.connect import anonymous
from pynomaly.cli.output import tell
from pynomaly.cli.passwords import asked_password
from pynomaly.errors import ConfigurationError

if TYPE_CHECKING:
    from pynomaly.cli.arguments import Subparsers


def register(commands: Subparsers) -> None:
    """Add the commands."""
    login = add_command(
        commands,
        "login",
        run,
        "log in as a user",
        "Log in as a user. The password is asked for, or read from standard input where that is "
        "no terminal, and kept nowhere.",
    )
    login.add_argument("username", metavar="USERNAME", help="who logs in")
    login.add_argument("--tenant", metavar="NAME", help="name or id of the tenant (default: the server's)")
    logout = add_plain_command(commands, "logout", _logout, "end the session", "End the session of `login`.")
    add_json_option(logout)
    add_timeout_option(logout)


def run(arguments: argparse.Namespace) -> int:
    """Log in, and keep the session."""
    from pynomaly._generated.resources_sync import AuthResource
    from pynomaly.profile import server_address
    from pynomaly.requests import login_request
    from pynomaly.session import Identity, Tokens, session_file

    username: str = arguments.username
    address = server_address(arguments.base_url)
    who = Identity(username, asked_password(f"Password of {username}: "), arguments.tenant)
    with anonymous(address, arguments.timeout) as driver:
        pair = AuthResource(driver).create_token(login_request(who))
    tokens = Tokens.received(pair.access_token, pair.refresh_token, now=time.time(), seconds=pair.expires_in)
    session_file().write(address, username, tokens)
    until = pair.refresh_expires_at
    known = {"base_url": address, "username": username, "until": until.isoformat()}
    return tell(arguments, known, f"Logged in to {address} as {username}, until {until:%Y-%m-%d}.")


def _logout(arguments: argparse.Namespace) -> int:
    from pynomaly._generated.models import RefreshRequest
    from pynomaly._generated.resources_sync import AuthResource
    from pynomaly.session import session_file

    file = session_file()
    try:
        kept = file.read()
    except ConfigurationError:
        file.remove()
        return tell(arguments, {"logged_out": None}, "Forgot a session that could not be read.")
    if kept is None:
        return tell(arguments, {"logged_out": None}, "Nobody is logged in.")
    base_url, username, tokens = kept
    # Forgotten first: whoever logs out means it, even where the server is out of reach.
    file.remove()
    with anonymous(base_url, arguments.timeout) as driver:
        AuthResource(driver).revoke_token(RefreshRequest(refresh_token=tokens.refresh_token))
    return tell(arguments, {"logged_out": username}, f"Logged {username} out of {base_url}.")
