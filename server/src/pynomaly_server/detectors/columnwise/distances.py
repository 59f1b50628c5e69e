"""Scores made of a row's distances from the middle of each column, in units of the column's spread.

With v the value of a column divided by the column's magnitude, the distance is

    max(|v - centre| / scale - slack, 0), at most 1e30,

and the raw score is the mean or the maximum of the distances over the columns. The mean is a sum of d-th
parts. The maximum is shared out by Shapley's value, which for a maximum has a closed form (Littlechild, Owen
1973): with the distances in ascending order, each step from one to the next is shared equally by the columns
that reach it. Both are sums of non-negative terms, one per column.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from pynomaly_server.detectors.base import FittedAdditiveDetector, FloatArray, as_matrix
from pynomaly_server.detectors.compiled import compiled
from pynomaly_server.detectors.order_statistics import medians, quartiles
from pynomaly_server.detectors.parameters import choice
from pynomaly_server.detectors.scaling import Scaling, magnitudes

if TYPE_CHECKING:
    from numpy.typing import NDArray

Combination = Literal["mean", "maximum"]

# These make the median and the mean absolute deviation of a normal distribution its standard deviation
# (Iglewicz, Hoaglin 1993).
MEDIAN_TO_STANDARD = 1.4826022185056018
MEAN_TO_STANDARD = 1.2533141373155001

# Deviations relatively smaller than this are the rounding of a subtraction, not spread of the data.
_ROUNDING = 10 * np.finfo(np.float64).eps


@dataclass(frozen=True, slots=True, eq=False)
class FittedColumnDistances(FittedAdditiveDetector):
    """The middle and the spread of each column, and how distances from there make one score.

    The raw score is the mean or the maximum over columns of `max(|scaled value| - slack, 0)`.
    """

    scaling: Scaling
    slack: float
    combination: Combination
    training_scores: FloatArray
    n_features: int

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Mean or maximum of the distances, float64 [n], >= 0."""
        return _scores(as_matrix(X, self.n_features), self.scaling, self.slack, self.combination)

    def exact_terms(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """The part of each column, float64 [n, n_features], >= 0; they sum to the raw score."""
        distances = _distances(as_matrix(X, self.n_features), self.scaling, self.slack)
        if self.combination == "mean":
            return distances / self.n_features
        return _parts_of_maximum(distances)


def fitted_distances(
    X: FloatArray,  # noqa: N803
    scaling: Scaling,
    combination: Combination,
    slack: float = 0.0,
) -> FittedColumnDistances:
    """The detector of rows X, float64 [n, d], whose columns `scaling` describes."""
    return FittedColumnDistances(
        scaling, slack, combination, _scores(X, scaling, slack, combination), X.shape[1]
    )


def combination_of_columns(default: Combination) -> dict[str, Any]:
    """The schema of the parameter that says how the distances of the columns make one score."""
    return choice(
        "How the distances of a row's columns make one score: their mean sees rows that are odd in many "
        "columns a little, their maximum rows that are very odd in one.",
        default=default,
        options=("mean", "maximum"),
    )


def median_scaling(X: FloatArray) -> Scaling:  # noqa: N803
    """To median 0 and median absolute deviation 1 / 1.4826, as of a standard normal distribution.

    Where more than half the rows are equal the mean absolute deviation takes its place (times 1.2533), and a
    constant column keeps its own magnitude as unit.
    """
    magnitude = magnitudes(X)
    fraction = X / magnitude
    centre = medians(fraction)
    deviations = np.abs(fraction - centre)
    spread = MEDIAN_TO_STANDARD * medians(deviations)
    return Scaling(magnitude, centre, _positive(spread, deviations, centre))


def quartile_scaling(X: FloatArray) -> Scaling:  # noqa: N803
    """To the middle of the quartiles 0 and the interquartile range 1, so that the quartiles are -0.5 and 0.5.

    Where the middle half of the rows is equal the mean absolute deviation from it takes the place of the
    range (times 1.2533), and a constant column keeps its own magnitude as unit.
    """
    magnitude = magnitudes(X)
    fraction = X / magnitude
    lower, upper = quartiles(fraction)
    centre = (lower + upper) / 2
    return Scaling(magnitude, centre, _positive(upper - lower, np.abs(fraction - centre), centre))


def _positive(spread: FloatArray, deviations: FloatArray, centre: FloatArray) -> FloatArray:
    least = _ROUNDING * np.abs(centre)
    mean = MEAN_TO_STANDARD * deviations.mean(axis=0)
    return np.where(spread > least, spread, np.where(mean > least, mean, 1.0))


def _scores(
    X: FloatArray,  # noqa: N803
    scaling: Scaling,
    slack: float,
    combination: Combination,
) -> FloatArray:
    distances = _distances(X, scaling, slack)
    return _means(distances) if combination == "mean" else distances.max(axis=1, initial=0.0)


def _distances(X: FloatArray, scaling: Scaling, slack: float) -> FloatArray:  # noqa: N803
    distances = np.abs(scaling.apply(X))
    return np.maximum(distances - slack, 0.0) if slack else distances


@compiled
def _means(distances: FloatArray) -> FloatArray:
    # Column after column: the order of additions is the same for one row and for many.
    rows, columns = distances.shape
    means = np.empty(rows)
    for row in range(rows):
        total = 0.0
        for column in range(columns):
            total += distances[row, column]
        means[row] = total / columns
    return means


@compiled
def _parts_of_maximum(distances: FloatArray) -> FloatArray:
    rows, columns = distances.shape
    parts = np.empty((rows, columns))
    for row in range(rows):
        order: NDArray[np.intp] = np.argsort(distances[row])
        reached = 0.0
        part = 0.0
        for place in range(columns):
            column = order[place]
            part += (distances[row, column] - reached) / (columns - place)
            reached = distances[row, column]
            parts[row, column] = part
    return parts
