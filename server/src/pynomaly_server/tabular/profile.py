"""What a table holds: types, gaps, distinct and frequent values, the shape of its numbers, repeated rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from pynomaly_server.tabular.column_types import ColumnType, count_prose, type_by
from pynomaly_server.tabular.columns import TableWarning
from pynomaly_server.tabular.encodings import as_cell
from pynomaly_server.tabular.errors import BadTable, quoted
from pynomaly_server.tabular.frames import BATCH_ROWS
from pynomaly_server.tabular.reading import open_table
from pynomaly_server.tabular.sketches import (
    DistinctCount,
    FrequentTexts,
    Moments,
    RowSample,
    binned,
    equal_bins,
    hashes,
    quartiles,
    row_hashes,
)
from pynomaly_server.tabular.timestamps import parsed_times
from pynomaly_server.tabular.written_numbers import WrittenNumbers

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from numpy.typing import NDArray

    from pynomaly_server.tabular.encodings import Value
    from pynomaly_server.tabular.limits import TableLimits

HISTOGRAM_BINS: Final = 20
TOP_VALUES: Final = 10
TEXTS: Final = ("categorical", "text")
_BATCH_CELLS: Final = 2_000_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """How much is remembered over all columns together, and per column at most and at least."""

    cells: int = 5_000_000
    most: int = 100_000
    least: int = 4_096
    texts: int = 1_000

    def per_column(self, columns: int) -> int:
        """Values that are remembered of one column among so many."""
        return max(min(self.cells // columns, self.most), self.least)


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts of values between neighbouring edges; each bin has its lower edge, the last both."""

    edges: list[float]
    counts: list[int]


@dataclass(frozen=True, slots=True)
class NumericProfile:
    """The shape of a column's numbers; `std` has n - 1 below the line."""

    min: float
    max: float
    mean: float | None
    std: float | None
    q1: float
    median: float
    q3: float
    quartiles_approximate: bool
    zeros: int
    histogram: Histogram


@dataclass(frozen=True, slots=True)
class DatetimeProfile:
    """The first and the last time, as ISO 8601 text in UTC."""

    min: str
    max: str


@dataclass(frozen=True, slots=True)
class ValueCount:
    """A value and how often it is there."""

    value: Value
    count: int


@dataclass(frozen=True, slots=True)
class ColumnProfile:
    """What one column holds; see the contract's schema of the same name."""

    name: str
    type: ColumnType
    missing: int
    missing_share: float
    distinct: int
    distinct_approximate: bool
    constant: bool
    identifier: bool
    numeric: NumericProfile | None
    datetime: DatetimeProfile | None
    top_values: list[ValueCount] | None


@dataclass(frozen=True, slots=True)
class DuplicateRows:
    """Rows that are equal to an earlier one."""

    count: int
    share: float
    approximate: bool


@dataclass(frozen=True, slots=True)
class TableProfile:
    """What a table holds."""

    n_rows: int
    n_columns: int
    columns: list[ColumnProfile]
    duplicate_rows: DuplicateRows
    warnings: list[TableWarning]


def profile_table(
    path: Path, media_type: str, limits: TableLimits, bounds: Bounds | None = None
) -> TableProfile:
    """Read a table once or twice, in batches, and say what it holds.

    Memory is bounded by the batch and by `bounds`, not by the table; what is estimated for it says so.

    Raises:
        BadTable, TableTooLarge, ValueError: as `iter_batches`.
    """
    bounds = bounds or Bounds()
    table = open_table(path, media_type, limits)
    rows_per_batch = max(min(_BATCH_CELLS // len(table.names), BATCH_ROWS), 1)
    size = bounds.per_column(len(table.names))
    distinct_rows = DistinctCount(bounds.most)
    columns: list[_Column] = []
    numeric: list[_Column] = []
    sample: RowSample | None = None
    n_rows = 0
    for batch in table.batches(rows_per_batch):
        if not columns:
            columns = [_Column(name, dtype, size, bounds.texts) for name, dtype in batch.schema.items()]
            numeric = [column for column in columns if column.dtype.is_numeric()]
            sample = RowSample(size, len(numeric)) if numeric else None
        bits = [hashes(batch[column.name]) for column in columns]
        for column, of_column in zip(columns, bits, strict=True):
            column.add(batch[column.name], of_column, n_rows)
        distinct_rows.add(row_hashes(bits))
        if sample is not None:
            sample.add(batch.select(pl.col(each.name).cast(pl.Float64) for each in numeric).to_numpy())
        n_rows += batch.height
    for position, column in enumerate(numeric):
        assert sample is not None
        column.see_sample(sample.column(position), whole=sample.exact)
    again = [column for column in columns if column.begins_again()]
    for batch in open_table(path, media_type, limits).batches(rows_per_batch) if again else ():
        for column in again:
            column.add_again(batch[column.name])
    repeated = n_rows - distinct_rows.count(n_rows)
    return TableProfile(
        n_rows,
        len(columns),
        [column.profile(n_rows) for column in columns],
        DuplicateRows(repeated, repeated / n_rows, not distinct_rows.exact),
        [warning for column in columns for warning in column.warnings()],
    )


class _Times:
    """The extremes of a column of times, and whether a column of text is one."""

    def __init__(self) -> None:
        self.fault: str | None = None
        self._are_times = True
        self._first: datetime | None = None
        self._last: datetime | None = None
        self._days = True

    @property
    def are_all(self) -> bool:
        """Whether there are values and each is a time."""
        return self._are_times and (self._first is not None or self.fault is not None)

    def add_text(self, column: pl.Series, first_row: int) -> None:
        """Take in texts, which may be times."""
        if not self._are_times or column.null_count() == column.len():
            return
        try:
            times = parsed_times(column, first_row)
        except BadTable as far_away:
            self.fault = self.fault or str(far_away)
            return
        if times is None:
            self._are_times = False
        else:
            self.add(times.drop_nulls())

    def add(self, times: pl.Series) -> None:
        """Take in times, none of them missing."""
        if times.is_empty():
            return
        self._days = self._days and times.dtype == pl.Date
        ends = times.cast(pl.Datetime("us")).gather([times.arg_min() or 0, times.arg_max() or 0])
        first, last = ends[0], ends[1]
        self._first = first if self._first is None else min(self._first, first)
        self._last = last if self._last is None else max(self._last, last)

    def profile(self) -> DatetimeProfile | None:
        """The first and the last, as days where none has a time of day."""
        if self._first is None or self._last is None:
            return None
        return DatetimeProfile(self._told(self._first), self._told(self._last))

    def _told(self, moment: datetime) -> str:
        return str(as_cell(moment.date() if self._days else moment))


@dataclass
class _Column:
    """What is learnt of one column while its table goes by."""

    name: str
    dtype: pl.DataType
    size: int
    texts: int
    present: int = 0
    missing: int = 0
    prose: int = 0
    distinct: DistinctCount = field(init=False)
    frequent: FrequentTexts = field(init=False)
    moments: Moments = field(default_factory=Moments)
    times: _Times = field(default_factory=_Times)
    written: WrittenNumbers = field(default_factory=WrittenNumbers)
    quartiles: tuple[float, float, float] = (0.0, 0.0, 0.0)
    sampled: bool = False
    edges: NDArray[np.float64] | None = None
    counts: NDArray[np.int64] | None = None
    _recounting: bool = False

    def __post_init__(self) -> None:
        self.distinct = DistinctCount(self.size)
        self.frequent = FrequentTexts(self.texts)

    def add(self, column: pl.Series, bits: NDArray[np.uint64], first_row: int) -> None:
        """Take in a batch; `bits` are the hashes of its values."""
        present = column.drop_nulls()
        self.missing += column.len() - present.len()
        self.present += present.len()
        self.distinct.add(bits if present.len() == column.len() else bits[column.is_not_null().to_numpy()])
        if self.dtype.is_numeric():
            self.moments.add(present.cast(pl.Float64).to_numpy())
        elif self.dtype == pl.String:
            self.times.add_text(column, first_row)
            self.written.add(present)
            self.prose += count_prose(present)
            self.frequent.add(present)
        elif self.dtype == pl.Boolean:
            self.frequent.add(present.cast(pl.String))
        else:
            self.times.add(present)

    def see_sample(self, values: NDArray[np.float64], *, whole: bool) -> None:
        """Take in some of the column's numbers, or the whole of them."""
        if self.moments.count == 0:
            return
        self.sampled = not whole
        self.edges = equal_bins(self.moments.min, self.moments.max, HISTOGRAM_BINS)
        self.counts = binned(values, self.edges) if whole else np.zeros(max(self.edges.size - 1, 1), np.int64)
        # A sample of a column with hardly any values may hold none of them.
        known = values if values.size else np.array([self.moments.min, self.moments.max])
        self.quartiles = quartiles(known)

    def begins_again(self) -> bool:
        """Whether exact counts need another look at every value; makes ready for it."""
        if not self.frequent.exact and self.type in TEXTS:
            self._recounting = True
            self.frequent.start_recount()
        return self._recounting or (self.sampled and self.edges is not None)

    def add_again(self, column: pl.Series) -> None:
        """Take in a batch of the second reading."""
        present = column.drop_nulls()
        if self._recounting:
            self.frequent.recount(present)
        elif self.edges is not None and self.counts is not None:
            self.counts += binned(present.cast(pl.Float64).to_numpy(), self.edges)

    @property
    def type(self) -> ColumnType:
        """The type that detection would guess."""
        return type_by(
            self.name,
            self.dtype,
            self.present,
            is_times=lambda: self.times.are_all,
            distinct=lambda: self.distinct.count(self.present),
            prose=lambda: self.prose,
        )

    def profile(self, n_rows: int) -> ColumnProfile:
        """What was learnt."""
        kind = self.type
        distinct = self.distinct.count(self.present)
        return ColumnProfile(
            name=self.name,
            type=kind,
            missing=self.missing,
            missing_share=self.missing / n_rows,
            distinct=distinct,
            distinct_approximate=not self.distinct.exact,
            constant=distinct == 1,
            identifier=kind == "identifier",
            numeric=self._numeric() if kind == "numeric" else None,
            datetime=self.times.profile() if kind == "datetime" else None,
            top_values=self._top_values() if kind in (*TEXTS, "boolean") else None,
        )

    def warnings(self) -> list[TableWarning]:
        """What the owner of the column should know."""
        found = []
        if self.present == 0:
            found.append(("empty-column", f"Column {quoted(self.name)} has no values."))
        elif self.distinct.count(self.present) == 1:
            found.append(("constant-column", f"Column {quoted(self.name)} has one value alone."))
        if self.dtype == pl.String:
            if (detail := self.written.said(self.name, self.type)) is not None:
                found.append(("numbers-as-text", detail))
            if self.times.are_all and self.times.fault is not None:
                found.append(("date-out-of-range", self.times.fault))
        return [TableWarning(code, detail, self.name) for code, detail in found]

    def _numeric(self) -> NumericProfile | None:
        if self.edges is None or self.counts is None:
            return None
        moments = self.moments
        return NumericProfile(
            moments.min,
            moments.max,
            moments.mean,
            moments.std,
            *self.quartiles,
            quartiles_approximate=self.sampled,
            zeros=moments.zeros,
            histogram=Histogram(self.edges.tolist(), self.counts.tolist()),
        )

    def _top_values(self) -> list[ValueCount]:
        truths = self.dtype == pl.Boolean
        return [
            ValueCount(text == "true" if truths else text, count)
            for text, count in self.frequent.top(TOP_VALUES)
        ]
