"""Submitting, listing and following jobs, as the callers of one tenant and of another."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import BatchDetectionRequest
from pynomaly_server.db.tables import JobRow, TenantRow
from pynomaly_server.ids import new_id
from pynomaly_server.jobs.service import JobService
from pynomaly_server.jobs.state import Stage
from pynomaly_server.problems import ProblemError


@pytest.fixture
def stranger(world):
    """A principal of another tenant."""
    tenant_id = new_id("ten")
    with world.sessions.write() as session:
        session.add(TenantRow(id=tenant_id, name="other", created_at=datetime.now(UTC)))
        session.commit()
    return Principal(tenant_id, new_id("key"), frozenset({"*"}))


async def refused(awaitable):
    with pytest.raises(ProblemError) as refusal:
        await awaitable
    return refusal.value


async def request_for(world, rows=20, **options):
    dataset = await world.upload(rows)
    return BatchDetectionRequest(data_sources=[dataset.dataset_id], **options)


def count_jobs(world):
    with world.sessions.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(JobRow))


async def test_a_submission_is_answered_with_a_queued_job_and_published(world):
    job = await world.submit(rows=20)
    assert (job.state, job.progress.done, job.progress.total, job.attempt) == ("queued", 0, 20, 0)
    assert job.links.self == f"/api/v1/jobs/{job.job_id}"
    assert world.published.job_ids == [job.job_id]


async def test_the_same_key_and_body_get_the_first_answer_again(world):
    request = await request_for(world)
    first, replayed_first = await world.submissions.submit(world.principal, request, "k")
    world.attempts.claim(first.job_id)
    again, replayed = await world.submissions.submit(world.principal, request, "k")
    assert (again, replayed_first, replayed) == (first, False, True)
    assert world.published.job_ids == [first.job_id]


async def test_what_a_body_leaves_out_and_what_it_says_by_default_are_the_same_body(world):
    request = await request_for(world)
    first, _ = await world.submissions.submit(world.principal, request, "k")
    said = BatchDetectionRequest(data_sources=request.data_sources, contamination=0.1, random_state=0)
    again, replayed = await world.submissions.submit(world.principal, said, "k")
    assert (again.job_id, replayed) == (first.job_id, True)


async def test_the_same_key_with_another_body_is_refused(world):
    request = await request_for(world)
    await world.submissions.submit(world.principal, request, "k")
    other = BatchDetectionRequest(data_sources=request.data_sources, contamination=0.2)
    problem = await refused(world.submissions.submit(world.principal, other, "k"))
    assert problem.code == "idempotency-mismatch"
    assert problem.detail == (
        "The Idempotency-Key 'k' was used for another request within the last 24 hours. "
        "Repeat that request as it was, or take a new key."
    )


async def test_a_key_is_free_again_after_a_day(world):
    request = await request_for(world)
    first, _ = await world.submissions.submit(world.principal, request, "k")
    world.change(first.job_id, created_at=datetime.now(UTC) - timedelta(hours=25))
    second, replayed = await world.submissions.submit(world.principal, request, "k")
    assert (second.job_id != first.job_id, replayed) == (True, False)


async def test_a_key_belongs_to_its_tenant(world, stranger):
    await world.submissions.submit(world.principal, await request_for(world), "k")
    problem = await refused(world.submissions.submit(stranger, await request_for(world), "k"))
    assert problem.code == "not-found"


async def test_twenty_submissions_at_once_with_one_key_make_one_job(world):
    request = await request_for(world)
    answers = await asyncio.gather(
        *(world.submissions.submit(world.principal, request, "k") for _ in range(20))
    )
    assert len({job.job_id for job, _ in answers}) == 1
    assert sorted(replayed for _, replayed in answers) == [False] + [True] * 19
    assert count_jobs(world) == 1


async def test_submissions_that_come_at_once_share_a_transaction(world):
    request = await request_for(world)
    await world.submissions.submit(
        world.principal, request, None
    )  # what is remembered of the tenant is, from now on
    lent = []
    sa.event.listen(world.async_sessions.engine.sync_engine, "checkout", lambda *_: lent.append(1))
    answers = await asyncio.gather(
        *(world.submissions.submit(world.principal, request, f"k{number}") for number in range(20))
    )
    assert len(lent) == 1
    assert count_jobs(world) == 21
    assert sorted(world.published.job_ids[1:]) == sorted(job.job_id for job, _ in answers)
    for job, replayed in answers:
        assert (await world.jobs.get(world.principal, job.job_id), replayed) == (job, False)


async def test_a_submission_that_is_refused_takes_none_of_its_neighbours_with_it(world):
    counted = []

    async def count(rows):
        counted.append(rows)

    async def refuse(_):
        raise ProblemError("rate-limited", "Later.")

    request = await request_for(world)
    absent = BatchDetectionRequest(data_sources=["dts_" + "0" * 32])
    await world.submissions.submit(world.principal, request, "used")
    answers = await asyncio.gather(
        world.submissions.submit(world.principal, request, "k", count),
        world.submissions.submit(world.principal, absent, None, count),
        world.submissions.submit(world.principal, request, None, refuse),
        world.submissions.submit(world.principal, request, None, count),
        return_exceptions=True,
    )
    assert [getattr(answer, "code", "stored") for answer in answers] == [
        *("stored", "not-found", "rate-limited", "stored")
    ]
    assert (counted, count_jobs(world)) == ([20, 20], 3)
    # A key in use undoes what was stored together with it; then each is stored by itself.
    again = await asyncio.gather(
        *(world.submissions.submit(world.principal, request, key) for key in ("used", "k", "new", None))
    )
    assert ([replayed for _, replayed in again], count_jobs(world)) == ([True, True, False, False], 5)


@pytest.mark.parametrize("source", ["file:///etc/passwd", "dts_1", "\0", "./a.csv"])
async def test_a_source_that_is_no_dataset_is_refused_with_the_way_out(world, source):
    request = BatchDetectionRequest(data_sources=[source])
    problem = await refused(world.submissions.submit(world.principal, request, None))
    assert problem.code == "forbidden-source"
    assert "Upload the data with uploadDataset" in problem.detail


async def test_a_foreign_dataset_is_answered_as_a_missing_one(world, stranger):
    request = await request_for(world)
    missing = "dts_" + "0" * 32
    foreign = await refused(world.submissions.submit(stranger, request, None))
    absent = await refused(
        world.submissions.submit(stranger, BatchDetectionRequest(data_sources=[missing]), None)
    )
    assert foreign.code == absent.code == "not-found"
    assert foreign.detail.replace(request.data_sources[0], "X") == absent.detail.replace(missing, "X")


async def test_an_unknown_algorithm_is_refused_when_it_is_submitted(world):
    problem = await refused(
        world.submissions.submit(world.principal, await request_for(world, algorithm="nope"), None)
    )
    assert (problem.code, problem.errors[0].pointer) == ("validation", "/algorithm")


async def test_data_sources_with_too_many_rows_together_are_refused(world):
    settings = world.settings.model_copy(update={"job_max_rows": 30})
    jobs = JobService(
        world.async_sessions, world.store, world.datasets, world.credentials, world.published, settings
    )
    dataset = await world.upload(20)
    request = BatchDetectionRequest(data_sources=[dataset.dataset_id] * 2)
    problem = await refused(jobs.submissions.submit(world.principal, request, None))
    assert problem.code == "job-limit-exceeded"
    assert problem.detail == (
        "The data sources have 40 rows together; a job takes at most 30 (PYNOMALY_JOB_MAX_ROWS). "
        "Submit them in several jobs."
    )


async def test_data_sources_with_too_many_bytes_together_are_refused(world):
    settings = world.settings.model_copy(update={"job_max_bytes": 1_024})
    jobs = JobService(
        world.async_sessions, world.store, world.datasets, world.credentials, world.published, settings
    )
    dataset = await world.upload(60)
    assert 512 < dataset.size_bytes < 1_024
    await jobs.submissions.submit(
        world.principal, BatchDetectionRequest(data_sources=[dataset.dataset_id]), None
    )
    request = BatchDetectionRequest(data_sources=[dataset.dataset_id] * 2)
    problem = await refused(jobs.submissions.submit(world.principal, request, None))
    assert (problem.code, problem.status) == ("job-limit-exceeded", 413)
    assert problem.detail == (
        f"The data sources have {2 * dataset.size_bytes:,} bytes together; a job takes at most 1,024 "
        "(PYNOMALY_JOB_MAX_BYTES). Submit them in several jobs, or as Parquet, which takes fewer bytes for "
        "the same rows."
    )


async def test_a_foreign_job_is_answered_as_a_missing_one_by_every_operation(world, stranger):
    job = await world.submit(10)
    calls = [
        lambda: world.jobs.get(stranger, job.job_id),
        lambda: world.jobs.cancel(stranger, job.job_id),
        lambda: world.jobs.result(stranger, job.job_id, limit=1),
        lambda: world.jobs.result_stream(stranger, job.job_id, "text/csv"),
        lambda: world.jobs.events(stranger, job.job_id),
        lambda: world.jobs.output_format(stranger, job.job_id),
    ]
    for call in calls:
        problem = await refused(call())
        assert (problem.code, problem.detail) == ("not-found", f"There is no job {job.job_id}.")
    assert (await world.jobs.list(stranger, limit=10)).items == []


async def test_pages_give_every_job_once_and_the_newest_first(world):
    made = [(await world.submit(5)).job_id for _ in range(5)]
    seen = []
    cursor = None
    while True:
        page = await world.jobs.list(world.principal, limit=2, cursor=cursor)
        seen += [job.job_id for job in page.items]
        cursor = page.next_cursor
        if cursor is None:
            break
    assert seen == list(reversed(made))


async def test_jobs_are_listed_by_state(world):
    first = await world.submit(5)
    await world.submit(5)
    world.attempts.claim(first.job_id)
    page = await world.jobs.list(world.principal, limit=10, state="running")
    assert [job.job_id for job in page.items] == [first.job_id]


async def test_a_cursor_is_good_for_its_own_list_only(world, stranger):
    for _ in range(2):
        await world.submit(5)
    cursor = (await world.jobs.list(world.principal, limit=1)).next_cursor
    changed = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    for caller, text, state in [
        (world.principal, changed, None),
        (world.principal, "x", None),
        (world.principal, cursor, "queued"),
        (stranger, cursor, None),
    ]:
        problem = await refused(world.jobs.list(caller, limit=1, cursor=text, state=state))
        assert (problem.code, problem.errors[0].pointer) == ("validation", "?cursor")


async def test_waiting_ends_with_the_job(world):
    job = await world.submit(5)
    waiting = asyncio.create_task(world.jobs.get(world.principal, job.job_id, wait=60))
    attempt = world.attempts.claim(job.job_id)
    world.attempts.succeed(attempt, attempt.result_key)
    assert (await waiting).state == "succeeded"


async def test_waiting_ends_with_the_time(world):
    job = await world.submit(5)
    assert (await world.jobs.get(world.principal, job.job_id, wait=0.1)).state == "queued"


async def test_nobody_waits_for_a_process_that_is_about_to_stop(world):
    job = await world.submit(5)
    waiting = asyncio.create_task(world.jobs.get(world.principal, job.job_id, wait=60))
    following = asyncio.create_task(follow(world, job.job_id))
    await asyncio.sleep(0.1)
    assert not waiting.done()
    world.stopping.set()
    assert (await asyncio.wait_for(waiting, 20)).state == "queued"
    assert [told.state for _, _, told in await asyncio.wait_for(following, 20)] == ["queued"]


async def follow(world, job_id, last_event_id=None):
    return [event async for event in await world.jobs.events(world.principal, job_id, last_event_id)]


async def test_events_show_changes_until_the_end(world):
    job = await world.submit(5)
    events = await world.jobs.events(world.principal, job.job_id)
    seen = [await anext(events)]
    attempt = world.attempts.claim(job.job_id)
    world.attempts.advance(attempt, Stage.SCORING, 3, 5)
    seen.append(await anext(events))
    world.attempts.succeed(attempt, attempt.result_key)
    seen += [event async for event in events]
    assert [(name, told.state, told.progress.done) for _, name, told in seen] == [
        ("job", "queued", 0),
        ("job", "running", 3),
        ("job", "succeeded", 5),
    ]
    ids = [int(event_id) for event_id, _, _ in seen]
    assert ids == sorted(set(ids))


async def test_events_resume_behind_the_last_one_seen(world):
    job = await world.submit(5)
    await world.jobs.cancel(world.principal, job.job_id)
    [(event_id, _, _)] = await follow(world, job.job_id)
    assert await follow(world, job.job_id, event_id) == []
    assert len(await follow(world, job.job_id, "1")) == 1
    assert len(await follow(world, job.job_id, "somebody else's")) == 1


async def test_events_give_a_sign_of_life_while_nothing_happens(world, monkeypatch):
    monkeypatch.setattr("pynomaly_server.jobs.service.HEARTBEAT_SECONDS", 0.05)
    job = await world.submit(5)
    events = await world.jobs.events(world.principal, job.job_id)
    assert (await anext(events))[1] == "job"
    assert await anext(events) is None
    await events.aclose()
