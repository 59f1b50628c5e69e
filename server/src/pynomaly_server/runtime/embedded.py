"""A whole Pynomaly for the length of a `with` block: for examples, notebooks and tests."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from pynomaly_server.runtime import lifeline
from pynomaly_server.runtime.data_dir import DataDir, RunningServer

LAST_LINES = 25


class EmbeddedServerError(Exception):
    """The server did not start; the message shows what it printed and where its logs are."""


class EmbeddedServer:
    """Starts `pynomaly serve` as a process of its own and ends it at the end of the block.

    The server ends with this process too, however this process ends.

    Args:
        data_dir: folder of the database, the objects, the queue and the logs.
        config_home: folder that stands for `XDG_CONFIG_HOME`, where the profile with the API key goes;
            None writes it where `PynomalyClient()` looks for it.
        port: to listen on; 0 takes a free one.
        job_workers: processes that work on batch jobs.
        env: settings of the server. Those of our own environment are not taken over, so that a `DATABASE_URL`
            meant for something else is left alone.
        start_seconds: how long it may take to be up.
    """

    def __init__(
        self,
        data_dir: Path,
        *,
        config_home: Path | None = None,
        port: int = 0,
        job_workers: int = 1,
        env: Mapping[str, str] | None = None,
        start_seconds: float = 300.0,
    ) -> None:
        self._data = DataDir(data_dir)
        self._config_home = config_home
        self._port = port
        self._job_workers = job_workers
        self._env = dict(env or {})
        self._start_seconds = start_seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._running: RunningServer | None = None

    @property
    def url(self) -> str:
        """Where it listens, for example `http://127.0.0.1:49152`."""
        return self._said().url

    @property
    def pid(self) -> int:
        """Process id of its supervisor."""
        return self._said().pid

    @property
    def profile(self) -> Path:
        """The file with the URL and the API key."""
        return Path(self._said().profile or "")

    @property
    def logs(self) -> Path:
        """Folder of its log files."""
        return self._data.logs

    @property
    def output(self) -> Path:
        """What it printed for the person at the terminal."""
        return self._data.logs / "serve.log"

    def _said(self) -> RunningServer:
        if self._running is None:
            raise RuntimeError("The embedded server is not running. Use it inside its `with` block.")
        return self._running

    def start(self) -> Self:
        """Start it and wait until every part is up.

        Raises:
            EmbeddedServerError: it ended, or was not up in time.
        """
        before = self._data.running()
        self._data.logs.mkdir(parents=True, exist_ok=True, mode=0o700)
        env = {name: value for name, value in os.environ.items() if not _is_setting(name)}
        env |= {**self._env, "PYTHONUNBUFFERED": "1"}
        if self._config_home is not None:
            env["XDG_CONFIG_HOME"] = str(self._config_home.absolute())
        argv = [sys.executable, "-m", "pynomaly_server", "serve", "--host", "127.0.0.1"]
        argv += [
            "--port",
            str(self._port),
            "--data-dir",
            str(self._data.path),
            "--job-workers",
            str(self._job_workers),
        ]
        with self.output.open("wb") as output:
            self._process = subprocess.Popen(  # noqa: S603 - our own command, no shell  # nosec B603
                lifeline.command(argv, ending=signal.SIGTERM),
                env=env,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        try:
            self._running = self._wait(self._process, before)
        except BaseException:
            self.stop()
            raise
        return self

    def _wait(self, process: subprocess.Popen[bytes], before: RunningServer | None) -> RunningServer:
        """Wait for another word in the data folder than `before`, which a killed server may have left."""
        give_up = time.monotonic() + self._start_seconds
        while True:
            running = self._data.running()
            if running is not None and running != before:
                return running
            if process.poll() is not None:
                raise EmbeddedServerError(f"The server ended while starting. It printed:\n{self._printed()}")
            if time.monotonic() > give_up:
                raise EmbeddedServerError(
                    f"The server was not up within {self._start_seconds:g} s. "
                    f"It printed:\n{self._printed()}\nIts logs are in {self.logs}."
                )
            time.sleep(0.05)

    def _printed(self) -> str:
        lines = self.output.read_text(errors="replace").splitlines()[-LAST_LINES:]
        return "\n".join(f"    {line}" for line in lines) or "    (nothing)"

    def stop(self) -> None:
        """End it and wait until it is gone. Does nothing where it is gone already."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
        self._process = None
        self._running = None

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, fault: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()


def _is_setting(name: str) -> bool:
    return name.startswith("PYNOMALY_") or name in {
        "DATABASE_URL",
        "REDIS_URL",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    }
