"""Rows that are numbers and nothing else, as a matrix: what most requests send.

A frame with a column for each of ten numbers takes longer to make than the numbers take to be scored, and
its columns longer to be typed than a matrix, of which nothing has to be guessed.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import msgspec
import numpy as np
import polars as pl

from pynomaly_server.tabular.column_types import is_named_like_identifier
from pynomaly_server.tabular.errors import TableError
from pynomaly_server.tabular.frames import check_names, unnamed_columns

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pynomaly_server.tabular.limits import TableLimits
    from pynomaly_server.tabular.rows_table import Row

_EXACT: Final = 2**53
"""Integers up to here are what they were as floats, too."""
_FEW: Final = 8
"""Rows that are sooner looked at one by one."""
_WIDEST_REMEMBERED: Final = 256
"""Columns whose names are kept."""


@dataclass(frozen=True, slots=True)
class NumberRows:
    """A table without missing values whose columns are all numbers: float64 [n, d], C order, finite."""

    names: Sequence[str]
    matrix: NDArray[np.float64]

    @property
    def height(self) -> int:
        """How many rows there are."""
        return int(self.matrix.shape[0])

    @property
    def width(self) -> int:
        """How many columns there are."""
        return int(self.matrix.shape[1])

    def frame(self) -> pl.DataFrame:
        """The same as a frame."""
        return pl.DataFrame(self.matrix, schema=list(self.names))


Rows = NumberRows | pl.DataFrame


def frame_of(rows: Rows) -> pl.DataFrame:
    """The rows as a frame, which is made where they are numbers alone."""
    return rows.frame() if isinstance(rows, NumberRows) else rows


class WrittenRows(Sequence["Row"]):
    """Decoded JSON rows that are arrays of as many numbers each, of which the matrix is at hand already.

    The rows themselves are made from their text when somebody looks at them, which few do.

    Attributes:
        matrix: the numbers, float64 [n, d], finite; whole ones are at most 2^53.
    """

    def __init__(self, text: memoryview, matrix: NDArray[np.float64]) -> None:
        self._text = text
        self.matrix = matrix

    def __len__(self) -> int:
        return int(self.matrix.shape[0])

    def __getitem__(self, place: Any) -> Any:
        return self._rows[place]

    def __iter__(self) -> Iterator[Row]:
        return iter(self._rows)

    @cached_property
    def _rows(self) -> list[Row]:
        rows: list[Row] = msgspec.json.decode(self._text, type=list[list[float | int]])
        return rows


def count_cells(rows: Sequence[Row]) -> int:
    """How many values decoded JSON rows have."""
    return rows.matrix.size if isinstance(rows, WrittenRows) else sum(map(len, rows))


def number_rows(
    rows: Sequence[Row], column_names: Sequence[str] | None, wanted: Sequence[str], limits: TableLimits
) -> NumberRows | None:
    """Decoded JSON rows with exactly the columns `wanted`, all of them numbers, in that order.

    None for all other rows, the faulty ones included: those are for `frame_from_rows`, which says what is
    wrong.

    Raises:
        TableTooLarge: there are more rows or cells than `limits` allow.
    """
    if isinstance(rows, WrittenRows):
        if list(wanted) != _names(rows, column_names) or rows.matrix.shape[1] != len(wanted):
            return None
        limits.check_shape(*rows.matrix.shape)
        return NumberRows(wanted, rows.matrix)
    kinds = set(map(type, rows))
    values: Sequence[Any]
    if kinds == {list}:
        if set(map(len, rows)) != {len(wanted)} or tuple(wanted) != _named(len(wanted), column_names):
            return None
        values = rows
    elif kinds == {dict} and column_names is None:
        # Mappings as far as the types know; `dict` is what JSON is decoded to.
        mappings: Sequence[Mapping[str, Any]] = rows  # type: ignore[assignment]
        names = frozenset(wanted)
        if any(row.keys() != names for row in mappings):
            return None
        values = [[row[name] for name in wanted] for row in mappings]
    else:
        return None
    kinds = set(map(type, chain.from_iterable(values)))
    if not kinds <= {float, int}:
        return None
    limits.check_shape(len(rows), len(wanted))
    matrix = np.array(values, dtype=np.float64)
    # Where a sum is finite, so is all of it; that of a few rows is sooner made than a step of NumPy.
    few = len(values) <= _FEW and math.isfinite(sum(map(sum, values)))
    if not (few or np.isfinite(matrix).all()) or (int in kinds and np.abs(matrix).max() > _EXACT):
        return None
    return NumberRows(wanted, matrix)


def plain_rows(
    rows: Sequence[Row], column_names: Sequence[str] | None, limits: TableLimits
) -> NumberRows | None:
    """As `number_rows`, of rows that say themselves which columns they have, and in which order.

    None also where whole numbers could be an identifier by the name of their column.

    Raises:
        TableTooLarge: there are more rows or cells than `limits` allow.
    """
    if not rows:
        return None
    names = _names(rows, column_names)
    if any(map(is_named_like_identifier, names)) or not _usable(names, limits):
        return None
    return number_rows(rows, column_names, names, limits)


def numbers_of(frame: pl.DataFrame) -> NumberRows | None:
    """The same as rows of numbers; None where a value is missing, or a column may be anything but numbers."""
    for name, dtype in frame.schema.items():
        if dtype != pl.Float64 and (dtype != pl.Int64 or is_named_like_identifier(name)):
            return None
    # What is missing becomes NaN.
    matrix = np.ascontiguousarray(frame.to_numpy(order="c"), dtype=np.float64)
    return NumberRows(frame.columns, matrix) if matrix.size and np.isfinite(matrix).all() else None


def _names(rows: Sequence[Row], column_names: Sequence[str] | None) -> list[str]:
    """The names of the columns, by the first row."""
    if isinstance(rows, WrittenRows):
        width = rows.matrix.shape[1]
    elif isinstance(first := rows[0], Mapping):
        return list(first)
    else:
        width = len(first)
    return list(_named(width, column_names))


def _named(width: int, column_names: Sequence[str] | None) -> tuple[str, ...]:
    """The names of the columns of rows that are arrays of this width."""
    if column_names is not None:
        return tuple(column_names)
    # What a caller sends is named before it is held against the limits, and must not stay.
    return _unnamed(width) if width <= _WIDEST_REMEMBERED else tuple(unnamed_columns(width))


@lru_cache(maxsize=_WIDEST_REMEMBERED)
def _unnamed(width: int) -> tuple[str, ...]:
    return tuple(unnamed_columns(width))


def _usable(names: Sequence[str], limits: TableLimits) -> bool:
    try:
        check_names(names, limits)
    except TableError:
        return False
    return True
