"""The storage in a real S3 server, by itself and under a whole Pynomaly."""

from __future__ import annotations

import os

import pytest

from pynomaly_server.storage.objects import ObjectMissingError, ObjectStore

MIB = 1024 * 1024


@pytest.fixture
def store(s3: dict[str, str]) -> ObjectStore:
    return ObjectStore.from_url("s3://bucket/some/prefix")


async def parts(*chunks: bytes):
    for chunk in chunks:
        yield chunk


async def test_a_stream_of_many_parts_is_stored_whole_and_read_by_ranges(store):
    sent = [os.urandom(MIB) for _ in range(20)]
    assert await store.put("streamed", parts(*sent)) == 20 * MIB
    assert b"".join([chunk async for chunk in store.open_read("streamed")]) == b"".join(sent)
    assert store.read_range("streamed", 3 * MIB, MIB) == sent[3]
    assert store.read_tail("streamed", MIB) == (sent[19], 20 * MIB)


async def test_a_stream_that_breaks_off_leaves_no_object(store):
    async def broken():
        for _ in range(12):
            yield os.urandom(MIB)
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await store.put("broken", broken())
    assert not await store.exists("broken")


async def test_objects_are_listed_below_a_prefix_and_deleted(store):
    for key in ("tenants/a/1", "tenants/a/2", "tenants/a/3", "tenants/ab/1"):
        await store.put(key, parts(b"x"))
    assert [found.key for found in store.list_objects("tenants/a")] == [f"tenants/a/{n}" for n in (1, 2, 3)]
    store.delete_now("tenants/a/2")
    store.delete_now("tenants/a/2")
    assert [found.key for found in store.list_objects("tenants/a", after="tenants/a/1")] == ["tenants/a/3"]
    with pytest.raises(ObjectMissingError), store.local_path("tenants/a/2"):
        pass
    for read in (lambda: store.read_range("tenants/a/2", 0, 1), lambda: store.read_tail("tenants/a/2", 1)):
        with pytest.raises(ObjectMissingError):
            read()


def test_a_job_runs_from_the_upload_to_its_result_with_everything_in_s3(start, s3, tmp_path):
    rows = [{"ref": f"r-{number}", "value": number % 9} for number in range(200)]
    rows[150]["value"] = 900
    running = start(PYNOMALY_STORAGE_URL="s3://bucket/whole", PYNOMALY_RESULT_HELD_ROWS="0", **s3)
    with running.client() as client:
        job = client.batch_detect(data_sources=[rows], algorithm="mad", column_types={"ref": "identifier"})
        job.wait(timeout=120)
        assert "r-150" in [row.identifiers["ref"] for row in job.iter_results(only="anomalies")]
        assert len(job.download(tmp_path / "result.csv").read_text().splitlines()) == 201
    kept = [found.key for found in ObjectStore.from_url("s3://bucket/whole").list_objects("tenants")]
    assert sum("/datasets/" in key for key in kept) == 1
    assert sum(f"/{job.job_id}/" in key for key in kept) == 2
    assert not (running.data_dir / "objects").exists()
