"""`pynomaly keys`: API keys, made, listed, rotated and revoked in the server's database.

Where no server's database is at hand, or another server is named, the same is done over HTTP.
"""

from __future__ import annotations

import argparse
from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from pynomaly.cli import keys as over_http
from pynomaly.cli.arguments import add_connection_options, add_json_option
from pynomaly.cli.output import print_json, tell
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
    parser = commands.add_parser("keys", help=over_http.WHAT, description=over_http.DESCRIPTION)
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    create = add_command(actions, "create", _create_key, over_http.CREATES)
    over_http.add_create_arguments(create)
    listed = add_command(actions, "list", _list_keys, over_http.LISTS)
    rotate = add_command(actions, "rotate", _rotate_key, over_http.ROTATES)
    over_http.add_rotate_arguments(rotate)
    revoke = add_command(actions, "revoke", _revoke_key, over_http.REVOKES)
    over_http.add_key_id(revoke)
    signing = add_command(
        actions, "rotate-signing", _rotate_signing, "sign the access tokens of users with a new key"
    )
    signing.add_argument(
        "--at-once", action="store_true", help="refuse what older keys have signed, for a key that has leaked"
    )
    installation = add_command(
        actions,
        "rotate-installation",
        _rotate_installation,
        "put what is kept under PYNOMALY_SECRET_KEY_PREVIOUS under the server's secret key",
    )
    for action in (create, listed, rotate, revoke, signing, installation):
        add_data_dir(action)
    for action in (create, listed, rotate, revoke):
        add_json_option(action)
        add_connection_options(action)


def _over_http(arguments: argparse.Namespace, run: Handler) -> int | None:
    """What the client's command gives where another server is meant; None where it is the one here."""
    from pynomaly.errors import PynomalyError

    if arguments.base_url is None and settings_of(arguments).secret_key is not None:
        return None
    try:
        return run(arguments)
    except PynomalyError as fault:
        raise RuntimeFault(fault.shell_text()) from None


def _create_key(arguments: argparse.Namespace) -> int:
    if (done := _over_http(arguments, over_http.run_create)) is not None:
        return done

    async def create(auth: AuthService) -> str:
        scopes: list[str] = arguments.scopes or ["*"]
        tenant = await auth.default_tenant()
        if tenant is not None:
            try:
                return (await auth.create_key(tenant, arguments.name, scopes, over_http.ends(arguments)))[0]
            except ValueError as fault:
                raise RuntimeFault(str(fault)) from None
        if arguments.scopes or arguments.days:
            raise RuntimeFault(
                "The first key of a server may do everything, for ever. Make it without --scope and --days."
            )
        made: list[str] = []
        await auth.ensure_first_key(made.append)
        return made[0]

    key = _with_auth(arguments, create)
    return tell(arguments, {"key": key}, key)


def _list_keys(arguments: argparse.Namespace) -> int:
    if (done := _over_http(arguments, over_http.run_list)) is not None:
        return done

    async def listed(auth: AuthService) -> Sequence[ApiKeyRow]:
        tenant = await auth.default_tenant()
        return [] if tenant is None else await auth.list_keys(tenant)

    keys = _with_auth(arguments, listed)
    if arguments.json:
        print_json([_described(key) for key in keys])
        return 0
    print(f"{'ID':<38}{'BEGINS WITH':<14}{'MADE':<18}{'STATE':<29}{'NAME':<22}SCOPES")
    for key in keys:
        state = over_http.state(key.expires_at, key.revoked_at)
        made = f"{key.created_at:%Y-%m-%d %H:%M}"
        print(f"{key.id:<38}{key.prefix:<14}{made:<18}{state:<29}{key.name:<22}{' '.join(key.scopes)}")
    return 0


def _described(key: ApiKeyRow) -> dict[str, Any]:
    """A key with the names that it has over HTTP."""
    times = {
        "created_at": key.created_at,
        "expires_at": key.expires_at,
        "revoked_at": key.revoked_at,
        "last_used_at": key.last_used_at,
    }
    written = {name: None if at is None else at.isoformat() for name, at in times.items()}
    return {"key_id": key.id, "name": key.name, "prefix": key.prefix, "scopes": list(key.scopes), **written}


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

    key = with_sessions(arguments, rotate)
    return tell(arguments, {"key": key}, key)


def _revoke_key(arguments: argparse.Namespace) -> int:
    if (done := _over_http(arguments, over_http.run_revoke)) is not None:
        return done

    async def revoke(auth: AuthService) -> bool:
        tenant = await auth.default_tenant()
        return tenant is not None and await auth.revoke_key(tenant, arguments.key_id)

    if not _with_auth(arguments, revoke):
        raise RuntimeFault(f"There is no good key {arguments.key_id}. `keys list` shows them.")
    return tell(arguments, {"revoked": arguments.key_id}, f"Revoked {arguments.key_id}.")


def _rotate_signing(arguments: argparse.Namespace) -> int:
    from pynomaly_server.auth.signing_keys import SigningKeys, TokenAlgorithm

    async def rotate(sessions: AsyncSessions, settings: Settings, secret_key: str) -> str:
        algorithm = TokenAlgorithm(settings.token_algorithm)
        keys = SigningKeys(sessions, secret_key, algorithm, settings.access_token_seconds)
        return await keys.rotate(at_once=arguments.at_once)

    print(f"{with_sessions(arguments, rotate)} signs from now on.")
    return 0


def _rotate_installation(arguments: argparse.Namespace) -> int:
    from pynomaly_server.audit.chain import Chain
    from pynomaly_server.audit.verification import Verification
    from pynomaly_server.credentials.rotation import credentials_part
    from pynomaly_server.models.signing_anew import models_part
    from pynomaly_server.secret_keys.rotation import keep_former, take_over
    from pynomaly_server.storage.objects import ObjectStore

    def tell(line: str) -> None:
        print(line, flush=True)

    async def rotate(sessions: AsyncSessions, settings: Settings, secret_key: str) -> None:
        former = settings.former_secrets
        if not former:
            raise RuntimeFault(
                "PYNOMALY_SECRET_KEY_PREVIOUS names no secret key but the one that is the server's now. "
                "Set it to the one before, and PYNOMALY_SECRET_KEY to the new one, for every process and "
                "this command."
            )
        store = ObjectStore.from_url(settings.storage_url)
        heads = await Verification(sessions, Chain(secret_key)).heads()
        tell(str(await keep_former(sessions, secret_key, former, heads)))
        tell(str(await take_over(await credentials_part(sessions, secret_key, former), tell)))
        tell(str(await take_over(await models_part(sessions, store, secret_key, former), tell)))
        tell(
            "Done. Once the jobs that run now and the access tokens of now have ended, the former secret key "
            "may go from PYNOMALY_SECRET_KEY_PREVIOUS."
        )

    with_sessions(arguments, rotate)
    return 0


def _with_auth(arguments: argparse.Namespace, ask: Callable[[AuthService], Awaitable[Answer]]) -> Answer:
    """What `ask` gets from the auth service of the server that the settings name."""
    from pynomaly_server.auth.service import AuthService

    return with_sessions(
        arguments, lambda sessions, _settings, secret_key: ask(AuthService(sessions, secret_key))
    )
