"""Jobs of little work, which are claimed, worked on and ended together."""

from __future__ import annotations

import io
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
import sqlalchemy as sa
from tests.integration.test_queues import tenant
from tests.integration.test_runs import Staying, Stopping, objects_of, rows_of

from pynomaly_server.contract.structs import BatchDetectionRequest
from pynomaly_server.db.tables import JobResultRow, JobRow
from pynomaly_server.jobs.attempts import Attempt, Attempts
from pynomaly_server.jobs.light import work as light_work
from pynomaly_server.jobs.light.claims import LightBatch
from pynomaly_server.jobs.light.rules import MOST_TOGETHER
from pynomaly_server.jobs.light.table import LightJobs
from pynomaly_server.jobs.light.work import run_light
from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.jobs.result_objects import HeldResult, rows_key, summary_key
from pynomaly_server.jobs.retention import Retention
from pynomaly_server.jobs.schedule import Schedule
from pynomaly_server.jobs.shards.table import Shards
from pynomaly_server.jobs.tasks import JobTools, run_next_job
from pynomaly_server.problems import ProblemError
from pynomaly_server.worker.publisher import BackgroundPublisher
from pynomaly_server.worker.sweeper import BrokerQueue

LONG_AGO = datetime.now(UTC) - timedelta(days=1)
NOTHING = HeldResult(b"rows", b"summary")


@pytest.fixture(autouse=True)
def _busy_machines_have_time(monkeypatch):
    monkeypatch.setattr(light_work, "TOGETHER_SECONDS", 60)


async def submitted(world, count, rows=20, **options):
    """Ids of so many jobs of one table."""
    dataset = await world.upload(rows)
    options = {"algorithm": "iqr", **options}
    request = BatchDetectionRequest(data_sources=[dataset.dataset_id], **options)
    jobs = [await world.submissions.submit(world.principal, request, None) for _ in range(count)]
    return [job.job_id for job, _ in jobs]


def tools_of(world, shutdown=None, publish=None, **settings):
    changed = world.settings.model_copy(update=settings)
    return JobTools(world.attempts, world.store, changed, shutdown or Staying(), publish=publish)


def states(world, job_ids):
    return [world.row(job_id).state for job_id in job_ids]


def claimed(world):
    return Schedule(world.attempts, world.shards, world.light).claim_next(JobQueue.SMALL)


async def test_as_many_as_go_together_are_claimed_at_once_the_oldest_first(world):
    jobs = await submitted(world, MOST_TOGETHER + 3)
    first, second = claimed(world), claimed(world)
    assert (first.job_ids, second.job_ids) == (jobs[:MOST_TOGETHER], jobs[MOST_TOGETHER:])
    assert {world.row(job_id).worker for job_id in first.job_ids} == {first.current.worker}
    assert claimed(world) is None


async def test_each_of_those_that_were_worked_on_together_has_its_own_result(world):
    small, other = await submitted(world, 2), await submitted(world, 1, rows=50)
    run_next_job(JobQueue.SMALL, tools_of(world))
    assert states(world, [*small, *other]) == ["succeeded"] * 3
    results = [await rows_of(world, job_id) for job_id in [*small, *other]]
    assert [len(rows) for rows in results] == [20, 20, 50]
    assert results[0] == results[1]
    assert [row.identifiers["id"] for row in results[2]] == [f"t{row}" for row in range(50)]
    assert objects_of(world, small[0]) == []


async def test_a_result_is_the_same_wherever_it_is_kept(world):
    held, stored = await submitted(world, 2, include_explanations=True, return_confidence=True)
    run_next_job(JobQueue.SMALL, tools_of(world, result_held_rows=0))
    assert states(world, [held, stored]) == ["succeeded"] * 2
    world.change(held, state="queued", result_key=None)
    run_next_job(JobQueue.SMALL, tools_of(world))
    assert await rows_of(world, held) == await rows_of(world, stored)
    assert objects_of(world, stored) != []


@pytest.mark.parametrize(
    ("rows", "options"),
    [(1_001, {}), (50, {"algorithm": "abod"}), (50, {"windows": {"length": 5}})],
    ids=["many rows", "an expensive algorithm", "series"],
)
async def test_what_may_take_long_is_claimed_by_itself(world, rows, options):
    await submitted(world, 2, rows=rows, **options)
    assert isinstance(claimed(world), Attempt)


async def test_a_larger_job_keeps_its_place_before_light_ones(world):
    larger = await submitted(world, 1, rows=1_001)
    light = await submitted(world, 2)
    assert claimed(world).job_id == larger[0]
    assert claimed(world).job_ids == light


async def test_where_more_tenants_wait_each_has_its_share_in_turn(world):
    await submitted(world, MOST_TOGETHER * 3 // 4)
    mine, world.principal = world.principal, tenant(world, "other")
    await submitted(world, MOST_TOGETHER * 3 // 4)
    claims = [claimed(world) for _ in range(2)]
    assert [len(claim.attempts) for claim in claims] == [MOST_TOGETHER // 2] * 2
    tenants = {claim.current.tenant_id for claim in claims}
    assert tenants == {mine.tenant_id, world.principal.tenant_id}


async def test_after_their_worker_was_killed_each_is_claimed_by_itself(world):
    jobs = await submitted(world, 3)
    claimed(world)
    for job_id in jobs:
        world.change(job_id, lease_until=LONG_AGO)
    assert sorted(world.attempts.take_back().requeued) == jobs
    again = [claimed(world) for _ in range(3)]
    assert [claim.job_id for claim in again] == jobs
    assert all(isinstance(claim, Attempt) for claim in again)


async def test_where_one_crash_is_the_last_each_is_claimed_by_itself(world):
    jobs = await submitted(world, 2)
    attempts = Attempts(world.sessions, lease_seconds=60, max_attempts=1)
    schedule = Schedule(attempts, Shards(attempts), LightJobs(attempts))
    assert [schedule.claim_next(JobQueue.SMALL).job_ids for _ in jobs] == [[job_id] for job_id in jobs]


async def test_one_that_cannot_be_done_fails_and_its_neighbours_do_not(world):
    good, bad, last = (
        (await submitted(world, 1))[0],
        (await submitted(world, 1, features=["nope"]))[0],
        (await submitted(world, 1))[0],
    )
    run_next_job(JobQueue.SMALL, tools_of(world))
    assert states(world, [good, bad, last]) == ["succeeded", "failed", "succeeded"]
    assert (await world.jobs.get(world.principal, bad)).error.code == "validation"


async def test_one_that_is_cancelled_meanwhile_has_no_result_and_its_neighbours_have(world):
    jobs = await submitted(world, 3)
    batch = claimed(world)
    await world.jobs.cancel(world.principal, jobs[1])
    run_light(batch, tools_of(world))
    assert states(world, jobs) == ["succeeded", "cancelled", "succeeded"]


async def test_an_end_that_is_told_twice_is_the_same_end(world):
    jobs = await submitted(world, 2)
    batch = claimed(world)
    for _ in range(2):
        assert sorted(world.light.succeed(batch, dict.fromkeys(jobs, NOTHING))) == jobs
    assert [world.row(job_id).result_key for job_id in jobs] == [
        attempt.result_key for attempt in batch.attempts
    ]


async def test_a_worker_that_lost_them_ends_none(world):
    jobs = await submitted(world, 2)
    sleeper = claimed(world)
    world.change(jobs[0], lease_until=LONG_AGO)
    world.attempts.take_back()
    claimed(world)
    assert world.light.succeed(sleeper, dict.fromkeys(jobs, NOTHING)) == [jobs[1]]
    assert states(world, jobs) == ["running", "succeeded"]
    with world.sessions.read() as session:
        assert session.scalars(sa.select(JobResultRow.job_id)).all() == [jobs[1]]


async def test_what_is_not_begun_after_a_while_is_given_back_and_told_of(world, monkeypatch):
    jobs = await submitted(world, 3)
    monkeypatch.setattr(light_work, "TOGETHER_SECONDS", -1)
    told = []
    run_light(claimed(world), tools_of(world, publish=lambda job_id, _: told.append(job_id)))
    assert states(world, jobs) == ["succeeded", "queued", "queued"]
    assert sorted(told) == jobs[1:]
    assert [world.row(job_id).crashes for job_id in jobs] == [0, 0, 0]


async def test_a_worker_that_stops_gives_all_back(world):
    jobs = await submitted(world, 3)
    batch = claimed(world)
    world.light.release(batch)
    assert (states(world, jobs), world.light.renew(batch)) == (["queued"] * 3, None)
    run_next_job(JobQueue.SMALL, tools_of(world, Stopping()))
    assert states(world, jobs) == ["queued"] * 3


async def test_over_a_limit_the_one_at_work_fails_and_the_others_are_given_back(world):
    jobs = await submitted(world, 3)
    batch = claimed(world)
    turns = batch.in_turn()
    next(turns), next(turns)
    assert world.light.fail(batch, ProblemError("job-limit-exceeded", "It took too long."))
    assert states(world, jobs) == ["queued", "failed", "queued"]


async def test_leases_of_all_are_renewed_until_none_is_left(world):
    jobs = await submitted(world, 2)
    batch = claimed(world)
    for job_id in jobs:
        world.change(job_id, lease_until=LONG_AGO)
    assert world.light.renew(batch) is False
    assert not world.attempts.take_back()
    world.light.succeed(batch, dict.fromkeys(jobs, NOTHING))
    assert world.light.renew(batch) is None


async def test_a_result_in_the_database_goes_when_its_time_is_over(world):
    (job_id,) = await submitted(world, 1)
    run_next_job(JobQueue.SMALL, tools_of(world))
    world.change(job_id, expires_at=LONG_AGO)
    assert Retention(world.sessions, world.store).remove_expired() == 1
    with world.sessions.read() as session:
        assert session.scalars(sa.select(JobResultRow.job_id)).all() == []
    with pytest.raises(ProblemError, match="was kept until"):
        await rows_of(world, job_id)


async def test_a_queue_needs_a_message_for_each_sixteen_of_them(world):
    await submitted(world, MOST_TOGETHER + 1)
    await submitted(world, 2, rows=1_001)
    with world.sessions.write() as session:
        session.execute(sa.update(JobRow).values(created_at=LONG_AGO))
        session.commit()
    world.sweeper.sweep()
    assert BrokerQueue(world.settings).length(JobQueue.SMALL) == 4


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_those_that_follow_one_another_are_told_of_together(world):
    publisher = BackgroundPublisher(world.settings)
    for number in range(2 * MOST_TOGETHER):
        publisher.publish(f"job_{number}", JobQueue.SMALL, together=True)
    for number in range(2):
        publisher.publish(f"job_larger_{number}", JobQueue.SMALL, together=False)
    broker = BrokerQueue(world.settings)
    await world.until(lambda: not publisher._gathered, "the end of gathering")
    publisher._threads.shutdown(wait=True)
    assert broker.length(JobQueue.SMALL) == 1 + 2 + 2


def test_a_batch_says_which_job_it_is_at():
    attempts = [Attempt(f"job_{n}", "ten_1", 1, "wrk_1", "detection", {}, [], "small") for n in range(3)]
    batch = LightBatch(attempts)
    assert [batch.job_id for _ in batch.in_turn()] == ["job_0", "job_1", "job_2"]


def test_a_kept_result_is_read_as_the_objects_it_stands_for():
    rows = pl.DataFrame({"row": [0, 1], "score": [0.25, 0.75], "identifier": ["a", None]})
    file = io.BytesIO()
    rows.write_parquet(file)
    # Results that were kept as Parquet are read as well.
    for held in (HeldResult.of(rows, b"{}"), HeldResult(file.getvalue(), b"{}")):
        store = held.as_objects("here")
        with store.local_path(rows_key("here")) as path:
            assert pl.read_parquet(path.read_bytes()).equals(rows)
        with store.local_path(summary_key("here")) as path:
            assert path.read_bytes() == b"{}"
