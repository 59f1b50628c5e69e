import io

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pynomaly_server.tabular import parquet_table
from pynomaly_server.tabular.errors import BadTable, TableTooLarge
from pynomaly_server.tabular.limits import TableLimits
from pynomaly_server.tabular.parquet_footer import read_footer
from pynomaly_server.tabular.reading import read_table
from pynomaly_server.tabular.thrift import MalformedThrift, ThriftReader

from .tables import LIMITS, PARQUET, as_bytes, sample  # noqa: TID252 - the file beside this one

WHOLE = as_bytes(sample(), PARQUET)


def read(data, limits=LIMITS):
    return read_table(data, PARQUET, limits)


def arrow_written(table, **options):
    target = io.BytesIO()
    pq.write_table(table, target, **options)
    return target.getvalue()


@pytest.fixture
def nothing_is_decoded(monkeypatch):
    def fail(*_args, **_options):
        pytest.fail("pages were decoded before their sizes were checked")

    monkeypatch.setattr(parquet_table.pl, "scan_parquet", fail)


@pytest.mark.parametrize("compression", ["none", "snappy", "gzip", "zstd", "lz4", "brotli"])
@pytest.mark.parametrize("pages", ["1.0", "2.0"])
def test_what_arrow_writes_is_read(compression, pages):
    table = pa.table(
        {"a": np.arange(900.0), "s": ["x", "y", None] * 300, "i": pa.array(range(900), pa.int32())}
    )
    data = arrow_written(table, compression=compression, data_page_version=pages, row_group_size=400)
    assert read(data).to_dict(as_series=False) == table.to_pydict()


@pytest.mark.parametrize(
    ("data", "fault"),
    [
        (b"XXXX" + WHOLE[4:], "it does not begin with PAR1"),
        (WHOLE[:-100], "it does not end with PAR1"),
        (
            WHOLE[:-8] + (2**31).to_bytes(4, "little") + b"PAR1",
            "its footer is said to be longer than the file",
        ),
        (WHOLE[:-8] + (5).to_bytes(4, "little") + b"PAR1", "its metadata is malformed"),
        (WHOLE[:4] + WHOLE[len(WHOLE) // 2 :], "is damaged"),
        (b"PAR1" + bytes(40) + b"PARE", "is encrypted"),
        (b"PAR1PAR1", "does not begin with PAR1"),
    ],
    ids=["magic", "cut short", "footer length", "footer start", "pages gone", "encrypted", "no footer"],
)
def test_damaged_and_forged_files_are_refused(data, fault, nothing_is_decoded):
    with pytest.raises(BadTable, match=fault):
        read(data)


def test_pages_that_lie_are_refused_in_the_words_of_a_damaged_file():
    damaged = bytearray(as_bytes(sample(), PARQUET, compression="zstd"))
    damaged[60:400] = bytes(340)
    with pytest.raises(BadTable, match="The Parquet file is damaged: "):
        read(bytes(damaged))


def test_a_file_that_decodes_to_thousands_of_times_its_size_is_refused_undecoded(nothing_is_decoded):
    data = as_bytes(pl.DataFrame({"a": np.zeros(4_000_000)}), PARQUET)
    assert len(data) < 32_000_000 / 1_000
    limits = TableLimits(10**9, 10, 10**10, 10**6, 16 * 2**20)
    with pytest.raises(TableTooLarge, match=r"32,\d{3},\d{3} bytes once decoded; at most 16,777,216"):
        read(data, limits)


def test_more_rows_than_allowed_are_refused_undecoded(nothing_is_decoded):
    with pytest.raises(TableTooLarge, match="The table has 200,000 rows; at most 100,000 are taken"):
        read(as_bytes(pl.DataFrame({"a": np.zeros(200_000)}), PARQUET))


def test_a_long_text_shared_by_many_rows_is_measured_as_often_as_it_appears():
    data = arrow_written(pa.table({"a": ["x" * 50_000] * 1_000}))
    assert len(data) < 60_000
    with pytest.raises(TableTooLarge, match="50,000,000 bytes once decoded"):
        read(data)


def test_prefixes_that_grow_from_row_to_row_are_refused_undecoded(nothing_is_decoded):
    table = pa.table({"a": ["x" * 5_000] * 1_000})
    data = arrow_written(table, use_dictionary=False, column_encoding="DELTA_BYTE_ARRAY", compression="zstd")
    with pytest.raises(BadTable, match="Column 'a' uses the Parquet encoding DELTA_BYTE_ARRAY"):
        read(data)


def test_a_large_row_group_is_decoded_in_parts(monkeypatch):
    monkeypatch.setattr(parquet_table, "_PART_BYTES", 1_000)
    frame = read(WHOLE)
    assert frame.equals(sample())


def test_the_footer_tells_row_groups_apart():
    footer = read_footer(memoryview(as_bytes(sample(), PARQUET, row_group_size=100)), LIMITS)
    assert [group.rows for group in footer.groups] == [100, 100, 50]


@pytest.mark.parametrize("data", [b"", b"\x15", b"\x19\xfc\xff\xff\xff\xff\x0f", b"\x1c" * 100, b"\xff" * 50])
def test_thrift_that_breaks_off_or_promises_too_much_is_refused(data):
    with pytest.raises(MalformedThrift):
        ThriftReader(memoryview(data), 0, 1_000).struct()
