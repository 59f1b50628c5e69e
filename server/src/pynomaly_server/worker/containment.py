"""Keeps what one job does to its process from outlasting the job."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import sys
import tempfile
from typing import Final

LEFT: Final = 0x9B
"""Status of a process that ends on purpose; Celery's pool knows it as one to be replaced without a word."""
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
    """Makes every temporary file of this process lie in one folder, which goes when the process does."""

    def __init__(self) -> None:
        self._folder: str | None = None

    def open(self) -> None:
        """Begin; call in the process itself, after the fork."""
        self._folder = tempfile.tempdir = tempfile.mkdtemp(prefix="pynomaly-worker-")

    def remove(self) -> None:
        """Remove the folder with all that is in it."""
        if self._folder is not None:
            shutil.rmtree(self._folder, ignore_errors=True)
            tempfile.tempdir = self._folder = None


def leave(folder: TemporaryFolder) -> None:
    """End this process at once, whatever its other threads do; the pool starts another in its place."""
    folder.remove()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(LEFT)
