"""The HTTP API as one group of processes: Granian in front, `create_app` in each of its workers."""

import contextlib
import gc
import os
import signal
from typing import Any

from granian.constants import HTTPModes, Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels
from granian.server import MPServer

from pynomaly_server.logs import stdlib_config
from pynomaly_server.runtime.lifeline import end_with_parent
from pynomaly_server.runtime.tls import certificate_of
from pynomaly_server.settings import Settings

TARGET = "pynomaly_server.app:create_app"
_STOPPING = signal.SIGUSR1


class _ApiServer(MPServer):
    """Passes SIGHUP on, where Granian would put new processes in the place of all that there are, and tells
    its processes that they are about to stop: Granian waits for callers, and those for the end of a job.
    """

    def signal_handler_reload(self, *_: Any) -> None:
        """Have the processes read their settings anew, and go on."""
        self._send(signal.SIGHUP)

    def signal_handler_interrupt(self, *given: Any, **named: Any) -> None:
        """Have nobody wait any longer, and stop."""
        super().signal_handler_interrupt(*given, **named)  # type: ignore[no-untyped-call]
        self._send(_STOPPING)

    def _send(self, number: signal.Signals) -> None:
        for worker in list(self.wrks):
            with contextlib.suppress(ProcessLookupError):
                os.kill(worker.inner.pid, number)


def run_api(settings: Settings) -> None:
    """Serve the API until SIGTERM or SIGINT, then let the requests in hand end.

    A worker process that dies is replaced. The address should have been checked with `ports.claim`.
    """
    certificate = certificate_of(settings)
    server = _ApiServer(
        TARGET,
        factory=True,
        address=settings.host,
        port=settings.port,
        interface=Interfaces.ASGI,
        # While Granian waits to hear which version of HTTP it is, it waits for ever.
        http=HTTPModes.http1,
        websockets=False,
        http1_settings=HTTP1Settings(header_read_timeout=round(settings.slow_client_seconds * 1000)),
        ssl_cert=certificate.cert if certificate else None,
        ssl_key=certificate.key if certificate else None,
        workers=settings.workers,
        respawn_failed_workers=True,
        workers_kill_timeout=max(1, round(settings.shutdown_seconds / 2)),
        log_level=LogLevels.warning,
        log_dictconfig=stdlib_config(settings.log_level, settings.log_format),
        log_access=False,
    )
    server.serve(target_loader=load_app)


def load_app(_target: str) -> Any:
    """Make the application in a worker process, which is to end with the process that forked it."""
    # Until the application answers these signals, there is nothing yet to be read anew, and nobody waits.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(_STOPPING, signal.SIG_IGN)
    end_with_parent(signal.SIGKILL)
    from pynomaly_server.app import create_app

    app = create_app(reload_on=signal.SIGHUP, stop_waiting_on=_STOPPING)
    # 300,000 objects live as long as the process. A collection of garbage that looked at them as well would
    # hold up all requests for 190 ms, and takes less than 1 ms without them.
    gc.freeze()
    return app
