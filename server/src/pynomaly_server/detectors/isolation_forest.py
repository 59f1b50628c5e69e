"""Isolation forest (Liu, Ting, Zhou 2008): anomalies are the rows that few random splits set apart."""

from __future__ import annotations

from dataclasses import dataclass

from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FittedDetector, FloatArray, as_matrix
from pynomaly_server.detectors.forest.axis import AxisForest, grow_axis_forest
from pynomaly_server.detectors.parameters import integer, schema_of, share


@dataclass(frozen=True)
class FittedIsolationForest(FittedDetector):
    """A grown forest; the raw score is 2^(-E[path length] / c(samples)) of the paper, in (0, 1]."""

    forest: AxisForest
    training_scores: FloatArray
    n_features: int

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Raw scores, float64 [n], in (0, 1]."""
        return self.forest.scores(as_matrix(X, self.n_features))

    def feature_parts(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """How much each column set a row apart on its paths, float64 [n, n_features], >= 0."""
        return self.forest.feature_parts(as_matrix(X, self.n_features))


@dataclass(frozen=True, slots=True)
class IsolationForestDetector(Detector):
    """An isolation forest before it has seen data."""

    n_estimators: int
    max_samples: int
    max_features: float

    def fit(self, X: FloatArray, seed: int) -> FittedIsolationForest:  # noqa: N803
        """Grow the trees, each on its own sample of the rows."""
        forest = grow_axis_forest(
            X,
            trees=self.n_estimators,
            samples=min(self.max_samples, X.shape[0]),
            max_features=self.max_features,
            seed=seed,
        )
        return FittedIsolationForest(forest, forest.scores(X), X.shape[1])


SPEC = AlgorithmSpec(
    name="isolation_forest",
    title="Isolation forest",
    description=(
        "Splits the data at random until every row stands alone; anomalies stand alone after few splits. A "
        "good first choice: quick, without assumptions about distributions, at ease with many columns."
    ),
    reference="Liu, Ting, Zhou: Isolation Forest, 2008",
    aliases=("iforest", "if"),
    parameters=schema_of(
        n_estimators=integer("Number of trees.", default=100, minimum=1, maximum=1000),
        max_samples=integer(
            "Rows that each tree is grown from; all of them where there are fewer.",
            default=256,
            minimum=2,
            maximum=65_536,
        ),
        max_features=share("Share of the columns that each tree sees.", default=1.0),
    ),
    capabilities=("inductive", "seeded"),
    cost="low",
    complexity="O(trees * samples * log samples) to fit, O(n * trees * log samples) to score",
    # Of two rows neither is the unusual one.
    min_rows=3,
    make=lambda values: IsolationForestDetector(**values),
)
