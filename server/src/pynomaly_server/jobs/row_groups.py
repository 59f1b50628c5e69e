"""Reads single row groups of a stored Parquet object, so that a page of a result costs no whole download and
a whole result is sent while it is fetched.

What is read is put where it was into a sparse temporary file, which Parquet readers take for the whole.
Numbers are those of `parquet.thrift`, Apache Parquet format 2.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import IO, Any, Final

import polars as pl

from pynomaly_server.storage.objects import ObjectStore
from pynomaly_server.tabular.thrift import ThriftReader

_TAIL: Final = 64 * 1024
_MAGIC: Final = b"PAR1"
_LENGTH_AND_MAGIC: Final = 8
_MOST_VALUES: Final = 50_000_000


@dataclass(frozen=True, slots=True)
class RowGroup:
    """Rows that lie together: the position of the first, how many, and their bytes in the object."""

    first: int
    rows: int
    start: int
    stop: int
    greatest: dict[str, bytes]
    """The greatest value of a column, encoded, where the file says it."""


class RowGroupFile:
    """A Parquet object of our own making, of which only what is asked for is fetched."""

    def __init__(self, store: ObjectStore, key: str, file: IO[bytes]) -> None:
        self._store = store
        self._key = key
        self._file = file
        tail, size = store.read_tail(key, _TAIL)
        length = int.from_bytes(tail[-_LENGTH_AND_MAGIC:-4], "little") + _LENGTH_AND_MAGIC
        if length > len(tail):
            tail = store.read_range(key, size - length, length)
        footer = tail[-length:]
        file.write(_MAGIC)
        self._put(size - length, footer)
        metadata = ThriftReader(memoryview(footer), 0, _MOST_VALUES).struct()
        self.groups: list[RowGroup] = []
        first = 0
        for group in metadata.get(4, []):
            self.groups.append(_row_group(group, first))
            first += self.groups[-1].rows

    def no_rows(self) -> pl.DataFrame:
        """The columns."""
        return pl.scan_parquet(self._file.name, glob=False).limit(0).collect()

    def read(self, group: RowGroup) -> pl.DataFrame:
        """The rows of a group."""
        self._put(group.start, self._store.read_range(self._key, group.start, group.stop - group.start))
        return pl.scan_parquet(self._file.name, glob=False).slice(group.first, group.rows).collect()

    def _put(self, position: int, data: bytes) -> None:
        self._file.seek(position)
        self._file.write(data)
        self._file.flush()


@contextmanager
def open_row_groups(store: ObjectStore, key: str) -> Iterator[RowGroupFile]:
    """The row groups of an object; raises `ObjectMissingError`."""
    with tempfile.NamedTemporaryFile(prefix="pynomaly-", suffix=".parquet") as file:
        yield RowGroupFile(store, key, file)


def _row_group(group: dict[int, Any], first: int) -> RowGroup:
    columns = [column[3] for column in group[1]]
    starts = [min(column[number] for number in (9, 11) if column.get(number)) for column in columns]
    return RowGroup(
        first=first,
        rows=group[3],
        start=min(starts),
        stop=max(start + column[7] for start, column in zip(starts, columns, strict=True)),
        greatest={
            b".".join(column[3]).decode(): column[12][5] for column in columns if 5 in column.get(12, {})
        },
    )
