"""COPOD (Li, Zhao, Botta, Ionescu, Hu 2020): tail probabilities of the columns under an empirical copula."""

from __future__ import annotations

from dataclasses import dataclass

from pynomaly_server.detectors.base import (
    AlgorithmSpec,
    Detector,
    FittedDetector,
    FloatArray,
    as_matrix,
)
from pynomaly_server.detectors.columnwise.tails import ColumnTails, fitted_tails
from pynomaly_server.detectors.parameters import schema_of


@dataclass(frozen=True, slots=True, eq=False)
class FittedCopod(FittedDetector):
    """The tails of the training columns.

    The raw score is the sum over columns of -log of a tail probability: of the longer tail where the column
    is skewed, of both where it is symmetric, and never less than the mean of both sides (`columnwise.tails`
    has the formula).

    These terms halve what lies in the shorter tail, so that a value beyond all others can add less to the
    score than an ordinary one of a neighbouring column. They would be exact shares of the score and poor
    reasons; parts are therefore taken from the rarer side in full.
    """

    tails: ColumnTails
    training_scores: FloatArray
    n_features: int

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Sums of tail terms, float64 [n], >= 0."""
        return self.tails.scores(as_matrix(X, self.n_features), averaged=True)

    def feature_parts(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """How much rarer than the column's median each value is, float64 [n, n_features], in logarithms.

        -log of the rarer tail probability whatever the skewness, as in ECOD, less that of the median; a
        column at its median has no part. The parts explain the score and do not sum to it.
        """
        medians = self.tails.ordered[:, self.tails.ordered.shape[1] // 2].reshape(1, -1)
        rarities = self.tails.terms(as_matrix(X, self.n_features), averaged=False)
        return rarities - self.tails.terms(medians, averaged=False)


class CopodDetector(Detector):
    """COPOD before it has seen data; it has no parameters and uses no randomness."""

    def fit(self, X: FloatArray, seed: int) -> FittedCopod:  # noqa: N803, ARG002 - nothing is random
        """Sort the columns and take their skewness."""
        tails, scores = fitted_tails(X, averaged=True)
        return FittedCopod(tails, scores, X.shape[1])


SPEC = AlgorithmSpec(
    name="copod",
    title="COPOD",
    description=(
        "Adds up how rare each column's value is in the tail that its skewness points to, or in the mean of "
        "both tails. A sibling of ecod with nothing to tune; sees columns one by one too. Explanations weigh "
        "the rarer tail of each column in full."
    ),
    reference="Li, Zhao, Botta, Ionescu, Hu: COPOD: Copula-Based Outlier Detection, 2020",
    aliases=(),
    parameters=schema_of(),
    capabilities=("inductive", "deterministic"),
    cost="low",
    complexity="O(n * log n * d)",
    min_rows=3,
    make=lambda values: CopodDetector(**values),
)
