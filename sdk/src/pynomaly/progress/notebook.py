"""Progress in the output of a notebook's cell."""

from __future__ import annotations

import html
import importlib
from typing import Any

from pynomaly.progress.state import Progress

_TRACK = "display:inline-block;width:16em;height:.8em;background:#e4e4e4;border-radius:.4em;overflow:hidden"
_FILLED = "display:block;height:100%;background:#3b7dd8"


class NotebookDisplay:
    """A bar in HTML that changes in its place.

    It needs the IPython that runs the notebook.
    """

    def __init__(self) -> None:
        # What is missing on the caller's machine must not be missed by the type checker either.
        self._ipython: Any = importlib.import_module("IPython.display")
        self._handle: Any = None

    def show(self, progress: Progress, now: float) -> None:  # noqa: ARG002  others draw seldom
        """Show how far it is."""
        shown = self._ipython.HTML(progress_html(progress))
        if self._handle is None:
            self._handle = self._ipython.display(shown, display_id=True)
        else:
            self._handle.update(shown)

    def close(self) -> None:
        """The last state stays in the notebook."""


def progress_html(progress: Progress) -> str:
    """A bar with its words; every text is escaped."""
    words = f"<span>{html.escape(progress.detail)}</span>"
    label = f"<b>{html.escape(progress.label)}</b>"
    if progress.share is None:
        return f"<div>{label} {words}</div>"
    percent = f"{progress.share:.0%}"
    bar = (
        f'<span role="progressbar" aria-valuemin="0" aria-valuemax="100" aria-valuenow="{percent[:-1]}" '
        f'style="{_TRACK}"><span style="{_FILLED};width:{percent}"></span></span>'
    )
    return f"<div>{label} {bar} {percent} {words}</div>"
