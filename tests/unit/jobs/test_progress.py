"""Rate and estimate of a running job."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from pynomaly_server.db.tables import JobRow
from pynomaly_server.jobs.progress import progress_of

START = datetime(2026, 5, 1, 12, tzinfo=UTC)


def row(**values):
    scoring = {
        "state": "running",
        "stage": "scoring",
        "done": 30,
        "total": 100,
        "scoring_since": START,
        "done_at": START + timedelta(seconds=2),
    }
    return JobRow(**{**scoring, **values})


def test_rate_and_estimate_follow_from_the_rows_scored_so_far():
    progress = progress_of(row())
    assert (progress.rows_per_second, progress.remaining_seconds) == (15, 4.667)


def test_nothing_remains_when_all_rows_are_scored():
    assert progress_of(row(done=100)).remaining_seconds == 0


def test_more_rows_than_were_expected_leave_nothing_to_wait_for():
    assert progress_of(row(done=120)).remaining_seconds == 0


def test_an_unknown_total_leaves_the_rate_alone():
    progress = progress_of(row(total=None))
    assert (progress.rows_per_second, progress.remaining_seconds) == (15, None)


@pytest.mark.parametrize(
    "values",
    [
        {"done": 0},
        {"done_at": START},
        {"scoring_since": None},
        {"stage": "writing"},
        {"stage": "done", "state": "succeeded"},
        {"state": "cancelled"},
    ],
)
def test_there_is_no_rate_outside_of_scoring_or_before_the_first_rows(values):
    progress = progress_of(row(**values))
    assert (progress.rows_per_second, progress.remaining_seconds) == (None, None)
