"""What is kept of columns too long to be kept whole, in memory that does not grow with the rows.

Each takes the table batch by batch. Small tables are known exactly; where a bound is passed, `exact` is False
and the figure is an estimate of known error.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

SHOWN_CHARACTERS: Final = 200
_MISSING: Final = np.uint64(0x9E3779B97F4A7C15)
_HASH_RANGE: Final = 2.0**64
_EXTREME: Final = 1e300
_SLACK: Final = 1.25


def hashes(column: pl.Series) -> NDArray[np.uint64]:
    """64 bits for each value of a column in plain types, the same for equal values; uint64 [n].

    Numbers, times and truths have different bits where they differ; two texts share theirs with a probability
    of 2^-64.
    """
    if column.dtype == pl.String:
        bits = column.hash(seed=0).to_numpy()
    elif column.dtype == pl.Float64:
        # In NumPy, since polars leaves out the addition that makes -0.0 the same as 0.0.
        bits = (column.fill_null(0.0).to_numpy() + 0.0).view(np.uint64)
    else:
        kind = pl.UInt64 if column.dtype == pl.UInt64 else pl.Int64
        bits = column.to_physical().cast(kind).fill_null(0).to_numpy().view(np.uint64)
    mixed = _mixed(bits)
    missing = column.is_null().to_numpy()
    return np.where(missing, _MISSING, mixed) if missing.any() else mixed


def row_hashes(columns: Sequence[NDArray[np.uint64]]) -> NDArray[np.uint64]:
    """64 bits for each row, from those of its values."""
    row = np.zeros_like(columns[0])
    for position, column in enumerate(columns, start=1):
        row = _mixed(row ^ (column + np.uint64(position)))
    return row


def _mixed(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """A bijection of 64 bits that spreads them evenly (the finaliser of SplitMix64; Steele et al. 2014)."""
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))


class DistinctCount:
    """How many different values there are: exactly up to `size`, beyond it from the `size` least hashes.

    The standard error is then 1 / sqrt(size - 2) of the count (Beyer et al. 2007).
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._least = np.empty(0, np.uint64)
        self.exact = True

    def add(self, values: NDArray[np.uint64]) -> None:
        """Count values by their hashes."""
        new = values if self.exact else values[values < self._least[-1]]
        merged = np.unique(np.concatenate([self._least, new]))
        if merged.size > self._size:
            self.exact = False
        self._least = merged[: self._size]

    def count(self, at_most: int) -> int:
        """The number of different values among `at_most` values."""
        if self.exact:
            return int(self._least.size)
        estimate = (self._size - 1) * _HASH_RANGE / float(self._least[-1])
        return min(max(round(estimate), self._size), at_most)


class FrequentTexts:
    """The most frequent texts, with their counts.

    Up to `size` different ones all are known. Beyond it, every text is still found that makes up more than
    1 in `size` of the values (Misra and Gries 1982; merged as Agarwal et al. 2012 do), but counted too low:
    `recount` with the same batches makes the counts exact again.
    """

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept = _counts(pl.Series("text", [], pl.String))
        self.exact = True

    def add(self, present: pl.Series) -> None:
        """Count texts, none of them missing."""
        merged = _summed([self._kept, _counts(present)])
        if merged.height > self._size:
            self.exact = False
            least = merged["count"].top_k(self._size + 1).min()
            merged = merged.with_columns(pl.col("count") - least).filter(pl.col("count") > 0)
        self._kept = merged

    def start_recount(self) -> None:
        """Forget the counts and keep the texts."""
        self._kept = self._kept.with_columns(count=pl.lit(0, pl.Int64))

    def recount(self, present: pl.Series) -> None:
        """Count the texts that are kept."""
        counted = _counts(present).join(self._kept.select("key"), on="key", how="semi")
        self._kept = _summed([self._kept, counted])

    def top(self, number: int) -> list[tuple[str, int]]:
        """The most frequent texts, cut after `SHOWN_CHARACTERS`; equally frequent ones by the alphabet."""
        ordered = self._kept.sort(["count", "shown"], descending=[True, False]).head(number)
        return list(zip(ordered["shown"].to_list(), ordered["count"].to_list(), strict=True))


def _counts(present: pl.Series) -> pl.DataFrame:
    counted = present.alias("text").to_frame().group_by("text").agg(count=pl.len().cast(pl.Int64))
    return counted.select(
        key=pl.col("text").hash(seed=0), shown=pl.col("text").str.slice(0, SHOWN_CHARACTERS), count="count"
    )


def _summed(frames: Sequence[pl.DataFrame]) -> pl.DataFrame:
    return pl.concat(frames).group_by("key").agg(pl.col("shown").first(), pl.col("count").sum())


class Moments:
    """Count, extremes, mean and deviation of finite numbers, by the updates of Chan et al. 1983.

    In extended precision where the machine has it, so that numbers near the largest have a mean as well.
    """

    def __init__(self) -> None:
        self.count = 0
        self.zeros = 0
        self.min = np.inf
        self.max = -np.inf
        self._mean = np.longdouble(0)
        self._squares = np.longdouble(0)

    def add(self, values: NDArray[np.float64]) -> None:
        """Take in more numbers, float64 [n]."""
        if not values.size:
            return
        self.zeros += int((values == 0).sum())
        self.min = min(self.min, float(values.min()))
        self.max = max(self.max, float(values.max()))
        with np.errstate(over="ignore", invalid="ignore"):
            wide = values.astype(np.longdouble)
            mean = wide.mean()
            squares = ((wide - mean) ** 2).sum()
            total = self.count + values.size
            apart = mean - self._mean
            self._mean += apart * values.size / total
            self._squares += squares + apart**2 * self.count * values.size / total
        self.count = total

    @property
    def mean(self) -> float | None:
        """The mean; None where it is beyond what a double can hold on the way."""
        return _finite(self._mean)

    @property
    def std(self) -> float | None:
        """The deviation with n - 1 below the line; None for one number, or where it overflows."""
        if self.count < 2:
            return None
        with np.errstate(over="ignore", invalid="ignore"):
            return _finite(np.sqrt(self._squares / (self.count - 1)))


def _finite(value: np.longdouble) -> float | None:
    with np.errstate(over="ignore"):
        number = float(value)
    return number if np.isfinite(number) else None


class RowSample:
    """`size` rows of a matrix, each set of rows as likely as any other; all rows where there are no more."""

    def __init__(self, size: int, width: int) -> None:
        self._size = size
        self._draw = np.random.default_rng(0)
        self._keys = [np.empty(0)]
        self._rows = [np.empty((0, width))]
        self._seen = 0
        self._waiting = 0
        self._limit = np.inf

    @property
    def exact(self) -> bool:
        """Whether it holds all rows."""
        return self._seen <= self._size

    def add(self, rows: NDArray[np.float64]) -> None:
        """Draw among more rows, float64 [n, width]."""
        # Every row draws a number, and those with the least numbers are the sample.
        keys = self._draw.random(len(rows))
        drawn = keys < self._limit
        self._keys.append(keys[drawn])
        self._rows.append(rows[drawn])
        self._seen += len(rows)
        self._waiting += int(drawn.sum())
        if self._waiting > self._size * _SLACK:
            self._settle()

    def column(self, position: int) -> NDArray[np.float64]:
        """The sampled values of a column that are not missing (NaN)."""
        if len(self._rows) > 1:
            self._settle()
        values = self._rows[0][:, position]
        return values[~np.isnan(values)]

    def _settle(self) -> None:
        keys, rows = np.concatenate(self._keys), np.concatenate(self._rows)
        if keys.size > self._size:
            least = np.argpartition(keys, self._size - 1)[: self._size]
            keys, rows = keys[least], rows[least]
            self._limit = float(keys.max())
        self._keys, self._rows, self._waiting = [keys], [rows], keys.size


def quartiles(values: NDArray[np.float64]) -> tuple[float, float, float]:
    """The quartiles of numbers, linear between two of them."""
    scale = _scale(values.min(), values.max())
    first, median, third = (np.quantile(values / scale, [0.25, 0.5, 0.75]) * scale).tolist()
    return first, median, third


def equal_bins(low: float, high: float, bins: int) -> NDArray[np.float64]:
    """The edges of up to `bins` bins of equal width from `low` to `high`, ascending; float64 [bins + 1]."""
    if low == high:
        return np.array([low, high])
    scale = _scale(low, high)
    edges = np.clip(np.linspace(low / scale, high / scale, bins + 1) * scale, low, high)
    edges[0], edges[-1] = low, high
    # Between neighbouring doubles there is no room for all bins.
    return np.unique(edges)


def binned(values: NDArray[np.float64], edges: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many values each bin has; the last bin holds its upper edge too."""
    if edges[0] == edges[-1]:
        return np.array([values.size])
    return np.histogram(values, edges)[0].astype(np.int64)


def _scale(low: float, high: float) -> float:
    """A power of two by which differences of such numbers stay finite."""
    return 4.0 if max(-low, high) > _EXTREME else 1.0
