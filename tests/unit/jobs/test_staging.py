"""Staging: rows are put aside by a thread, and what keeps them from it is told."""

from __future__ import annotations

import polars as pl
import pytest

from pynomaly_server.jobs.shards.staging import Staging, input_key, staged_batches
from pynomaly_server.settings import Settings
from pynomaly_server.storage.local import LocalObjectStore

SETTINGS = Settings(secret_key="unit-tests-only-0123456789abcdefghijk", job_shard_rows=100)
STARTS = range(0, 240, 40)
BATCHES = [pl.DataFrame({"a": [float(row) for row in range(start, start + 40)]}) for start in STARTS]


@pytest.fixture
def store(tmp_path):
    return LocalObjectStore(tmp_path / "objects")


@pytest.fixture
def staging(store, tmp_path):
    return Staging(store, "parts", tmp_path, SETTINGS)


def keys(store):
    return [found.key for found in store.list_objects("parts")]


def test_a_shard_has_the_batches_that_were_added_in_their_order(store, staging):
    with staging:
        for batch in BATCHES:
            staging.add(batch)
        staging.wait()
        for number, batches in enumerate((BATCHES[:3], BATCHES[3:])):
            with store.local_path(input_key("parts", number)) as path:
                found = list(staged_batches(path))
                assert len(found) == 3
                assert pl.concat(found).equals(pl.concat(batches))
    assert keys(store) == []


def test_rows_that_cannot_be_put_aside_end_the_work_and_leave_nothing(store, staging, monkeypatch):
    def full(*_):
        raise OSError("No space left on device")

    def stage():
        with staging:
            for batch in BATCHES[:3]:
                staging.add(batch)
            staging.wait()
            monkeypatch.setattr(store, "put_file", full)
            for batch in BATCHES[3:]:
                staging.add(batch)
            staging.wait()

    with pytest.raises(OSError, match="No space left"):
        stage()
    assert keys(store) == []
