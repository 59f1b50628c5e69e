"""Chooses where progress is shown."""

from __future__ import annotations

import importlib.util
import sys
from typing import Any, Protocol

from pynomaly.progress.state import Progress
from pynomaly.progress.status_line import StatusLine


class Display(Protocol):
    """Something that shows progress."""

    def show(self, progress: Progress, now: float) -> None:
        """Show how far it is at `now`, in seconds of a monotonic clock."""
        ...

    def close(self) -> None:
        """Nothing more follows."""
        ...


def open_display() -> Display:
    """The best there is: HTML under an IPython kernel, rich's bar in a terminal where it is installed, a bar
    of our own in other terminals, and lines on stderr elsewhere."""
    if in_notebook():
        from pynomaly.progress.notebook import NotebookDisplay

        return NotebookDisplay()
    if sys.stderr.isatty() and importlib.util.find_spec("rich") is not None:
        from pynomaly.progress.rich_bar import RichBar

        return RichBar(sys.stderr)
    return StatusLine(sys.stderr)


def in_notebook() -> bool:
    """Whether a kernel of IPython runs this program, as in Jupyter; without importing IPython for it."""
    module: Any = sys.modules.get("IPython")
    shell: Any = None if module is None else module.get_ipython()
    # The shell in a terminal has no kernel.
    return getattr(shell, "kernel", None) is not None
