"""Isolation forest (Liu, Ting, Zhou 2008): anomalies are the rows that few random splits set apart."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from sklearn.ensemble import IsolationForest

from pynomaly_server.detectors.base import (
    AlgorithmSpec,
    Detector,
    FittedDetector,
    FloatArray,
    as_matrix,
    random_state,
)
from pynomaly_server.detectors.parameters import integer, schema_of, share
from pynomaly_server.detectors.scaling import Scaling, range_scaling


class FittedIsolationForest(FittedDetector):
    """A forest of scikit-learn; the raw score is 2^(-E[path length] / c(samples)) of the paper, in (0, 1]."""

    def __init__(self, forest: IsolationForest, scaling: Scaling, X: FloatArray) -> None:  # noqa: N803
        self._forest = forest
        self._scaling = scaling
        self.n_features = X.shape[1]
        self.training_scores = self.score_raw(X)

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Raw scores, float64 [n], in (0, 1]."""
        rows = self._scaling.apply(as_matrix(X)).astype(np.float32)
        if rows.shape[0] == 0:
            return np.empty(0)
        scores: FloatArray = -self._forest.score_samples(rows)
        return scores


@dataclass(frozen=True, slots=True)
class IsolationForestDetector(Detector):
    """An isolation forest before it has seen data."""

    n_estimators: int
    max_samples: int
    max_features: float

    def fit(self, X: FloatArray, seed: int) -> FittedIsolationForest:  # noqa: N803
        """Grow the trees, each on its own sample of the rows."""
        # Trees split in single precision: scaled columns keep differences that raw ones (times, ids) would
        # lose.
        scaling = range_scaling(X)
        forest = IsolationForest(
            n_estimators=self.n_estimators,
            max_samples=min(self.max_samples, X.shape[0]),
            max_features=self.max_features,
            n_jobs=1,
            random_state=random_state(seed),
        )
        forest.fit(scaling.apply(X).astype(np.float32))
        return FittedIsolationForest(forest, scaling, X)


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
