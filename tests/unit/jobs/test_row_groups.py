"""Pages of a result read what they show, and not the whole."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from obstore.store import MemoryStore
from tests.unit.jobs.test_results import KEY, summary

from pynomaly_server.jobs import results
from pynomaly_server.jobs.rendering import RENDERERS, read_page
from pynomaly_server.jobs.result_objects import rows_key
from pynomaly_server.jobs.results import ResultWriter
from pynomaly_server.jobs.row_groups import open_row_groups
from pynomaly_server.jobs.workbook import MEDIA_TYPE as EXCEL
from pynomaly_server.storage.objects import ObjectMissingError, object_chunks
from pynomaly_server.storage.remote import RemoteObjectStore

PARQUET = "application/vnd.apache.parquet"


class Counting(RemoteObjectStore):
    """Counts the bytes of rows that are fetched."""

    def __init__(self):
        super().__init__(MemoryStore())
        self.fetched = 0

    def read_range(self, key, start, length):
        data = super().read_range(key, start, length)
        self.fetched += len(data)
        return data

    def local_path(self, key):
        assert not key.endswith("rows.parquet"), "the whole object was fetched"
        return super().local_path(key)

    def size(self):
        return self.read_tail(rows_key(KEY), 1)[1]


def store_with(folder, predictions):
    """A store with a result of these predictions."""
    count = len(predictions)
    writer = ResultWriter(lambda: folder, {"id": pl.String()})
    writer.add(
        np.random.default_rng(7).random(count),
        np.asarray(predictions, dtype=np.int8),
        identifiers={"id": [f"id-{row}" for row in range(count)]},
    )
    store = Counting()
    writer.store(store, KEY, summary(writer))
    return store


@pytest.fixture
def large(tmp_path):
    """400,000 rows, of which the last alone is anomalous."""
    return store_with(tmp_path, [0] * 399_999 + [1])


@pytest.mark.parametrize("after", [-1, 19_998, 250_000, 399_000])
def test_a_page_of_a_large_result_costs_at_most_two_row_groups_and_the_footer(large, after):
    rows, more, _ = read_page(large, KEY, after=after, limit=100, only="all")
    assert [row.row for row in rows] == list(range(after + 1, after + 101))
    assert [row.identifiers["id"] for row in rows] == [f"id-{row.row}" for row in rows]
    assert more
    assert large.fetched < large.size() * 2.2 / 20 + 64 * 1024


def test_groups_without_an_anomaly_are_not_read_for_the_anomalies(large):
    rows, more, _ = read_page(large, KEY, after=-1, limit=100, only="anomalies")
    assert ([row.row for row in rows], more) == ([399_999], False)
    assert large.fetched < large.size() * 1.2 / 20 + 64 * 1024


# A workbook is made whole before its first byte: what it begins with is known at its end.
@pytest.mark.parametrize("media_type", sorted({*RENDERERS} - {EXCEL}))
def test_a_whole_result_is_sent_while_it_is_fetched(large, media_type):
    pieces = RENDERERS[media_type](large, KEY, "all")
    size = len(next(pieces)) + len(next(pieces, b""))
    early = large.fetched
    size += sum(len(piece) for piece in pieces)
    assert size > 0
    assert large.fetched >= large.size()
    # A small object is one piece.
    assert early < large.fetched or media_type == PARQUET


@pytest.mark.parametrize("media_type", sorted({*RENDERERS} - {PARQUET}))
def test_of_a_whole_result_the_anomalies_cost_the_groups_that_hold_some(large, media_type):
    assert sum(len(piece) for piece in RENDERERS[media_type](large, KEY, "anomalies")) > 0
    assert large.fetched < large.size() * 1.2 / 20 + 64 * 1024


def test_an_object_is_handed_out_in_the_pieces_it_is_fetched_in(monkeypatch, tmp_path):
    monkeypatch.setattr("pynomaly_server.storage.objects.WRITE_BYTES", 100)
    store = store_with(tmp_path, [0, 1] * 50)
    pieces = list(object_chunks(store, rows_key(KEY)))
    assert {len(piece) for piece in pieces[:-1]} == {100}
    assert b"".join(pieces) == store.read_tail(rows_key(KEY), store.size())[0]


def test_a_footer_longer_than_the_first_look_is_read_whole(tmp_path, monkeypatch):
    monkeypatch.setattr("pynomaly_server.jobs.row_groups._TAIL", 16)
    rows, _, _ = read_page(store_with(tmp_path, [0, 1, 0]), KEY, after=0, limit=5, only="all")
    assert [row.row for row in rows] == [1, 2]


def test_a_result_that_is_not_there_is_missing():
    with pytest.raises(ObjectMissingError), open_row_groups(Counting(), rows_key(KEY)):
        pass


@settings(max_examples=25)
@given(
    predictions=st.lists(st.integers(0, 1), min_size=1, max_size=60),
    rows_per_group=st.integers(1, 20),
    limit=st.integers(1, 25),
    only=st.sampled_from(["all", "anomalies"]),
)
def test_pages_join_to_the_whole_whatever_the_row_groups(
    tmp_path_factory, predictions, rows_per_group, limit, only
):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(results, "ROWS_PER_GROUP", rows_per_group)
        store = store_with(tmp_path_factory.mktemp("result"), predictions)
    seen, after, more = [], -1, True
    while more:
        rows, more, _ = read_page(store, KEY, after=after, limit=limit, only=only)
        seen += [row.row for row in rows]
        after = rows[-1].row if rows else after
    assert seen == [row for row, value in enumerate(predictions) if only == "all" or value == 1]
