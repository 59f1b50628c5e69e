"""The HTTP API as one group of processes: Granian in front, `create_app` in each of its workers."""

import signal
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.log import LogLevels
from granian.server import Server

from pynomaly_server.runtime.lifeline import end_with_parent

TARGET = "pynomaly_server.app:create_app"


def run_api(*, host: str, port: int, workers: int, shutdown_seconds: float) -> None:
    """Serve the API until SIGTERM or SIGINT, then let the requests in hand end.

    Args:
        host: address to listen on.
        port: port to listen on; it should have been checked with `ports.claim`.
        workers: number of processes; one that dies is replaced.
        shutdown_seconds: how long a worker may take to end the requests in hand.
    """
    server = Server(
        TARGET,
        factory=True,
        address=host,
        port=port,
        interface=Interfaces.ASGI,
        http=HTTPModes.auto,
        websockets=False,
        workers=workers,
        respawn_failed_workers=True,
        workers_kill_timeout=max(1, round(shutdown_seconds)),
        log_level=LogLevels.warning,
        log_access=False,
    )
    server.serve(target_loader=load_app)


def load_app(_target: str) -> Any:
    """Make the application in a worker process, which is to end with the process that forked it."""
    end_with_parent(signal.SIGKILL)
    from pynomaly_server.app import create_app

    return create_app()
