"""Rows that are numbers and nothing else, as a matrix: what most requests to a trained model are.

A frame with a column for each of ten numbers takes longer to make than the numbers take to be scored.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from pynomaly_server.tabular.frames import unnamed_columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pynomaly_server.tabular.limits import TableLimits
    from pynomaly_server.tabular.rows_table import Row

_EXACT: Final = 2**53
"""Integers up to here are what they were as floats, too."""


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


def number_rows(
    rows: Sequence[Row], column_names: Sequence[str] | None, wanted: Sequence[str], limits: TableLimits
) -> NumberRows | None:
    """Decoded JSON rows with exactly the columns `wanted`, all of them numbers, in that order.

    None for all other rows, the faulty ones included: those are for `frame_from_rows`, which says what is
    wrong.

    Raises:
        TableTooLarge: there are more rows or cells than `limits` allow.
    """
    kinds = set(map(type, rows))
    values: Sequence[Any]
    if kinds == {list}:
        if list(wanted) != (unnamed_columns(len(wanted)) if column_names is None else column_names):
            return None
        if set(map(len, rows)) != {len(wanted)}:
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
    if not np.isfinite(matrix).all() or (int in kinds and np.abs(matrix).max() > _EXACT):
        return None
    return NumberRows(wanted, matrix)
