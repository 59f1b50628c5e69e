"""The order of a table's rows in time: read from its timestamp column, series by series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from pynomaly_server.tabular.column_types import known_columns
from pynomaly_server.tabular.columns import TableWarning
from pynomaly_server.tabular.errors import BadOption, BadTable, at_row, quoted
from pynomaly_server.tabular.timestamps import check_calendar, parsed_times

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Steps within a tenth of the usual one are the jitter of clocks.
_JITTER: Final = 0.1


@dataclass(frozen=True, slots=True)
class Timeline:
    """Where the rows of a table stand in time.

    `series`: for each series the positions of its rows in the table, in the order of time, int64 [n_i]; the
    series in the order of their names, so that it does not matter where in the table they stand. `warnings`
    say what is irregular about the times.
    """

    series: list[NDArray[np.int64]]
    warnings: list[TableWarning]

    @property
    def order(self) -> NDArray[np.int64]:
        """Positions of all rows, one series after the other, int64 [n]."""
        return np.concatenate(self.series)


def timeline(frame: pl.DataFrame, timestamp_column: str | None, series_column: str | None) -> Timeline:
    """Order the rows of a frame of plain types by time within each series; equal times keep their order.

    Raises:
        BadOption: a column is not there, or both are the same.
        BadTable: a row has no time or no series, or a time that cannot be read.
    """
    for name, pointer in ((timestamp_column, "/timestamp_column"), (series_column, "/series_column")):
        if name is not None and name not in frame.columns:
            raise BadOption(f"There is no column {quoted(name)}.{known_columns(frame.columns)}", pointer)
    if timestamp_column is not None and timestamp_column == series_column:
        raise BadOption(
            f"Column {quoted(timestamp_column)} cannot be both the time and the series of a row. Name two "
            "columns, or leave `series_column` out.",
            "/series_column",
        )
    labels = _labels(frame, series_column)
    if timestamp_column is None:
        warning = TableWarning(
            "order-assumed",
            "No `timestamp_column` was given: the rows are taken to be in the order of time, evenly spaced.",
        )
        return Timeline(_members(np.argsort(labels, kind="stable"), labels), [warning])
    times = _numbers(frame[timestamp_column])
    series = _members(np.lexsort((times, labels)), labels)
    return Timeline(series, _irregularities([times[rows] for rows in series], timestamp_column))


def _members(order: NDArray[np.int64], labels: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    return np.split(order, np.flatnonzero(np.diff(labels[order])) + 1)


def _labels(frame: pl.DataFrame, series_column: str | None) -> NDArray[np.int64]:
    """The number of each row's series, in the order of their names, int64 [n]."""
    if series_column is None:
        return np.zeros(frame.height, dtype=np.int64)
    column = frame[series_column]
    _refuse_gap(column, "which series it belongs to")
    text = column.cast(pl.String)
    names = text.unique().sort().to_list()
    return text.replace_strict(names, list(range(len(names))), return_dtype=pl.Int64).to_numpy()


def _numbers(column: pl.Series) -> NDArray[np.float64] | NDArray[np.int64]:
    """Times as numbers that order as the times do: microseconds since 1970, or the numbers that they are."""
    _refuse_gap(column, "when it was measured")
    if column.dtype.is_numeric():
        return column.to_numpy()
    times = column if column.dtype.is_temporal() else None
    if times is not None:
        check_calendar(times)
    elif column.dtype == pl.String:
        times = parsed_times(column)
    if times is None:
        at = _first_unreadable(column)
        raise BadTable(
            f"Column {quoted(column.name)} holds {quoted(str(column[at]))} in {at_row(at)}, which is no "
            "time. Write times as 2024-05-01T12:00:00Z or as numbers."
        )
    return times.cast(pl.Datetime("us")).cast(pl.Int64).to_numpy()


def _refuse_gap(column: pl.Series, what: str) -> None:
    if column.null_count():
        at = column.is_null().arg_max() or 0
        raise BadTable(
            f"Column {quoted(column.name)} is empty in {at_row(at)}: every row must say {what}. Fill it in, "
            "or leave the row out."
        )


def _first_unreadable(column: pl.Series) -> int:
    """Position of the first value that is no time: one half of the rows after the other is looked at."""
    if column.dtype != pl.String:
        return 0
    low, high = 0, column.len() - 1
    while low < high:
        middle = (low + high) // 2
        if parsed_times(column[low : middle + 1]) is None:
            high = middle
        else:
            low = middle + 1
    return low


def _irregularities(
    series: list[NDArray[np.float64] | NDArray[np.int64]], timestamp_column: str
) -> list[TableWarning]:
    steps = [np.diff(times.astype(np.float64)) for times in series]
    repeated = sum(int((each == 0).sum()) for each in steps)
    uneven = sum(_uneven(each[each > 0]) for each in steps)
    total = sum(each.size for each in steps)
    warnings = []
    if repeated:
        rows = "row has" if repeated == 1 else "rows have"
        warnings.append(
            TableWarning(
                "duplicate-timestamps",
                f"{repeated:,} {rows} the time of the row before; all are kept, in the order they came.",
                timestamp_column,
            )
        )
    if uneven:
        warnings.append(
            TableWarning(
                "irregular-spacing",
                f"{uneven:,} of {total:,} steps between rows differ from the usual step by more than a "
                "tenth. Rows are taken as evenly spaced; fill gaps beforehand where that matters.",
                timestamp_column,
            )
        )
    return warnings


def _uneven(steps: NDArray[np.float64]) -> int:
    if steps.size == 0:
        return 0
    usual = float(np.median(steps))
    return int((np.abs(steps - usual) > _JITTER * usual).sum())
