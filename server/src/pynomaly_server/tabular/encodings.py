"""How a column of each type becomes numbers; learnt from training rows, applied row by row.

Each encoding turns a column into one or more columns of finite numbers, says what is expected of the column
in the caller's terms and in numbers, and tells a value in the caller's terms.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final, Self

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

Value = str | float | bool | int | None

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_SECONDS: Final = 86_400.0
_MICROSECONDS: Final = 1e6


@dataclass(frozen=True)
class Encoding(ABC):
    """What has been learnt of one column; `learnt` learns it.

    `expected` is the usual value in the caller's terms (the median, or the most frequent) and
    `expected_codes` the same in numbers, one per encoded column; `stand_in` says what missing values are
    taken as, None where missing is a value of its own.
    """

    expected: Value
    expected_codes: tuple[float, ...]
    stand_in: str | None

    @classmethod
    @abstractmethod
    def learnt(cls, column: pl.Series) -> Self:
        """The encoding of a column in the form of the type, with at least one value."""

    @property
    def width(self) -> int:
        """How many columns the column becomes."""
        return len(self.expected_codes)

    @abstractmethod
    def codes(self, column: pl.Series) -> NDArray[np.float64]:
        """The column in finite numbers, float64 [n, width]."""

    def value(self, cell: object) -> Value:
        """A cell in the caller's terms: a number, text, a truth, a time as ISO 8601 text, or None."""
        return as_cell(cell)


@dataclass(frozen=True)
class NumericEncoding(Encoding):
    """The number itself, the training median where it is missing."""

    @classmethod
    def learnt(cls, column: pl.Series) -> Self:
        """Take the median."""
        # Halves cannot overflow, which the mean of two middle values can.
        return cls._of(float(2 * np.median(column.drop_nulls().to_numpy() / 2)))

    @classmethod
    def of_columns(cls, matrix: NDArray[np.float64]) -> list[Self]:
        """As `learnt` of each column of finite numbers, float64 [n, d], n >= 1."""
        return [cls._of(median) for median in (2 * np.median(matrix / 2, axis=0)).tolist()]

    @classmethod
    def _of(cls, median: float) -> Self:
        return cls(median, (median,), f"the median, {median:g}")

    def codes(self, column: pl.Series) -> NDArray[np.float64]:
        """The numbers, float64 [n, 1]."""
        if column.null_count():
            column = column.fill_null(self.expected_codes[0])
        return column.to_numpy().reshape(-1, 1)


@dataclass(frozen=True)
class CategoricalEncoding(Encoding):
    """How rare the category is: -log((count + 1) / (n + k + 1)) for k categories among n training rows.

    One column however many categories there are. A category that training never saw has count 0, and so is
    rarer than any other; a missing value is a category of its own.
    """

    _rarity: dict[str, float]
    _unseen: float
    _absent: float

    @classmethod
    def learnt(cls, column: pl.Series) -> Self:
        """Count the categories."""
        counts = column.alias("category").value_counts(name="times")
        counts = counts.sort("times", "category", descending=[True, False], nulls_last=True)
        total = column.len() + counts.height + 1
        rarity = {category: -math.log((times + 1) / total) for category, times in counts.iter_rows()}
        expected = next(iter(rarity))
        codes = (rarity[expected],)
        unseen = -math.log(1 / total)
        absent = rarity.pop(None, unseen)
        return cls(expected, codes, None, rarity, unseen, absent)

    def unseen(self, column: pl.Series) -> int:
        """How many values are of a category that training never saw; missing ones are none."""
        known = pl.Series(list(self._rarity), dtype=pl.String)
        return int((~column.is_in(known.implode()) & column.is_not_null()).sum())

    def codes(self, column: pl.Series) -> NDArray[np.float64]:
        """Rarities, float64 [n, 1]."""
        known, rarity = list(self._rarity), list(self._rarity.values())
        codes = column.replace_strict(known, rarity, default=self._unseen, return_dtype=pl.Float64).to_numpy()
        return np.where(column.is_null().to_numpy(), self._absent, codes).reshape(-1, 1)


@dataclass(frozen=True)
class BooleanEncoding(Encoding):
    """0 for false, 1 for true, the more frequent where it is missing.

    Not rarity as for categories: a column of two values is the same to a detector under any two codes,
    except that two equally frequent values would share one rarity and be lost.
    """

    _usual: bool

    @classmethod
    def learnt(cls, column: pl.Series) -> Self:
        """Take the more frequent value."""
        usual = bool(column.drop_nulls().mean() > 0.5)  # type: ignore[operator]
        stand_in = f"the more frequent value, {'true' if usual else 'false'}"
        return cls(usual, (float(usual),), stand_in, usual)

    def codes(self, column: pl.Series) -> NDArray[np.float64]:
        """Zeros and ones, float64 [n, 1]."""
        return column.fill_null(self._usual).cast(pl.Float64).to_numpy().reshape(-1, 1)


@dataclass(frozen=True)
class DatetimeEncoding(Encoding):
    """Seconds since 1970 and, where times of day vary, the hour as a point on the circle of the day.

    On the circle 23:59 and 00:01 are neighbours. Missing times are the training median.
    """

    _with_hours: bool
    _dates_only: bool

    @classmethod
    def learnt(cls, column: pl.Series) -> Self:
        """Take the median, and whether times of day vary."""
        seconds = _seconds(column.drop_nulls())
        times_of_day = np.unique(seconds % _DAY_SECONDS)
        with_hours, dates_only = times_of_day.size > 1, times_of_day.tolist() == [0.0]
        usual = tuple(np.median(_numbers(seconds, with_hours=with_hours), axis=0).tolist())
        expected = _told(_EPOCH + timedelta(seconds=round(usual[0])), date_alone=dates_only)
        return cls(expected, usual, f"the median, {expected}", with_hours, dates_only)

    def codes(self, column: pl.Series) -> NDArray[np.float64]:
        """Seconds, and sine and cosine of the hour where times of day vary: float64 [n, 1 or 3]."""
        present = column.is_not_null().to_numpy()
        codes = np.tile(np.array(self.expected_codes), (column.len(), 1))
        codes[present] = _numbers(_seconds(column.drop_nulls()), with_hours=self._with_hours)
        return codes

    def value(self, cell: object) -> Value:
        """The time as ISO 8601 text; the date alone where training knew no times of day."""
        return _told(cell, date_alone=self._dates_only)


def as_cell(value: object) -> Value:
    """A value of a plain column as JSON can say it: times as ISO 8601 text, in UTC."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat() + "Z"
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, str | float | bool | int) else str(value)


def _told(cell: object, *, date_alone: bool) -> Value:
    return as_cell(cell.date() if isinstance(cell, datetime) and date_alone else cell)


def _numbers(seconds: NDArray[np.float64], *, with_hours: bool) -> NDArray[np.float64]:
    if not with_hours:
        return seconds.reshape(-1, 1)
    angle = 2 * np.pi * (seconds % _DAY_SECONDS) / _DAY_SECONDS
    return np.column_stack([seconds, np.sin(angle), np.cos(angle)])


def _seconds(times: pl.Series) -> NDArray[np.float64]:
    microseconds = times.cast(pl.Datetime("us")).cast(pl.Int64).to_numpy()
    seconds: NDArray[np.float64] = microseconds / _MICROSECONDS
    return seconds
