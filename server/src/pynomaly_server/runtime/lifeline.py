"""A process that ends when its parent does, however the parent ended.

Run as a program, it ties a command to the process that started it::

    python lifeline.py PARENT_PID SIGNAL COMMAND [ARGUMENT ...]

On Linux the kernel is asked to send SIGNAL the moment the parent is gone, and this program becomes COMMAND.
Elsewhere this program stays beside COMMAND, looks for its parent every half second and passes on the signals
it gets. It uses the standard library alone, so that it starts in a few milliseconds.

Called as a function, `end_with_parent` does the same for the process it is called in, for processes that a
library forks (the HTTP server's and the worker's).
"""

import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from types import FrameType

PR_SET_PDEATHSIG = 1
WATCH_SECONDS = 0.5
ORPHANED = 143
"""Exit status where the parent was gone before we began: what a shell reports for SIGTERM."""


def command(argv: Sequence[str], *, ending: signal.Signals) -> list[str]:
    """Wrap `argv` so that it is sent the signal `ending` once this process is gone.

    Start the result from a thread that lives as long as the process: Linux watches the thread.
    """
    return [sys.executable, "-I", "-S", __file__, str(os.getpid()), ending.name, *argv]


def end_with_parent(ending: signal.Signals, *, parent: int | None = None) -> None:
    """Send this process the signal `ending` once its parent is gone.

    Args:
        ending: the signal to get.
        parent: process id of the parent, where known from before; one that is gone already ends us now.
    """
    parent = os.getppid() if parent is None else parent
    if sys.platform == "linux":
        _ask_the_kernel(ending)
    else:
        threading.Thread(target=_watch, args=(parent, ending), name="lifeline", daemon=True).start()
    if os.getppid() != parent:
        os.kill(os.getpid(), ending)


def _ask_the_kernel(ending: signal.Signals) -> None:
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_PDEATHSIG, int(ending), 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "the kernel refused to tell this process of its parent's end")


def _watch(parent: int, ending: signal.Signals) -> None:
    while os.getppid() == parent:
        time.sleep(WATCH_SECONDS)
    os.kill(os.getpid(), ending)


def _stay_beside(parent: int, ending: signal.Signals, argv: list[str]) -> int:
    """Run `argv`, pass signals on to it, and end it once `parent` is gone."""
    child = subprocess.Popen(argv, close_fds=False)  # noqa: S603 - the supervisor's own command  # nosec B603

    def pass_on(number: int, _frame: FrameType | None) -> None:
        child.send_signal(number)

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(number, pass_on)
    while True:
        try:
            status = child.wait(WATCH_SECONDS)
        except subprocess.TimeoutExpired:
            if os.getppid() != parent:
                child.send_signal(ending)
        else:
            return status if status >= 0 else 128 - status


def main(argv: list[str]) -> int:  # noqa: RET503 - execv does not return
    """Tie the command in `argv` to our parent; see the module's description."""
    parent, ending, *rest = argv
    if sys.platform != "linux":
        return _stay_beside(int(parent), signal.Signals[ending], rest)
    _ask_the_kernel(signal.Signals[ending])
    if os.getppid() != int(parent):
        return ORPHANED
    os.execv(rest[0], rest)  # noqa: S606 - the supervisor's own command, no shell  # nosec B606


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
