"""What a detector on ordered rows is: it learns from series and scores every point of a series.

A series is a matrix of rows in the order of time, float64 [n, d], one row per point. Unlike a detector of
rows, the score of a point may depend on the points around it, so `score_raw` takes a whole series and is not
inductive row by row; everything else (finite scores, determinism, the score map) holds as everywhere. An
algorithm of this kind has the capability "ordered" in its spec.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from pynomaly_server.detectors.base import Detector, FittedDetector, FloatArray, as_matrix
from pynomaly_server.detectors.errors import TooFewRows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy as np
    from numpy.typing import NDArray

ORDERED: Final = "ordered"
"""The capability of an algorithm whose rows have an order."""


@dataclass(frozen=True, slots=True)
class Bands:
    """What a method expects of every value, float64 [n, d] each, NaN where it has no opinion.

    `lower <= expected <= upper`, in the units of the series.
    """

    expected: FloatArray
    lower: FloatArray
    upper: FloatArray


@dataclass(frozen=True, slots=True)
class SeriesScores:
    """Points scored: raw scores float64 [n], finite, higher is more abnormal.

    `bands` where the method has expectations. `parts`, where the method can tell: for positions int64 [k]
    the part of every column in the abnormality of those points, float64 [k, d], >= 0.
    """

    raw: FloatArray
    bands: Bands | None = None
    parts: Callable[[NDArray[np.int64]], FloatArray] | None = None


class FittedOrderedDetector(FittedDetector):
    """What an algorithm has learnt from series.

    `training_scores` are those of the series it was fitted on, one after the other.
    """

    @abstractmethod
    def score_series(self, X: FloatArray) -> SeriesScores:  # noqa: N803
        """Score every point of one series X, float64 [n, n_features], in the order of time."""

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Raw scores, float64 [n], of one series X, float64 [n, n_features], in the order of time."""
        return self.score_series(X).raw


class OrderedDetector(Detector):
    """An algorithm on ordered rows with its parameters set, not yet shown any data."""

    @abstractmethod
    def fit_series(
        self, series: Sequence[FloatArray], seed: int
    ) -> tuple[FittedOrderedDetector, SeriesScores]:
        """Learn from finite series, float64 [n_i, d] each, at least one, and score their points.

        The scores are those of all points, one series after the other; no point vouches for itself. A
        pattern never spans two series.

        Raises:
            TooFewRows: a series is too short for what the method looks at.
            InvalidParameter: a parameter does not fit the series.
        """

    def fit(self, X: FloatArray, seed: int) -> FittedOrderedDetector:  # noqa: N803
        """Learn from one series X, float64 [n, d]."""
        return self.fit_series([as_matrix(X)], seed)[0]


class TooShortSeries(TooFewRows):
    """A series has fewer rows than the method looks at together."""

    def __init__(self, needed: int, given: int, remedy: str) -> None:
        super().__init__(needed, given, "A series")
        self.detail = f"A series has {given} rows, and at least {needed} are needed. {remedy}"
        self.args = (self.detail,)
