"""Processes that find a database of another version say what is to be done, and wait until it is."""

from __future__ import annotations

import signal

import pytest
from structlog.testing import capture_logs
from tests.integration.registry import one_database

from pynomaly_server.db.migrate import downgrade, upgrade
from pynomaly_server.db.readiness import wait_for_tables
from pynomaly_server.db.revisions import known_revisions


def told(logs):
    return [entry["reason"] for entry in logs if entry["event"] == "waiting for the database"]


def test_a_database_with_the_tables_of_this_version_is_not_waited_for(settings):
    with capture_logs() as logs:
        assert wait_for_tables(settings, pytest.fail)
    assert logs == []


@one_database
def test_what_is_lacking_is_said_once_until_it_changes_and_the_process_goes_on_once_it_is_there(settings):
    known = known_revisions()
    downgrade(settings, known[-2])
    seconds = []

    def rest(time):
        seconds.append(time)
        if len(seconds) == 3:
            upgrade(settings)
        return False

    with capture_logs() as logs:
        assert wait_for_tables(settings, rest)
    assert told(logs) == [
        f"its tables are of an earlier version ({known[-2]}, not {known[-1]}); run `pynomaly migrate`"
    ]
    assert len(seconds) == 3
    assert logs[-1]["event"] == "the database is ready"


@one_database
def test_a_process_that_is_to_end_waits_no_longer(settings):
    downgrade(settings, known_revisions()[0])
    assert not wait_for_tables(settings, lambda _: True)


@one_database
def test_a_database_that_cannot_be_reached_is_waited_for(settings, tmp_path):
    nowhere = settings.model_copy(update={"database_url": f"sqlite:///{tmp_path}/none/pynomaly.db"})
    with capture_logs() as logs:
        assert not wait_for_tables(nowhere, lambda _: True)
    assert told(logs) == ["it cannot be reached (OperationalError)"]


@one_database
async def test_a_worker_and_a_sweeper_start_to_work_only_once_the_tables_are_there(world, processes):
    settings, known = world.settings, known_revisions()
    downgrade(settings, known[-2])
    started = [processes.worker(), processes.worker(), processes.sweeper()]
    for process in started:
        await world.until(lambda process=process: known[-2] in process.said(), "the tables are missed")
    ending = started.pop(0)
    ending.popen.send_signal(signal.SIGTERM)
    assert ending.popen.wait(30) == 0
    assert all("sweeper started" not in process.said() for process in started)
    upgrade(settings)
    job = await world.submit(20)
    await world.until(lambda: world.row(job.job_id).state == "succeeded", "the job is done")
