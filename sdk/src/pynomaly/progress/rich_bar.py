"""Progress in a terminal, drawn by rich."""

from __future__ import annotations

import importlib
from typing import Any, TextIO

from pynomaly.progress.state import Progress


class RichBar:
    """A bar in colour that fits the terminal, whatever its width.

    It needs rich.

    Args:
        stream: The terminal.
    """

    def __init__(self, stream: TextIO) -> None:
        # Not a requirement, so the type checker may not find it.
        console: Any = importlib.import_module("rich.console")
        bars: Any = importlib.import_module("rich.progress")
        self._bar: Any = bars.Progress(
            bars.TextColumn("{task.description:<9}", markup=False),
            bars.BarColumn(),
            bars.TaskProgressColumn(),
            bars.TextColumn("{task.fields[detail]}", markup=False),
            console=console.Console(file=stream),
            # Drawn when there is news, without a thread, and leaving the caller's streams alone.
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        self._task: Any = None

    def show(self, progress: Progress, now: float) -> None:  # noqa: ARG002  others draw seldom
        """Show how far it is."""
        total = None if progress.share is None else 1.0
        if self._task is None:
            self._task = self._bar.add_task(progress.label, total=total, detail="")
            self._bar.start()
        self._bar.update(
            self._task,
            description=progress.label,
            total=total,
            completed=progress.share or 0.0,
            detail=progress.detail,
            refresh=True,
        )

    def close(self) -> None:
        """Leave the last state on the screen."""
        if self._task is not None:
            self._bar.stop()
