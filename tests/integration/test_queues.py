"""Whose job is next: small before large, and every tenant in turn."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st
from kombu import Consumer, Queue

from pynomaly_server.db.tables import JobRow, TenantRow
from pynomaly_server.ids import new_id
from pynomaly_server.jobs.queues import JobQueue, queue_for
from pynomaly_server.problems import ProblemError
from pynomaly_server.worker.broker import queue_name
from pynomaly_server.worker.celery_app import make_celery, publish
from pynomaly_server.worker.consumers import divide
from pynomaly_server.worker.sweeper import BrokerQueue, Sweeper
from pynomaly_server.worker.turns import IN_A_ROW, FirstBeforeOthers

LONG_AGO = datetime.now(UTC) - timedelta(days=1)
once = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)


def tenant(world, name):
    """A principal of another tenant."""
    tenant_id = new_id("ten")
    with world.sessions.write() as session:
        session.add(TenantRow(id=tenant_id, name=name, created_at=datetime.now(UTC)))
        session.commit()
    return replace(world.principal, tenant_id=tenant_id)


async def submitted(world, principal, rows=10):
    """The id of a job of another principal than the world's."""
    usual, world.principal = world.principal, principal
    try:
        return (await world.submit(rows)).job_id
    finally:
        world.principal = usual


def few_are_small(world):
    """From 21 rows on, jobs count as large."""
    world.submissions.intake.settings = world.settings.model_copy(update={"job_small_rows": 20})


def many_like(world, job_id, count):
    """Queue `count` more jobs like this one."""
    row = world.row(job_id)
    values = {column.name: getattr(row, column.name) for column in JobRow.__table__.columns}
    with world.sessions.write() as session:
        session.execute(sa.insert(JobRow), [{**values, "id": new_id("job")} for _ in range(count)])
        session.commit()


async def test_a_job_waits_in_the_queue_of_its_size(world):
    few_are_small(world)
    small, large = (await world.submit(20)).job_id, (await world.submit(21)).job_id
    assert (world.row(small).queue, world.row(large).queue) == ("small", "large")
    assert world.schedule.claim_next(JobQueue.LARGE).job_id == large
    assert world.schedule.claim_next(JobQueue.LARGE) is None
    assert world.schedule.claim_next(JobQueue.SMALL).job_id == small


async def test_ten_thousand_jobs_of_one_tenant_do_not_stand_before_one_of_another(world):
    first = (await world.submit(10)).job_id
    many_like(world, first, 9_999)
    busy = world.schedule.claim_next(JobQueue.SMALL)
    assert busy.job_id == first
    lonely = await submitted(world, tenant(world, "lonely"))
    assert world.schedule.claim_next(JobQueue.SMALL).job_id == lonely
    assert world.schedule.claim_next(JobQueue.SMALL).tenant_id == world.principal.tenant_id


async def test_with_one_worker_tenants_take_turns(world):
    tenants = [world.principal, tenant(world, "b"), tenant(world, "c")]
    for principal, jobs in zip(tenants, (4, 2, 1), strict=True):
        for _ in range(jobs):
            await submitted(world, principal)
    turns = []
    for _ in range(7):
        attempt = world.schedule.claim_next(JobQueue.SMALL)
        turns.append(attempt.tenant_id)
        world.attempts.fail(attempt, ProblemError("bad-dataset", "It cannot be used."))
    a, b, c = (principal.tenant_id for principal in tenants)
    assert sorted(turns[:3]) == sorted([a, b, c])
    assert sorted(turns[3:5]) == sorted([a, b])
    assert turns[5:] == [a, a]


async def test_a_tenant_with_fewer_running_jobs_is_served_first(world):
    other = tenant(world, "other")
    for principal in (world.principal, other):
        for _ in range(3):
            await submitted(world, principal)
    claims = [world.schedule.claim_next(JobQueue.SMALL) for _ in range(4)]
    mine = [claim for claim in claims if claim.tenant_id == world.principal.tenant_id]
    assert len(mine) == 2
    for claim in mine:
        world.attempts.fail(claim, ProblemError("bad-dataset", "It cannot be used."))
    assert world.schedule.claim_next(JobQueue.SMALL).tenant_id == world.principal.tenant_id


async def test_as_many_claims_as_jobs_take_every_job_once(world):
    tenants = [world.principal, tenant(world, "b"), tenant(world, "c")]
    jobs = [await submitted(world, principal) for principal in tenants for _ in range(8)]
    with ThreadPoolExecutor(8) as threads:
        claims = list(threads.map(world.schedule.claim_next, [JobQueue.SMALL] * 30))
    assert sorted(claim.job_id for claim in claims if claim is not None) == sorted(jobs)


async def test_a_job_that_rests_after_a_crash_does_not_hold_up_its_tenant(world):
    resting = (await world.submit(10)).job_id
    other = (await world.submit(10)).job_id
    world.attempts.crash(world.attempts.claim(resting))
    assert world.schedule.claim_next(JobQueue.SMALL).job_id == other
    assert world.schedule.claim_next(JobQueue.SMALL) is None


async def test_a_job_that_ended_its_worker_lines_up_behind_those_that_were_waiting(world):
    deadly, *neighbours = [(await world.submit(10)).job_id for _ in range(3)]
    assert world.schedule.claim_next(JobQueue.SMALL).job_id == deadly
    world.change(deadly, lease_until=LONG_AGO)
    world.attempts.take_back()
    later = (await world.submit(10)).job_id
    claims = [world.schedule.claim_next(JobQueue.SMALL).job_id for _ in range(4)]
    assert claims == [*neighbours, deadly, later]


async def test_a_job_that_ended_its_worker_is_claimed_after_it_was_published_again(world):
    deadly = (await world.submit(10)).job_id
    world.schedule.claim_next(JobQueue.SMALL)
    world.change(deadly, lease_until=LONG_AGO)
    world.attempts.take_back()
    assert world.attempts.due(waiting_seconds=3_600) == [deadly]
    assert world.attempts.due(waiting_seconds=3_600) == []
    neighbour = (await world.submit(10)).job_id
    claims = [world.schedule.claim_next(JobQueue.SMALL).job_id for _ in range(2)]
    assert claims == [deadly, neighbour]


async def test_a_job_that_its_worker_gave_back_in_order_keeps_its_place(world):
    first, second = [(await world.submit(10)).job_id for _ in range(2)]
    world.attempts.release(world.schedule.claim_next(JobQueue.SMALL))
    assert [world.schedule.claim_next(JobQueue.SMALL).job_id for _ in range(2)] == [first, second]


async def test_a_message_is_published_again_in_the_queue_that_lost_it_and_only_there(world):
    few_are_small(world)
    kept = (await world.submit(10)).job_id
    lost = (await world.submit(30)).job_id
    for job_id in (kept, lost):
        world.change(job_id, created_at=datetime.now(UTC) - timedelta(seconds=20))
    publish(make_celery(world.settings), kept, JobQueue.SMALL)
    broker = BrokerQueue(world.settings)
    Sweeper(world.attempts, broker).sweep()
    assert (broker.length(JobQueue.SMALL), broker.length(JobQueue.LARGE)) == (1, 1)
    assert world.row(lost).published_at is not None


async def test_messages_do_not_pile_up_while_jobs_wait_for_long(world):
    for _ in range(3):
        world.change((await world.submit(1_001)).job_id, created_at=LONG_AGO)
    broker = BrokerQueue(world.settings)
    for _ in range(6):
        world.sweeper.sweep()
        with world.sessions.write() as session:
            session.execute(sa.update(JobRow).values(published_at=LONG_AGO))
            session.commit()
    assert broker.length(JobQueue.SMALL) == 6


@given(
    processes=st.integers(1, 64),
    queues=st.lists(st.sampled_from(list(JobQueue)), min_size=1, max_size=2, unique=True),
)
def test_a_queue_has_all_processes_that_were_asked_for_and_small_jobs_one_of_several_more(processes, queues):
    consumers = divide(queues, processes)
    for queue in queues:
        taking = [consumer.processes for consumer in consumers if queue in consumer.queues]
        assert sum(taking) == processes + (len(queues) == 2 and processes > 1 and queue == JobQueue.SMALL)
    if len(queues) == 2 and processes > 1:
        assert [consumer.processes for consumer in consumers if consumer.queues == [JobQueue.SMALL]] == [1]


@given(rows=st.integers(0, 10**9), small_rows=st.integers(0, 10**9))
def test_the_border_belongs_to_the_small(rows, small_rows):
    assert (queue_for(rows, small_rows=small_rows) == JobQueue.SMALL) == (rows <= small_rows)


def test_a_job_whose_rows_nobody_has_counted_yet_is_a_large_one():
    assert queue_for(None, small_rows=10**9) == JobQueue.LARGE


@once
async def test_a_single_process_takes_small_jobs_first(world, processes):
    few_are_small(world)
    jobs = [(await world.submit(rows)).job_id for rows in (30, 30, 10, 10)]
    celery = make_celery(world.settings)
    for job_id in jobs:
        publish(celery, job_id, JobQueue(world.row(job_id).queue))
    processes.worker()
    await world.until(lambda: all(world.row(job_id).finished_at for job_id in jobs), "the end of all")
    started = [world.row(job_id).started_at for job_id in jobs]
    assert max(started[2:]) < min(started[:2])


@once
async def test_a_small_job_is_done_while_large_ones_hold_every_other_process(world, processes):
    few_are_small(world)
    # Many more words than a small job has, and many fewer than a large one.
    stops = ("pynomaly_server.jobs.attempts:Attempts.advance", 200)
    worker = processes.worker(concurrency=2, job_chunk_rows=1, stops_after=stops)
    celery = make_celery(world.settings)
    large = [(await world.submit(10_000)).job_id for _ in range(3)]
    for job_id in large:
        publish(celery, job_id, JobQueue.LARGE)
    begun = ["queued", "running", "running"]
    await world.until(
        lambda: worker.sleeps() and sorted(world.row(job_id).state for job_id in large) == begun,
        "two large jobs at work",
    )
    small = (await world.submit(10)).job_id
    publish(celery, small, JobQueue.SMALL)
    await world.until(lambda: world.row(small).finished_at is not None, "the end of the small job")
    states = [world.row(job_id).state for job_id in large]
    assert sorted(states) == begun
    worker.popen.send_signal(signal.SIGTERM)
    worker.signal_all(signal.SIGCONT)
    await world.until(lambda: worker.popen.poll() is not None, "the worker's end")
    assert [world.row(job_id).state for job_id in large] == ["queued"] * 3
    assert worker.said().count("worker stopped") == 2


def taken_in_order(settings, queues):
    """The names of the queues from which a process takes all there is, message after message."""
    app = make_celery(settings)
    options = {**app.conf.broker_transport_options, "queue_order_strategy": FirstBeforeOthers}
    taken = []
    with app.connection(transport_options=options) as connection, connection.channel() as channel:
        channel.basic_qos(0, 1, False)
        consumer = Consumer(
            channel,
            [Queue(queue_name(queue), no_ack=True) for queue in queues],
            callbacks=[lambda _, message: taken.append(message.delivery_info["routing_key"])],
            no_ack=True,
            accept=["json"],
        )
        with consumer, contextlib.suppress(TimeoutError):
            while True:
                connection.drain_events(timeout=1)
    return taken


@once
async def test_a_process_that_prefers_small_jobs_takes_a_large_one_now_and_then(settings):
    app = make_celery(settings)
    for number in range(2 * IN_A_ROW + 3):
        publish(app, f"job_{number}", JobQueue.SMALL)
    for number in range(3):
        publish(app, f"job_large_{number}", JobQueue.LARGE)
    small, large = queue_name(JobQueue.SMALL), queue_name(JobQueue.LARGE)
    assert await asyncio.to_thread(taken_in_order, settings, list(JobQueue)) == [
        *[small] * IN_A_ROW,
        large,
        *[small] * IN_A_ROW,
        large,
        *[small] * 3,
        large,
    ]


@given(used=st.lists(st.booleans(), max_size=60))
def test_a_queue_that_is_never_empty_starves_no_other(used):
    turns = FirstBeforeOthers()
    turns.update(["first", "other"])
    waited = 0
    for other_has_work in used:
        order = turns.consume(2)
        assert sorted(order) == ["first", "other"]
        chosen = next(queue for queue in order if queue == "first" or other_has_work)
        turns.rotate(chosen)
        waited = 0 if chosen == "other" or not other_has_work else waited + 1
        assert waited <= IN_A_ROW
