"""k nearest neighbours (Ramaswamy, Rastogi, Shim 2000): rows far from the rows nearest to them.

By default bagged (Aggarwal, Sathe 2015): among a few hundred rows an anomaly seldom has a companion, so
anomalies that come in clusters no longer hide each other.
"""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FittedDetector, FloatArray, as_matrix
from pynomaly_server.detectors.compiled import as_read_only
from pynomaly_server.detectors.neighbours.averaged import (
    mean_log_distances,
    own_rank_weights,
    rank_weights,
)
from pynomaly_server.detectors.neighbours.distances import METRICS, blocked, metric_code
from pynomaly_server.detectors.neighbours.itself import equal_rows, every_row, no_row
from pynomaly_server.detectors.neighbours.search import NeighbourSearch
from pynomaly_server.detectors.neighbours.subsamples import drawn_rows
from pynomaly_server.detectors.parameters import boolean, choice, integer, schema_of
from pynomaly_server.detectors.scaling import Scaling, standard_scaling
from pynomaly_server.detectors.spans import in_spans

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True)
class FittedBaggedKnn(FittedDetector):
    """Some of the standardised rows; the raw score is a mean logarithm of neighbour distances among them.

    The mean is over all subsamples of the rows kept, [m, d]: `weights`, float64 [ranks], say what the rows
    nearest to another one count for, nearest first, `own_weights` the same for one that was kept itself.
    """

    scaling: Scaling
    rows: FloatArray
    metric: str
    weights: FloatArray
    own_weights: FloatArray
    training_scores: FloatArray
    n_features: int
    _blocks: FloatArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Lay out the rows kept as the kernel takes them."""
        object.__setattr__(self, "_blocks", blocked(self.rows))

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Mean over the subsamples of the log distance to the neighbours there, float64 [n], >= -24."""
        rows = self.scaling.apply(as_matrix(X, self.n_features))
        return self._scores(rows, no_row(rows.shape[0]))

    def score_left_out(self, X: FloatArray, of: FloatArray | None = None) -> FloatArray:  # noqa: N803
        """As `score_raw`, where one kept row equal to the one in `of`, if any, is left out."""
        rows = self.scaling.apply(as_matrix(X, self.n_features))
        itself = equal_rows(rows if of is None else self.scaling.apply(as_matrix(of)), self.rows)
        return self._scores(rows, itself)

    def _scores(self, rows: FloatArray, itself: NDArray[np.int64]) -> FloatArray:
        kept = (self._blocks, self.rows.shape[0], metric_code(self.metric), self.weights, self.own_weights)
        return _mean_log_distances(kept, rows, itself)


@dataclass(frozen=True)
class FittedKnn(FittedDetector):
    """All standardised rows; the raw score is the distance to the neighbours."""

    scaling: Scaling
    rows: FloatArray
    metric: str
    weights: FloatArray
    training_scores: FloatArray
    n_features: int
    _search: NeighbourSearch = field(init=False, repr=False, compare=False)
    search: InitVar[NeighbourSearch | None] = None

    def __post_init__(self, search: NeighbourSearch | None) -> None:
        """Search as fitting did, or anew where the rows come from an envelope."""
        object.__setattr__(self, "_search", search or NeighbourSearch(self.rows, self.metric))

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Distances to the neighbours, float64 [n], >= 0."""
        rows = self.scaling.apply(as_matrix(X))
        return _weighted_distances(self._search, self.weights, rows, no_row(rows.shape[0]))

    def score_left_out(self, X: FloatArray, of: FloatArray | None = None) -> FloatArray:  # noqa: N803
        """As `score_raw`, where one training row equal to the one in `of`, if any, is left out."""
        rows = self.scaling.apply(as_matrix(X))
        itself = equal_rows(rows if of is None else self.scaling.apply(as_matrix(of)), self.rows)
        return _weighted_distances(self._search, self.weights, rows, itself)


@dataclass(frozen=True, slots=True)
class KnnDetector(Detector):
    """k nearest neighbours before they have seen data."""

    n_neighbors: int
    method: str
    metric: str
    bagging: bool
    n_subsamples: int
    subsample_size: int

    def fit(self, X: FloatArray, seed: int) -> FittedDetector:  # noqa: N803
        """Keep the rows, or subsamples of them; a row has at most the others as neighbours."""
        scaling = standard_scaling(X)
        rows = scaling.apply(X)
        n, d = rows.shape
        if not self.bagging:
            weights = _weights(self.method, min(self.n_neighbors, n - 1))
            search = NeighbourSearch(rows, self.metric)
            scores = _weighted_distances(search, weights, rows, every_row(n))
            return FittedKnn(scaling, rows, self.metric, weights, scores, d, search)
        kept = drawn_rows(n, self.n_subsamples * self.subsample_size, seed)
        m, size = kept.size, min(n, self.subsample_size)
        within = _weights(self.method, min(self.n_neighbors, size - 1))
        weights, own_weights = rank_weights(m, size, within), own_rank_weights(m, size, within)
        itself = np.full(n, -1, dtype=np.int64)
        itself[kept] = np.arange(m)
        bag = (blocked(rows[kept]), m, metric_code(self.metric), weights, own_weights)
        scores = _mean_log_distances(bag, rows, itself)
        return FittedBaggedKnn(scaling, rows[kept], self.metric, weights, own_weights, scores, d)


def _weights(method: str, k: int) -> FloatArray:
    """What the distances to the k nearest rows, nearest first, count for; they sum to 1."""
    weights = np.zeros(k)
    if method == "mean":
        weights[:] = 1.0 / k
    elif method == "median":
        weights[[(k - 1) // 2, k // 2]] = 0.5
        weights /= weights.sum()
    else:
        weights[-1] = 1.0
    return weights


def _mean_log_distances(
    kept: tuple[FloatArray, int, int, FloatArray, FloatArray], rows: FloatArray, itself: NDArray[np.int64]
) -> FloatArray:
    scores = np.empty(rows.shape[0])
    blocks, m, metric, weights, own_weights = kept
    lasting = (as_read_only(blocks), m, metric, as_read_only(weights), as_read_only(own_weights))

    def score(start: int, stop: int) -> None:
        mean_log_distances(*lasting, rows, itself, start, stop, scores)

    in_spans(score, rows.shape[0])
    return scores


def _weighted_distances(
    search: NeighbourSearch, weights: FloatArray, rows: FloatArray, itself: NDArray[np.int64]
) -> FloatArray:
    distances, _ = search.nearest(rows, weights.size, itself)
    scores = np.zeros(rows.shape[0])
    # Rank after rank: the order of additions is then the same for one row and for many.
    for rank in np.flatnonzero(weights):
        scores += weights[rank] * distances[:, rank]
    return scores


SPEC = AlgorithmSpec(
    name="knn",
    title="k nearest neighbours",
    description=(
        "Measures how far each row is from the rows nearest to it. By default among many small random "
        "subsamples, which also finds anomalies that come in clusters and costs little whatever the number "
        "of rows; with `bagging` off among all rows."
    ),
    reference=(
        "Ramaswamy, Rastogi, Shim: Efficient Algorithms for Mining Outliers from Large Data Sets, 2000; "
        "bagging: Aggarwal, Sathe: Theoretical Foundations and Algorithms for Outlier Ensembles, 2015"
    ),
    aliases=("k_nearest_neighbors", "nearest_neighbors"),
    parameters=schema_of(
        n_neighbors=integer(
            "Neighbours that count; at most the other rows there are.", default=5, minimum=1, maximum=1000
        ),
        method=choice(
            "Which distance counts: the largest of those to the neighbours, their mean or their median.",
            default="largest",
            options=("largest", "mean", "median"),
        ),
        metric=choice(
            "How distance is measured between standardised rows.", default="euclidean", options=METRICS
        ),
        bagging=boolean(
            "Whether to take neighbours from random subsamples and average; off, from all rows.", default=True
        ),
        n_subsamples=integer(
            "With bagging, how many times the rows of a subsample are drawn from the data and kept; the "
            "average is over all subsamples of what was drawn.",
            default=6,
            minimum=1,
            maximum=100,
        ),
        subsample_size=integer(
            "Rows in each subsample; all of them where there are no more.",
            default=256,
            minimum=3,
            maximum=1024,
        ),
    ),
    capabilities=("inductive", "seeded"),
    cost="medium",
    complexity="O(n * subsamples * size * d), without bagging towards O(n^2 * d)",
    min_rows=3,
    make=lambda values: KnnDetector(**values),
)
