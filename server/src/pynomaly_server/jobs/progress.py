"""How far a job has come, how fast it goes, and how long that would take."""

from __future__ import annotations

from pynomaly_server.contract.structs import JobProgress
from pynomaly_server.db.tables import JobRow
from pynomaly_server.jobs.state import JobState, Stage


def progress_of(row: JobRow) -> JobProgress:
    """The progress of a job in the contract's words.

    Rate and estimate are of the rows scored by this attempt so far. Both of their times are the database's,
    so they hold wherever the workers run.
    """
    rate = _rows_per_second(row)
    remaining = None if rate is None or row.total is None else round(max(row.total - row.done, 0) / rate, 3)
    return JobProgress(
        done=row.done,
        total=row.total,
        stage=row.stage,
        rows_per_second=None if rate is None else round(rate, 3),
        remaining_seconds=remaining,
    )


def _rows_per_second(row: JobRow) -> float | None:
    if row.state != JobState.RUNNING or row.stage != Stage.SCORING:
        return None
    if row.scoring_since is None or row.done_at is None:
        return None
    seconds = (row.done_at - row.scoring_since).total_seconds()
    return row.done / seconds if seconds > 0 and row.done > 0 else None
