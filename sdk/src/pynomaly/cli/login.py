"""`pynomaly login` and `pynomaly logout`: the session of a user, kept beside the profile."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Generator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from pynomaly.cli.connect import add_connection_options
from pynomaly.cli.passwords import asked_password
from pynomaly.errors import ConfigurationError

if TYPE_CHECKING:
    from pynomaly._generated.resources_sync import AuthResource
    from pynomaly.cli.program import Subparsers


def register(commands: Subparsers) -> None:
    """Add the commands."""
    login = commands.add_parser(
        "login",
        help="log in as a user",
        description="Log in as a user. The password is asked for, or read from standard input where that is "
        "no terminal, and kept nowhere.",
    )
    login.add_argument("username", metavar="USERNAME", help="who logs in")
    login.add_argument("--tenant", metavar="NAME", help="name or id of the tenant (default: the server's)")
    add_connection_options(login)
    login.set_defaults(handler=_login)
    logout = commands.add_parser("logout", help="end the session", description="End the session of `login`.")
    logout.add_argument("--timeout", type=float, metavar="SECONDS", help="time for the whole call")
    logout.set_defaults(handler=_logout)


def _login(arguments: argparse.Namespace) -> int:
    from pynomaly.profile import server_address
    from pynomaly.requests import login_request
    from pynomaly.session import Identity, Tokens, session_file

    username: str = arguments.username
    address = server_address(arguments.base_url)
    who = Identity(username, asked_password(f"Password of {username}: "), arguments.tenant)
    with _anonymous(address, arguments.timeout) as auth:
        pair = auth.create_token(login_request(who))
    tokens = Tokens.received(pair.access_token, pair.refresh_token, now=time.time(), seconds=pair.expires_in)
    session_file().write(address, username, tokens)
    sys.stdout.write(f"Logged in to {address} as {username}, until {pair.refresh_expires_at:%Y-%m-%d}.\n")
    return 0


def _logout(arguments: argparse.Namespace) -> int:
    from pynomaly._generated.models import RefreshRequest
    from pynomaly.session import session_file

    file = session_file()
    try:
        kept = file.read()
    except ConfigurationError:
        file.remove()
        sys.stdout.write("Forgot a session that could not be read.\n")
        return 0
    if kept is None:
        sys.stdout.write("Nobody is logged in.\n")
        return 0
    base_url, username, tokens = kept
    # Forgotten first: whoever logs out means it, even where the server is out of reach.
    file.remove()
    with _anonymous(base_url, arguments.timeout) as auth:
        auth.revoke_token(RefreshRequest(refresh_token=tokens.refresh_token))
    sys.stdout.write(f"Logged {username} out of {base_url}.\n")
    return 0


@contextmanager
def _anonymous(address: str, timeout: float | None) -> Generator[AuthResource]:
    """The operations of `auth` without a credential."""
    from pynomaly._generated.resources_sync import AuthResource
    from pynomaly.profile import anonymous_connection
    from pynomaly.transport import CallOptions, Driver

    driver = Driver(anonymous_connection(address), options=CallOptions(timeout=timeout))
    try:
        yield AuthResource(driver)
    finally:
        driver.close()
