"""Median absolute deviation (Leys, Ley, Klein, Bernard, Licata 2013): the robust z of the oddest column."""

from __future__ import annotations

from dataclasses import dataclass

from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FloatArray
from pynomaly_server.detectors.columnwise.distances import (
    FittedColumnDistances,
    fitted_distances,
    median_scaling,
)
from pynomaly_server.detectors.parameters import schema_of


@dataclass(frozen=True, slots=True)
class MadDetector(Detector):
    """The robust z before it has seen data; it has no parameters and uses no randomness.

    The raw score of a row x is the single statistic max over columns of |x_j - median_j| / (1.4826 MAD_j),
    with MAD_j the median of |x_j - median_j| over the training rows: on one column the same as PyOD's MAD.
    Where MAD_j is 0, because more than half the rows are equal, 1.2533 times the mean absolute deviation
    takes the place of 1.4826 MAD_j (PyOD's score is not finite there).
    """

    def fit(self, X: FloatArray, seed: int) -> FittedColumnDistances:  # noqa: N803, ARG002 - nothing is random
        """Take median and median absolute deviation of each column."""
        return fitted_distances(X, median_scaling(X), "maximum")


SPEC = AlgorithmSpec(
    name="mad",
    title="Median absolute deviation",
    description=(
        "The distance from the median, in median absolute deviations, in the column where a row is oddest. "
        "The choice for a single column of measurements; nothing to tune."
    ),
    reference=(
        "Leys, Ley, Klein, Bernard, Licata: Detecting outliers: Do not use standard deviation around the "
        "mean, use absolute deviation around the median, 2013"
    ),
    aliases=("median_absolute_deviation",),
    parameters=schema_of(),
    capabilities=("inductive", "deterministic", "exact-explanations"),
    cost="low",
    complexity="O(n * d)",
    min_rows=3,
    make=lambda values: MadDetector(**values),
)
