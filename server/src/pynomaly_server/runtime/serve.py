"""`pynomaly serve`: every part of the server on this machine, from one command."""

import contextlib
import os
import shutil
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from pathlib import Path

from pydantic import SecretStr

from pynomaly_server.runtime import local_key, ports, valkey
from pynomaly_server.runtime.child import ChildSpec
from pynomaly_server.runtime.data_dir import DataDir, RunningServer
from pynomaly_server.runtime.health import HealthProbe, ask_health
from pynomaly_server.runtime.supervisor import StopRequested, Supervisor
from pynomaly_server.runtime.tls import certificate_of
from pynomaly_server.settings import Settings

# Long, because a first start may have to compile the detectors' kernels.
START_SECONDS = 240.0


@dataclass(frozen=True, slots=True)
class ServeOptions:
    """What the command line adds to the settings.

    Attributes:
        job_workers: processes that work on batch jobs.
        show_key: print the API key.
    """

    job_workers: int
    show_key: bool = False


def default_job_workers() -> int:
    """Half the processors this process may use, from two to four: the API needs some too.

    From two on there is one more for small jobs, which then do not wait for a large one's end.
    """
    usable = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(2, min(4, usable // 2))


def serve(settings: Settings, options: ServeOptions, *, tell: Callable[[str], None]) -> None:
    """Start what the settings do not name elsewhere, and run until a signal ends it.

    Args:
        settings: checked settings; where they name a Redis, a database or a storage, those are used.
        options: from the command line.
        tell: gets each line for the person at the terminal.

    Raises:
        DataDirError: the data folder is in use or cannot be written.
        AddressError: the address cannot be listened on.
        ValkeyError: there is no Valkey for this machine, or it did not start.
        StartError: a part did not start.
        SettingsError: there is no certificate where the settings name one.
    """
    data = DataDir(settings.data_dir)
    data.take()
    try:
        port = ports.claim(settings.host, settings.port)
        _Stack(settings, options, data, port, tell).run()
    finally:
        data.release()


class _Stack:
    """The parts of one running server."""

    def __init__(
        self, settings: Settings, options: ServeOptions, data: DataDir, port: int, tell: Callable[[str], None]
    ) -> None:
        self._options = options
        self._data = data
        self._tell = tell
        self._certificate = certificate_of(settings)
        self._url = ports.reachable_url(settings.host, port, "https" if self._certificate else "http")
        self._socket: Path | None = None
        if settings.redis_url is None:
            self._socket = valkey.socket_dir(data.path) / "valkey.sock"
        self._settings = settings.model_copy(
            update={
                "port": port,
                "secret_key": settings.secret_key or SecretStr(data.secret_key()),
                "redis_url": settings.redis_url or f"unix://{self._socket}",
            }
        )
        assert data.lock_fd is not None
        self._supervisor = Supervisor(
            data.logs, stop_seconds=settings.shutdown_seconds, tell=tell, keep_open=(data.lock_fd,)
        )

    def run(self) -> None:
        with self._supervisor.signals():
            try:
                self._start()
                self._supervisor.run()
                self._tell("Stopping ... (Ctrl-C again ends it at once)")
            except StopRequested:
                pass
            finally:
                self._supervisor.stop()
                if self._socket is not None:
                    # Not empty where Valkey had to be killed; the next start uses the same folder.
                    with contextlib.suppress(OSError):
                        self._socket.parent.rmdir()
        self._tell("Stopped.")

    def _start(self) -> None:
        from pynomaly_server.db.migrate import upgrade

        if self._socket is not None:
            self._supervisor.start(
                ChildSpec("valkey", valkey.command(self._data.path, self._socket), env=dict(os.environ))
            )
        upgrade(self._settings)
        if self._socket is not None:
            socket = self._socket
            self._supervisor.wait_until(
                lambda: valkey.ping(socket), seconds=START_SECONDS, fault=lambda: "Valkey does not answer"
            )
        self._start_processes()
        key = local_key.provide(self._settings, self._url)
        trust = self._certificate.trusting_context() if self._certificate else None
        healthy = HealthProbe(self._url, partial(ask_health, trust=trust))
        self._supervisor.wait_until(
            healthy, seconds=START_SECONDS, fault=lambda: f"Not every part is up ({healthy.missing})"
        )
        self._data.announce(RunningServer(url=self._url, pid=os.getpid(), profile=str(key.profile)))
        self._greet(key)

    def _start_processes(self) -> None:
        """Start the rest side by side; what they import takes longer than all else. The API ends first."""
        env = self._environment()
        python = [sys.executable, "-m", "pynomaly_server"]
        worker = [*python, "worker", "--concurrency", str(self._options.job_workers)]
        # SIGTERM lets the worker end its tasks; SIGQUIT has it give them back for the next start.
        self._supervisor.start(
            ChildSpec("worker", worker, env, stop_signals=(signal.SIGTERM, signal.SIGQUIT), reloads=True)
        )
        self._supervisor.start(ChildSpec("sweeper", [*python, "sweeper"], env, reloads=True))
        self._supervisor.start(ChildSpec("api", [*python, "api"], env, reloads=True))

    def _environment(self) -> dict[str, str]:
        """What every process is told. The secret key is not in it: they read it in the data folder."""
        settings = self._settings
        return {
            **os.environ,
            "PYTHONUNBUFFERED": "1",
            "PYNOMALY_DATA_DIR": str(self._data.path),
            "PYNOMALY_HOST": settings.host,
            "PYNOMALY_PORT": str(settings.port),
            "PYNOMALY_WORKERS": str(settings.workers),
            "PYNOMALY_STORAGE_URL": settings.storage_url,
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.broker_url,
        }

    def _greet(self, key: local_key.LocalKey) -> None:
        shown = key.plain if self._options.show_key else "PynomalyClient() reads it there"
        aside = f"        the profile of another server is kept as {key.set_aside}\n" if key.set_aside else ""
        self._tell(
            f"Pynomaly {version('pynomaly-server')} is up.\n\n"
            f"  URL   {self._url}\n"
            f"  Docs  {self._url}/api/v1/docs\n"
            f"  Key   {key.profile} ({shown})\n"
            f"{aside}"
            f"  Data  {self._data.path}\n"
            f"  Logs  {self._data.logs}\n"
            f"  Try   {_beside_python('pynomaly')} detect FILE.csv\n\n"
            "Ctrl-C stops it."
        )


def _beside_python(command: str) -> str:
    """How to call a command of this environment, whether or not it is on the path."""
    if shutil.which(command):
        return command
    return os.path.relpath(Path(sys.executable).parent / command)
