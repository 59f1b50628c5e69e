"""Limits of time and memory, and cancels, that meet a job deep in its fit."""

from __future__ import annotations

import threading

import pytest

from pynomaly_server.jobs import runner
from pynomaly_server.jobs.tasks import JobTools, run_attempt
from pynomaly_server.jobs.watch import Watch, resident_bytes
from pynomaly_server.telemetry.totals import Totals
from pynomaly_server.worker.broker import connect

once = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

# Installed in the worker as an algorithm of others is. Neither of them ever looks up.
MODULE = """
import time

import numpy as np

from pynomaly_server.jobs.watch import resident_bytes
from pynomaly_server.detectors import BaseAnomalyDetector


class Hoarder(BaseAnomalyDetector):
    name = "hoarder"
    title = "Hoarder"
    description = "Takes more memory than it may, and keeps it."
    reference = "Made for tests, 2026"

    def fit(self, X):
        self.hoard_ = []
        while resident_bytes() < 750 * 2**20:
            self.hoard_.append(np.ones(2_500_000))
        time.sleep(3_600)

    def decision_function(self, X):
        return X[:, 0]


class Sleeper(Hoarder):
    name = "sleeper"
    title = "Sleeper"
    description = "Takes an hour."

    def fit(self, X):
        time.sleep(3_600)
"""
ENTRY_POINTS = "[pynomaly.detectors]\nhoarder = boundless:Hoarder\nsleeper = boundless:Sleeper\n"


class Staying:
    """A worker that nobody tells to stop."""

    def requested(self):
        return False


@pytest.fixture
def boundless(tmp_path, monkeypatch):
    folder = tmp_path / "plugins"
    described = folder / "boundless-1.0.dist-info"
    described.mkdir(parents=True)
    (folder / "boundless.py").write_text(MODULE)
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: boundless\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text(ENTRY_POINTS)
    monkeypatch.syspath_prepend(folder)


@pytest.fixture
def left(monkeypatch):
    """Set when the process would end; a fit does nothing but wait for that."""
    left = threading.Event()

    def fit(*_):
        assert left.wait(60)

    monkeypatch.setattr(runner, "fit", fit)
    return left


def work(world, job_id, left, **settings):
    changed = world.settings.model_copy(update=settings)
    attempt = world.attempts.claim(job_id)
    run_attempt(attempt, JobTools(world.attempts, world.store, changed, Staying(), leave=left.set))


async def test_a_fit_past_the_limit_of_time_ends_the_job_and_its_process(world, left):
    job = await world.submit(50)
    work(world, job.job_id, left, job_max_seconds=1)
    failed = await world.jobs.get(world.principal, job.job_id)
    assert (failed.state, failed.error.code, failed.attempt) == ("failed", "job-limit-exceeded", 1)
    assert failed.error.detail == (
        "The job was not done 1 seconds after its first start; a job has 1 (PYNOMALY_JOB_MAX_SECONDS). "
        "Submit fewer rows or columns, or take a faster algorithm; the operator of the server can raise the "
        "limit."
    )


async def test_the_limit_of_time_counts_from_the_first_start(world, left):
    job = await world.submit(50)
    first = world.attempts.claim(job.job_id)
    world.attempts.release(first)
    started = world.row(job.job_id).started_at
    world.change(job.job_id, started_at=started.replace(year=started.year - 1))
    work(world, job.job_id, left)
    failed = await world.jobs.get(world.principal, job.job_id)
    assert (failed.state, failed.error.code, failed.attempt) == ("failed", "job-limit-exceeded", 2)


async def test_more_memory_than_allowed_ends_the_job_and_its_process(world, left):
    job = await world.submit(50)
    work(world, job.job_id, left, job_max_memory=resident_bytes() // 2)
    failed = await world.jobs.get(world.principal, job.job_id)
    assert (failed.state, failed.error.code, failed.attempt) == ("failed", "job-limit-exceeded", 1)
    assert "MiB of memory; a job has" in failed.error.detail
    assert "(PYNOMALY_JOB_MAX_MEMORY). Submit fewer rows or columns" in failed.error.detail


async def test_memory_that_is_refused_fails_the_job_at_once_instead_of_trying_again(world, monkeypatch):
    def fit(*_):
        raise MemoryError

    monkeypatch.setattr(runner, "fit", fit)
    job = await world.submit(50)
    work(world, job.job_id, threading.Event())
    failed = await world.jobs.get(world.principal, job.job_id)
    assert (failed.state, failed.error.code, failed.attempt) == ("failed", "job-limit-exceeded", 1)
    assert "wanted more memory than there is" in failed.error.detail


async def test_a_cancel_ends_a_fit_without_waiting_for_it(world, left):
    job = await world.submit(50)
    worker = threading.Thread(target=work, args=(world, job.job_id, left))
    worker.start()
    await world.until(lambda: world.row(job.job_id).stage == "fitting", "the fit")
    await world.jobs.cancel(world.principal, job.job_id)
    worker.join()
    assert left.is_set()
    assert await world.state(job.job_id) == "cancelled"


async def test_a_watch_leaves_work_alone_that_ends_by_itself(world):
    job = await world.submit(50)
    left = threading.Event()
    work(world, job.job_id, left, job_max_seconds=600)
    assert await world.state(job.job_id) == "succeeded"
    assert not left.is_set()


async def test_an_attempt_that_lost_its_job_leaves_without_ending_it(world):
    job = await world.submit(50)
    late = world.attempts.claim(job.job_id)
    world.attempts.release(late)
    holder = world.attempts.claim(job.job_id)
    left = threading.Event()
    allowed = world.settings.model_copy(update={"job_max_memory": 1})
    with Watch(world.attempts, late, allowed, left.set):
        assert left.wait(60)
    assert world.attempts.renew(holder) is False
    assert await world.state(job.job_id) == "running"


@once
async def test_a_worker_goes_on_after_jobs_that_took_all_memory_or_would_not_end(world, processes, boundless):
    hoarder, sleeper, neighbour = [await world.submit(50) for _ in range(3)]
    for job, algorithm in ((hoarder, "hoarder"), (sleeper, "sleeper")):
        # Neither would be taken together with others, had it been submitted like this.
        world.change(
            job.job_id, request={**world.row(job.job_id).request, "algorithm": algorithm}, light=False
        )
    worker = processes.worker(job_max_memory=700 * 2**20, lease_seconds=60)
    processes.sweeper()
    await world.until(lambda: world.row(sleeper.job_id).stage == "fitting", "the sleep")
    await world.jobs.cancel(world.principal, sleeper.job_id)
    await world.until(lambda: world.row(neighbour.job_id).finished_at, "the end of the neighbour")
    seen = [world.row(job.job_id) for job in (hoarder, sleeper, neighbour)]
    assert [(row.state, row.attempt) for row in seen] == [("failed", 1), ("cancelled", 1), ("succeeded", 1)]
    assert seen[0].error["code"] == "job-limit-exceeded"
    assert "a job has 700 MiB (PYNOMALY_JOB_MAX_MEMORY)" in seen[0].error["detail"]
    assert "WorkerLostError" not in worker.said()
    totals = Totals(connect(world.settings.broker_url))
    ended = [f"pynomaly_jobs_finished_total\x1fdetection\x1f{row.state}" for row in seen]
    # Processes that end on purpose tell before what they have counted.
    await world.until(lambda: [totals.read().get(field) for field in ended] == [1, 1, 1], "the counts")
