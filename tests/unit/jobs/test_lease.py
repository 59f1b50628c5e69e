"""What is written of the progress that work reports."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pytest

from pynomaly_server.jobs.lease import CancelRequestedError, LeaseKeeper, LeaseLostError
from pynomaly_server.jobs.state import Stage

CLAIM = SimpleNamespace(job_id="job_1")
FOR_EVER = 3_600.0


class Staying:
    def requested(self):
        return False


class Claims:
    """Remembers what is written, and answers as it is told to."""

    lease_seconds = FOR_EVER

    def __init__(self, answer=False):
        self.written = []
        self.wrote = threading.Event()
        self.answer = answer

    def advance(self, _claim, stage, done, _total):
        self.written.append((stage, done))
        self.wrote.set()
        return self.answer


def test_every_report_is_written_where_there_is_no_pause_between_them():
    claims = Claims()
    with LeaseKeeper(claims, CLAIM, Staying()) as lease:
        lease.report(Stage.READING, 0, 10)
        lease.report(Stage.SCORING, 5, 10)
    assert claims.written == [(Stage.READING, 0), (Stage.SCORING, 5)]


def test_work_that_is_done_within_the_pause_writes_no_progress():
    claims = Claims()
    with LeaseKeeper(claims, CLAIM, Staying(), FOR_EVER) as lease:
        for done in range(100):
            lease.report(Stage.SCORING, done, 100)
    assert claims.written == []
    assert lease.total == 100


def test_the_last_report_is_written_after_the_pause_though_the_work_says_no_more():
    claims = Claims()
    with LeaseKeeper(claims, CLAIM, Staying(), 0.2) as lease:
        lease.report(Stage.READING, 0, 10)
        lease.report(Stage.FITTING, 0, 10)
        assert claims.wrote.wait(60)
    assert claims.written == [(Stage.FITTING, 0)]


@pytest.mark.parametrize(("answer", "error"), [(None, LeaseLostError), (True, CancelRequestedError)])
def test_the_work_is_told_what_the_thread_was_answered(answer, error):
    claims = Claims(answer)
    with LeaseKeeper(claims, CLAIM, Staying(), 0.2) as lease:
        lease.report(Stage.FITTING, 0, 10)
        assert claims.wrote.wait(60)
    with pytest.raises(error):
        lease.report(Stage.SCORING, 0, 10)
