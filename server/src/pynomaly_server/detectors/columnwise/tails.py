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


@dataclass(frozen=True, slots=True, eq=False)
class ColumnTails:
    """The training values of each column in ascending order, float64 [d, n], and which tail is longer.

    `skewness`, int8 [d]: 1 where the longer tail is to the right, -1 to the left, 0 where neither is.
    """

    ordered: FloatArray
    skewness: NDArray[np.int8]
    _rarity: FloatArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Look the logarithms up once: the same count is the same term, bit for bit."""
        n = self.ordered.shape[1]
        counts = np.arange(n + 1, dtype=np.float64)
        counts[0] = n / (n + 1)
        object.__setattr__(self, "_rarity", -np.log(counts / n))

    def scores(self, X: FloatArray, *, averaged: bool) -> FloatArray:  # noqa: N803
        """Sums of terms, float64 [n], of contiguous rows X: COPOD's where `averaged`, else ECOD's."""
        return _scores(X, self.ordered, self._rarity, self.skewness, averaged)

    def terms(self, X: FloatArray, *, averaged: bool) -> FloatArray:  # noqa: N803
        """The terms that `scores` adds up, float64 [n, d]."""
        return _terms(X, self.ordered, self._rarity, self.skewness, averaged)


def column_tails(X: FloatArray) -> ColumnTails:  # noqa: N803
    """The tails of training rows X, float64 [n, d]."""
    return ColumnTails(np.sort(X.T, axis=1), skewness_signs(X))


def skewness_signs(X: FloatArray) -> NDArray[np.int8]:  # noqa: N803
    """1, 0 or -1 per column: longer tail to the right, none, to the left. A constant column has none."""
    # Powers of two scale without rounding, so cubes of huge values neither overflow nor change a sign.
    _, exponents = np.frexp(np.abs(X).max(axis=0))
    scaled = np.ldexp(X, -exponents)
    mean = scaled.mean(axis=0)
    deviations = scaled - mean
    squares = deviations**2
    # Deviations within rounding of the mean are noise of the subtraction: SciPy calls their skewness
    # undefined.
    constant = squares.mean(axis=0) <= (np.finfo(np.float64).eps * mean) ** 2
    signs = np.sign((squares * deviations).mean(axis=0))
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
    left = rarity[upto]
    right = rarity[n - below]
    longer = left + right if skewness == 0 else (right if skewness > 0 else left)
    term: float = max((left + right) / 2 if averaged else max(left, right), longer)
    return term


@compiled
def _scores(
    X: FloatArray,  # noqa: N803
    ordered: FloatArray,
    rarity: FloatArray,
    skewness: NDArray[np.int8],
    averaged: bool,
) -> FloatArray:
    # Column after column: one column's values fit into the cache, and the order of additions is the same for
    # one row and for many.
    total = np.zeros(X.shape[0])
    for column in range(X.shape[1]):
        for row in range(X.shape[0]):
            total[row] += _term(X[row, column], ordered[column], rarity, skewness[column], averaged)
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
        for row in range(X.shape[0]):
            terms[row, column] = _term(X[row, column], ordered[column], rarity, skewness[column], averaged)
    return terms
