"""Short CSV of the plainest sort, read without the cost of the general way: same frame, or none.

The general way works on columns of any length; for a few rows its hundred calls cost more than the rows. What
is read here has no quotes, no blank or ragged lines, and in each column nothing but whole numbers, nothing
but plain decimals, nothing but truths, or texts of which the first begins with a letter that begins no
number. For all else, whatever is wrong with it included, there is none, and the general way is taken.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final

import polars as pl

from pynomaly_server.tabular.errors import TableError
from pynomaly_server.tabular.frames import check_names

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from pynomaly_server.tabular.limits import TableLimits

MOST_BYTES: Final = 64 * 1024
_SEPARATORS: Final = ",;\t|"
_ODD: Final = re.compile(r'["\r\0\ufeff]')
_WHOLE: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,17})")
_DECIMAL: Final = re.compile(r"-?(?:0|[1-9][0-9]{0,14})(?:\.[0-9]{1,15})?")
# Not those that begin "nan" and "inf".
_WORD: Final = re.compile(r"[A-HJ-MO-Za-hj-mo-z]")


class PlainTable:
    """A table whose rows are in memory."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.names = frame.columns
        self.n_rows = frame.height
        self._frame = frame

    def batches(self, rows_per_batch: int) -> Iterator[pl.DataFrame]:
        """The rows in order."""
        if self.n_rows <= rows_per_batch:
            yield self._frame
        else:
            yield from self._frame.iter_slices(rows_per_batch)


def open_plain(
    data: memoryview, limits: TableLimits, missing: frozenset[str], truths: Mapping[str, bool]
) -> PlainTable | None:
    """The table, or None where it takes the general way to read it or to say what is wrong with it."""
    if len(data) > min(MOST_BYTES, limits.max_field_bytes, limits.max_expanded_bytes):
        return None
    try:
        text = str(data, "utf-8")
    except UnicodeDecodeError:
        return None
    if _ODD.search(text):
        return None
    header, *lines = text.removesuffix("\n").split("\n")
    separator = max(_SEPARATORS, key=header.count)
    names = [name.strip() for name in header.split(separator)]
    rows = [line.split(separator) for line in lines]
    if not rows or any(len(row) != len(names) for row in rows) or not all(map(str.strip, (header, *lines))):
        return None
    try:
        limits.check_columns(len(names))
        check_names(names, limits)
        limits.check_shape(len(rows), len(names))
    except TableError:
        return None
    columns = []
    for name, values in zip(names, zip(*rows, strict=True), strict=True):
        column = _column(name, [None if value in missing else value for value in values], truths)
        if column is None:
            return None
        columns.append(column)
    return PlainTable(pl.DataFrame(columns))


def _column(name: str, values: Sequence[str | None], truths: Mapping[str, bool]) -> pl.Series | None:
    present = [value for value in values if value is not None]
    if not present:
        return pl.Series(name, values, dtype=pl.String)
    if all(map(_WHOLE.fullmatch, present)):
        return pl.Series(name, [None if value is None else int(value) for value in values], dtype=pl.Int64)
    if all(map(_DECIMAL.fullmatch, present)):
        return pl.Series(
            name, [None if value is None else float(value) for value in values], dtype=pl.Float64
        )
    if not _WORD.match(present[0]) or any(value != value.strip() for value in present):
        return None
    if all(value in truths for value in present):
        return pl.Series(
            name, [None if value is None else truths[value] for value in values], dtype=pl.Boolean
        )
    return pl.Series(name, values, dtype=pl.String)
