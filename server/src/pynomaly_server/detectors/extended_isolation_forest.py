"""Extended isolation forest (Hariri, Carrasco Kind, Brunner 2019): isolation trees with slanted splits."""

from __future__ import annotations

from dataclasses import dataclass

from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FittedDetector, FloatArray, as_matrix
from pynomaly_server.detectors.forest.hyperplane import HyperplaneForest, grow_hyperplane_forest
from pynomaly_server.detectors.parameters import integer, schema_of
from pynomaly_server.detectors.scaling import Scaling, standard_scaling


@dataclass(frozen=True)
class FittedExtendedIsolationForest(FittedDetector):
    """A grown forest over standardised columns; the raw score is 2^(-E[path length] / c(samples)), in (0, 1].

    Standardised, because a slanted plane adds columns up: in their own units the widest would decide alone.
    """

    scaling: Scaling
    forest: HyperplaneForest
    training_scores: FloatArray
    n_features: int

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Raw scores, float64 [n], in (0, 1]."""
        return self.forest.scores(self.scaling.apply(as_matrix(X, self.n_features)))

    def feature_parts(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """How much each column set a row apart on its paths, float64 [n, n_features], >= 0."""
        return self.forest.feature_parts(self.scaling.apply(as_matrix(X, self.n_features)))


@dataclass(frozen=True, slots=True)
class ExtendedIsolationForestDetector(Detector):
    """An extended isolation forest before it has seen data."""

    n_estimators: int
    max_samples: int
    extension_level: int

    def fit(self, X: FloatArray, seed: int) -> FittedExtendedIsolationForest:  # noqa: N803
        """Grow the trees, each on its own sample of the standardised rows."""
        scaling = standard_scaling(X)
        rows = scaling.apply(X)
        forest = grow_hyperplane_forest(
            rows,
            trees=self.n_estimators,
            samples=min(self.max_samples, X.shape[0]),
            extension_level=self.extension_level,
            seed=seed,
        )
        return FittedExtendedIsolationForest(scaling, forest, forest.scores(rows), X.shape[1])


SPEC = AlgorithmSpec(
    name="extended_isolation_forest",
    title="Extended isolation forest",
    description=(
        "An isolation forest whose splits are slanted planes through several columns at once. Finds rows "
        "that are odd only in the combination of their columns, without the blind bands along the axes that "
        "splits by one column leave."
    ),
    reference="Hariri, Carrasco Kind, Brunner: Extended Isolation Forest, 2019",
    aliases=("eif", "extended_iforest"),
    parameters=schema_of(
        n_estimators=integer("Number of trees.", default=100, minimum=1, maximum=1000),
        max_samples=integer(
            "Rows that each tree is grown from; all of them where there are fewer.",
            default=256,
            minimum=2,
            maximum=4096,
        ),
        extension_level=integer(
            "Along how many further columns each split is slanted: 0 splits by one column as an isolation "
            "forest does, the number of columns less one, at which it is capped, slants along all of them.",
            default=1,
            minimum=0,
            maximum=1023,
        ),
    ),
    capabilities=("inductive", "seeded"),
    cost="low",
    complexity="O(trees * samples * log samples * level) to fit, O(n * trees * log samples * level) to score",
    min_rows=3,
    make=lambda values: ExtendedIsolationForestDetector(**values),
)
