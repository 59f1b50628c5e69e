"""What workers and callers do to the row of a job, in every order, on both databases."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from pynomaly_server.contract.structs import BatchDetectionRequest
from pynomaly_server.db.tables import JobRow
from pynomaly_server.jobs.attempts import Attempts
from pynomaly_server.jobs.state import FINAL, Stage
from pynomaly_server.problems import ProblemError
from pynomaly_server.worker.sweeper import Sweeper

LONG_AGO = datetime.now(UTC) - timedelta(days=1)
BAD_DATA = ProblemError("bad-dataset", "The table cannot be used.")


async def test_of_many_workers_one_gets_the_job(world):
    job = await world.submit(10)
    with ThreadPoolExecutor(8) as threads:
        claims = list(threads.map(world.attempts.claim, [job.job_id] * 16))
    assert sum(claim is not None for claim in claims) == 1


async def test_a_claimed_job_is_running_its_first_attempt(world):
    job = await world.submit(10)
    world.attempts.claim(job.job_id)
    seen = await world.jobs.get(world.principal, job.job_id)
    assert (seen.state, seen.attempt, seen.progress.stage) == ("running", 1, "reading")
    assert seen.started_at is not None


async def test_progress_is_seen_and_renews_the_lease(world):
    job = await world.submit(10)
    attempt = world.attempts.claim(job.job_id)
    world.change(job.job_id, lease_until=LONG_AGO)
    assert world.attempts.advance(attempt, Stage.SCORING, 4, 10) is False
    row = world.row(job.job_id)
    assert (row.done, row.total, row.stage) == (4, 10, "scoring")
    assert row.lease_until > datetime.now(UTC)


@pytest.mark.parametrize("told", [None, 12])
async def test_a_job_that_has_succeeded_has_all_of_its_rows_done(world, told):
    job = await world.submit(10)
    attempt = world.attempts.claim(job.job_id)
    world.attempts.advance(attempt, Stage.SCORING, 4, 10)
    assert world.attempts.succeed(attempt, "tenants/x", told)
    progress = (await world.jobs.get(world.principal, job.job_id)).progress
    assert (progress.done, progress.total) == ((10, 10) if told is None else (12, 12))


async def test_progress_has_a_rate_and_an_estimate_by_the_clock_of_the_database(world):
    job = await world.submit(10)
    attempt = world.attempts.claim(job.job_id)
    world.attempts.advance(attempt, Stage.SCORING, 0, 10)
    world.change(job.job_id, scoring_since=datetime.now(UTC) - timedelta(hours=1))
    world.attempts.advance(attempt, Stage.SCORING, 4, 10)
    progress = (await world.jobs.get(world.principal, job.job_id)).progress
    # Whole hours between the two looks leave no doubt, whatever else the machine is doing.
    assert progress.rows_per_second == pytest.approx(4 / 3600, abs=5e-4)
    assert progress.remaining_seconds == pytest.approx(6 / 4 * 3600, rel=0.2)


async def test_another_attempt_measures_its_rate_from_its_own_beginning(world):
    job = await world.submit(10)
    attempt = world.attempts.claim(job.job_id)
    world.attempts.advance(attempt, Stage.SCORING, 4, 10)
    world.attempts.release(attempt)
    world.attempts.claim(job.job_id)
    assert world.row(job.job_id).scoring_since is None


async def test_a_silent_worker_loses_its_job_to_the_queue(world):
    job = await world.submit(10)
    world.attempts.claim(job.job_id)
    world.change(job.job_id, lease_until=LONG_AGO)
    assert list(world.attempts.take_back().requeued) == [job.job_id]
    assert world.row(job.job_id).state == "queued"


async def test_a_worker_within_its_lease_keeps_its_job(world):
    job = await world.submit(10)
    world.attempts.claim(job.job_id)
    assert not world.attempts.take_back()


@pytest.mark.parametrize("statements", [1, 2, 3])
async def test_a_lease_that_runs_out_while_jobs_are_taken_back_gives_no_attempt_too_many(world, statements):
    job = await world.submit(10)
    world.attempts.claim(job.job_id)
    world.change(job.job_id, crashes=world.settings.job_max_attempts - 1)
    seen = []

    @sa.event.listens_for(world.sessions.engine, "after_cursor_execute")
    def runs_out(connection, cursor, statement, *_):
        if "jobs" in statement and len(seen) < statements:
            seen.append(statement)
            if len(seen) == statements:
                values = {"lease_until": LONG_AGO}
                connection.execute(sa.update(JobRow).where(JobRow.id == job.job_id).values(**values))

    world.attempts.take_back()
    sa.event.remove(world.sessions.engine, "after_cursor_execute", runs_out)
    assert world.row(job.job_id).state in ("running", "failed")


async def test_a_worker_that_lost_its_job_can_change_nothing(world):
    job = await world.submit(10)
    late = world.attempts.claim(job.job_id)
    world.change(job.job_id, lease_until=LONG_AGO)
    world.attempts.take_back()
    world.attempts.claim(job.job_id)
    before = world.row(job.job_id).version
    assert world.attempts.advance(late, Stage.SCORING, 9, 10) is None
    assert world.attempts.renew(late) is None
    assert world.attempts.succeed(late, "tenants/x") is False
    world.attempts.fail(late, BAD_DATA)
    world.attempts.cancel(late)
    world.attempts.release(late)
    world.attempts.crash(late)
    assert world.row(job.job_id).version == before


async def test_a_job_that_crashes_too_often_fails(world):
    job = await world.submit(10)
    for _ in range(world.settings.job_max_attempts):
        world.attempts.claim(job.job_id)
        world.change(job.job_id, lease_until=LONG_AGO)
        world.attempts.take_back()
    seen = await world.jobs.get(world.principal, job.job_id)
    assert (seen.state, seen.error.code) == ("failed", "job-crashed")
    assert seen.error.detail == (
        "The job ended its worker 3 times and was given up. Try it with fewer rows or features; "
        "the operator finds the cause in the workers' log under the job's id."
    )


async def test_a_job_rests_after_an_unforeseen_error(world):
    job = await world.submit(10)
    world.attempts.crash(world.attempts.claim(job.job_id))
    assert world.attempts.claim(job.job_id) is None
    world.change(job.job_id, retry_at=LONG_AGO)
    assert world.attempts.claim(job.job_id).number == 2


async def test_a_job_that_is_given_back_has_not_crashed_and_is_due_at_once(world):
    job = await world.submit(10)
    world.attempts.release(world.attempts.claim(job.job_id))
    assert world.row(job.job_id).crashes == 0
    assert list(world.attempts.due(waiting_seconds=60)) == [job.job_id]


async def test_a_job_is_due_when_nobody_took_it_for_a_while(world):
    job = await world.submit(10)
    assert list(world.attempts.due(waiting_seconds=60)) == []
    world.change(job.job_id, created_at=LONG_AGO)
    assert list(world.attempts.due(waiting_seconds=60)) == [job.job_id]
    assert list(world.attempts.due(waiting_seconds=60)) == []


async def test_a_job_that_could_not_be_published_is_due_again(world):
    job = await world.submit(10)
    world.change(job.job_id, created_at=LONG_AGO)
    world.attempts.due(waiting_seconds=60)
    world.attempts.not_published([job.job_id])
    assert list(world.attempts.due(waiting_seconds=60)) == [job.job_id]


class CountingQueue:
    """An empty queue that counts what is put into it."""

    def __init__(self):
        self.published = []

    def length(self, queue):
        return 0

    def publish(self, job_id, queue):
        self.published.append(job_id)


async def test_two_sweepers_publish_and_take_back_each_job_once(world):
    lost = [(await world.submit(1_001)).job_id for _ in range(4)]
    held = [(await world.submit(1_001)).job_id for _ in range(4)]
    for job_id in lost:
        world.change(job_id, created_at=LONG_AGO)
    for job_id in held:
        world.attempts.claim(job_id)
        world.change(job_id, lease_until=LONG_AGO)
    queue = CountingQueue()
    sweepers = [Sweeper(world.attempts, queue) for _ in range(2)]
    await asyncio.gather(*(asyncio.to_thread(sweeper.sweep) for sweeper in sweepers * 2))
    for sweeper in sweepers:
        sweeper.sweep()
    assert sorted(queue.published) == sorted(lost + held)
    assert [world.row(job_id).crashes for job_id in held] == [1] * 4


class DeadQueue(CountingQueue):
    def publish(self, job_id, queue):
        raise ConnectionError("no broker")


async def test_a_sweep_that_cannot_publish_leaves_the_jobs_due(world):
    job = await world.submit(5)
    world.change(job.job_id, created_at=LONG_AGO)
    with pytest.raises(ConnectionError):
        Sweeper(world.attempts, DeadQueue()).sweep()
    queue = CountingQueue()
    Sweeper(world.attempts, queue).sweep()
    assert queue.published == [job.job_id]


async def test_a_queued_job_is_cancelled_at_once_and_cannot_be_claimed(world):
    job = await world.submit(10)
    cancelled = await world.jobs.cancel(world.principal, job.job_id)
    assert cancelled.state == "cancelled"
    assert cancelled.finished_at is not None
    assert world.attempts.claim(job.job_id) is None


async def test_a_running_job_learns_of_its_cancel_with_its_next_report(world):
    job = await world.submit(10)
    attempt = world.attempts.claim(job.job_id)
    answer = await world.jobs.cancel(world.principal, job.job_id)
    assert answer.state == "running"
    assert world.attempts.advance(attempt, Stage.SCORING, 1, 10) is True


async def test_an_ended_job_cannot_be_cancelled(world):
    job = await world.submit(10)
    world.attempts.succeed(world.attempts.claim(job.job_id), "tenants/x")
    with pytest.raises(ProblemError) as refusal:
        await world.jobs.cancel(world.principal, job.job_id)
    assert refusal.value.code == "conflict"
    assert refusal.value.detail == f"The job {job.job_id} has ended (succeeded) and cannot be cancelled."


STEPS = st.lists(
    st.sampled_from(["advance", "cancel", "succeed", "fail", "release", "crash", "expire", "claim"]),
    min_size=1,
    max_size=12,
)


@settings(
    max_examples=40,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS)
def test_whatever_happens_in_whatever_order_a_job_has_one_end_and_keeps_its_word(race, steps):
    """A cancel that was accepted ends in `cancelled`; one that was refused came after another end."""
    race.play(steps)


class Race:
    """Plays steps against one job after another and checks the promises after each step."""

    def __init__(self, world, loop, dataset_id):
        self.world = world
        self.loop = loop
        self.attempts = Attempts(world.sessions, lease_seconds=60, max_attempts=3)
        self.dataset_id = dataset_id

    def play(self, steps):
        world = self.world
        job_id = self.loop.run_until_complete(self._submit())
        attempts = []
        accepted = False
        end = None
        for step in ["claim", *steps]:
            accepted = self._do(step, job_id, attempts) or accepted
            row = world.row(job_id)
            if end is not None:
                assert (row.state, row.result_key) == end
            if row.state in FINAL:
                end = (row.state, row.result_key)
                assert row.worker is None
                assert row.lease_until is None
                assert (row.state == "cancelled") == accepted
                assert (row.result_key is not None) == (row.state == "succeeded")
                assert (row.error is not None) == (row.state == "failed")

    async def _submit(self):
        job, _ = await self.world.submissions.submit(
            self.world.principal, BatchDetectionRequest(data_sources=[self.dataset_id]), None
        )
        return job.job_id

    def _do(self, step, job_id, attempts):
        """Do a step with every attempt there ever was; returns whether a cancel was accepted."""
        if step == "cancel":
            try:
                self.loop.run_until_complete(self.world.jobs.cancel(self.world.principal, job_id))
            except ProblemError:
                return False
            return True
        if step == "claim":
            self.world.change(job_id, retry_at=None)
            claimed = self.attempts.claim(job_id)
            attempts.extend([claimed] if claimed else [])
        elif step == "expire":
            if self.world.row(job_id).state == "running":
                self.world.change(job_id, lease_until=LONG_AGO)
            self.attempts.take_back()
        else:
            for attempt in attempts:
                self._with(attempt, step)
        return False

    def _with(self, attempt, step):
        match step:
            case "advance":
                self.attempts.advance(attempt, Stage.SCORING, 1, 10)
            case "succeed":
                self.attempts.succeed(attempt, attempt.result_key)
            case "fail":
                self.attempts.fail(attempt, BAD_DATA)
            case "release":
                self.attempts.release(attempt)
            case "crash":
                self.attempts.crash(attempt)


@pytest.fixture
def race(world):
    loop = asyncio.new_event_loop()
    dataset = loop.run_until_complete(world.upload(5))
    yield Race(world, loop, dataset.dataset_id)
    loop.close()


async def test_cancel_and_finish_at_the_same_moment_agree_on_one_end(world):
    for _ in range(15):
        job = await world.submit(5)
        attempt = world.attempts.claim(job.job_id)
        finished, cancelled = await asyncio.gather(
            asyncio.to_thread(world.attempts.succeed, attempt, attempt.result_key),
            world.jobs.cancel(world.principal, job.job_id),
            return_exceptions=True,
        )
        state = await world.state(job.job_id)
        accepted = not isinstance(cancelled, ProblemError)
        assert (state, finished) == (("cancelled", False) if accepted else ("succeeded", True))
