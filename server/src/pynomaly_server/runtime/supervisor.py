"""Runs a set of children until told to stop, and ends them in order."""

import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

from pynomaly_server.runtime.child import Child, ChildSpec, describe
from pynomaly_server.runtime.faults import StartError

LOOK_SECONDS = 0.25


class StopRequested(Exception):  # noqa: N818 - nothing went wrong
    """A signal asked us to stop while we were still starting."""


class Supervisor:
    """Starts children, starts them again when they die, and ends them together.

    Children end in the reverse order of their start, so start first what the others need last.

    Args:
        log_dir: where each child's log file goes.
        stop_seconds: how long all children together may take to end before they are killed.
        tell: gets a line for the person at the terminal.
        keep_open: descriptors that every child inherits (the data folder's lock).
    """

    def __init__(
        self,
        log_dir: Path,
        *,
        stop_seconds: float,
        tell: Callable[[str], None],
        keep_open: Sequence[int] = (),
    ) -> None:
        self._log_dir = log_dir
        self._stop_seconds = stop_seconds
        self._tell = tell
        self._keep_open = tuple(keep_open)
        self._children: list[Child] = []
        self._stop_requests = 0
        self._reload_requested = False
        self._had_terminal = False
        self._wake_read, self._wake_write = socket.socketpair()
        self._wake_read.setblocking(False)
        self._wake_write.setblocking(False)

    @property
    def children(self) -> Sequence[Child]:
        """The children, in the order they were started."""
        return tuple(self._children)

    @contextmanager
    def signals(self) -> Iterator[None]:
        """Take SIGINT and SIGTERM as a request to stop; a second one stops by force.

        SIGHUP has the children read their settings anew, unless it says that the terminal is gone.
        """
        handlers = dict.fromkeys((signal.SIGINT, signal.SIGTERM), self._on_signal)
        handlers[signal.SIGHUP] = self._on_hangup
        before = {number: signal.getsignal(number) for number in handlers}
        old_wakeup = signal.set_wakeup_fd(self._wake_write.fileno(), warn_on_full_buffer=False)
        self._had_terminal = _has_terminal()
        for number, handler in handlers.items():
            signal.signal(number, handler)
        try:
            yield
        finally:
            signal.set_wakeup_fd(old_wakeup)
            for number, former in before.items():
                signal.signal(number, former)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stop_requests += 1

    def _on_hangup(self, _number: int, _frame: FrameType | None) -> None:
        if self._had_terminal and not _has_terminal():
            self._stop_requests += 1
        else:
            self._reload_requested = True

    def start(self, spec: ChildSpec) -> Child:
        """Start one more child, in the background."""
        child = Child(spec, self._log_dir, self._tell, self._keep_open)
        self._children.append(child)
        child.start()
        return child

    def wait_until(self, ready: Callable[[], bool], *, seconds: float, fault: Callable[[], str]) -> None:
        """Wait until `ready` says so while the children live.

        Args:
            ready: asked again and again.
            seconds: how long at most.
            fault: says what is missing when the time is over.

        Raises:
            StartError: a child ended, or the time is over.
            StopRequested: a signal came.
        """
        give_up = time.monotonic() + seconds
        while not ready():
            if self._stop_requests:
                raise StopRequested
            self._check_starting()
            if time.monotonic() > give_up:
                raise StartError(f"{fault()} after {seconds:g} s. The logs are in {self._log_dir}.")
            self._sleep(0.05)

    def _check_starting(self) -> None:
        for child in self._children:
            status = child.exit_status()
            if status is not None:
                printed = "\n".join(f"    {line}" for line in child.last_lines) or "    (nothing)"
                raise StartError(
                    f"{child.spec.name} ended while starting ({describe(status)}). "
                    f"It printed last:\n{printed}\nThe whole log is {child.log_path}."
                )

    def run(self) -> None:
        """Look after the children until a signal asks us to stop."""
        while not self._stop_requests:
            if self._reload_requested:
                self._reload_requested = False
                for child in self._children:
                    child.reload()
            for child in self._children:
                child.look_after()
            self._sleep(LOOK_SECONDS)

    def stop(self) -> None:
        """End every child, the last started first; a second signal, or the end of the time, forces them."""
        give_up = time.monotonic() + self._stop_seconds
        asked = self._stop_requests
        for position, child in enumerate(reversed(self._children)):
            left = max(0.0, give_up - time.monotonic())
            still_to_stop = len(self._children) - position
            child.stop(
                left if still_to_stop == 1 else left * 0.7, hurry=lambda: self._stop_requests > max(asked, 1)
            )
        self._children.clear()
        self._wake_read.close()
        self._wake_write.close()

    def _sleep(self, seconds: float) -> None:
        """Sleep, but wake at once when a signal comes."""
        readable, _, _ = select.select([self._wake_read], [], [], seconds)
        if readable:
            self._wake_read.recv(64)


def _has_terminal() -> bool:
    """Whether this process has a terminal that is still there."""
    try:
        os.close(os.open("/dev/tty", os.O_RDWR | os.O_NOCTTY))
    except OSError:
        return False
    return True
