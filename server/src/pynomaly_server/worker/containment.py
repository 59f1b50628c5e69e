"""Keeps what one job does to its process from outlasting the job."""

from __future__ import annotations

import contextlib
import fcntl
import os
import resource
import secrets
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Final

LEFT: Final = 0x9B
"""Status of a process that ends on purpose; Celery's pool knows it as one to be replaced without a word."""
_PREFIX: Final = "pynomaly-worker-"
_LOCK: Final = ".lock"
_BURST: Final = 1.5
_SPENT: Final = 0.75


def bound_memory(most_bytes: int) -> None:
    """Let this process be refused memory at one and a half times what a job may take.

    A job is ended when it is seen to be over its limit, which takes a moment; this keeps a burst within that
    moment from taking the whole machine. What is limited is the memory that can be written to, which in a
    worker is very nearly what is resident; address space that is only reserved is not counted.
    """
    if sys.platform != "linux":
        return
    _, hard = resource.getrlimit(resource.RLIMIT_DATA)
    wanted = int(most_bytes * _BURST)
    if hard != resource.RLIM_INFINITY:
        wanted = min(wanted, hard)
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(resource.RLIMIT_DATA, (wanted, hard))


def most_kib_per_child(most_bytes: int) -> int:
    """KiB that a process may have held at its peak and still be given another job."""
    return int(most_bytes * _SPENT) // 1024


class TemporaryFolder:
    """Makes every temporary file of this process lie in one folder, which goes when the process does.

    Where the process is killed, the next one that opens a folder beside it removes what was left: a lock
    says whose process lives, and the system gives up the locks of those that do not.
    """

    def __init__(self) -> None:
        self._folder: Path | None = None
        self._lock: int | None = None

    def open(self) -> None:
        """Begin; call in the process itself, after the fork."""
        tempfile.tempdir = None
        beside = Path(tempfile.gettempdir())
        remove_abandoned(beside)
        self._folder = beside / f"{_PREFIX}{secrets.token_hex(8)}"
        self._lock = _locked(self._folder.with_suffix(_LOCK))
        self._folder.mkdir(mode=0o700)
        tempfile.tempdir = str(self._folder)

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        if self._folder is not None and self._lock is not None:
            _remove(self._folder.with_suffix(_LOCK), self._lock)
            tempfile.tempdir = self._folder = self._lock = None


def remove_abandoned(beside: Path) -> None:
    """Remove the folders of processes that were killed, as far as they may be removed by us."""
    for path in beside.glob(f"{_PREFIX}*{_LOCK}"):
        with contextlib.suppress(OSError):
            _remove(path, _locked(path))


def _locked(path: Path) -> int:
    """Make a lock of this path ours, or raise `BlockingIOError`: another process has it."""
    while True:
        lock = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # Somebody may have taken it for abandoned, and removed it, before it was locked.
            if os.path.samestat(os.fstat(lock), path.stat(follow_symlinks=False)):
                return lock
        except FileNotFoundError:
            pass
        except OSError:
            os.close(lock)
            raise
        os.close(lock)


def _remove(path: Path, lock: int) -> None:
    """Remove a folder and at last the lock of it, which is ours."""
    shutil.rmtree(path.with_suffix(""), ignore_errors=True)
    path.unlink(missing_ok=True)
    os.close(lock)


def leave(folder: TemporaryFolder) -> None:
    """End this process at once, whatever its other threads do; the pool starts another in its place."""
    folder.remove()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(LEFT)
