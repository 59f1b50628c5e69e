"""How a column of each type becomes numbers; learnt from training rows, applied row by row.

Each encoding turns a column into one or more columns of finite numbers, says what is expected of the column
in the caller's terms and in numbers, and tells a value in the caller's terms.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from numpy.typing import NDArray

Value = str | float | bool | int | None

_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_DAY_SECONDS: Final = 86_400.0
_MICROSECONDS: Final = 1e6


class Encoding(ABC):
    """What has been learnt of one column.

    `expected` is the usual value in the caller's terms (the median, or the most frequent) and
    `expected_codes` the same in numbers, one per encoded column; `stand_in` says what missing values are
    taken as, None where missing is a value of its own.
    """

    expected: Value
    expected_codes: list[float]
    stand_in: str | None = None

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


class NumericEncoding(Encoding):
    """The number itself, the training median where it is missing."""

    def __init__(self, column: pl.Series) -> None:
        # Halves cannot overflow, which the mean of two middle values can.
        self._median = float(2 * np.median(column.drop_nulls().to_numpy() / 2))
        self.expected = self._median
        self.expected_codes = [self._median]
        self.stand_in = f"the median, {self._median:g}"

    def codes(self, column: pl.Series) -> NDArray[np.float64]:
        """The numbers, float64 [n, 1]."""
        return column.fill_null(self._median).to_numpy().reshape(-1, 1)


class CategoricalEncoding(Encoding):
    """How rare the category is: -log((count + 1) / (n + k + 1)) for k categories among n training rows.

    One column however many categories there are. A category that training never saw has count 0, and so is
    rarer than any other; a missing value is a category of its own.
    """

    def __init__(self, column: pl.Series) -> None:
        counts = column.alias("category").value_counts(name="times")
        counts = counts.sort("times", "category", descending=[True, False], nulls_last=True)
        total = column.len() + counts.height + 1
        rarity = {category: -math.log((times + 1) / total) for category, times in counts.iter_rows()}
        self.expected = next(iter(rarity))
        self.expected_codes = [rarity[self.expected]]
        self._unseen = -math.log(1 / total)
        self._absent = rarity.pop(None, self._unseen)
        self._rarity: dict[str, float] = rarity

    def codes(self, column: pl.Series) -> NDArray[np.float64]:
        """Rarities, float64 [n, 1]."""
        known, rarity = list(self._rarity), list(self._rarity.values())
        codes = column.replace_strict(known, rarity, default=self._unseen, return_dtype=pl.Float64).to_numpy()
        return np.where(column.is_null().to_numpy(), self._absent, codes).reshape(-1, 1)


class BooleanEncoding(Encoding):
    """0 for false, 1 for true, the more frequent where it is missing.

    Not rarity as for categories: a column of two values is the same to a detector under any two codes,
    except that two equally frequent values would share one rarity and be lost.
    """

    def __init__(self, column: pl.Series) -> None:
        self._usual = bool(column.drop_nulls().mean() > 0.5)  # type: ignore[operator]
        self.expected = self._usual
        self.expected_codes = [float(self._usual)]
        self.stand_in = f"the more frequent value, {'true' if self._usual else 'false'}"

    def codes(self, column: pl.Series) -> NDArray[np.float64]:
        """Zeros and ones, float64 [n, 1]."""
        return column.fill_null(self._usual).cast(pl.Float64).to_numpy().reshape(-1, 1)


class DatetimeEncoding(Encoding):
    """Seconds since 1970 and, where times of day vary, the hour as a point on the circle of the day.

    On the circle 23:59 and 00:01 are neighbours. Missing times are the training median.
    """

    def __init__(self, column: pl.Series) -> None:
        seconds = _seconds(column.drop_nulls())
        times_of_day = np.unique(seconds % _DAY_SECONDS)
        self._with_hours = times_of_day.size > 1
        self._dates_only = times_of_day.tolist() == [0.0]
        self._usual = np.median(self._numbers(seconds), axis=0)
        self.expected_codes = self._usual.tolist()
        self.expected = self.value(_EPOCH + timedelta(seconds=round(self.expected_codes[0])))
        self.stand_in = f"the median, {self.expected}"

    def codes(self, column: pl.Series) -> NDArray[np.float64]:
        """Seconds, and sine and cosine of the hour where times of day vary: float64 [n, 1 or 3]."""
        present = column.is_not_null().to_numpy()
        codes = np.tile(self._usual, (column.len(), 1))
        codes[present] = self._numbers(_seconds(column.drop_nulls()))
        return codes

    def value(self, cell: object) -> Value:
        """The time as ISO 8601 text; the date alone where training knew no times of day."""
        return as_cell(cell.date() if isinstance(cell, datetime) and self._dates_only else cell)

    def _numbers(self, seconds: NDArray[np.float64]) -> NDArray[np.float64]:
        if not self._with_hours:
            return seconds.reshape(-1, 1)
        angle = 2 * np.pi * (seconds % _DAY_SECONDS) / _DAY_SECONDS
        return np.column_stack([seconds, np.sin(angle), np.cos(angle)])


def as_cell(value: object) -> Value:
    """A value of a plain column as JSON can say it: times as ISO 8601 text, in UTC."""
    if isinstance(value, datetime):
        return value.replace(tzinfo=None).isoformat() + "Z"
    if isinstance(value, date):
        return value.isoformat()
    return value if value is None or isinstance(value, str | float | bool | int) else str(value)


def _seconds(times: pl.Series) -> NDArray[np.float64]:
    microseconds = times.cast(pl.Datetime("us")).cast(pl.Int64).to_numpy()
    seconds: NDArray[np.float64] = microseconds / _MICROSECONDS
    return seconds
