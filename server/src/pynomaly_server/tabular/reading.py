"""Reading tables of any accepted media type: whole, or in batches of bounded memory."""

from __future__ import annotations

import mmap
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pynomaly_server.tabular.arrow_table import open_arrow
from pynomaly_server.tabular.csv_table import open_csv
from pynomaly_server.tabular.errors import BadTable
from pynomaly_server.tabular.frames import BATCH_ROWS, Table, concatenated
from pynomaly_server.tabular.json_text import open_json, open_ndjson
from pynomaly_server.tabular.limits import UNLIMITED, TableLimits
from pynomaly_server.tabular.npy_table import NpyTable, open_npy
from pynomaly_server.tabular.parquet_table import open_parquet
from pynomaly_server.tabular.rows_table import frame_from_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    import polars as pl

    from pynomaly_server.tabular.number_rows import Rows

__all__ = [
    "MEDIA_TYPES",
    "TableLimits",
    "TableSummary",
    "count_rows",
    "frame_from_rows",
    "inspect_table",
    "iter_batches",
    "open_table",
    "read_rows",
    "read_table",
]

_OPENERS: Final[dict[str, Callable[[memoryview, TableLimits], Table]]] = {
    "text/csv": open_csv,
    "application/x-ndjson": open_ndjson,
    "application/json": open_json,
    "application/vnd.apache.arrow.stream": open_arrow,
    "application/x-npy": open_npy,
}

_PARQUET: Final = "application/vnd.apache.parquet"

MEDIA_TYPES: Final = (*_OPENERS, _PARQUET)
"""The media types that tables are read from."""

# First bytes of formats that are often sent under the wrong name.
_SIGNATURES: Final = (
    (b"PAR1", "a Parquet file", _PARQUET),
    (b"ARROW1", "an Arrow or Feather file", None),
    (b"\x93NUMPY", "a NumPy array", "application/x-npy"),
    (b"\xff\xff\xff\xff", "an Arrow stream", "application/vnd.apache.arrow.stream"),
    (b"PK\x03\x04", "a ZIP archive or Excel workbook", None),
    (b"\x1f\x8b", "gzip-compressed data", None),
    (b"\x28\xb5\x2f\xfd", "Zstandard-compressed data", None),
    (b"BZh", "bzip2-compressed data", None),
    (b"\xfd7zXZ", "xz-compressed data", None),
    (b"7z\xbc\xaf", "a 7-Zip archive", None),
    (b"\x89PNG", "an image", None),
    (b"\xff\xd8\xff", "an image", None),
    (b"%PDF", "a PDF document", None),
    (b"SQLite format 3", "a SQLite database", None),
    *((bytes([0x80, protocol]), "a Python pickle, which is never loaded", None) for protocol in range(2, 6)),
)
_UTF16: Final = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class TableSummary:
    """The shape of a table: its rows and the names of its columns."""

    n_rows: int
    names: list[str]


def read_table(source: bytes | Path, media_type: str, limits: TableLimits) -> pl.DataFrame:
    """The whole table as a frame of Boolean, Int64, UInt64, Float64, String, Date and Datetime (UTC) columns.

    Raises:
        BadTable: the data is not the table its media type promises.
        TableTooLarge: it is over a limit.
        ValueError: the media type is none of `MEDIA_TYPES`.
    """
    return concatenated(list(open_table(source, media_type, limits).batches(BATCH_ROWS)))


def read_rows(source: bytes, media_type: str, limits: TableLimits) -> Rows:
    """As `read_table`, but an array of finite floats stays a matrix; raises as it does."""
    table = open_table(source, media_type, limits)
    numbers = table.numbers() if isinstance(table, NpyTable) else None
    return numbers or concatenated(list(table.batches(BATCH_ROWS)))


def iter_batches(
    path: Path, media_type: str, rows_per_batch: int, limits: TableLimits
) -> Iterator[pl.DataFrame]:
    """The table in frames of `rows_per_batch` rows (the last may be shorter), all of the same schema.

    Where the format does not say the types, a first pass over the file decides them. Memory is bounded by
    the batch and a few pieces of the file, not by the file.

    Raises:
        BadTable, TableTooLarge, ValueError: as `read_table`, at the latest when the faulty batch is reached.
    """
    return open_table(path, media_type, limits).batches(rows_per_batch)


def count_rows(path: Path, media_type: str) -> int:
    """How many rows the table has, found without reading values where the format allows.

    Raises:
        BadTable: the data is not the table its media type promises.
    """
    return open_table(path, media_type, UNLIMITED).n_rows


def inspect_table(source: bytes | Path, media_type: str, limits: TableLimits) -> TableSummary:
    """Read every value once, in bounded memory, so that no later reading can fail; answer the table's shape.

    Raises:
        BadTable, TableTooLarge, ValueError: as `read_table`.
    """
    table = open_table(source, media_type, limits)
    for _ in table.batches(BATCH_ROWS):
        pass
    return TableSummary(table.n_rows, table.names)


def open_table(source: bytes | Path, media_type: str, limits: TableLimits) -> Table:
    """The table with its structure checked and its values not yet read.

    Raises:
        BadTable, TableTooLarge, ValueError: as `read_table`.
    """
    if media_type not in MEDIA_TYPES:
        raise ValueError(f"{media_type!r} is no media type of tables; they are {', '.join(MEDIA_TYPES)}")
    data = _view(source)
    if not data:
        raise BadTable("The data is empty. Send a table with at least one row.")
    _check_signature(bytes(data[:16]), media_type)
    if media_type == _PARQUET:
        return open_parquet(data, source, limits)
    return _OPENERS[media_type](data, limits)


def _view(source: bytes | Path) -> memoryview:
    if isinstance(source, bytes):
        return memoryview(source)
    with source.open("rb") as file:
        if file.seek(0, 2) == 0:
            return memoryview(b"")
        # The mapping lives as long as views of it do, and holds no memory of its own.
        return memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))


def _check_signature(head: bytes, media_type: str) -> None:
    for signature, what, its_type in _SIGNATURES:
        if head.startswith(signature) and its_type != media_type:
            way_out = f"Send it as {its_type}." if its_type else "Send one of " + ", ".join(MEDIA_TYPES) + "."
            raise BadTable(f"The data is {what}, not {media_type}. {way_out}")
    if head.startswith(_UTF16) and media_type in ("text/csv", "application/json", "application/x-ndjson"):
        raise BadTable("The text is UTF-16. Save it as UTF-8.")
