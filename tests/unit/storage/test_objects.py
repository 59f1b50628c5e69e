"""Objects in a folder, and in whatever obstore reaches."""

from __future__ import annotations

import os
import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from obstore.store import MemoryStore

from pynomaly_server.storage import local
from pynomaly_server.storage.local import LocalObjectStore
from pynomaly_server.storage.objects import ObjectMissingError, ObjectStore, checked_key
from pynomaly_server.storage.remote import RemoteObjectStore

KEY = "tenants/ten_1/datasets/dts_1"


@pytest.fixture(params=["folder", "obstore"])
def store(request, tmp_path):
    if request.param == "folder":
        return LocalObjectStore(tmp_path / "objects")
    return RemoteObjectStore(MemoryStore())


async def chunks(*parts):
    for part in parts:
        yield part


async def read(store, key=KEY):
    return b"".join([chunk async for chunk in store.open_read(key)])


async def test_what_is_put_is_read(store):
    parts = [os.urandom(700_000) for _ in range(20)]
    assert await store.put(KEY, chunks(*parts)) == 14_000_000
    assert await read(store) == b"".join(parts)
    assert await store.exists(KEY)


async def test_a_file_is_put_and_lent_as_a_file(store, tmp_path):
    path = tmp_path / "source"
    path.write_bytes(b"abc" * 1000)
    assert store.put_file(KEY, path) == 3000
    with store.local_path(KEY) as lent:
        assert lent.read_bytes() == path.read_bytes()


async def test_putting_again_replaces(store):
    await store.put(KEY, chunks(b"old and longer"))
    await store.put(KEY, chunks(b"new"))
    assert await read(store) == b"new"


async def test_a_body_that_breaks_off_leaves_the_object_before_it(store):
    await store.put(KEY, chunks(b"old"))

    async def broken():
        yield b"new" * 5_000_000
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await store.put(KEY, broken())
    assert await read(store) == b"old"


async def test_a_deleted_object_is_gone_and_may_be_deleted_again(store):
    await store.put(KEY, chunks(b"x"))
    await store.delete(KEY)
    store.delete_now(KEY)
    assert not await store.exists(KEY)
    with pytest.raises(ObjectMissingError):
        await read(store)
    with pytest.raises(ObjectMissingError), store.local_path(KEY):
        pass


@pytest.mark.parametrize(
    "key",
    ["", "/etc/passwd", "../x", "a/../x", "a//b", "a/./b", ".incoming/x", "a\\b", "a\0b", "a/", "a" * 600],
)
async def test_a_key_that_leads_elsewhere_is_refused(store, key, tmp_path):
    with pytest.raises(ValueError, match="is no object key"):
        await store.put(key, chunks(b"x"))
    with pytest.raises(ValueError, match="is no object key"):
        store.put_file(key, tmp_path)


@given(st.text(max_size=30))
def test_a_key_that_is_taken_stays_below_the_root(tmp_path_factory, text):
    root = tmp_path_factory.getbasetemp() / "root"
    try:
        key = checked_key(text)
    except ValueError:
        return
    assert (root / key).resolve().is_relative_to(root.resolve())


async def test_a_folder_keeps_no_half_written_files(tmp_path):
    store = LocalObjectStore(tmp_path)

    async def broken():
        yield b"x" * 20_000_000
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await store.put(KEY, broken())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


async def test_an_object_is_on_the_disk_before_it_has_its_name(tmp_path, monkeypatch):
    order = []
    fsync, replace = os.fsync, os.replace
    monkeypatch.setattr(os, "fsync", lambda fd: (order.append("sync"), fsync(fd))[1])
    monkeypatch.setattr(os, "rename", replace)
    monkeypatch.setattr(os, "replace", lambda *a, **k: (order.append("name"), replace(*a, **k))[1])
    await LocalObjectStore(tmp_path).put(KEY, chunks(b"x"))
    assert order[:2] == ["sync", "name"]
    assert set(order[2:]) == {"sync"}


async def test_a_disk_that_fails_to_sync_stores_nothing(tmp_path, monkeypatch):
    def broken(_):
        raise OSError("I/O error")

    monkeypatch.setattr(os, "fsync", broken)
    store = LocalObjectStore(tmp_path)
    with pytest.raises(OSError, match="I/O error"):
        await store.put(KEY, chunks(b"x"))
    assert not await store.exists(KEY)


def test_a_url_finds_its_store(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_REGION", "eu-central-1")
    assert isinstance(ObjectStore.from_url((tmp_path / "with space").as_uri()), LocalObjectStore)
    assert ObjectStore.from_url((tmp_path / "with space").as_uri()).root == tmp_path / "with space"
    assert isinstance(ObjectStore.from_url("s3://bucket/prefix"), RemoteObjectStore)
    with pytest.raises(ValueError, match="ftp:// is no storage that is known"):
        ObjectStore.from_url("ftp://host/x")


KEYS = ["tenants/t/a", "tenants/t/a-b/1", "tenants/t/a/1", "tenants/t/a/10", "tenants/t/b", "tenants/tt/c"]


@pytest.mark.parametrize("after", ["", *KEYS[:5], "tenants/t/a/2", "tenants/t/zz"])
async def test_objects_are_listed_in_the_order_of_their_keys_from_any_point_on(store, after):
    # A folder cannot hold a file and a folder of one name, so the file stays out there.
    keys = [key for key in KEYS if key != "tenants/t/a" or not isinstance(store, LocalObjectStore)]
    for key in keys:
        await store.put(key, chunks(b"x"))
    listed = [found.key for found in store.list_objects("tenants/t", after=after)]
    assert listed == sorted(key for key in keys if key.startswith("tenants/t/") and key > after)


async def test_a_listing_says_when_an_object_was_written_and_is_empty_where_nothing_is(store):
    began = datetime.now(UTC) - timedelta(minutes=1)
    await store.put(KEY, chunks(b"x"))
    (found,) = store.list_objects("tenants")
    assert began < found.changed_at < began + timedelta(hours=1)
    assert list(store.list_objects("elsewhere")) == []


def test_what_a_dead_upload_left_is_discarded_and_a_live_one_is_not(tmp_path):
    incoming = tmp_path / ".incoming"
    incoming.mkdir()
    for name, age in (("dead", 90_000), ("live", 60)):
        (incoming / name).write_bytes(b"x")
        os.utime(incoming / name, (time.time() - age,) * 2)
    before = datetime.now(UTC) - timedelta(days=1)
    assert LocalObjectStore(tmp_path).discard_uploads(before) == 1
    assert [path.name for path in incoming.iterdir()] == ["live"]


def test_each_new_name_is_synced_to_the_disk_and_a_safe_one_no_second_time(tmp_path, monkeypatch):
    synced = []
    monkeypatch.setattr(local, "_sync_folder", lambda folder: synced.append(folder.relative_to(tmp_path)))

    def put(store, key):
        synced.clear()
        store.put_file(key, tmp_path / "file")
        return {str(folder) for folder in synced}

    (tmp_path / "file").write_bytes(b"x")
    store = local.LocalObjectStore(tmp_path)
    assert put(store, "a/b/c/one") == {"a/b/c", "a/b", "a", "."}
    assert put(store, "a/b/c/two") == {"a/b/c"}
    assert put(store, "a/b/d/one") == {"a/b/d", "a/b"}
    # Another process may have been cut off between making a folder and syncing it.
    assert put(local.LocalObjectStore(tmp_path), "a/b/c/three") == {"a/b/c", "a/b", "a", "."}
