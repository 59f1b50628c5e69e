"""Local outlier factor (Breunig, Kriegel, Ng, Sander 2000): rows in sparser places than their neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from sklearn.neighbors import BallTree, KDTree

from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FittedDetector, FloatArray, as_matrix
from pynomaly_server.detectors.parameters import choice, integer, schema_of
from pynomaly_server.detectors.scaling import Scaling, standard_scaling

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Above this many columns the boxes of a k-d tree no longer part the rows; balls still do, a little.
_KD_TREE_COLUMNS = 15

# Keeps the density of rows with k identical twins finite; the constant of scikit-learn, so that scores
# equal its own.
_LEAST_DISTANCE = 1e-10


class FittedLocalOutlierFactor(FittedDetector):
    """The training rows in a search tree, with the k-distance and local reachability density of each.

    The raw score is the local outlier factor: about 1 inside a cluster, larger the sparser the row's place
    is. Trees rather than brute force: they compute each distance from its two rows alone, while brute force
    goes through matrix products whose rounding depends on the rows they are batched with.
    """

    def __init__(self, X: FloatArray, k: int, metric: str) -> None:  # noqa: N803
        self._scaling: Scaling = standard_scaling(X)
        rows = self._scaling.apply(X)
        tree = KDTree if rows.shape[1] <= _KD_TREE_COLUMNS else BallTree
        self._tree = tree(rows, metric=metric)
        self._k = k
        self.n_features = rows.shape[1]

        distances, neighbours = self._left_out(rows, np.arange(rows.shape[0]))
        self._k_distance: FloatArray = distances[:, -1].copy()
        self._density: FloatArray = self._reachability_density(distances, neighbours)
        self.training_scores = self._factor(self._density, neighbours)

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Local outlier factors, float64 [n], of rows that the tree does not hold."""
        rows = self._scaling.apply(as_matrix(X))
        if rows.shape[0] == 0:
            return np.empty(0)
        distances, neighbours = self._tree.query(rows, k=self._k)
        return self._factor(self._reachability_density(distances, neighbours), neighbours)

    def score_left_out(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Local outlier factors where one training row equal to the row, if any, is left out as itself."""
        rows = self._scaling.apply(as_matrix(X))
        nearest, at = self._tree.query(rows, k=1)
        itself = np.where(nearest[:, 0] == 0, at[:, 0], -1)
        distances, neighbours = self._left_out(rows, itself)
        return self._factor(self._reachability_density(distances, neighbours), neighbours)

    def _left_out(self, rows: FloatArray, itself: NDArray[np.intp]) -> tuple[FloatArray, NDArray[np.intp]]:
        """The k nearest training rows of each row; for row i `itself[i]` does not count (-1: all do)."""
        distances, neighbours = self._tree.query(rows, k=self._k + 1)
        counted = neighbours != itself[:, np.newaxis]
        # With more than k twins the row may not be among its own neighbours: then the farthest gives way.
        counted[counted.all(axis=1), -1] = False
        return distances[counted].reshape(-1, self._k), neighbours[counted].reshape(-1, self._k)

    def _reachability_density(self, distances: FloatArray, neighbours: NDArray[np.intp]) -> FloatArray:
        reachable = np.maximum(distances, self._k_distance[neighbours])
        density: FloatArray = 1.0 / (reachable.mean(axis=1) + _LEAST_DISTANCE)
        return density

    def _factor(self, density: FloatArray, neighbours: NDArray[np.intp]) -> FloatArray:
        factor: FloatArray = (self._density[neighbours] / density[:, np.newaxis]).mean(axis=1)
        return factor


@dataclass(frozen=True, slots=True)
class LocalOutlierFactorDetector(Detector):
    """A local outlier factor before it has seen data."""

    n_neighbors: int
    metric: str

    def fit(self, X: FloatArray, seed: int) -> FittedLocalOutlierFactor:  # noqa: N803, ARG002 - nothing is random
        """Build the search tree; a row has at most n - 1 neighbours."""
        return FittedLocalOutlierFactor(X, min(self.n_neighbors, X.shape[0] - 1), self.metric)


SPEC = AlgorithmSpec(
    name="local_outlier_factor",
    title="Local outlier factor",
    description=(
        "Compares how densely each row is surrounded with how densely its neighbours are. Finds rows that "
        "are odd for their own neighbourhood; blind to anomalies that form a cluster "
        "larger than `n_neighbors`."
    ),
    reference="Breunig, Kriegel, Ng, Sander: LOF: Identifying Density-Based Local Outliers, 2000",
    aliases=("lof",),
    parameters=schema_of(
        n_neighbors=integer(
            "Neighbours that each row is compared with; at most the other rows there are.",
            default=20,
            minimum=1,
            maximum=1000,
        ),
        metric=choice(
            "How distance is measured between standardised rows.",
            default="euclidean",
            options=("euclidean", "manhattan", "chebyshev"),
        ),
    ),
    capabilities=("inductive", "deterministic"),
    cost="high",
    complexity="O(n * log n * d) with few columns, towards O(n^2 * d) with many",
    min_rows=3,
    make=lambda values: LocalOutlierFactorDetector(**values),
)
