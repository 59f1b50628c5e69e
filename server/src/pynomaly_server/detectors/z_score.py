"""Z-score: how many standard deviations a row lies from the mean of its oddest column."""

from __future__ import annotations

from dataclasses import dataclass

from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FloatArray
from pynomaly_server.detectors.columnwise.distances import (
    Combination,
    FittedColumnDistances,
    combination_of_columns,
    fitted_distances,
)
from pynomaly_server.detectors.parameters import schema_of
from pynomaly_server.detectors.scaling import standard_scaling


@dataclass(frozen=True, slots=True)
class ZScoreDetector(Detector):
    """The z-score before it has seen data; it uses no randomness.

    The raw score of a row x is the maximum (or the mean) over columns of |x_j - mean_j| / s_j, with s_j the
    standard deviation of the training rows (divisor n). A constant column has s_j = its magnitude.
    """

    combination: Combination

    def fit(self, X: FloatArray, seed: int) -> FittedColumnDistances:  # noqa: N803, ARG002 - nothing is random
        """Take mean and standard deviation of each column."""
        return fitted_distances(X, standard_scaling(X), self.combination)


SPEC = AlgorithmSpec(
    name="z_score",
    title="Z-score",
    description=(
        "The number of standard deviations from the mean in the column where a row is oddest. What everyone "
        "knows; a few huge values widen the deviation and hide smaller ones, for which modified_z_score is "
        "better."
    ),
    reference="Grubbs: Procedures for Detecting Outlying Observations in Samples, 1969",
    aliases=("zscore", "standard_score"),
    parameters=schema_of(combination=combination_of_columns("maximum")),
    capabilities=("inductive", "deterministic", "exact-explanations"),
    cost="low",
    complexity="O(n * d)",
    min_rows=3,
    make=lambda values: ZScoreDetector(**values),
)
