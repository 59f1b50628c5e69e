"""`pynomaly keys`: API keys, made, listed, rotated and revoked in the server's database.

Where no server's database is at hand, or another server is named, the same is done over HTTP.
"""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pynomaly.cli import keys as over_http
from pynomaly.cli.connect import add_connection_options
from pynomaly_server.cli.commands import Handler, add_command, add_data_dir, settings_of
from pynomaly_server.cli.database import with_sessions
from pynomaly_server.runtime.faults import RuntimeFault

if TYPE_CHECKING:
    from pynomaly_server.auth.service import AuthService
    from pynomaly_server.db.session import AsyncSessions
    from pynomaly_server.db.tables import ApiKeyRow
    from pynomaly_server.settings import Settings

Answer = TypeVar("Answer")


def register(commands: Any) -> None:
    """Add `keys` to `commands`, what `ArgumentParser.add_subparsers` returned."""
    parser = commands.add_parser(
        "keys", help="make and revoke API keys", description="Make, list, rotate and revoke API keys."
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    create = add_command(actions, "create", _create_key, "make an API key and print it, this once")
    create.add_argument("name", help="what the key is for")
    create.add_argument(
        "--scope", action="append", dest="scopes", metavar="SCOPE",
        help="what it may do, for example detect:run; give it several times (default: everything)",
    )  # fmt: skip
    listed = add_command(actions, "list", _list_keys, "list the API keys, without their secrets")
    revoke = add_command(actions, "revoke", _revoke_key, "make an API key worthless")
    revoke.add_argument("key_id", help="its id, as `keys list` shows it")
    signing = add_command(
        actions, "rotate-signing", _rotate_signing, "sign the access tokens of users with a new key"
    )
    signing.add_argument(
        "--at-once", action="store_true", help="refuse what older keys have signed, for a key that has leaked"
    )
    rotate = add_command(
        actions, "rotate", _rotate_key, "make a key like another, which goes on working for a while"
    )
    rotate.add_argument("key_id", help="its id, as `keys list` shows it")
    rotate.add_argument(
        "--overlap", type=float, default=86_400, metavar="SECONDS",
        help="how long the old key goes on working (default: a day)",
    )  # fmt: skip
    for action in (create, listed, rotate, revoke, signing):
        add_data_dir(action)
    for action in (create, listed, rotate, revoke):
        add_connection_options(action)


def _over_http(arguments: argparse.Namespace, run: Handler) -> int | None:
    """What the client's command gives where another server is meant; None where it is the one here."""
    from pynomaly.errors import PynomalyError

    if arguments.base_url is None and settings_of(arguments).secret_key is not None:
        return None
    try:
        return run(arguments)
    except PynomalyError as fault:
        raise RuntimeFault(str(fault)) from None


def _create_key(arguments: argparse.Namespace) -> int:
    if (done := _over_http(arguments, over_http.run_create)) is not None:
        return done

    async def create(auth: AuthService) -> str:
        scopes: list[str] = arguments.scopes or ["*"]
        tenant = await auth.default_tenant()
        if tenant is not None:
            try:
                return (await auth.create_key(tenant, arguments.name, scopes))[0]
            except ValueError as fault:
                raise RuntimeFault(str(fault)) from None
        if arguments.scopes:
            raise RuntimeFault("The first key of a server may do everything. Make it without --scope.")
        made: list[str] = []
        await auth.ensure_first_key(made.append)
        return made[0]

    print(_with_auth(arguments, create))
    return 0


def _list_keys(arguments: argparse.Namespace) -> int:
    if (done := _over_http(arguments, over_http.run_list)) is not None:
        return done

    async def listed(auth: AuthService) -> Sequence[ApiKeyRow]:
        tenant = await auth.default_tenant()
        return [] if tenant is None else await auth.list_keys(tenant)

    print(f"{'ID':<38}{'BEGINS WITH':<14}{'MADE':<18}{'STATE':<9}{'NAME':<22}SCOPES")
    for key in _with_auth(arguments, listed):
        state = "revoked" if key.revoked_at else "good"
        made = f"{key.created_at:%Y-%m-%d %H:%M}"
        print(f"{key.id:<38}{key.prefix:<14}{made:<18}{state:<9}{key.name:<22}{' '.join(key.scopes)}")
    return 0


def _rotate_key(arguments: argparse.Namespace) -> int:
    from pynomaly_server.auth.api_keys import ApiKeyService
    from pynomaly_server.auth.principal import EVERYTHING, Principal
    from pynomaly_server.auth.service import AuthService
    from pynomaly_server.cursors import Cursors
    from pynomaly_server.problems import ProblemError

    if (done := _over_http(arguments, over_http.run_rotate)) is not None:
        return done

    async def rotate(sessions: AsyncSessions, _settings: Settings, secret_key: str) -> str:
        auth = AuthService(sessions, secret_key)
        operator = Principal(await auth.default_tenant() or "", "operator", frozenset({EVERYTHING}))
        keys = ApiKeyService(sessions, auth, Cursors(secret_key))
        try:
            return (await keys.rotate(operator, arguments.key_id, int(arguments.overlap))).key
        except ProblemError as problem:
            raise RuntimeFault(problem.detail) from None

    print(with_sessions(arguments, rotate))
    return 0


def _revoke_key(arguments: argparse.Namespace) -> int:
    if (done := _over_http(arguments, over_http.run_revoke)) is not None:
        return done

    async def revoke(auth: AuthService) -> bool:
        tenant = await auth.default_tenant()
        return tenant is not None and await auth.revoke_key(tenant, arguments.key_id)

    if not _with_auth(arguments, revoke):
        raise RuntimeFault(f"There is no good key {arguments.key_id}. `keys list` shows them.")
    print(f"Revoked {arguments.key_id}.")
    return 0


def _rotate_signing(arguments: argparse.Namespace) -> int:
    from pynomaly_server.auth.signing_keys import SigningKeys, TokenAlgorithm

    async def rotate(sessions: AsyncSessions, settings: Settings, secret_key: str) -> str:
        algorithm = TokenAlgorithm(settings.token_algorithm)
        keys = SigningKeys(sessions, secret_key, algorithm, settings.access_token_seconds)
        return await keys.rotate(at_once=arguments.at_once)

    print(f"{with_sessions(arguments, rotate)} signs from now on.")
    return 0


def _with_auth(arguments: argparse.Namespace, ask: Callable[[AuthService], Awaitable[Answer]]) -> Answer:
    """What `ask` gets from the auth service of the server that the settings name."""
    from pynomaly_server.auth.service import AuthService

    return with_sessions(
        arguments, lambda sessions, _settings, secret_key: ask(AuthService(sessions, secret_key))
    )
