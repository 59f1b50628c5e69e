"""One line of text that says how far something is."""

from __future__ import annotations

from typing import TextIO

from pynomaly.progress.state import Progress

_WIDTH = 30
_LINE_SECONDS = 10.0


class StatusLine:
    """A line that is drawn over itself in terminals; elsewhere lines follow each other, seldom.

    Args:
        stream: Where to write.
    """

    def __init__(self, stream: TextIO) -> None:
        self._stream = stream
        self._redraws = stream.isatty()
        self._shown = ""
        self._last_line: tuple[str, float] | None = None

    def show(self, progress: Progress, now: float) -> None:
        """Show how far it is at `now`, in seconds of a monotonic clock.

        Where lines follow each other, there is one for each new topic and one every ten seconds.
        """
        text = _text(progress)
        if self._redraws:
            padding = " " * max(0, len(self._shown) - len(text))
            self._stream.write(f"\r{text}{padding}")
            self._shown = text
        elif self._is_news(progress.topic, now):
            self._stream.write(f"{text}\n")
            self._last_line = (progress.topic, now)
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


def _text(progress: Progress) -> str:
    if progress.share is None:
        return f"{progress.label} {progress.detail}"
    return f"{progress.label:<9} {_bar(progress.share)} {progress.detail}"


def _bar(share: float) -> str:
    filled = round(share * _WIDTH)
    return f"[{'#' * filled}{'.' * (_WIDTH - filled)}] {share:4.0%}"
