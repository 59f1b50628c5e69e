"""Callers with retries notice nothing of processes that are killed; `make soak` does it for long."""

import os

import pytest

from .soak import Sample, Soak, change, percentiles  # noqa: TID252 - the file beside this one

WHOLE = os.environ.get("PYNOMALY_CHAOS") == "whole"


@pytest.mark.slow
@pytest.mark.skipif(not WHOLE, reason="starts many processes: `make chaos`, and `make soak` for long")
def test_every_call_is_answered_and_every_job_ends_while_processes_are_killed(tmp_path):
    with Soak(tmp_path) as soak:
        report = soak.run(seconds=40, rate=6, kill_every=15)
    assert report.kills["api"] >= 2
    assert report.kills["worker"] >= 2
    assert report.jobs > 0
    assert report.failed == {}
    assert report.jobs_succeeded == report.jobs
    assert report.success == 1
    assert "success: 100.0000%" in report.text()


def test_percentiles_are_values_that_were_measured():
    assert percentiles([float(n) for n in range(1, 201)]) == {"p50": 100, "p95": 190, "p99": 198, "most": 200}
    assert percentiles([7.0]) == {"p50": 7, "p95": 7, "p99": 7, "most": 7}


def test_memory_is_judged_by_the_line_through_what_comes_after_the_first_quarter():
    growing = [Sample(at, 100 + (500 if at < 25 else at / 10), handles=20) for at in range(101)]
    found = change(growing, seconds=100)
    assert found["mib_per_hour"] == pytest.approx(360)
    assert (found["mib"], found["mib_at_end"], found["handles_at_end"]) == (102.5, 110, 20)
    assert change([Sample(0, 50, 9)], seconds=100)["mib_per_hour"] == 0
