"""ECOD (Li, Zhao, Hu, Botta, Ionescu, Chen 2022): how far in the tails of its columns a row lies."""

from __future__ import annotations

from dataclasses import dataclass

from pynomaly_server.detectors.base import (
    AlgorithmSpec,
    Detector,
    FittedAdditiveDetector,
    FloatArray,
    as_matrix,
)
from pynomaly_server.detectors.columnwise.tails import ColumnTails, fitted_tails
from pynomaly_server.detectors.parameters import schema_of


@dataclass(frozen=True, slots=True, eq=False)
class FittedEcod(FittedAdditiveDetector):
    """The tails of the training columns.

    The raw score is the sum over columns of -log of a tail probability: of the longer tail where the column
    is skewed, of both where it is symmetric, and never less than the rarer side alone (`columnwise.tails` has
    the formula).
    """

    tails: ColumnTails
    training_scores: FloatArray
    n_features: int

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Sums of tail terms, float64 [n], >= 0."""
        return self.tails.scores(as_matrix(X, self.n_features), averaged=False)

    def exact_terms(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """The tail term of each column, float64 [n, n_features], >= 0; they sum to the raw score."""
        return self.tails.terms(as_matrix(X, self.n_features), averaged=False)


class EcodDetector(Detector):
    """ECOD before it has seen data; it has no parameters and uses no randomness."""

    def fit(self, X: FloatArray, seed: int) -> FittedEcod:  # noqa: N803, ARG002 - nothing is random
        """Sort the columns and take their skewness."""
        tails, scores = fitted_tails(X, averaged=False)
        return FittedEcod(tails, scores, X.shape[1])


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
