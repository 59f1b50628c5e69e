"""Tables from decoded rows: arrays, or objects by column name; one type per column over all rows."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from pynomaly_server.tabular.errors import BadTable, at_row, quoted
from pynomaly_server.tabular.frames import (
    BATCH_ROWS,
    check_names,
    check_not_empty,
    concatenated,
    finished,
    unnamed_columns,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from pynomaly_server.tabular.limits import TableLimits

Row = list[Any] | tuple[Any, ...] | Mapping[str, Any]

_SURVEYED: Final = 5_000
MOST_NUMBERS: Final = 1_000
_KINDS: Final = {
    bool: "true/false",
    int: "numbers",
    float: "numbers",
    str: "text",
    list: "arrays",
    tuple: "arrays",
    dict: "objects",
}
_SIGNED: Final = (-(2**63), 2**63 - 1)
_UNSIGNED: Final = (0, 2**64 - 1)


@dataclass
class _Column:
    """What the values of a column have been so far."""

    kinds: set[type] = field(default_factory=set)
    lowest: int = 0
    highest: int = 0

    def dtype(self) -> pl.DataType:
        if self.kinds == {bool}:
            return pl.Boolean()
        if self.kinds == {int}:
            return pl.Int64() if self.highest <= _SIGNED[1] else pl.UInt64()
        return pl.Float64() if self.kinds and self.kinds <= {int, float} else pl.String()


@dataclass
class RowsTable:
    """Rows that can be gone through again; their shape and types are known, the columns are not yet built.

    `rows` gives the rows from the first on, each time it is called.
    """

    names: list[str]
    n_rows: int
    _rows: Callable[[], Iterable[Row]]
    _columns: dict[str, _Column]
    _limits: TableLimits

    def batches(self, rows_per_batch: int) -> Iterator[pl.DataFrame]:
        """The rows in order, typed as all of them together allow."""
        first_row = 0
        for block in _blocks(self._rows(), rows_per_batch):
            values = _by_column(block, self.names)
            frame = pl.DataFrame(
                [
                    _series(name, values[position], self._columns[name].dtype(), first_row)
                    for position, name in enumerate(self.names)
                ]
            )
            yield finished(frame, self._limits, first_row)
            first_row += len(block)


def open_rows(
    rows: Callable[[], Iterable[Row]], column_names: Sequence[str] | None, limits: TableLimits
) -> RowsTable:
    """Go through the rows once: names, shape and the type of each column.

    Objects may leave keys out (missing values); arrays must be of one length. Arrays take their names from
    `column_names`, or are called x0, x1, …

    Raises:
        BadTable: rows are mixed, ragged, empty or of values no column can hold together; the message names
        the place. TableTooLarge: there are too many rows, columns or cells.
    """
    columns: dict[str, _Column] = {}
    as_objects: bool | None = None
    n_rows = 0
    for block in _blocks(rows(), _SURVEYED):
        if as_objects is None:
            as_objects = isinstance(block[0], Mapping)
            if as_objects and column_names is not None:
                raise BadTable(
                    "Column names are for rows that are arrays; these rows are objects with keys of their "
                    "own."
                )
        if as_objects:
            _note_keys(block, n_rows, columns, limits)
        else:
            names = _array_names(block, n_rows, column_names, columns, limits)
            columns = columns or {name: _Column() for name in names}
        n_rows += len(block)
        limits.check_shape(n_rows, len(columns))
        _note_values(block, n_rows - len(block), columns)
    check_not_empty(n_rows)
    check_names(list(columns), limits)
    return RowsTable(list(columns), n_rows, rows, columns, limits)


def frame_from_rows(
    rows: Sequence[Row], column_names: Sequence[str] | None, limits: TableLimits
) -> pl.DataFrame:
    """The frame of decoded JSON rows, all arrays or all objects.

    Raises:
        BadTable, TableTooLarge: as `open_rows`.
    """
    limits.check_shape(len(rows), 1)
    frame = _frame_of_numbers(rows, column_names, limits)
    if frame is not None:
        return frame
    table = open_rows(lambda: rows, column_names, limits)
    return concatenated(list(table.batches(BATCH_ROWS)))


def _frame_of_numbers(
    rows: Sequence[Row], column_names: Sequence[str] | None, limits: TableLimits
) -> pl.DataFrame | None:
    """The frame of rows that have the same columns, each of finite floats alone or small integers alone.

    None for all other rows, the faulty ones included: then the general way says what is wrong.
    """
    if not rows:
        return None
    first = rows[0]
    values: list[tuple[Any, ...]]
    if isinstance(first, Mapping):
        if column_names is not None or not all(
            isinstance(row, Mapping) and row.keys() == first.keys() for row in rows
        ):
            return None
        names = list(first)
        values = [tuple(row[name] for row in rows) for name in names]  # type: ignore[call-overload]
    else:
        if not all(isinstance(row, list) and len(row) == len(first) for row in rows):
            return None
        names = unnamed_columns(len(first)) if column_names is None else list(column_names)
        values = list(zip(*rows, strict=True))
    if len(names) != len(values) or not names or len(names) > MOST_NUMBERS:
        return None
    columns = [_numbers(name, each) for name, each in zip(names, values, strict=True)]
    if any(column is None for column in columns):
        return None
    limits.check_shape(len(rows), len(names))
    check_names(names, limits)
    return pl.DataFrame(columns)


def _numbers(name: str, values: tuple[Any, ...]) -> pl.Series | None:
    kinds = set(map(type, values))
    if kinds == {float}:
        # A sum is finite only if all of it is; one that overflows is for the general way too.
        return pl.Series(name, np.array(values)) if math.isfinite(sum(values)) else None
    if kinds == {int} and _SIGNED[0] <= min(values) and max(values) <= _SIGNED[1]:
        return pl.Series(name, np.array(values, dtype=np.int64))
    return None


def _blocks(rows: Iterable[Row], size: int) -> Iterator[list[Row]]:
    remaining = iter(rows)
    while block := list(islice(remaining, size)):
        yield block


def _note_keys(block: list[Row], first_row: int, columns: dict[str, _Column], limits: TableLimits) -> None:
    before = len(columns)
    for position, row in enumerate(block, start=first_row):
        if not isinstance(row, Mapping):
            raise _mixed(position, row, "objects")
        for name in row:
            if name not in columns:
                columns[name] = _Column()
        limits.check_columns(len(columns))
    if len(columns) > before:
        check_names(list(columns), limits)


def _array_names(
    block: list[Row],
    first_row: int,
    column_names: Sequence[str] | None,
    columns: dict[str, _Column],
    limits: TableLimits,
) -> list[str]:
    expected = len(columns) or len(block[0])
    for position, row in enumerate(block, start=first_row):
        if not isinstance(row, list | tuple):
            raise _mixed(position, row, "arrays")
        if len(row) != expected:
            raise BadTable(
                f"The array of {at_row(position)} has length {len(row):,}, the first has length "
                f"{expected:,}. Give every row as many values; null stands for a missing one."
            )
    limits.check_columns(expected)
    names = unnamed_columns(expected) if column_names is None else list(column_names)
    if len(names) != expected:
        raise BadTable(
            f"There are {len(names):,} column names for rows of {expected:,} values. Give one name per value."
        )
    check_names(names, limits)
    return names


def _mixed(position: int, row: object, others: str) -> BadTable:
    kind = (
        "an object"
        if isinstance(row, Mapping)
        else "an array"
        if isinstance(row, list | tuple)
        else "a single value"
    )
    return BadTable(
        f"{at_row(position).capitalize()} is {kind}; the rows before it are {others}. Send all rows as "
        "arrays, or all as objects."
    )


def _note_values(block: list[Row], first_row: int, columns: dict[str, _Column]) -> None:
    for (name, column), values in zip(columns.items(), _by_column(block, list(columns)), strict=True):
        before = set(column.kinds)
        column.kinds |= set(map(type, values)) - {type(None)}
        if len(column.kinds) > 1 or not column.kinds <= {bool, int, float, str}:
            _refuse_mixture(name, values, before, first_row)
        if int in column.kinds:
            integers = [value for value in values if type(value) is int]
            column.lowest = min([column.lowest, *integers])
            column.highest = max([column.highest, *integers])
            if not _within(column, _SIGNED) and not _within(column, _UNSIGNED):
                _refuse_wide(name, values, first_row)


def _within(column: _Column, bounds: tuple[int, int]) -> bool:
    return bounds[0] <= column.lowest and column.highest <= bounds[1]


def _refuse_mixture(name: str, values: Sequence[Any], before: set[type], first_row: int) -> None:
    known = next((_KINDS[kind] for kind in before), None)
    for position, value in enumerate(values, start=first_row):
        if value is None:
            continue
        kind = _KINDS.get(type(value), "values of an unusual type")
        if kind not in ("numbers", "text", "true/false"):
            raise BadTable(
                f"Column {quoted(name)} holds {kind} in {at_row(position)}. A value is a number, a text, "
                "true, false or null; spread nested values over columns of their own."
            )
        if known is not None and kind != known:
            raise BadTable(
                f"Column {quoted(name)} mixes {known} and {kind}: {at_row(position)} is the first that "
                "differs. Give all its values one type; null stands for a missing one."
            )
        known = kind


def _refuse_wide(name: str, values: Sequence[Any], first_row: int) -> None:
    low, high = _SIGNED[0], _UNSIGNED[1]
    wide = [type(value) is int and not low <= value <= high for value in values]
    # Each fits 64 bits alone, but no 64-bit type holds the largest beside the negative ones.
    faulty = wide if any(wide) else [type(value) is int and value > _SIGNED[1] for value in values]
    place = at_row(first_row + faulty.index(True)) if any(faulty) else "the rows so far"
    raise BadTable(
        f"Column {quoted(name)} has an integer beyond 64 bits in {place}. Send it as a decimal number or "
        "as text."
    )


def _by_column(block: list[Row], names: list[str]) -> list[Sequence[Any]]:
    if isinstance(block[0], Mapping):
        return [[row.get(name) for row in block] for name in names]  # type: ignore[union-attr]
    return list(zip(*block, strict=True)) if names else []


def _series(name: str, values: Sequence[Any], dtype: pl.DataType, first_row: int) -> pl.Series:
    if dtype == pl.Float64:
        values = [None if value is None else float(value) for value in values]
    try:
        return pl.Series(name, values, dtype=dtype)
    except UnicodeEncodeError:
        raise _lone_surrogate(name, values, first_row) from None


def _lone_surrogate(name: str, values: Sequence[Any], first_row: int) -> BadTable:
    for position, value in enumerate(values, start=first_row):
        if isinstance(value, str) and any("\ud800" <= character <= "\udfff" for character in value):
            return BadTable(
                f"Column {quoted(name)} holds half of a surrogate pair in {at_row(position)}, which is no "
                "text. Remove it."
            )
    return BadTable(f"Column {quoted(name)} holds text that is not Unicode. Remove it.")
