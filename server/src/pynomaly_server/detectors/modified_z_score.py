"""Modified z-score (Iglewicz, Hoaglin 1993): distance from the median in median absolute deviations."""

from __future__ import annotations

from dataclasses import dataclass

from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FloatArray
from pynomaly_server.detectors.columnwise.distances import (
    Combination,
    FittedColumnDistances,
    combination_of_columns,
    fitted_distances,
    median_scaling,
)
from pynomaly_server.detectors.parameters import schema_of


@dataclass(frozen=True, slots=True)
class ModifiedZScoreDetector(Detector):
    """The modified z-score before it has seen data; it uses no randomness.

    The raw score of a row x is the mean (or the maximum) over columns of the modified z-score of Iglewicz and
    Hoaglin, 0.6745 |x_j - median_j| / MAD_j, with MAD_j the median of |x_j - median_j| over the training
    rows. Where that is 0, because more than half the rows are equal, 1.2533 times their mean absolute
    deviation stands for MAD_j / 0.6745.
    """

    combination: Combination

    def fit(self, X: FloatArray, seed: int) -> FittedColumnDistances:  # noqa: N803, ARG002 - nothing is random
        """Take median and median absolute deviation of each column."""
        return fitted_distances(X, median_scaling(X), self.combination)


SPEC = AlgorithmSpec(
    name="modified_z_score",
    title="Modified z-score",
    description=(
        "The mean over columns of the distance from the median in median absolute deviations. As simple as "
        "the z-score, but up to half the rows may be odd before they blur what is usual."
    ),
    reference="Iglewicz, Hoaglin: How to Detect and Handle Outliers, 1993",
    aliases=("modified_zscore", "robust_z_score", "robust_zscore"),
    parameters=schema_of(combination=combination_of_columns("mean")),
    capabilities=("inductive", "deterministic", "exact-explanations"),
    cost="low",
    complexity="O(n * d)",
    min_rows=3,
    make=lambda values: ModifiedZScoreDetector(**values),
)
