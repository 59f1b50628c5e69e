"""How far in the tails of each column's empirical distribution a row lies, as ECOD and COPOD add it up.

With n training rows, the left tail probability of a value is the share of training values at or below it, the
right one the share at or above it, and a value beyond all of them has 1 / (n + 1), just rarer than the 1 / n
of the extreme. L and R are their negative logarithms, and S the one of the longer tail: R where the column is
skewed to the right, L where to the left, L + R where it is symmetric. A column's term is

    max(L, R, S) in ECOD, max((L + R) / 2, S) in COPOD,

never negative, and the raw score of a row the sum of its terms. All of it comes from training rows, so unlike
PyOD's (which pools training and request rows) a row's score does not depend on its company; on training rows
the scores are PyOD's. A constant column adds 0 for its own value.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pynomaly_server.detectors.base import FloatArray
from pynomaly_server.detectors.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Values of rows that are looked up together, few enough to stay in the cache from one column to the next.
_BLOCK_VALUES = 1 << 15


@dataclass(frozen=True, slots=True, eq=False)
class ColumnTails:
    """The training values of each column in ascending order, float64 [d, n], and which tail is longer.

    `skewness`, int8 [d]: 1 where the longer tail is to the right, -1 to the left, 0 where neither is.
    `rarity`, float64 [n + 1]: -log of the tail probability of each count of training values.
    """

    ordered: FloatArray
    skewness: NDArray[np.int8]
    rarity: FloatArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Look the logarithms up once: the same count is the same term, bit for bit."""
        n = self.ordered.shape[1]
        counts = np.arange(n + 1, dtype=np.float64)
        counts[0] = n / (n + 1)
        object.__setattr__(self, "rarity", -np.log(counts / n))

    def scores(self, X: FloatArray, *, averaged: bool) -> FloatArray:  # noqa: N803
        """Sums of terms, float64 [n], of contiguous rows X: COPOD's where `averaged`, else ECOD's."""
        return _scores(X, self.ordered, self.rarity, self.skewness, averaged)

    def terms(self, X: FloatArray, *, averaged: bool) -> FloatArray:  # noqa: N803
        """The terms that `scores` adds up, float64 [n, d]."""
        return _terms(X, self.ordered, self.rarity, self.skewness, averaged)


def fitted_tails(X: FloatArray, *, averaged: bool) -> tuple[ColumnTails, FloatArray]:  # noqa: N803
    """The tails of training rows X, float64 [n, d], and the scores of these rows, float64 [n]."""
    columns = X.T.copy()
    order = np.argsort(columns, axis=1)
    ordered = np.take_along_axis(columns, order, axis=1)
    tails = ColumnTails(ordered, _skewness_signs(columns))
    return tails, _training_scores(order, ordered, tails.rarity, tails.skewness, averaged)


def _skewness_signs(columns: FloatArray) -> NDArray[np.int8]:
    """1, 0 or -1 per column: longer tail to the right, none, to the left. A constant column has none."""
    # Powers of two scale without rounding, so cubes of huge values neither overflow nor change a sign.
    _, exponents = np.frexp(np.abs(columns).max(axis=1, keepdims=True))
    scaled = np.ldexp(columns, -exponents)
    mean = scaled.mean(axis=1, keepdims=True)
    deviations = scaled - mean
    squares = deviations**2
    # Deviations within rounding of the mean are noise of the subtraction: SciPy calls their skewness
    # undefined.
    constant = squares.mean(axis=1) <= (np.finfo(np.float64).eps * mean[:, 0]) ** 2
    signs = np.sign((squares * deviations).mean(axis=1))
    return np.where(constant, 0, signs).astype(np.int8)


@compiled
def _term(value: float, ordered: FloatArray, rarity: FloatArray, skewness: int, averaged: bool) -> float:
    n = ordered.size
    # The first training value that is not below `value`: halving without branches keeps the processor busy.
    below = 0
    remaining = n
    while remaining > 1:
        half = remaining >> 1
        below += half if ordered[below + half - 1] < value else 0
        remaining -= half
    if ordered[below] < value:
        below += 1
    # Training values equal to it follow; usually there are few.
    upto = below
    step = 1
    while upto + step <= n and ordered[upto + step - 1] == value:
        upto += step
        step += step
    while step > 1:
        step >>= 1
        if upto + step <= n and ordered[upto + step - 1] == value:
            upto += step
    return _term_between(below, upto, rarity, skewness, averaged)


@compiled
def _term_between(below: int, upto: int, rarity: FloatArray, skewness: int, averaged: bool) -> float:
    """The term of a value with `below` training values under it and `upto` under or equal to it."""
    left = rarity[upto]
    right = rarity[rarity.size - 1 - below]
    longer = left + right if skewness == 0 else (right if skewness > 0 else left)
    term: float = max((left + right) / 2 if averaged else max(left, right), longer)
    return term


@compiled
def _training_scores(
    order: NDArray[np.int64],
    ordered: FloatArray,
    rarity: FloatArray,
    skewness: NDArray[np.int8],
    averaged: bool,
) -> FloatArray:
    """The scores of the training rows, bit for bit as `_scores`, but without a search."""
    columns, rows = ordered.shape
    total = np.zeros(rows)
    for column in range(columns):
        rank, values, sign = order[column], ordered[column], skewness[column]
        below = 0
        while below < rows:
            upto = below + 1
            while upto < rows and values[upto] == values[below]:
                upto += 1
            term = _term_between(below, upto, rarity, sign, averaged)
            for place in range(below, upto):
                total[rank[place]] += term
            below = upto
    return total


@compiled
def _scores(
    X: FloatArray,  # noqa: N803
    ordered: FloatArray,
    rarity: FloatArray,
    skewness: NDArray[np.int8],
    averaged: bool,
) -> FloatArray:
    rows, columns = X.shape
    total = np.zeros(rows)
    step = max(_BLOCK_VALUES // columns, 1)
    for start in range(0, rows, step):
        stop = min(start + step, rows)
        # Column after column: one column's values stay in the cache, and the order of additions is the same
        # for one row and for many.
        for column in range(columns):
            values, sign = ordered[column], skewness[column]
            for row in range(start, stop):
                total[row] += _term(X[row, column], values, rarity, sign, averaged)
    return total


@compiled
def _terms(
    X: FloatArray,  # noqa: N803
    ordered: FloatArray,
    rarity: FloatArray,
    skewness: NDArray[np.int8],
    averaged: bool,
) -> FloatArray:
    terms = np.empty(X.shape)
    for column in range(X.shape[1]):
        values, sign = ordered[column], skewness[column]
        for row in range(X.shape[0]):
            terms[row, column] = _term(X[row, column], values, rarity, sign, averaged)
    return terms
