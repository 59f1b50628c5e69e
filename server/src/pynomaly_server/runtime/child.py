"""One supervised process: how it is started, watched, started again and ended."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pynomaly_server.runtime import lifeline
from pynomaly_server.runtime.logs import LogPump

FIRST_WAIT = 0.5
LONGEST_WAIT = 15.0
HEALTHY_SECONDS = 30.0
"""A child that ran this long had a good start; its next restart waits as briefly as the first."""


@dataclass(frozen=True, slots=True)
class ChildSpec:
    """What to run.

    Attributes:
        name: shown to people, and the name of the log file.
        argv: the command; its first word is a path.
        env: the whole environment.
        ending: signal sent once the supervisor itself is gone without having ended the child.
        stop_signals: sent in turn when the child is to end, each after an equal share of its time.
        reloads: whether SIGHUP has it read its settings anew.
    """

    name: str
    argv: list[str]
    env: Mapping[str, str]
    ending: signal.Signals = signal.SIGKILL
    stop_signals: tuple[signal.Signals, ...] = (signal.SIGTERM,)
    reloads: bool = False


@dataclass
class Child:
    """A process that is to run, with the history of its starts."""

    spec: ChildSpec
    log_dir: Path
    tell: Callable[[str], None]
    keep_open: tuple[int, ...] = ()
    restarts: int = 0
    _process: subprocess.Popen[bytes] | None = None
    _pump: LogPump | None = None
    _started_at: float = 0.0
    _start_again_at: float | None = None
    _wait: float = field(default=FIRST_WAIT)

    @property
    def log_path(self) -> Path:
        """The child's log file."""
        return self.log_dir / f"{self.spec.name}.log"

    @property
    def pid(self) -> int | None:
        """Process id, or None before the first start."""
        return self._process.pid if self._process else None

    @property
    def last_lines(self) -> list[str]:
        """What the child printed last."""
        if self._pump is None:
            return []
        self._pump.join(1.0)
        return list(self._pump.last_lines)

    def start(self) -> None:
        """Start the process in a session of its own, so that a Ctrl-C reaches the supervisor alone."""
        self._process = subprocess.Popen(  # noqa: S603 - our own command, no shell  # nosec B603
            lifeline.command(self.spec.argv, ending=self.spec.ending),
            env=dict(self.spec.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            pass_fds=self.keep_open,
        )
        self._started_at = time.monotonic()
        self._start_again_at = None
        assert self._process.stdout is not None
        self._pump = LogPump(self.spec.name, self._process.stdout, self.log_path, self.tell)
        self._pump.start()

    def exit_status(self) -> int | None:
        """The exit status, or None while it runs."""
        return self._process.poll() if self._process else None

    def look_after(self) -> None:
        """Start the process again when it has ended and its wait is over."""
        status = self.exit_status()
        if status is None:
            return
        now = time.monotonic()
        if self._start_again_at is None:
            self._kill_group()
            if now - self._started_at > HEALTHY_SECONDS:
                self._wait = FIRST_WAIT
            self._start_again_at = now + self._wait
            self.tell(
                f"{self.spec.name} ended ({describe(status)}); starting it again in {self._wait:g} s. "
                f"Its log is {self.log_path}."
            )
            self._wait = min(self._wait * 2, LONGEST_WAIT)
        elif now >= self._start_again_at:
            self.restarts += 1
            self.start()

    def reload(self) -> None:
        """Have it read its settings anew, where it does that."""
        if self.spec.reloads and self._process is not None and self._process.poll() is None:
            self._process.send_signal(signal.SIGHUP)

    def stop(self, seconds: float, *, hurry: Callable[[], bool]) -> None:
        """End the process: politely first, by force when `seconds` are over or `hurry` says so."""
        if self._process is None:
            return
        share = seconds / len(self.spec.stop_signals)
        for polite in self.spec.stop_signals:
            if self._process.poll() is not None:
                break
            with contextlib.suppress(ProcessLookupError):
                self._process.send_signal(polite)
            self._wait_for_end(share, hurry)
        self._kill_group()
        self._process.wait()
        if self._pump is not None:
            self._pump.join(1.0)

    def _wait_for_end(self, seconds: float, hurry: Callable[[], bool]) -> None:
        assert self._process is not None
        give_up = time.monotonic() + seconds
        while self._process.poll() is None and time.monotonic() < give_up and not hurry():
            time.sleep(0.02)

    def _kill_group(self) -> None:
        """Kill what is left of the child and of the processes it made."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(self._process.pid, signal.SIGKILL)


def describe(status: int) -> str:
    """An exit status in words."""
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by {signal.Signals(-status).name}"
    except ValueError:
        return f"killed by signal {-status}"
