"""What every frame must satisfy whatever it was read from: names, plain types, finite numbers, clean text."""

from __future__ import annotations

import unicodedata
from collections import Counter
from typing import TYPE_CHECKING, Protocol

import numpy as np
import polars as pl

from pynomaly_server.tabular.errors import BadTable, TableTooLarge, at_row, quoted

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from pynomaly_server.tabular.limits import TableLimits
from pynomaly_server.tabular.timestamps import check_calendar

MAX_NAME_LENGTH = 256

# Rows that are built at a time where the caller wants them all.
BATCH_ROWS = 50_000

# Control characters, surrogates, line and paragraph separators.
_CONTROL = frozenset({"Cc", "Cs", "Zl", "Zp"})


class Table(Protocol):
    """A table open for reading: its names and rows are known and within limits, its values not yet read."""

    names: list[str]
    n_rows: int

    def batches(self, rows_per_batch: int) -> Iterator[pl.DataFrame]:
        """The rows in order, in frames of `rows_per_batch` (the last may be shorter), all of one schema."""


def unnamed_columns(count: int) -> list[str]:
    """Names for columns that have none: x0, x1, …"""
    return [f"x{position}" for position in range(count)]


def is_unnamed(name: str) -> bool:
    """Whether a name is one of `unnamed_columns`."""
    return name[:1] == "x" and name[1:].isdecimal()


def check_names(names: Sequence[str], limits: TableLimits) -> None:
    """Refuse none, too many, blank, overlong, repeated names and names with control characters.

    Raises:
        TableTooLarge: there are too many columns.
        BadTable: a name cannot be used; the message says which.
    """
    if not names:
        raise BadTable("The table has no columns. Send at least one value per row.")
    limits.check_columns(len(names))
    for position, name in enumerate(names, start=1):
        if not name.strip():
            raise BadTable(f"Column {position} has no name. Name it, or leave the column out.")
        if len(name) > MAX_NAME_LENGTH:
            raise BadTable(
                f"The name of column {position} has {len(name):,} characters; at most {MAX_NAME_LENGTH} "
                "are taken. Is the first line the header?"
            )
        if any(unicodedata.category(character) in _CONTROL for character in name):
            raise BadTable(
                f"The name of column {position}, {quoted(name)}, holds a control character. Rename it."
            )
    name, times = Counter(names).most_common(1)[0]
    if times > 1:
        raise BadTable(
            f"The column name {quoted(name)} appears {times} times. Give each column a name of its own."
        )


def check_not_empty(rows: int) -> None:
    """Refuse a table without rows."""
    if rows == 0:
        raise BadTable("The table has no rows of data. Send at least one row.")


def finished(frame: pl.DataFrame, limits: TableLimits, first_row: int = 0) -> pl.DataFrame:
    """The frame in plain types, its values checked; NaN becomes missing.

    `first_row` is the position of its first row in the table.
    Plain types are Boolean, Int64, UInt64, Float64, String, Date and Datetime (UTC, microseconds).

    Raises:
        BadTable: a value is infinite, holds NUL, or its column's type has no place in a table.
        TableTooLarge: a text is over the limit.
    """
    return pl.DataFrame([_finished(column, limits, first_row) for column in frame.iter_columns()])


def concatenated(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """One frame of all rows."""
    return frames[0] if len(frames) == 1 else pl.concat(frames, rechunk=True)


def rebatched(frames: Iterable[pl.DataFrame], rows_per_batch: int) -> Iterator[pl.DataFrame]:
    """The same rows in frames of exactly `rows_per_batch`, but for the last."""
    waiting: list[pl.DataFrame] = []
    height = 0
    for frame in frames:
        waiting.append(frame)
        height += frame.height
        if height < rows_per_batch:
            continue
        joined = concatenated(waiting)
        whole = height - height % rows_per_batch
        for start in range(0, whole, rows_per_batch):
            yield joined.slice(start, rows_per_batch)
        waiting = [joined.slice(whole)] if whole < height else []
        height -= whole
    if waiting:
        yield concatenated(waiting)


def _finished(column: pl.Series, limits: TableLimits, first_row: int) -> pl.Series:
    if isinstance(column.dtype, pl.Date | pl.Datetime):
        # Before anything is computed from them.
        check_calendar(column, first_row)
    plain = _plain(column)
    if plain.dtype == pl.Float64:
        # Nothing to do is the rule, and NumPy sees it at once: one row costs no expression per column.
        if not plain.null_count() and np.isfinite(plain.to_numpy()).all():
            return plain
        plain = plain.fill_nan(None)
        _refuse_first(plain.is_infinite(), plain.name, first_row, "is infinite", "Leave the value empty")
    elif plain.dtype == pl.String:
        _check_text(plain, limits, first_row)
    return plain


def _plain(column: pl.Series) -> pl.Series:
    dtype = column.dtype
    if dtype in (pl.Boolean, pl.Int64, pl.UInt64, pl.Float64, pl.String, pl.Date):
        return column
    if dtype == pl.Null:
        return column.cast(pl.String)
    if dtype.is_integer() and dtype not in (pl.Int128, pl.UInt128):
        return column.cast(pl.Int64)
    if dtype.is_float() or dtype.is_decimal():
        return column.cast(pl.Float64)
    if dtype in (pl.Categorical, pl.Enum):
        return column.cast(pl.String)
    if isinstance(dtype, pl.Datetime):
        zoned = (
            column
            if dtype.time_zone is None
            else column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
        )
        return zoned.cast(pl.Datetime("us"))
    if dtype == pl.Duration:
        return column.dt.total_microseconds().cast(pl.Float64) / 1e6
    if dtype == pl.Time:
        return column.cast(pl.Int64).cast(pl.Float64) / 1e9
    raise BadTable(
        f"Column {quoted(column.name)} holds {_kind(dtype)}, which no detector can read. Leave it out, or "
        "turn it into numbers, text, true/false or times."
    )


def _kind(dtype: pl.DataType) -> str:
    if dtype.is_nested():
        return "lists or nested objects"
    return "bytes" if dtype == pl.Binary else "values of an unusual type"


def _check_text(column: pl.Series, limits: TableLimits, first_row: int) -> None:
    lengths = column.str.len_bytes()
    longest = lengths.max()
    if isinstance(longest, int) and longest > limits.max_field_bytes:
        where = f"Column {quoted(column.name)}, {at_row(first_row + (lengths.arg_max() or 0))},"
        raise TableTooLarge("bytes in one value", longest, limits.max_field_bytes, where)
    # Encodings that share one long text between many rows cost nothing until the text is looked at.
    limits.check_expanded(int(lengths.sum()))
    _refuse_first(
        column.str.contains("\0", literal=True), column.name, first_row, "holds a NUL character", "Remove it"
    )


def _refuse_first(faulty: pl.Series, name: str, first_row: int, fault: str, remedy: str) -> None:
    if faulty.any():
        position = first_row + (faulty.fill_null(value=False).arg_max() or 0)
        raise BadTable(
            f"Column {quoted(name)} {fault} in {at_row(position)}. {remedy}, or leave the row out."
        )
