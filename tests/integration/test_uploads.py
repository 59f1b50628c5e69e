"""Uploading datasets: what is kept, what is refused, and that nothing is left behind."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from pynomaly_server.auth.principal import Principal
from pynomaly_server.datasets.service import DatasetService
from pynomaly_server.db.tables import DatasetRow, TenantRow
from pynomaly_server.idempotency import KeyedRows
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


async def test_an_upload_cut_short_after_its_row_was_stored_keeps_its_object(world, monkeypatch):
    insert = KeyedRows.insert

    async def cut_short(self, *arguments):
        await insert(self, *arguments)
        raise asyncio.CancelledError

    monkeypatch.setattr(KeyedRows, "insert", cut_short)
    with pytest.raises(asyncio.CancelledError):
        await world.datasets.upload(world.principal, "text/csv", None, chunks(b"a,b\n1,2\n"))
    assert (len(objects(world)), count_rows(world)) == (1, 1)


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


TABLE = b"a,b\n1,2\n3,4\n"


def upload_once(world, *, table=TABLE, name="t.csv", media_type="text/csv", key="k", principal=None):
    return world.datasets.upload_once(
        principal or world.principal, media_type, name, chunks(table[:5], table[5:]), key
    )


async def test_the_same_table_under_the_same_key_is_one_dataset(world):
    first, replayed_first = await upload_once(world)
    again, replayed = await upload_once(world)
    assert (again, replayed_first, replayed) == (first, False, True)
    assert len(objects(world)) == count_rows(world) == 1


@pytest.mark.parametrize(
    "other", [{"table": TABLE + b"5,6\n"}, {"name": "other.csv"}, {"media_type": "application/x-ndjson"}]
)
async def test_another_upload_under_a_used_key_is_refused(world, other):
    await upload_once(world)
    with pytest.raises(ProblemError) as refusal:
        await upload_once(world, **other)
    assert (refusal.value.code, refusal.value.status) == ("idempotency-mismatch", 422)
    assert len(objects(world)) == count_rows(world) == 1


async def test_of_many_uploads_at_once_under_one_key_one_makes_the_dataset(world):
    answers = await asyncio.gather(*(upload_once(world) for _ in range(8)))
    assert len({dataset.dataset_id for dataset, _ in answers}) == 1
    assert [replayed for _, replayed in answers].count(False) == 1
    assert len(objects(world)) == count_rows(world) == 1


async def test_of_different_uploads_at_once_under_one_key_one_wins_and_leaves_nothing_of_the_others(world):
    tables = [TABLE + f"{number},6\n".encode() for number in range(6)]
    answers = await asyncio.gather(
        *(upload_once(world, table=table) for table in tables), return_exceptions=True
    )
    refused_codes = [answer.code for answer in answers if isinstance(answer, ProblemError)]
    assert refused_codes == ["idempotency-mismatch"] * 5
    assert len(objects(world)) == count_rows(world) == 1


async def test_an_upload_that_was_refused_leaves_its_key_free(world):
    with pytest.raises(ProblemError, match="bad-dataset"):
        await upload_once(world, table=b"a,b\n1,2,3\n")
    dataset, replayed = await upload_once(world)
    assert (dataset.n_rows, replayed) == (2, False)


async def test_a_key_is_free_again_after_a_day_and_after_its_dataset_is_deleted(world):
    first, _ = await upload_once(world)
    with world.sessions.write() as session:
        session.execute(sa.update(DatasetRow).values(created_at=datetime.now(UTC) - timedelta(hours=25)))
        session.commit()
    second, replayed = await upload_once(world)
    assert (second.dataset_id != first.dataset_id, replayed) == (True, False)
    await world.datasets.delete(world.principal, second.dataset_id)
    third, replayed = await upload_once(world)
    assert (third.dataset_id != second.dataset_id, replayed) == (True, False)


async def test_tenants_do_not_share_keys(world):
    with world.sessions.write() as session:
        session.add(TenantRow(id="ten_2", name="other", created_at=datetime.now(UTC)))
        session.commit()
    mine, _ = await upload_once(world)
    stranger = Principal("ten_2", new_id("key"), frozenset({"*"}))
    theirs, replayed = await upload_once(world, table=TABLE + b"5,6\n", principal=stranger)
    assert (theirs.n_rows, replayed) == (3, False)
    assert theirs.dataset_id != mine.dataset_id
