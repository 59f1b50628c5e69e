"""The server's commands, from serve, api, worker and sweeper to keys, jobs, tenants and dashboard.

They are part of the `pynomaly` command once both distributions are installed (entry point
`pynomaly.commands`), and stand alone as `python -m pynomaly_server`.
"""

from __future__ import annotations

import argparse
import signal
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pynomaly_server.cli import audit, backups, dashboard, doctor, jobs, keys, packages, tenants
from pynomaly_server.cli.commands import add_command, at_least_one, settings_of
from pynomaly_server.runtime.faults import RuntimeFault

if TYPE_CHECKING:
    from pynomaly_server.jobs.queues import JobQueue


def register(commands: Any) -> None:
    """Add the server's commands to `commands`, what `ArgumentParser.add_subparsers` returned."""
    serve = add_command(commands, "serve", _serve, "start the whole server on this machine")
    _add_address(serve)
    serve.add_argument(
        "--data-dir", type=Path, metavar="DIR", help="folder of database, datasets, queue and logs"
    )
    serve.add_argument("--workers", type=int, metavar="N", help="API processes (default: 1)")
    serve.add_argument(
        "--job-workers", type=at_least_one, metavar="N", help="processes that work on batch jobs"
    )
    serve.add_argument("--show-key", action="store_true", help="print the API key")

    api = add_command(commands, "api", _api, "run the HTTP API alone")
    _add_address(api)
    api.add_argument("--workers", type=int, metavar="N", help="API processes (default: 1)")

    worker = add_command(commands, "worker", _worker, "work on batch jobs")
    worker.add_argument(
        "--concurrency", type=at_least_one, default=1, metavar="N", help="processes (default: 1)"
    )

    worker.add_argument(
        "--queues", type=_queues, metavar="QUEUE,…", help="small, large or both (default: small,large)"
    )

    add_command(commands, "sweeper", _sweeper, "take back lost jobs, until ended")
    migrate = add_command(commands, "migrate", _migrate, "bring the database to the tables of this version")
    migrate.add_argument(
        "--back-to",
        metavar="REVISION",
        help="take back those after this one, for an earlier version",
    )
    keys.register(commands)
    jobs.register(commands)
    audit.register(commands)
    packages.register(commands)
    tenants.register(commands)
    dashboard.register(commands)
    backups.register(commands)
    doctor.register(commands)


def _add_address(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--host", help="address to listen on (default: 127.0.0.1)")
    parser.add_argument("--port", type=int, help="port to listen on, 0 for any free one (default: 8000)")


def _queues(text: str) -> list[JobQueue]:
    from pynomaly_server.jobs.queues import JobQueue

    names = text.split(",")
    known = [str(queue) for queue in JobQueue]
    for name in names:
        if name not in known:
            raise argparse.ArgumentTypeError(f"{name!r} is no queue; there are {' and '.join(known)}")
    return [JobQueue(name) for name in names]


def _serve(arguments: argparse.Namespace) -> int:
    from pynomaly_server.runtime.serve import ServeOptions, default_job_workers, serve

    options = ServeOptions(
        job_workers=arguments.job_workers or default_job_workers(), show_key=arguments.show_key
    )
    serve(settings_of(arguments), options, tell=lambda line: print(line, flush=True))
    return 0


def _api(arguments: argparse.Namespace) -> int:
    from pynomaly_server.runtime import ports
    from pynomaly_server.runtime.api import run_api

    settings = settings_of(arguments).complete()
    port = ports.claim(settings.host, settings.port)
    run_api(settings.model_copy(update={"port": port}))
    return 0


def _worker(arguments: argparse.Namespace) -> int:
    from pynomaly_server.runtime.lifeline import end_with_parent
    from pynomaly_server.worker import run_worker

    settings = settings_of(arguments).complete()
    # A process left behind by a killed worker would hold the data folder's lock for good.
    run_worker(
        settings,
        arguments.concurrency,
        arguments.queues,
        tie=lambda: end_with_parent(signal.SIGKILL),
    )
    return 0


def _sweeper(arguments: argparse.Namespace) -> int:
    from pynomaly_server.worker import run_sweeper

    run_sweeper(settings_of(arguments).complete())
    return 0


def _migrate(arguments: argparse.Namespace) -> int:
    from pynomaly_server.db.migrate import UnknownRevisionError, downgrade, upgrade

    settings = settings_of(arguments)
    if arguments.back_to is None:
        upgrade(settings)
        print("The database has the tables of this version.")
        return 0
    try:
        downgrade(settings, arguments.back_to)
    except UnknownRevisionError as fault:
        raise RuntimeFault(str(fault)) from None
    print(f"The database has the tables of revision {arguments.back_to}, for processes of that version.")
    return 0


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    parser = argparse.ArgumentParser(prog="python -m pynomaly_server", description="The Pynomaly server.")
    register(parser.add_subparsers(required=True, metavar="COMMAND"))
    arguments = parser.parse_args(argv)
    status: int = arguments.handler(arguments)
    return status
