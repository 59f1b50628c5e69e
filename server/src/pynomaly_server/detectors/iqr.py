"""Interquartile range (Tukey 1977): how far outside the middle half of its columns a row lies."""

from __future__ import annotations

from dataclasses import dataclass

from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FloatArray
from pynomaly_server.detectors.columnwise.distances import (
    Combination,
    FittedColumnDistances,
    combination_of_columns,
    fitted_distances,
    quartile_scaling,
)
from pynomaly_server.detectors.parameters import schema_of

# Scaled columns have their quartiles at -0.5 and 0.5.
_HALF_BOX = 0.5


@dataclass(frozen=True, slots=True)
class IqrDetector(Detector):
    """The interquartile range before it has seen data; it uses no randomness.

    The raw score of a row x is the mean (or the maximum) over columns of max(Q1_j - x_j, x_j - Q3_j, 0) /
    (Q3_j - Q1_j), with Q1_j and Q3_j the quartiles of the training rows: 0 inside the box of Tukey's plot,
    1.5 at the end of its whiskers. Where the quartiles are equal, 1.2533 times the mean absolute deviation
    takes the place of their distance.
    """

    combination: Combination

    def fit(self, X: FloatArray, seed: int) -> FittedColumnDistances:  # noqa: N803, ARG002 - nothing is random
        """Take the quartiles of each column."""
        return fitted_distances(X, quartile_scaling(X), self.combination, slack=_HALF_BOX)


SPEC = AlgorithmSpec(
    name="iqr",
    title="Interquartile range",
    description=(
        "The mean over columns of the distance outside the quartiles in interquartile ranges, as the "
        "whiskers of a box plot do. Up to a quarter of the rows may be odd; rows inside every box score 0."
    ),
    reference="Tukey: Exploratory Data Analysis, 1977",
    aliases=("interquartile_range", "tukey", "box_plot"),
    parameters=schema_of(combination=combination_of_columns("mean")),
    capabilities=("inductive", "deterministic", "exact-explanations"),
    cost="low",
    complexity="O(n * d)",
    min_rows=3,
    make=lambda values: IqrDetector(**values),
)
