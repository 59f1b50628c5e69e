"""Lets the processes of a worker know that it is to stop."""

from __future__ import annotations

import os
import select


class ShutdownFlag:
    """A pipe made before the fork: a byte in it is seen by every child, and none of them takes it out."""

    def __init__(self) -> None:
        self._read_end, self._write_end = os.pipe()

    def raise_flag(self) -> None:
        """Say that the worker is to stop; safe in a signal handler."""
        os.write(self._write_end, b"x")

    def requested(self) -> bool:
        """Whether it is."""
        readable, _, _ = select.select([self._read_end], [], [], 0)
        return bool(readable)
