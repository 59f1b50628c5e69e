"""Large jobs in shards: scored by several workers, and equal to what one worker makes of the whole."""

from __future__ import annotations

import io
import json
import signal
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
import sqlalchemy as sa

from pynomaly_server.contract.structs import BatchDetectionRequest
from pynomaly_server.db.tables import JobShardRow, TenantRow
from pynomaly_server.detectors.envelope import NotKeepable
from pynomaly_server.ids import new_id
from pynomaly_server.jobs.administration import JobAdministration
from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.jobs.result_objects import rows_key, summary_key
from pynomaly_server.jobs.shards import staging
from pynomaly_server.jobs.shards.claims import PlannedShard, ShardEnd
from pynomaly_server.jobs.shards.cleaning import Cleaning
from pynomaly_server.jobs.state import Stage
from pynomaly_server.jobs.tasks import JobTools, run_attempt, run_next_job
from pynomaly_server.jobs.watch import watched
from pynomaly_server.problems import ProblemError
from pynomaly_server.storage.objects import ObjectStore
from pynomaly_server.worker.celery_app import make_celery, publish
from pynomaly_server.worker.sweeper import BrokerQueue

once = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgresql = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
LONG_AGO = datetime.now(UTC) - timedelta(days=1)
PATIENCE = 120.0
SMALL = {"job_fit_rows": 50, "job_chunk_rows": 40, "job_shard_rows": 100}
ASKED = {"return_confidence": True, "include_explanations": True, "contamination": 0.05}


class Staying:
    """A worker that nobody tells to stop."""

    def requested(self):
        return False


def tools_of(world, **settings):
    changed = world.settings.model_copy(update={**SMALL, **settings})
    return JobTools(world.attempts, world.store, changed, Staying())


def work(world, **settings):
    """Do as a worker does that is told of work."""
    run_next_job(JobQueue.SMALL, tools_of(world, **settings))


def tenant(world, name):
    """A principal of another tenant."""
    tenant_id = new_id("ten")
    with world.sessions.write() as session:
        session.add(TenantRow(id=tenant_id, name=name, created_at=datetime.now(UTC)))
        session.commit()
    return replace(world.principal, tenant_id=tenant_id)


def shards_of(world, job_id):
    """The shards that score, and at last the one that joins them."""
    with world.sessions.read() as session:
        found = sa.select(JobShardRow).where(JobShardRow.job_id == job_id).order_by(JobShardRow.number)
        return session.scalars(found).all()


def change_shard(world, job_id, number, **values):
    with world.sessions.write() as session:
        which = (JobShardRow.job_id == job_id, JobShardRow.number == number)
        session.execute(sa.update(JobShardRow).where(*which).values(**values))
        session.commit()


def result_of(world, job_id):
    """Everything that is stored of a result, but for how long it took."""
    key = world.row(job_id).result_key
    with world.store.local_path(rows_key(key)) as path:
        rows = pl.read_parquet(io.BytesIO(path.read_bytes()))
    with world.store.local_path(summary_key(key)) as path:
        summary = json.loads(path.read_bytes())
    assert summary["summary"].pop("elapsed_ms") > 0
    return rows, summary


def objects_of(world, job_id):
    found = [path for path in world.store.root.rglob("*") if path.is_file() and job_id in str(path)]
    return sorted(path.name for path in found)


async def submit_two_sources(world, **options):
    # Both end within a chunk, and a shard has rows of both.
    sources = [(await world.upload(rows)).dataset_id for rows in (250, 190)]
    job, _ = await world.submissions.submit(
        world.principal, BatchDetectionRequest(data_sources=sources, **options), None
    )
    return job.job_id


async def assert_equal_to_one_worker(world, job_id, **options):
    alone = await submit_two_sources(world, **options)
    run_attempt(world.attempts.claim(alone), tools_of(world, job_shard_rows=10_000))
    rows, summary = result_of(world, job_id)
    expected_rows, expected_summary = result_of(world, alone)
    assert rows.equals(expected_rows)
    assert rows.schema == expected_rows.schema
    assert summary == expected_summary


@pytest.mark.parametrize("algorithm", ["isolation_forest", "local_outlier_factor", "pca", "ensemble"])
async def test_one_worker_finishes_all_shards_with_the_result_of_the_whole(world, algorithm):
    options = {**ASKED, "algorithm": algorithm}
    job_id = await submit_two_sources(world, **options)
    work(world)
    assert [row.first_row for row in shards_of(world, job_id)] == [0, 120, 240, 370, 440]
    for _ in range(4):
        assert await world.state(job_id) == "running"
        work(world)
    assert await world.state(job_id) == "succeeded"
    await assert_equal_to_one_worker(world, job_id, **options)
    assert (objects_of(world, job_id), shards_of(world, job_id)) == (["rows.parquet", "summary.json"], [])


@on_postgresql
async def test_a_worker_that_is_killed_costs_its_shard_only_and_others_finish_it(world, processes):
    slow = {**SMALL, "job_chunk_rows": 3, "job_shard_rows": 150}
    processes.sweeper(**slow)
    # Behind the third word on its first shard, so it has begun to score that.
    victim = processes.worker(stops_after=("pynomaly_server.jobs.shards.table:Shards.advance", 3), **slow)
    job = await world.submit(rows=500, **ASKED)
    publish(make_celery(world.settings), job.job_id, JobQueue.SMALL)
    await world.until(victim.sleeps, "a shard that is worked on")
    victim.signal_all(signal.SIGKILL)
    # With a long lease: one that is starved of a processor for a while would rightly lose its shard.
    processes.worker(concurrency=2, lease_seconds=PATIENCE, **slow)
    await world.until(lambda: world.row(job.job_id).finished_at is not None, "the end of the job")
    row = world.row(job.job_id)
    assert (row.state, row.attempt, row.crashes, row.done) == ("succeeded", 1, 0, 500)
    alone = await world.submit(rows=500, **ASKED)
    run_attempt(world.attempts.claim(alone.job_id), tools_of(world, **{**slow, "job_shard_rows": 10_000}))
    assert result_of(world, job.job_id)[0].equals(result_of(world, alone.job_id)[0])
    await world.until(lambda: len(objects_of(world, job.job_id)) == 2, "the removal of the parts")


async def handed_over(world, shards=2):
    """A job in the hands of its shards, each of ten rows."""
    job = await world.submit(10 * shards)
    attempt = world.attempts.claim(job.job_id)
    assert world.shards.hand_over(attempt, plan(shards))
    return job.job_id, attempt


def plan(shards):
    return [PlannedShard(number * 10, (5, 5)) for number in range(shards)]


async def test_the_shard_that_joins_is_to_be_had_once_the_others_are_done(world):
    job_id, attempt = await handed_over(world)
    first, second = world.shards.claim(job_id), world.shards.claim(job_id)
    assert world.shards.claim(job_id) is None
    assert world.shards.finish(first, 1) == ShardEnd.SCORED
    assert world.shards.claim_joining(attempt) is None
    assert world.shards.finish(second, 2) == ShardEnd.LAST
    joining = world.shards.claim_joining(attempt)
    assert joining.joins
    assert [part.n_anomalies for part in world.shards.scored(attempt)] == [1, 2]
    assert world.shards.succeed(joining)
    row = world.row(job_id)
    assert (row.state, row.stage, row.done, row.result_key) == ("succeeded", "done", 20, joining.result_key)


async def test_what_is_said_again_after_a_lost_answer_is_said_once(world):
    job_id, attempt = await handed_over(world)
    assert world.shards.hand_over(attempt, plan(2))
    assert len(shards_of(world, job_id)) == 3
    first, second = world.shards.claim(job_id), world.shards.claim(job_id)
    assert [world.shards.finish(first, 1) for _ in range(2)] == [ShardEnd.SCORED] * 2
    assert [world.shards.finish(second, 1) for _ in range(2)] == [ShardEnd.LAST] * 2
    joining = world.shards.claim_joining(attempt)
    assert [world.shards.succeed(joining), world.shards.succeed(joining)] == [True, True]


async def test_progress_of_a_job_is_that_of_its_shards(world):
    job_id, _ = await handed_over(world)
    first, second = world.shards.claim(job_id), world.shards.claim(job_id)
    world.shards.advance(first, Stage.SCORING, 5, None)
    world.shards.advance(second, Stage.SCORING, 10, None)
    world.shards.advance(second, Stage.SCORING, 10, None)
    world.change(job_id, scoring_since=datetime.now(UTC) - timedelta(days=1))
    progress = (await world.jobs.get(world.principal, job_id)).progress
    assert (progress.done, progress.total, progress.stage) == (15, 20, "scoring")
    assert progress.remaining_seconds == pytest.approx(5 * 86_400 / 15, rel=0.01)


async def test_rows_of_a_shard_that_is_given_or_taken_back_are_not_done_any_more(world):
    job_id, _ = await handed_over(world, shards=3)
    first, second, third = (world.shards.claim(job_id) for _ in range(3))
    for claim in (first, second, third):
        world.shards.advance(claim, Stage.SCORING, 5, None)
    world.shards.release(first)
    assert world.row(job_id).done == 10
    world.shards.crash(second)
    assert world.row(job_id).done == 5
    change_shard(world, job_id, third.number, lease_until=LONG_AGO)
    world.shards.take_back()
    assert world.row(job_id).done == 0


async def test_a_silent_worker_loses_its_shard_and_writes_nothing_more(world):
    job_id, _ = await handed_over(world, shards=1)
    silent = world.shards.claim(job_id)
    change_shard(world, job_id, 0, lease_until=LONG_AGO)
    assert list(world.shards.take_back().requeued) == [job_id]
    before = shards_of(world, job_id)[0]
    assert world.shards.advance(silent, Stage.SCORING, 5, None) is None
    assert world.shards.renew(silent) is None
    assert world.shards.finish(silent, 0) == ShardEnd.LOST
    world.shards.crash(silent)
    world.shards.fail(silent, ProblemError("bad-dataset", "It cannot be used."))
    after = shards_of(world, job_id)[0]
    assert (after.state, after.crashes, after.done) == (before.state, before.crashes, before.done)
    assert (after.state, after.crashes) == ("queued", 1)
    assert world.shards.claim(job_id).number == 0
    assert (world.row(job_id).state, world.row(job_id).crashes) == ("running", 0)


async def test_a_shard_that_crashes_too_often_fails_its_job(world):
    job_id, _ = await handed_over(world, shards=1)
    for _ in range(world.settings.job_max_attempts):
        assert await world.state(job_id) == "running"
        claim = world.shards.claim(job_id)
        world.shards.crash(claim)
        change_shard(world, job_id, 0, retry_at=None)
    assert world.row(job_id).error["code"] == "job-crashed"
    assert (await world.state(job_id), world.shards.claim(job_id)) == ("failed", None)


async def test_crashes_of_several_shards_do_not_add_up(world):
    job_id, _ = await handed_over(world, shards=4)
    for claim in [world.shards.claim(job_id) for _ in range(4)]:
        world.shards.crash(claim)
    assert await world.state(job_id) == "running"


async def test_a_shard_that_ended_its_worker_lines_up_behind_its_neighbours(world):
    job_id, _ = await handed_over(world)
    world.shards.crash(deadly := world.schedule.claim_next(JobQueue.SMALL))
    waiting = (await world.submit(10)).job_id
    world.change(waiting, created_at=datetime.now(UTC) - timedelta(seconds=1))
    change_shard(world, job_id, deadly.number, retry_at=datetime.now(UTC) - timedelta(seconds=0.001))
    taken = [world.schedule.claim_next(JobQueue.SMALL) for _ in range(3)]
    assert [claim.job_id for claim in taken] == [job_id, waiting, job_id]
    assert [taken[0].number, taken[2].number] == [1, deadly.number]


async def test_tenants_take_turns_with_shards_and_jobs(world):
    large, _ = await handed_over(world, shards=3)
    usual, other = world.principal, tenant(world, "other")
    world.principal = other
    small = (await world.submit(10)).job_id
    world.principal = usual
    world.shards.finish(world.schedule.claim_next(JobQueue.SMALL), 0)
    assert world.schedule.claim_next(JobQueue.SMALL).job_id == small
    assert [world.schedule.claim_next(JobQueue.SMALL).job_id for _ in range(2)] == [large, large]
    assert world.schedule.claim_next(JobQueue.SMALL) is None


async def test_who_hands_a_job_over_tells_a_worker_of_each_shard(world):
    told = []
    job_id = await submit_two_sources(world)
    tools = replace(tools_of(world), publish=lambda *message: told.append(message))
    run_next_job(JobQueue.SMALL, tools)
    assert told == [(job_id, JobQueue.SMALL)] * 4


@pytest.mark.parametrize("limit", [{"job_max_seconds": 1}, {"job_max_memory": 1}])
async def test_a_shard_over_a_limit_ends_the_job_and_its_process(world, limit):
    job_id, _ = await handed_over(world)
    started = world.row(job_id).started_at
    world.change(job_id, started_at=started - timedelta(hours=1))
    claim = world.shards.claim(job_id)
    left = threading.Event()
    with watched(world.shards, claim, world.settings.model_copy(update=limit), left.set):
        assert left.wait(60)
    row = world.row(job_id)
    assert (row.state, row.error["code"]) == ("failed", "job-limit-exceeded")


async def test_the_process_of_a_shard_whose_job_was_cancelled_ends_without_waiting(world):
    job_id, _ = await handed_over(world)
    claim = world.shards.claim(job_id)
    left = threading.Event()
    with watched(world.shards, claim, world.settings, left.set):
        await world.jobs.cancel(world.principal, job_id)
        assert left.wait(60)
    assert (await world.state(job_id), world.row(job_id).error) == ("cancelled", None)


async def test_a_shard_given_back_is_taken_again_and_is_no_crash(world):
    job_id, _ = await handed_over(world, shards=1)
    world.shards.release(world.shards.claim(job_id))
    assert world.shards.claim(job_id).crashes == 0


async def test_queued_shards_are_published_once_each_and_again_when_their_messages_are_lost(world):
    job_id, _ = await handed_over(world)
    due = {"waiting_seconds": 60, "queue": JobQueue.SMALL, "at_most": 10}
    assert world.shards.waiting() == {JobQueue.SMALL: 2, JobQueue.LARGE: 0}
    assert world.shards.due(**due) == [job_id, job_id]
    assert world.shards.due(**due) == []
    change_shard(world, job_id, 1, published_at=LONG_AGO)
    assert world.shards.due(**due) == [job_id]
    world.shards.not_published([job_id])
    assert world.shards.due(**{**due, "at_most": 1}) == [job_id]


async def test_the_sweeper_brings_a_message_for_each_shard_that_waits(world):
    await handed_over(world, shards=3)
    world.sweeper.sweep()
    world.sweeper.sweep()
    assert BrokerQueue(world.settings).length(JobQueue.SMALL) == 3


async def test_a_job_in_the_hands_of_its_shards_is_cancelled_at_once(world):
    job_id, _ = await handed_over(world)
    claim = world.shards.claim(job_id)
    answer = await world.jobs.cancel(world.principal, job_id)
    assert (answer.state, answer.finished_at is None) == ("cancelled", False)
    assert world.shards.advance(claim, Stage.SCORING, 5, None) is None
    assert world.shards.renew(claim) is None
    assert world.shards.claim(job_id) is None


async def test_a_job_cancelled_before_it_is_handed_over_is_not(world):
    job = await world.submit(20)
    attempt = world.attempts.claim(job.job_id)
    await world.jobs.cancel(world.principal, job.job_id)
    assert not world.shards.hand_over(attempt, plan(2))
    world.attempts.cancel(attempt)
    assert (await world.state(job.job_id), shards_of(world, job.job_id)) == ("cancelled", [])


async def test_an_operator_cancels_a_job_in_shards_and_retries_it_from_the_start(world):
    job_id = await submit_two_sources(world)
    work(world)
    work(world)
    stale = world.shards.claim(job_id)
    administration = JobAdministration(world.sessions)
    assert administration.cancel(job_id)
    assert await world.state(job_id) == "cancelled"
    assert administration.retry(job_id)
    assert world.shards.claim(job_id) is None
    for _ in range(5):
        work(world)
    assert world.shards.finish(stale, 0) == ShardEnd.LOST
    assert (await world.state(job_id), world.row(job_id).attempt) == ("succeeded", 2)
    change_shard(world, job_id, stale.number, lease_until=LONG_AGO)
    Cleaning(world.sessions, world.store).sweep()
    await assert_equal_to_one_worker(world, job_id)
    assert (objects_of(world, job_id), shards_of(world, job_id)) == (["rows.parquet", "summary.json"], [])


async def test_a_problem_of_one_shard_fails_the_job(world):
    job_id, _ = await handed_over(world)
    first, second = world.shards.claim(job_id), world.shards.claim(job_id)
    world.shards.fail(first, ProblemError("bad-dataset", "The table cannot be used."))
    assert world.row(job_id).error["code"] == "bad-dataset"
    assert world.shards.finish(second, 0) == ShardEnd.LOST


async def test_an_attempt_that_lost_the_job_cannot_hand_it_over(world):
    job = await world.submit(10)
    attempt = world.attempts.claim(job.job_id)
    world.change(job.job_id, lease_until=LONG_AGO)
    world.attempts.take_back()
    assert not world.shards.hand_over(attempt, plan(1))
    assert (world.row(job.job_id).state, shards_of(world, job.job_id)) == ("queued", [])


@once
async def test_shards_in_a_bucket_are_scored_joined_and_removed(world, s3):
    store = ObjectStore.from_url("s3://bucket/large")
    world.store = world.datasets._store = world.jobs._store = store
    job_id = await submit_two_sources(world)
    for _ in range(5):
        work(world)
    await assert_equal_to_one_worker(world, job_id)
    key = world.row(job_id).result_key
    assert [found.key for found in store.list_objects(key.rpartition("/")[0])] == [
        rows_key(key),
        summary_key(key),
    ]


@once
async def test_a_joiner_that_is_lost_leaves_the_join_to_another_and_no_result(world):
    job_id = await submit_two_sources(world)
    for _ in range(4):
        work(world)
    world.shards.finish(last := world.shards.claim(job_id), 0)
    lost = world.shards.claim_joining(last.attempt)
    assert lost.joins
    change_shard(world, job_id, lost.number, lease_until=LONG_AGO)
    assert list(world.shards.take_back().requeued) == [job_id]
    again = world.shards.claim(job_id)
    assert (again.joins, again.crashes) == (True, 1)
    assert again.result_key != lost.result_key
    assert world.shards.succeed(lost) is False
    assert world.shards.succeed(again) is True


@once
async def test_what_a_cancelled_job_staged_is_removed_once_nobody_works_on_it(world):
    job_id = await submit_two_sources(world)
    work(world)
    work(world)
    world.shards.claim(job_id)
    await world.jobs.cancel(world.principal, job_id)
    cleaning = Cleaning(world.sessions, world.store)
    assert cleaning.sweep() == 0
    change_shard(world, job_id, 1, lease_until=LONG_AGO)
    assert cleaning.sweep() == 1
    assert (objects_of(world, job_id), shards_of(world, job_id)) == ([], [])
    assert cleaning.sweep() == 0


@once
async def test_objects_that_cannot_be_removed_keep_no_other_job_from_being_cleaned(world, monkeypatch):
    kept, cleaned = await submit_two_sources(world), await submit_two_sources(world)
    for job_id in (kept, cleaned):
        work(world)
        await world.jobs.cancel(world.principal, job_id)
    remove = world.store.delete_now

    def refuse(key):
        if kept in key:
            raise OSError("read-only")
        remove(key)

    monkeypatch.setattr(world.store, "delete_now", refuse)
    cleaning = Cleaning(world.sessions, world.store)
    assert cleaning.sweep() == 1
    assert objects_of(world, cleaned) == []
    monkeypatch.undo()
    assert cleaning.sweep() == 1
    assert objects_of(world, kept) == []


@once
async def test_cleaning_keeps_what_a_later_attempt_has_staged(world):
    job_id = await submit_two_sources(world)
    work(world)
    await world.jobs.cancel(world.principal, job_id)
    cleaning = Cleaning(world.sessions, world.store)
    ended = world.row(job_id)
    JobAdministration(world.sessions).retry(job_id)
    work(world)
    cleaning._remove_objects(f"tenants/{ended.tenant_id}/jobs/{job_id}", ended.attempt, None)
    cleaning._forget(job_id, ended.attempt)
    assert len(objects_of(world, job_id)) == 5
    assert world.row(job_id).staged_at is not None


@once
async def test_a_job_that_is_cancelled_while_it_is_read_leaves_nothing(world):
    job_id = await submit_two_sources(world)
    world.change(job_id, cancel_requested=True)
    work(world)
    assert (await world.state(job_id), objects_of(world, job_id)) == ("cancelled", [])


@once
@pytest.mark.parametrize("changed", [{"job_shard_rows": 440}, {"job_fit_rows": 440}])
async def test_a_job_within_a_shard_or_fitted_on_all_its_rows_is_not_shared_out(world, changed):
    job_id = await submit_two_sources(world)
    work(world, **changed)
    assert await world.state(job_id) == "succeeded"


@once
async def test_a_model_that_no_envelope_holds_stays_with_one_worker(world, monkeypatch):
    def dump_pipeline(*_):
        raise NotKeepable("It holds a socket.")

    monkeypatch.setattr(staging, "dump_pipeline", dump_pipeline)
    job_id = await submit_two_sources(world)
    work(world)
    await assert_equal_to_one_worker(world, job_id)
    assert (objects_of(world, job_id), shards_of(world, job_id)) == (["rows.parquet", "summary.json"], [])
