"""Uploading datasets: what is kept, what is refused, and that nothing is left behind."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa

from pynomaly_server.auth.principal import Principal
from pynomaly_server.datasets.service import DatasetService
from pynomaly_server.db.tables import DatasetRow
from pynomaly_server.ids import new_id
from pynomaly_server.problems import ProblemError


async def chunks(*parts):
    for part in parts:
        yield part


def objects(world):
    return [path for path in world.store.root.rglob("*") if path.is_file()]


def count_rows(world):
    with world.sessions.read() as session:
        return session.scalar(sa.select(sa.func.count()).select_from(DatasetRow))


async def refused(world, awaitable):
    with pytest.raises(ProblemError) as refusal:
        await awaitable
    assert (objects(world), count_rows(world)) == ([], 0)
    return refusal.value


async def test_a_table_is_stored_and_described(world):
    body = chunks(b"a,b\n1,", b"2\n3,4", b"\n5,6\n")
    made = await world.datasets.upload(world.principal, "text/csv", "table.csv", body)
    assert (made.name, made.size_bytes, made.n_rows, made.n_columns) == ("table.csv", 16, 3, 2)
    assert await world.datasets.get(world.principal, made.dataset_id) == made
    assert [path.read_bytes() for path in objects(world)] == [b"a,b\n1,2\n3,4\n5,6\n"]


async def test_a_table_that_cannot_be_read_is_refused_and_removed(world):
    problem = await refused(
        world, world.datasets.upload(world.principal, "text/csv", None, chunks(b"a,b\n1,2,3\n"))
    )
    assert problem.code == "bad-dataset"


async def test_a_pickle_is_refused(world):
    upload = world.datasets.upload(
        world.principal, "application/vnd.apache.parquet", None, chunks(b"\x80\x04K\x01.")
    )
    assert (await refused(world, upload)).code == "bad-dataset"


async def test_an_empty_body_is_refused(world):
    problem = await refused(world, world.datasets.upload(world.principal, "text/csv", None, chunks()))
    assert problem.code == "bad-dataset"


async def test_a_body_over_the_limit_is_refused_while_it_comes(world):
    small = DatasetService(
        world.async_sessions, world.store, world.settings.model_copy(update={"dataset_max_bytes": 2_000})
    )
    taken = []

    async def endless():
        while True:
            taken.append(1)
            yield b"1,2\n" * 250

    problem = await refused(world, small.upload(world.principal, "text/csv", None, endless()))
    assert (problem.code, len(taken)) == ("payload-too-large", 3)
    assert problem.detail == (
        "The dataset has more than 2,000 bytes, the limit. Split the table into several datasets."
    )


async def test_a_table_with_too_many_rows_is_too_large(world):
    small = DatasetService(
        world.async_sessions, world.store, world.settings.model_copy(update={"job_max_rows": 10})
    )
    upload = small.upload(world.principal, "text/csv", None, chunks(b"a\n" + b"1\n" * 11))
    assert (await refused(world, upload)).code == "payload-too-large"


async def test_a_caller_that_hangs_up_leaves_nothing_behind(world):
    async def broken():
        yield b"a,b\n1,2\n"
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await world.datasets.upload(world.principal, "text/csv", None, broken())
    assert (objects(world), count_rows(world)) == ([], 0)


async def test_a_cancelled_upload_leaves_nothing_behind(world):
    waiting = asyncio.Event()

    async def stalled():
        yield b"a,b\n1,2\n" * 100
        waiting.set()
        await asyncio.sleep(3600)

    upload = asyncio.create_task(world.datasets.upload(world.principal, "text/csv", None, stalled()))
    await waiting.wait()
    upload.cancel()
    with pytest.raises(asyncio.CancelledError):
        await upload
    assert (objects(world), count_rows(world)) == ([], 0)


@pytest.mark.parametrize("name", ["a\0b", "a\nb", "\x1b[31m"])
async def test_a_name_with_control_characters_is_refused(world, name):
    problem = await refused(
        world, world.datasets.upload(world.principal, "text/csv", name, chunks(b"a\n1\n"))
    )
    assert (problem.code, problem.errors[0].pointer) == ("validation", "?name")


async def test_a_foreign_dataset_does_not_exist(world):
    made = await world.datasets.upload(world.principal, "text/csv", None, chunks(b"a\n1\n"))
    stranger = Principal("ten_other", new_id("key"), frozenset({"*"}))
    with pytest.raises(ProblemError) as refusal:
        await world.datasets.get(stranger, made.dataset_id)
    assert refusal.value.code == "not-found"
    assert refusal.value.detail == (
        f"There is no dataset {made.dataset_id}. Upload it with uploadDataset first."
    )
