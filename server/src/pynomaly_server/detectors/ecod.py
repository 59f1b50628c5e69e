"""ECOD (Li, Zhao, Hu, Botta, Ionescu, Chen 2022): how far in the tails of its columns a row lies."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pynomaly_server.detectors.base import (
    AlgorithmSpec,
    Detector,
    FittedAdditiveDetector,
    FloatArray,
    as_matrix,
)
from pynomaly_server.detectors.parameters import schema_of

if TYPE_CHECKING:
    from numpy.typing import NDArray


class FittedEcod(FittedAdditiveDetector):
    """Sorted training columns and the sign of their skewness.

    The raw score is the sum over columns of -log of a tail probability: of the longer tail where the column
    is skewed, of both where it is symmetric, and never less than the rarer side alone. All of it comes from
    training rows, so unlike PyOD's (which pools training and request rows) a row's score does not depend on
    its company. A value beyond every training value has tail probability 1 / (n + 1), just rarer than the 1
    / n of the extreme.
    """

    def __init__(self, X: FloatArray) -> None:  # noqa: N803
        n, self.n_features = X.shape
        self._columns: FloatArray = np.sort(X.T, axis=1)
        self._skewness = _skewness_signs(X)
        counts = np.arange(n + 1, dtype=np.float64)
        counts[0] = n / (n + 1)
        # Looked up rather than computed per row: the same count is the same term, bit for bit.
        self._rarity: FloatArray = -np.log(counts / n)
        self.training_scores = self.score_raw(X)

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Sums of tail terms, float64 [n], >= 0."""
        rows = as_matrix(X)
        total = np.zeros(rows.shape[0])
        # Column after column: the order of additions is then the same for one row and for many.
        for column in range(self.n_features):
            total += self._terms(rows[:, column], column)
        return total

    def exact_terms(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """The tail term of each column, float64 [n, n_features], >= 0; they sum to the raw score."""
        rows = as_matrix(X)
        return np.column_stack([self._terms(rows[:, column], column) for column in range(self.n_features)])

    def _terms(self, values: FloatArray, column: int) -> FloatArray:
        ordered = self._columns[column]
        left = self._rarity[np.searchsorted(ordered, values, side="right")]
        right = self._rarity[ordered.size - np.searchsorted(ordered, values, side="left")]
        sign = self._skewness[column]
        by_skewness = left + right if sign == 0 else (right if sign > 0 else left)
        terms: FloatArray = np.maximum(np.maximum(left, right), by_skewness)
        return terms


class EcodDetector(Detector):
    """ECOD before it has seen data; it has no parameters and uses no randomness."""

    def fit(self, X: FloatArray, seed: int) -> FittedEcod:  # noqa: N803, ARG002 - nothing is random
        """Sort the columns and take their skewness."""
        return FittedEcod(X)


def _skewness_signs(X: FloatArray) -> NDArray[np.int8]:  # noqa: N803
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


SPEC = AlgorithmSpec(
    name="ecod",
    title="ECOD",
    description=(
        "Adds up how far in the tail of each column a row lies. Very quick, nothing to tune, and the share "
        "of each column in a score is exact. Sees columns one by one: odd combinations of usual "
        "values escape it."
    ),
    reference=(
        "Li, Zhao, Hu, Botta, Ionescu, Chen: ECOD: Unsupervised Outlier Detection Using Empirical Cumulative "
        "Distribution Functions, 2022"
    ),
    aliases=(),
    parameters=schema_of(),
    capabilities=("inductive", "deterministic", "exact-explanations"),
    cost="low",
    complexity="O(n * log n * d)",
    min_rows=3,
    make=lambda values: EcodDetector(**values),
)
