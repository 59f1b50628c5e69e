"""The metadata of a Parquet file and the headers of its pages, checked against each other and the limits.

All sizes are checked before a page is decoded, and those of the page headers too: a footer may promise
little while its pages expand to gigabytes. Layout: Apache Parquet format 2, `parquet.thrift`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from pynomaly_server.tabular.errors import BadTable, quoted
from pynomaly_server.tabular.frames import check_names, check_not_empty
from pynomaly_server.tabular.thrift import MalformedThrift, Struct, ThriftReader

if TYPE_CHECKING:
    from pynomaly_server.tabular.limits import TableLimits

MAGIC: Final = b"PAR1"
_ENCRYPTED: Final = b"PARE"
_TAIL: Final = 8

_FOOTER_VALUES: Final = 5_000_000
_PAGE_VALUES: Final = 10_000
_MOST_PAGES: Final = 500_000

_REPEATED: Final = 2
_DELTA_BYTE_ARRAY: Final = 7
_DATA_PAGE, _DATA_PAGE_V2 = 0, 3


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows that are stored together, and the bytes they decode from."""

    rows: int
    expanded_bytes: int


@dataclass(frozen=True, slots=True)
class ParquetFooter:
    """What a Parquet file holds: flat columns, rows, row groups."""

    names: list[str]
    n_rows: int
    groups: list[RowGroup]


def read_footer(data: memoryview, limits: TableLimits) -> ParquetFooter:
    """Read and check the metadata of a Parquet file, its page headers included.

    Raises:
        BadTable: it is no Parquet file, is cut short or forged, or has nested columns.
        TableTooLarge: it holds, or would decode to, more than the limits allow.
    """
    try:
        metadata = ThriftReader(_footer_bytes(data), 0, _FOOTER_VALUES).struct()
        names = _flat_names(metadata[2], limits)
        n_rows = int(metadata[3])
        groups = [_Group(group, names) for group in metadata.get(4, [])]
        if n_rows < 0 or n_rows != sum(group.rows for group in groups):
            raise _forged("its row groups do not add up to its rows")
        check_not_empty(n_rows)
        limits.check_shape(n_rows, len(names))
        limits.check_expanded(sum(group.expanded for group in groups))
        expanded, pages = 0, 0
        for group in groups:
            for chunk in group.chunks:
                size, count = _walk_pages(data, chunk, group.rows)
                expanded += size
                pages += count
                limits.check_expanded(expanded)
                if pages > _MOST_PAGES:
                    raise BadTable(
                        "The Parquet file has too many pages. Write it again with the usual page size."
                    )
    except (MalformedThrift, KeyError, TypeError, AttributeError, UnicodeDecodeError):
        raise _forged("its metadata is malformed") from None
    return ParquetFooter(names, n_rows, [RowGroup(group.rows, group.expanded) for group in groups])


def _footer_bytes(data: memoryview) -> memoryview:
    if bytes(data[-4:]) == _ENCRYPTED or bytes(data[:4]) == _ENCRYPTED:
        raise BadTable("The Parquet file is encrypted. Send it unencrypted.")
    if len(data) < _TAIL + len(MAGIC) or bytes(data[:4]) != MAGIC:
        raise BadTable("The data is no Parquet file: it does not begin with PAR1. Check the media type.")
    if bytes(data[-4:]) != MAGIC:
        raise BadTable("The Parquet file is cut short: it does not end with PAR1. Send the whole file.")
    length = int.from_bytes(data[-_TAIL:-4], "little")
    if length > len(data) - _TAIL - len(MAGIC):
        raise _forged("its footer is said to be longer than the file")
    return data[len(data) - _TAIL - length : len(data) - _TAIL]


def _flat_names(schema: list[Struct], limits: TableLimits) -> list[str]:
    root, *columns = schema
    names = [column[4].decode() for column in columns]
    nested = [
        name
        for name, column in zip(names, columns, strict=True)
        if column.get(5) or column.get(3) == _REPEATED
    ]
    if nested:
        raise BadTable(
            f"Column {quoted(nested[0])} holds lists or nested objects, which no detector can read. Leave "
            "it out, or spread it over columns of plain values."
        )
    if root[5] != len(names):
        raise _forged("its schema does not add up")
    check_names(names, limits)
    return names


class _Group:
    def __init__(self, group: Struct, names: list[str]) -> None:
        self.rows: int = group[3]
        self.chunks = [_Chunk(column, name) for column, name in zip(group[1], names, strict=False)]
        self.expanded = sum(chunk.expanded for chunk in self.chunks)
        if len(group[1]) != len(names) or self.rows < 0:
            raise _forged("a row group does not fit the schema")
        if any(chunk.values != self.rows for chunk in self.chunks):
            raise _forged("a column has another number of values than its row group has rows")


class _Chunk:
    def __init__(self, column: Struct, name: str) -> None:
        metadata: Struct = column[3]
        if column.get(1):
            raise BadTable("The Parquet file points to other files. Send one file that holds all its data.")
        self.name = name
        self.values: int = metadata[5]
        self.expanded: int = metadata[6]
        self.compressed: int = metadata[7]
        offsets: list[int] = [metadata[number] for number in (9, 11) if metadata.get(number, 0) > 0]
        self.start = min(offsets, default=-1)
        if min(self.values, self.expanded, self.compressed) < 0:
            raise _forged("a size in its metadata is negative")


def _walk_pages(data: memoryview, chunk: _Chunk, rows: int) -> tuple[int, int]:
    """Bytes that the pages of a column decode to, and how many pages there are."""
    stop = chunk.start + chunk.compressed
    if chunk.values and not 0 < chunk.start <= stop <= len(data):
        raise _forged(f"column {quoted(chunk.name)} lies outside the file")
    expanded = pages = values = 0
    position = chunk.start
    while position < stop and values < rows:
        reader = ThriftReader(data[:stop], position, _PAGE_VALUES)
        header = reader.struct()
        size, compressed = int(header[2]), int(header[3])
        if size < 0 or compressed < 0 or reader.position + compressed > stop:
            raise _forged(f"a page of column {quoted(chunk.name)} lies outside its column")
        body: dict[int, Any] = header.get({_DATA_PAGE: 5, _DATA_PAGE_V2: 8}.get(header[1], 7), {})
        if header[1] in (_DATA_PAGE, _DATA_PAGE_V2):
            values += int(body[1])
            if body[1] < 0 or values > rows:
                raise _forged(f"column {quoted(chunk.name)} has more values than rows")
            if body.get(2 if header[1] == _DATA_PAGE else 4) == _DELTA_BYTE_ARRAY:
                # Each value may repeat a prefix of the one before: sizes say nothing of what comes out.
                raise BadTable(
                    f"Column {quoted(chunk.name)} uses the Parquet encoding DELTA_BYTE_ARRAY. Write it "
                    "with dictionary or plain encoding."
                )
        expanded += size
        pages += 1
        position = reader.position + compressed
    if values != rows:
        raise _forged(f"column {quoted(chunk.name)} has fewer values than rows")
    return expanded, pages


def _forged(fault: str) -> BadTable:
    return BadTable(f"The Parquet file is damaged: {fault}. Write it again and send the whole file.")
