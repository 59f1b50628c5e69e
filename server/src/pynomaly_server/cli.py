"""The server's commands: serve, api, worker, sweeper, migrate and keys.

They are part of the `pynomaly` command once both distributions are installed (entry point
`pynomaly.commands`), and stand alone as `python -m pynomaly_server`.
"""

from __future__ import annotations

import argparse
import signal
import sys
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from pynomaly_server.runtime.faults import RuntimeFault
from pynomaly_server.settings import Settings, SettingsError

if TYPE_CHECKING:
    from pynomaly_server.auth.service import AuthService
    from pynomaly_server.db.tables import ApiKeyRow

Handler = Callable[[argparse.Namespace], int]
Answer = TypeVar("Answer")
FAILED = 1
BAD_SETTINGS = 2


def register(commands: Any) -> None:
    """Add the server's commands to `commands`, what `ArgumentParser.add_subparsers` returned."""
    serve = _add(commands, "serve", _serve, "start the whole server on this machine")
    _add_address(serve)
    serve.add_argument(
        "--data-dir", type=Path, metavar="DIR", help="folder of database, datasets, queue and logs"
    )
    serve.add_argument("--workers", type=int, metavar="N", help="API processes (default: 1)")
    serve.add_argument(
        "--job-workers", type=_at_least_one, metavar="N", help="processes that work on batch jobs"
    )
    serve.add_argument("--show-key", action="store_true", help="print the API key")

    api = _add(commands, "api", _api, "run the HTTP API alone")
    _add_address(api)
    api.add_argument("--workers", type=int, metavar="N", help="API processes (default: 1)")

    worker = _add(commands, "worker", _worker, "work on batch jobs")
    worker.add_argument(
        "--concurrency", type=_at_least_one, default=1, metavar="N", help="processes (default: 1)"
    )

    _add(commands, "sweeper", _sweeper, "take back lost jobs, until ended")
    _add(commands, "migrate", _migrate, "bring the database to the tables of this version")
    _register_keys(commands)


def _register_keys(commands: Any) -> None:
    parser = commands.add_parser(
        "keys", help="make, list and revoke API keys", description="Make, list and revoke API keys."
    )
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    create = _add(actions, "create", _create_key, "make an API key and print it, this once")
    create.add_argument("name", help="what the key is for")
    create.add_argument(
        "--scope", action="append", dest="scopes", metavar="SCOPE",
        help="what it may do, for example detect:run; give it several times (default: everything)",
    )  # fmt: skip
    listed = _add(actions, "list", _list_keys, "list the API keys, without their secrets")
    revoke = _add(actions, "revoke", _revoke_key, "make an API key worthless")
    revoke.add_argument("key_id", help="its id, as `keys list` shows it")
    for action in (create, listed, revoke):
        action.add_argument("--data-dir", type=Path, metavar="DIR", help="data folder of the server")


def _add(commands: Any, name: str, handler: Handler, what: str) -> argparse.ArgumentParser:
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=what, description=f"{what[0].upper()}{what[1:]}."
    )
    parser.set_defaults(handler=_with_faults_told(handler))
    return parser


def _add_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on, 0 for any free one (default: 8000)")


def _at_least_one(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text} is too few; give 1 or more")
    return number


def _with_faults_told(handler: Handler) -> Handler:
    """Turn the faults a person can mend into a message and an exit status."""

    def told(arguments: argparse.Namespace) -> int:
        try:
            return handler(arguments)
        except SettingsError as fault:
            print(fault, file=sys.stderr)
            return BAD_SETTINGS
        except RuntimeFault as fault:
            print(f"pynomaly: {fault}", file=sys.stderr)
            return FAILED

    return told


def _settings(arguments: argparse.Namespace) -> Settings:
    """The settings, with what the command line gives before what the environment says."""
    given = {name: getattr(arguments, name, None) for name in ("host", "port", "data_dir", "workers")}
    return Settings.load(**{name: value for name, value in given.items() if value is not None})


def _serve(arguments: argparse.Namespace) -> int:
    from pynomaly_server.runtime.serve import ServeOptions, default_job_workers, serve

    options = ServeOptions(
        job_workers=arguments.job_workers or default_job_workers(), show_key=arguments.show_key
    )
    serve(_settings(arguments), options, tell=lambda line: print(line, flush=True))
    return 0


def _api(arguments: argparse.Namespace) -> int:
    from pynomaly_server.runtime import ports
    from pynomaly_server.runtime.api import run_api

    settings = _settings(arguments).complete()
    port = ports.claim(settings.host, settings.port)
    run_api(settings.model_copy(update={"port": port}))
    return 0


def _worker(arguments: argparse.Namespace) -> int:
    from celery.signals import worker_process_init

    from pynomaly_server.runtime.lifeline import end_with_parent
    from pynomaly_server.worker import run_worker

    settings = _settings(arguments).complete()
    # A pool process left behind by a killed worker would hold the data folder's lock for good.
    worker_process_init.connect(lambda **_: end_with_parent(signal.SIGKILL), weak=False)
    run_worker(settings, arguments.concurrency)
    return 0


def _sweeper(arguments: argparse.Namespace) -> int:
    from pynomaly_server.worker import run_sweeper

    run_sweeper(_settings(arguments).complete())
    return 0


def _migrate(arguments: argparse.Namespace) -> int:
    from pynomaly_server.db.migrate import upgrade

    upgrade(_settings(arguments))
    print("The database has the tables of this version.")
    return 0


def _create_key(arguments: argparse.Namespace) -> int:
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
    async def listed(auth: AuthService) -> Sequence[ApiKeyRow]:
        tenant = await auth.default_tenant()
        return [] if tenant is None else await auth.list_keys(tenant)

    print(f"{'ID':<38}{'BEGINS WITH':<14}{'MADE':<18}{'STATE':<9}{'NAME':<22}SCOPES")
    for key in _with_auth(arguments, listed):
        state = "revoked" if key.revoked_at else "good"
        made = f"{key.created_at:%Y-%m-%d %H:%M}"
        print(f"{key.id:<38}{key.prefix:<14}{made:<18}{state:<9}{key.name:<22}{' '.join(key.scopes)}")
    return 0


def _revoke_key(arguments: argparse.Namespace) -> int:
    async def revoke(auth: AuthService) -> bool:
        tenant = await auth.default_tenant()
        return tenant is not None and await auth.revoke_key(tenant, arguments.key_id)

    if not _with_auth(arguments, revoke):
        raise RuntimeFault(f"There is no good key {arguments.key_id}. `keys list` shows them.")
    print(f"Revoked {arguments.key_id}.")
    return 0


def _with_auth(arguments: argparse.Namespace, ask: Callable[[AuthService], Awaitable[Answer]]) -> Answer:
    """What `ask` gets from the auth service of the server that the settings name."""
    import asyncio

    from pynomaly_server.auth.service import AuthService
    from pynomaly_server.db.migrate import upgrade
    from pynomaly_server.db.session import make_async_engine, make_async_sessions

    settings = _settings(arguments)
    if settings.secret_key is None:
        raise RuntimeFault(
            f"There is no server's secret key in {settings.data_dir}, and PYNOMALY_SECRET_KEY is not set. "
            "Name the server's data folder with --data-dir, or start one with `pynomaly serve`."
        )
    secret_key = settings.secret_key.get_secret_value()
    upgrade(settings)

    async def connected() -> Answer:
        engine = make_async_engine(settings)
        try:
            return await ask(AuthService(make_async_sessions(engine), secret_key))
        finally:
            await engine.dispose()

    return asyncio.run(connected())


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m pynomaly_server", description="The Pynomaly server.")
    register(parser.add_subparsers(required=True, metavar="COMMAND"))
    arguments = parser.parse_args(argv)
    status: int = arguments.handler(arguments)
    return status
