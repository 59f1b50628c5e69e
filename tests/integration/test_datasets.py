"""Listing and deleting datasets, also while jobs that read them are submitted."""

from __future__ import annotations

import asyncio
import threading

import pytest

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import BatchDetectionRequest
from pynomaly_server.db.transactions import transaction
from pynomaly_server.ids import new_id
from pynomaly_server.jobs.repository import JobAdditions
from pynomaly_server.problems import ProblemError
from pynomaly_server.tabular.profile import profile_table

STRANGER = Principal("ten_other", new_id("key"), frozenset({"*"}))


def objects(world):
    return [path for path in world.store.root.rglob("*") if path.is_file()]


async def refusal(awaitable):
    with pytest.raises(ProblemError) as caught:
        await awaitable
    return caught.value


async def test_pages_go_from_the_newest_to_the_oldest(world):
    made = [await world.upload(3) for _ in range(5)]
    seen, cursor = [], None
    while True:
        page = await world.datasets.list(world.principal, limit=2, cursor=cursor)
        assert len(page.items) <= 2
        seen += page.items
        if (cursor := page.next_cursor) is None:
            break
    assert seen == made[::-1]


async def test_a_page_that_just_holds_the_rest_is_the_last(world):
    await world.upload(3)
    assert (await world.datasets.list(world.principal, limit=1)).next_cursor is None


async def test_a_cursor_is_good_for_its_tenant_and_list_alone(world):
    for _ in range(2):
        await world.submit(3)
    of_datasets = (await world.datasets.list(world.principal, limit=1)).next_cursor
    of_jobs = (await world.jobs.list(world.principal, limit=1)).next_cursor
    for principal, cursor in [(STRANGER, of_datasets), (world.principal, of_jobs)]:
        problem = await refusal(world.datasets.list(principal, limit=1, cursor=cursor))
        assert (problem.code, problem.errors[0].pointer) == ("validation", "?cursor")


async def test_a_tenant_sees_its_own_datasets_alone(world):
    await world.upload(3)
    assert (await world.datasets.list(STRANGER, limit=10)).items == []


async def test_a_deleted_dataset_leaves_nothing(world):
    made = await world.upload(3)
    await world.datasets.delete(world.principal, made.dataset_id)
    assert objects(world) == []
    assert (await world.datasets.list(world.principal, limit=10)).items == []
    for again in (world.datasets.get, world.datasets.delete):
        assert (await refusal(again(world.principal, made.dataset_id))).code == "not-found"


async def test_a_foreign_dataset_is_deleted_by_nobody(world):
    made = await world.upload(3)
    problem = await refusal(world.datasets.delete(STRANGER, made.dataset_id))
    assert (problem.code, problem.detail) == (
        "not-found",
        f"There is no dataset {made.dataset_id}. Upload it with uploadDataset first.",
    )
    assert await world.datasets.get(world.principal, made.dataset_id) == made


@pytest.mark.parametrize("state", ["queued", "running"])
async def test_a_dataset_that_a_job_will_read_is_kept(world, state):
    job = await world.submit(3)
    world.change(job.job_id, state=state)
    (made,) = (await world.datasets.list(world.principal, limit=1)).items
    problem = await refusal(world.datasets.delete(world.principal, made.dataset_id))
    assert problem.code == "conflict"
    assert problem.detail == (
        f"The job {job.job_id} has not ended and reads the dataset {made.dataset_id}. "
        "Cancel it or wait for its end, then delete the dataset."
    )
    assert len(objects(world)) == 1


@pytest.mark.parametrize("state", ["succeeded", "failed", "cancelled"])
async def test_a_job_that_has_ended_keeps_no_dataset(world, state):
    job = await world.submit(3)
    world.change(job.job_id, state=state)
    (made,) = (await world.datasets.list(world.principal, limit=1)).items
    await world.datasets.delete(world.principal, made.dataset_id)
    assert objects(world) == []
    assert await world.state(job.job_id) == state


async def test_a_job_keeps_its_own_datasets_alone(world):
    await world.submit(3)
    other = await world.upload(3)
    await world.datasets.delete(world.principal, other.dataset_id)
    assert len(objects(world)) == 1


async def test_a_profile_is_made_once_and_kept_beside_the_table(world, monkeypatch):
    made = await world.upload(30)
    first, second = await asyncio.gather(
        *(world.datasets.profile(world.principal, made.dataset_id) for _ in range(2))
    )
    assert (first.dataset_id, first.n_rows, [each.type for each in first.columns]) == (
        made.dataset_id,
        30,
        ["identifier", "numeric", "numeric"],
    )
    monkeypatch.setattr("pynomaly_server.datasets.profiles.profile_table", None)
    assert await world.datasets.profile(world.principal, made.dataset_id) == first == second
    assert len(objects(world)) == 2


async def test_a_kept_profile_that_cannot_be_read_is_made_again(world):
    made = await world.upload(30)
    first = await world.datasets.profile(world.principal, made.dataset_id)
    (kept,) = (path for path in objects(world) if path.name.endswith(".profile.json"))
    kept.write_bytes(kept.read_bytes()[:-20])
    assert await world.datasets.profile(world.principal, made.dataset_id) == first


async def test_a_profile_goes_with_its_dataset(world):
    made = await world.upload(30)
    await world.datasets.profile(world.principal, made.dataset_id)
    await world.datasets.delete(world.principal, made.dataset_id)
    assert objects(world) == []
    assert (await refusal(world.datasets.profile(world.principal, made.dataset_id))).code == "not-found"


async def test_a_foreign_dataset_has_no_profile(world):
    made = await world.upload(30)
    assert (await refusal(world.datasets.profile(STRANGER, made.dataset_id))).code == "not-found"


async def test_a_dataset_deleted_while_its_profile_is_made_leaves_nothing(world, monkeypatch):
    made = await world.upload(30)
    reading, deleted = threading.Event(), threading.Event()

    def slow(*arguments):
        profile = profile_table(*arguments)
        reading.set()
        assert deleted.wait(60)
        return profile

    monkeypatch.setattr("pynomaly_server.datasets.profiles.profile_table", slow)
    profiling = asyncio.create_task(world.datasets.profile(world.principal, made.dataset_id))
    await asyncio.to_thread(reading.wait, 60)
    await world.datasets.delete(world.principal, made.dataset_id)
    deleted.set()
    assert (await refusal(profiling)).code == "not-found"
    assert objects(world) == []


async def test_a_caller_that_hangs_up_leaves_the_profile_to_the_next(world, monkeypatch):
    made = await world.upload(30)
    reading, go_on = threading.Event(), threading.Event()

    def slow(*arguments):
        reading.set()
        assert go_on.wait(60)
        return profile_table(*arguments)

    monkeypatch.setattr("pynomaly_server.datasets.profiles.profile_table", slow)
    profiling = asyncio.create_task(world.datasets.profile(world.principal, made.dataset_id))
    await asyncio.to_thread(reading.wait, 60)
    profiling.cancel()
    go_on.set()
    with pytest.raises(asyncio.CancelledError):
        await profiling
    await world.until(lambda: len(objects(world)) == 2, "the profile is kept")


async def test_a_deletion_waits_for_a_submission_that_came_first(world):
    made = await world.upload(3)
    source = {"dataset_id": made.dataset_id, "object_key": "k", "media_type": "text/csv", "n_rows": 3}
    async with transaction(world.async_sessions) as adding:
        await world.datasets.hold(adding, world.principal, [made.dataset_id])
        deletion = asyncio.create_task(world.datasets.delete(world.principal, made.dataset_id))
        await asyncio.sleep(0.3)  # as long as it would take, were it not to wait
        job = {
            "id": new_id("job"),
            "kind": "detection",
            "request": {},
            "sources": [source],
            "request_hash": "",
            "queue": "small",
            "light": False,
        }
        await JobAdditions(adding, world.principal.tenant_id).add([job])
        await adding.commit()
    problem = await refusal(deletion)
    assert problem.code == "conflict"
    assert job["id"] in problem.detail


async def test_a_submission_and_a_deletion_at_once_have_one_winner(world):
    for _ in range(10):
        made = await world.upload(3)
        submission, deletion = await asyncio.gather(
            world.submissions.submit(
                world.principal, BatchDetectionRequest(data_sources=[made.dataset_id]), new_id("key")
            ),
            world.datasets.delete(world.principal, made.dataset_id),
            return_exceptions=True,
        )
        if deletion is None:
            assert isinstance(submission, ProblemError)
            assert submission.code == "not-found"
        else:
            assert deletion.code == "conflict"
            assert submission[0].job_id in deletion.detail
            await world.datasets.get(world.principal, made.dataset_id)
