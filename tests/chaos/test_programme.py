"""No job is lost, done twice or left lying, whatever fails; `make chaos` does the same with 2,000 jobs."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

import pytest

from .programme import MOST_CRASHES, Programme  # noqa: TID252 - the file beside this one

WHOLE = os.environ.get("PYNOMALY_CHAOS") == "whole"
SETTLED_SECONDS = 60.0
# What has not ended by then is called unfinished, also on a machine that does much else besides.
PATIENCE = 400.0


@pytest.fixture
def folder():
    # Paths of sockets are short, and PostgreSQL's own user must be able to get there.
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


def each_fault_once(programme):
    return [
        programme.worker_killed,
        programme.pool_process_killed,
        programme.valkey_killed_and_restarted,
        programme.database_restarted,
        programme.workers_asleep_past_their_lease,
        programme.valkey_flushed,
        programme.api_killed,
        programme.file_size_limited,
        *([programme.disk_full] if programme.disk.mounted else []),
        programme.every_message_delivered_again,
        programme.database_crashed_and_restarted,
        programme.worker_with_a_jumping_clock,
        programme.database_clock_stepped_to_and_fro,
        programme.database_far_away,
        programme.connections_reset,
        programme.database_stalls_past_the_lease,
        programme.database_connections_half_open,
        programme.broker_connections_half_open,
        programme.sweeper_killed,
        programme.every_worker_killed,
    ]


def check(programme):
    tally = programme.settle(PATIENCE)
    print(f"\n{tally}")
    assert (tally.lost, tally.duplicated, tally.unfinished) == ([], [], [])
    assert set(tally.poison) == {("failed", MOST_CRASHES, "job-crashed")}
    assert (tally.given_up, tally.left_behind) == ([], [])
    assert tally.sharded > 0
    return tally


@pytest.mark.slow
@pytest.mark.skipif(WHOLE, reason="the whole programme is asked for")
def test_each_fault_once_loses_doubles_and_leaves_nothing(folder):
    with Programme(folder) as programme:
        programme.submit_poison(1)
        programme.run(each_fault_once(programme), jobs_each=4)
        check(programme)


@pytest.mark.slow
@pytest.mark.skipif(not WHOLE, reason="takes many minutes; `make chaos`")
def test_two_thousand_jobs_lose_double_and_leave_nothing(folder):
    with Programme(folder, workers=3) as programme:
        programme.submit_poison(5)
        several = [
            *each_fault_once(programme),
            *[programme.valkey_killed_and_restarted] * 4,
            programme.database_restarted,
        ]
        # A worker is killed between any two of the other faults, and again and again at the end.
        kills = [programme.worker_killed] * 3
        faults = [fault for other in several for fault in (other, *kills)]
        programme.run(faults, jobs_each=-(-2_000 // len(faults)))
        assert check(programme).settled_after <= SETTLED_SECONDS
