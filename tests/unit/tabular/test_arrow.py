# ruff: noqa: E501 - one case a line
import io

import numpy as np
import polars as pl
import pyarrow as pa
import pytest

from pynomaly_server.tabular import arrow_table
from pynomaly_server.tabular.errors import BadTable, TableTooLarge
from pynomaly_server.tabular.limits import TableLimits
from pynomaly_server.tabular.reading import read_table

from .tables import ARROW, LIMITS, as_bytes, sample  # noqa: TID252 - the file beside this one


def read(data, limits=LIMITS):
    return read_table(data, ARROW, limits)


def arrow_written(*batches, compression=None):
    target = io.BytesIO()
    options = pa.ipc.IpcWriteOptions(compression=compression)
    with pa.ipc.new_stream(target, batches[0].schema, options=options) as stream:
        for batch in batches:
            stream.write_batch(batch)
    return target.getvalue()


@pytest.mark.parametrize("compression", [None, "lz4", "zstd"])
def test_what_arrow_writes_is_read(compression):
    batch = pa.record_batch({"a": [1.5, None], "s": ["x", "y"], "b": [True, False]})
    frame = read(arrow_written(batch, batch, compression=compression))
    assert frame.rows() == [(1.5, "x", True), (None, "y", False)] * 2


@pytest.mark.parametrize("run_rows", [1, 3, 1_000])
def test_dictionaries_that_change_between_batches_are_followed(run_rows, monkeypatch):
    monkeypatch.setattr(arrow_table, "_RUN_ROWS", run_rows)
    batches = [pa.record_batch({"k": pa.array([f"k{i}", "z"]).dictionary_encode()}) for i in range(4)]
    assert read(arrow_written(*batches))["k"].to_list() == ["k0", "z", "k1", "z", "k2", "z", "k3", "z"]


def test_a_stream_without_its_end_mark_is_whole():
    whole = as_bytes(sample(), ARROW)
    assert whole.endswith(b"\xff\xff\xff\xff\0\0\0\0")
    assert read(whole[:-8]).equals(sample())


@pytest.mark.parametrize(
    "data",
    [
        b"hello world, this is text",
        as_bytes(sample(), ARROW)[:-300],
        b"\xff\xff\xff\xff\xff\xff\xff\x7f" + bytes(50),
    ],
)
def test_what_is_no_whole_stream_is_refused(data):
    with pytest.raises(BadTable) as refused:
        read(data)
    assert str(refused.value) == (
        "The data is no whole Arrow IPC stream: breaks off. Write it again in Arrow's stream format (not the file "
        "format)."
    )


def test_a_stream_without_batches_has_no_rows():
    schema = pa.schema([("a", pa.float64())])
    target = io.BytesIO()
    pa.ipc.new_stream(target, schema).close()
    with pytest.raises(BadTable, match="The table has no rows of data"):
        read(target.getvalue())


def test_batches_that_decode_to_thousands_of_times_their_size_are_refused_undecoded(monkeypatch):
    monkeypatch.setattr(arrow_table.pl, "read_ipc_stream", lambda _: pytest.fail("a batch was decoded"))
    data = as_bytes(pl.DataFrame({"a": np.zeros(4_000_000)}), ARROW, compression="zstd")
    assert len(data) < 32_000_000 / 1_000
    limits = TableLimits(10**9, 10, 10**10, 10**6, 16 * 2**20)
    with pytest.raises(TableTooLarge, match="bytes once decoded; at most 16,777,216"):
        read(data, limits)
