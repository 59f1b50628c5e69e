"""The data folder: who uses it now, where things lie in it, and the key that secrets are hashed with."""

import contextlib
import fcntl
import json
import os
import secrets
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pynomaly_server.runtime.faults import DataDirError

LEFTOVERS_SECONDS = 10.0
"""How long processes of a server that was killed may take to end before a new one gives up waiting."""


@dataclass(frozen=True, slots=True)
class RunningServer:
    """What a running server says about itself in `server.json`."""

    url: str
    pid: int
    profile: str | None = None

    @property
    def alive(self) -> bool:
        """Whether its process exists."""
        try:
            os.kill(self.pid, 0)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True


class DataDir:
    """A folder that one server at a time may use.

    The lock is a lock on a file. Every process of the server inherits the descriptor, so the folder stays
    locked until the last of them is gone, also when the one that took the lock was killed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path.absolute()
        self.lock_fd: int | None = None

    @property
    def logs(self) -> Path:
        """Folder of the log files."""
        return self.path / "logs"

    @property
    def server_file(self) -> Path:
        """Where a running server says its address and process id."""
        return self.path / "server.json"

    def take(self) -> None:
        """Make the folder if need be, and lock it.

        Raises:
            DataDirError: it cannot be written, or another server uses it.
        """
        try:
            self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
            self.logs.mkdir(exist_ok=True, mode=0o700)
            handle = os.open(self.path / "server.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as fault:
            raise DataDirError(
                f"The data folder {self.path} cannot be used: {fault.strerror}. Name another with --data-dir."
            ) from fault
        try:
            self._lock(handle)
        except DataDirError:
            os.close(handle)
            raise
        self.lock_fd = handle

    def _lock(self, handle: int) -> None:
        give_up = time.monotonic() + LEFTOVERS_SECONDS
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                running = self.running()
                if running is not None and running.alive:
                    raise DataDirError(
                        f"The data folder {self.path} is in use by a server at {running.url} "
                        f"(process {running.pid}). Stop it first, or name another folder with --data-dir."
                    ) from None
                if time.monotonic() > give_up:
                    raise DataDirError(
                        f"The data folder {self.path} is locked by another server that is starting "
                        "or stopping. Wait for it, or name another folder with --data-dir."
                    ) from None
                time.sleep(0.1)
            else:
                return

    def release(self) -> None:
        """Forget the server and give up the lock."""
        self.server_file.unlink(missing_ok=True)
        if self.lock_fd is not None:
            os.close(self.lock_fd)
            self.lock_fd = None

    def running(self) -> RunningServer | None:
        """The server that says it runs here; it may have been killed since."""
        try:
            said: dict[str, Any] = json.loads(self.server_file.read_text())
            return RunningServer(url=said["url"], pid=int(said["pid"]), profile=said.get("profile"))
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def announce(self, server: RunningServer) -> None:
        """Say that `server` runs here and answers."""
        text = json.dumps({"url": server.url, "pid": server.pid, "profile": server.profile})
        write_private(self.server_file, text + "\n")

    def secret_key(self) -> str:
        """The key that credentials and cursors are signed with: made once, kept with mode 0600."""
        path = self.path / "secret.key"
        with contextlib.suppress(FileExistsError):
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(48) + "\n")
        key = path.read_text().strip()
        if not key:
            raise DataDirError(
                f"{path} is empty, so API keys made before cannot be checked. Put its content back, "
                "or delete it to begin with a new one."
            )
        return key


def write_private(path: Path, text: str) -> None:
    """Replace `path` in one step by a file with mode 0600."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    beside.replace(path)
