"""What is no longer needed leaves the storage, and nothing else does."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest

from pynomaly_server.jobs import retention
from pynomaly_server.jobs.attempts import Attempts
from pynomaly_server.jobs.retention import Retention, sweep_storage
from pynomaly_server.jobs.shards.cleaning import Cleaning
from pynomaly_server.jobs.state import JobState
from pynomaly_server.models.recording import record_version
from pynomaly_server.problems import ProblemError
from pynomaly_server.storage.objects import ObjectMissingError

DAYS = 86_400
A_WEEK_AGO = time.time() - 7 * DAYS


def keep(world, key, *, old=True):
    """An object, by default one that nobody can still be writing."""
    path = world.store.root / key
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"x")
    if old:
        os.utime(path, (A_WEEK_AGO, A_WEEK_AGO))
    return key


def stored(world):
    return {found.key for found in world.store.list_objects("tenants")}


async def with_result(world, **changes):
    """A succeeded job, and the keys of its result."""
    job = await world.submit(20)
    attempt = world.attempts.claim(job.job_id)
    keys = {keep(world, f"{attempt.result_key}/{name}") for name in ("rows.parquet", "summary.json")}
    assert world.attempts.succeed(attempt, attempt.result_key)
    if changes:
        world.change(job.job_id, **changes)
    return job.job_id, keys


def hours_ago(hours):
    return datetime.now(UTC) - timedelta(hours=hours)


async def test_a_job_says_until_when_its_result_is_kept(world):
    job_id, _ = await with_result(world)
    job = await world.jobs.get(world.principal, job_id)
    assert abs(job.expires_at - job.finished_at - timedelta(days=30)) < timedelta(minutes=1)


async def test_a_retention_of_no_days_is_for_ever(world):
    job = await world.submit(20)
    attempts = Attempts(world.sessions, lease_seconds=60, max_attempts=3, retention_days=0)
    attempt = attempts.claim(job.job_id)
    assert attempts.succeed(attempt, attempt.result_key)
    assert (await world.jobs.get(world.principal, job.job_id)).expires_at is None


async def test_a_result_past_its_time_is_removed_and_answered_as_gone(world):
    until = hours_ago(2)
    job_id, keys = await with_result(world, expires_at=until)
    assert Retention(world.sessions, world.store).remove_expired() == 1
    assert not keys & stored(world)
    with pytest.raises(ProblemError) as caught:
        await world.jobs.result(world.principal, job_id, limit=10)
    assert caught.value.code == "result-expired"
    assert caught.value.detail == (
        f"The result of the job {job_id} was kept until {until:%Y-%m-%d %H:%M} UTC and has been removed. "
        "Submit the job again, and download the result while it is there."
    )
    job = await world.jobs.get(world.principal, job_id)
    assert (job.state, job.expires_at) == ("succeeded", until)


async def test_a_result_that_expires_while_it_is_being_read_is_answered_as_gone(world, monkeypatch):
    job_id, _ = await with_result(world, expires_at=hours_ago(2))

    def too_late(*_, **__):
        Retention(world.sessions, world.store).remove_expired()
        raise ObjectMissingError(job_id)

    monkeypatch.setattr("pynomaly_server.jobs.service.read_page", too_late)
    with pytest.raises(ProblemError, match="result-expired"):
        await world.jobs.result(world.principal, job_id, limit=10)


async def test_a_result_within_its_time_or_being_downloaded_at_its_end_is_left_alone(world):
    kept = set()
    for changes in ({}, {"expires_at": hours_ago(0.5)}, {"expires_at": None}):
        kept |= (await with_result(world, **changes))[1]
    retention = Retention(world.sessions, world.store)
    assert retention.remove_expired() == 0
    retention.remove_left_over()
    assert kept <= stored(world)


async def test_what_attempts_that_came_to_nothing_left_is_removed(world):
    job_id, result = await with_result(world)
    base = f"tenants/{world.principal.tenant_id}/jobs"
    crashed = (await world.submit(20)).job_id
    world.change(crashed, state=JobState.FAILED)
    running = (await world.submit(20)).job_id
    world.attempts.claim(running)
    kept = result | {
        keep(world, f"{base}/{running}/1/rows.parquet"),
        keep(world, f"{base}/{crashed}/2/rows.parquet", old=False),
    }
    left_over = {
        keep(world, f"{base}/{crashed}/1/rows.parquet"),
        keep(world, f"{base}/{job_id}/10/rows.parquet"),
        keep(world, f"{base}/job_{'0' * 32}/1/summary.json"),
    }
    before = stored(world)
    assert Retention(world.sessions, world.store).remove_left_over() == 3
    assert stored(world) == before - left_over
    assert kept <= stored(world)


async def test_datasets_without_a_row_are_removed_once_nobody_can_be_uploading_them(world):
    known = await world.upload(20)
    base = f"tenants/{world.principal.tenant_id}/datasets"
    os.utime(world.store.root / f"{base}/{known.dataset_id}", (A_WEEK_AGO, A_WEEK_AGO))
    orphan = keep(world, f"{base}/dts_{'1' * 32}")
    young = keep(world, f"{base}/dts_{'2' * 32}", old=False)
    assert Retention(world.sessions, world.store).remove_left_over() == 1
    assert orphan not in stored(world)
    assert {young, f"{base}/{known.dataset_id}"} <= stored(world)


async def test_objects_of_other_servers_and_of_kinds_it_does_not_know_are_left_alone(world):
    foreign = keep(world, f"tenants/ten_{'9' * 32}/jobs/job_{'0' * 32}/1/rows.parquet")
    unknown = keep(world, f"tenants/{world.principal.tenant_id}/reports/rep_1/page")
    Retention(world.sessions, world.store).sweep()
    assert {foreign, unknown} <= stored(world)


async def test_passes_of_few_objects_each_come_past_all_of_them(world, monkeypatch):
    monkeypatch.setattr(retention, "_OBJECTS_AT_ONCE", 3)
    base = f"tenants/{world.principal.tenant_id}/jobs"
    for number in range(10):
        keep(world, f"{base}/job_{number:032x}/1/rows.parquet")
    sweeps = Retention(world.sessions, world.store)
    assert [sweeps.remove_left_over() for _ in range(4)] == [3, 3, 3, 1]
    assert stored(world) == set()


async def test_several_sweepers_do_no_harm_to_each_other(world):
    jobs = [await with_result(world, expires_at=hours_ago(5)) for _ in range(6)]
    _, kept = await with_result(world)
    sweepers = [Retention(world.sessions, world.store) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda each: each.sweep(), sweepers))
    assert kept <= stored(world)
    assert not set.union(*(keys for _, keys in jobs)) & stored(world)


async def test_the_sweeper_sweeps_the_storage_from_its_start_until_it_is_stopped(world):
    _, keys = await with_result(world, expires_at=hours_ago(5))
    stop = threading.Event()
    thread = sweep_storage(world.sessions, world.store, stop)
    await world.until(lambda: not keys & stored(world), "the result is removed")
    stop.set()
    await asyncio.to_thread(thread.join)


async def test_parts_that_cannot_be_removed_keep_no_result_beyond_its_time(world, monkeypatch):
    def sweep(_):
        raise OSError("read-only")

    monkeypatch.setattr(Cleaning, "sweep", sweep)
    _, keys = await with_result(world, expires_at=hours_ago(5))
    stop = threading.Event()
    thread = sweep_storage(world.sessions, world.store, stop)
    await world.until(lambda: not keys & stored(world), "the result is removed")
    stop.set()
    await asyncio.to_thread(thread.join)


async def test_files_of_models_without_a_version_go_and_those_of_versions_stay(world):
    job = await world.submit(20)
    attempt = world.attempts.claim(job.job_id)
    kept, left = (keep(world, f"tenants/{attempt.tenant_id}/models/{job.job_id}/{n}") for n in (1, 2))
    fresh = keep(world, f"tenants/{attempt.tenant_id}/models/{job.job_id}/3", old=False)
    values = {
        "algorithm": "iqr",
        "contamination": 0.1,
        "n_rows": 20,
        "details": {},
        "artefact_key": kept,
        "artefact_sha256": "0" * 64,
        "artefact_bytes": 1,
        "job_id": job.job_id,
        "created_by": "tests",
    }
    assert world.attempts.succeed(
        attempt, None, 20, lambda session: record_version(session, attempt.tenant_id, "kept", **values)
    )
    assert Retention(world.sessions, world.store).remove_left_over() == 1
    assert {kept, fresh} <= stored(world)
    assert left not in stored(world)
