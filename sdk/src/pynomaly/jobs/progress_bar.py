"""The progress of a job: a bar in terminals and notebooks, plain lines elsewhere."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pynomaly.progress import Display, Progress, duration, open_display

if TYPE_CHECKING:
    from pynomaly._generated.models import Job


class ProgressBar:
    """Shows each state of a job it is given.

    Args:
        display: Where to show it; the best there is where None.
    """

    def __init__(self, display: Display | None = None) -> None:
        self._display = display or open_display()
        self._first: tuple[float, int] | None = None

    def update(self, job: Job, now: float) -> None:
        """Show a job as it is at `now`, in seconds of a monotonic clock."""
        if self._first is None or job.progress.done < self._first[1]:
            self._first = (now, job.progress.done)
        self._display.show(self._progress(job, now), now)

    def close(self) -> None:
        """Nothing more follows."""
        self._display.close()

    def _progress(self, job: Job, now: float) -> Progress:
        done, total = job.progress.done, job.progress.total
        topic = job.state + job.progress.stage
        stage = job.state if job.state not in ("running", "succeeded") else job.progress.stage
        if not total:
            return Progress(f"{job.job_id[:12]}… {stage}", None, f"{done:,} rows", topic)
        detail = f"{done:,}/{total:,} rows"
        rate = self._rate(done, now)
        if rate and done < total:
            detail += f" {rate:,.0f} rows/s, {duration((total - done) / rate)} left"
        elif rate:
            detail += f" {rate:,.0f} rows/s"
        return Progress(stage, min(1.0, done / total), detail, topic)

    def _rate(self, done: int, now: float) -> float | None:
        if self._first is None or now <= self._first[0] or done <= self._first[1]:
            return None
        return (done - self._first[1]) / (now - self._first[0])
