"""The progress of a job on stderr: a bar in terminals and notebooks, plain lines elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING, TextIO

from pynomaly.status_line import StatusLine, bar, duration

if TYPE_CHECKING:
    from pynomaly._generated.models import Job


class ProgressBar:
    """Shows each state of a job it is given.

    Args:
        stream: Where to write; stderr where None.
    """

    def __init__(self, stream: TextIO | None = None) -> None:
        self._line = StatusLine(stream)
        self._first: tuple[float, int] | None = None

    def update(self, job: Job, now: float) -> None:
        """Show a job as it is at `now`, in seconds of a monotonic clock."""
        if self._first is None or job.progress.done < self._first[1]:
            self._first = (now, job.progress.done)
        self._line.show(self._text(job, now), job.state + job.progress.stage, now)

    def close(self) -> None:
        """End the line of the bar."""
        self._line.close()

    def _text(self, job: Job, now: float) -> str:
        done, total = job.progress.done, job.progress.total
        stage = job.state if job.state not in ("running", "succeeded") else job.progress.stage
        if not total:
            return f"{job.job_id[:12]}… {stage} {done:,} rows"
        text = f"{stage:<9} {bar(min(1.0, done / total))} {done:,}/{total:,} rows"
        rate = self._rate(done, now)
        if rate and done < total:
            text += f" {rate:,.0f} rows/s, {duration((total - done) / rate)} left"
        elif rate:
            text += f" {rate:,.0f} rows/s"
        return text

    def _rate(self, done: int, now: float) -> float | None:
        if self._first is None or now <= self._first[0] or done <= self._first[1]:
            return None
        return (done - self._first[1]) / (now - self._first[0])
