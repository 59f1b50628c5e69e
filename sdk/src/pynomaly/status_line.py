"""One line on stderr that says how far something is."""

from __future__ import annotations

import sys
from typing import TextIO

_WIDTH = 30
_LINE_SECONDS = 10.0


class StatusLine:
    """A line that is drawn over itself in terminals and notebooks; elsewhere lines follow each other, seldom.

    Args:
        stream: Where to write; stderr where None.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        # A notebook's stream is no terminal, but it understands the carriage return.
        self._redraws = self._stream.isatty() or "ipykernel" in sys.modules
        self._shown = ""
        self._last_line: tuple[str, float] | None = None

    def show(self, text: str, topic: str, now: float) -> None:
        """Show `text` at `now`, in seconds of a monotonic clock.

        Where lines follow each other, there is one for each new `topic` and one every ten seconds.
        """
        if self._redraws:
            padding = " " * max(0, len(self._shown) - len(text))
            self._stream.write(f"\r{text}{padding}")
            self._shown = text
        elif self._is_news(topic, now):
            self._stream.write(f"{text}\n")
            self._last_line = (topic, now)
        self._stream.flush()

    def close(self) -> None:
        """End the line."""
        if self._shown:
            self._stream.write("\n")
            self._stream.flush()
            self._shown = ""

    def _is_news(self, topic: str, now: float) -> bool:
        if self._last_line is None or self._last_line[0] != topic:
            return True
        return now - self._last_line[1] >= _LINE_SECONDS


def bar(share: float) -> str:
    """A bar and a percentage for a share in [0, 1]."""
    filled = round(share * _WIDTH)
    return f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {share:4.0%}"


def duration(seconds: float) -> str:
    """Seconds in words."""
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
