"""The progress of a job on stderr: a bar in terminals and notebooks, plain lines elsewhere."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, TextIO

if TYPE_CHECKING:
    from pynomaly._generated.models import Job

_WIDTH = 30
_LINE_SECONDS = 10.0


class ProgressBar:
    """Shows each state of a job it is given.

    Args:
        stream: Where to write; stderr where None.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._stream = sys.stderr if stream is None else stream
        # A notebook's stream is no terminal, but it understands the carriage return.
        self._redraws = self._stream.isatty() or "ipykernel" in sys.modules
        self._first: tuple[float, int] | None = None
        self._shown = ""
        self._last_line: tuple[str, float] | None = None

    def update(self, job: Job, now: float) -> None:
        """Show a job as it is at `now`, in seconds of a monotonic clock."""
        if self._first is None or job.progress.done < self._first[1]:
            self._first = (now, job.progress.done)
        text = self._text(job, now)
        if self._redraws:
            padding = " " * max(0, len(self._shown) - len(text))
            self._stream.write(f"\r{text}{padding}")
            self._shown = text
        elif self._is_news(job, now):
            self._stream.write(f"{text}\n")
            self._last_line = (job.state + job.progress.stage, now)
        self._stream.flush()

    def close(self) -> None:
        """End the line of the bar."""
        if self._shown:
            self._stream.write("\n")
            self._stream.flush()
            self._shown = ""

    def _is_news(self, job: Job, now: float) -> bool:
        if self._last_line is None or self._last_line[0] != job.state + job.progress.stage:
            return True
        return now - self._last_line[1] >= _LINE_SECONDS

    def _text(self, job: Job, now: float) -> str:
        done, total = job.progress.done, job.progress.total
        stage = job.state if job.state not in ("running", "succeeded") else job.progress.stage
        if not total:
            return f"{job.job_id[:12]}… {stage} {done:,} rows"
        share = min(1.0, done / total)
        filled = round(share * _WIDTH)
        text = f"{stage:<9} [{'#' * filled}{'.' * (_WIDTH - filled)}] {share:4.0%} {done:,}/{total:,} rows"
        rate = self._rate(done, now)
        if rate and done < total:
            text += f" {rate:,.0f} rows/s, {_duration((total - done) / rate)} left"
        elif rate:
            text += f" {rate:,.0f} rows/s"
        return text

    def _rate(self, done: int, now: float) -> float | None:
        if self._first is None or now <= self._first[0] or done <= self._first[1]:
            return None
        return (done - self._first[1]) / (now - self._first[0])


def _duration(seconds: float) -> str:
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    if whole < 3600:
        return f"{whole // 60} min {whole % 60:02d} s"
    return f"{whole // 3600} h {whole % 3600 // 60:02d} min"
