"""Cluster-based local outlier factor (He, Xu, Deng 2003): rows far from every large cluster."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FittedDetector, FloatArray, as_matrix
from pynomaly_server.detectors.clusters import k_means, nearest_centres
from pynomaly_server.detectors.parameters import boolean, integer, number, schema_of, share
from pynomaly_server.detectors.scaling import Scaling, standard_scaling

if TYPE_CHECKING:
    from numpy.typing import NDArray

# With fewer rows to a cluster on average, single odd rows would make clusters that pass for large ones.
_ROWS_PER_CLUSTER: Final = 10


@dataclass(frozen=True)
class FittedCblof(FittedDetector):
    """The centres of the clusters; the raw score is the distance to the nearest centre of a large one.

    `large`, bool [c], says which clusters are large; `sizes`, float64 [c], how many rows each has. Where the
    nearest cluster of all is large, that is its own distance; where it is small, the paper's distance to the
    nearest large one.
    """

    scaling: Scaling
    centres: FloatArray
    large: NDArray[np.bool_]
    sizes: FloatArray
    weighted: bool
    training_scores: FloatArray
    n_features: int

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Distances, times the size of the row's cluster if `weighted`, float64 [n], >= 0."""
        rows = self.scaling.apply(as_matrix(X))
        return _factors(rows, self.centres, self.large, self.sizes, self.weighted)


@dataclass(frozen=True, slots=True)
class CblofDetector(Detector):
    """A cluster-based local outlier factor before it has seen data."""

    n_clusters: int
    alpha: float
    beta: float
    use_weights: bool

    def fit(self, X: FloatArray, seed: int) -> FittedCblof:  # noqa: N803
        """Cluster the rows and part the large clusters from the small ones."""
        scaling = standard_scaling(X)
        rows = scaling.apply(X)
        n, d = rows.shape
        centres, labels = k_means(rows, min(self.n_clusters, max(1, n // _ROWS_PER_CLUSTER)), seed)
        sizes = np.bincount(labels, minlength=centres.shape[0]).astype(np.float64)
        large = _large(sizes, self.alpha, self.beta)
        scores = _factors(rows, centres, large, sizes, self.use_weights)
        return FittedCblof(scaling, centres, large, sizes, self.use_weights, scores, d)


def _large(sizes: FloatArray, alpha: float, beta: float) -> NDArray[np.bool_]:
    """Which clusters are large, by the paper's definition 2, bool [c]; at least one is.

    In order of size, the large ones are the first that hold a share `alpha` of the rows, ending before a
    cluster `beta` times smaller; where both cannot be had the share alone decides.
    """
    order = np.argsort(-sizes, kind="stable")
    ordered = sizes[order]
    enough = np.cumsum(ordered) >= alpha * ordered.sum()
    drop = np.append(ordered[:-1] >= beta * ordered[1:], False)
    boundaries = np.flatnonzero(enough & drop)
    last = boundaries[0] if boundaries.size else np.flatnonzero(enough)[0]
    large = np.zeros(sizes.size, dtype=bool)
    large[order[: last + 1]] = True
    return large


def _factors(
    rows: FloatArray, centres: FloatArray, large: NDArray[np.bool_], sizes: FloatArray, weighted: bool
) -> FloatArray:
    labels, squares = np.empty(rows.shape[0], dtype=np.int64), np.empty(rows.shape[0])
    nearest_centres(rows, centres[large], labels, squares)
    factors: FloatArray = np.sqrt(squares)
    if not weighted:
        return factors
    nearest_centres(rows, centres, labels, squares)
    return factors * sizes[labels]


SPEC = AlgorithmSpec(
    name="cblof",
    title="Cluster-based local outlier factor",
    description=(
        "Finds clusters, takes the large ones for normal, and measures how far each row is from the nearest "
        "of them. Finds small clusters of anomalies as a whole; depends on how well few round clusters "
        "describe the normal rows."
    ),
    reference="He, Xu, Deng: Discovering Cluster-Based Local Outliers, 2003",
    aliases=("cluster_based",),
    parameters=schema_of(
        n_clusters=integer(
            "Clusters to find; at most one for every ten rows.", default=8, minimum=1, maximum=256
        ),
        alpha=share("Share of the rows that the large clusters hold together.", default=0.9),
        beta=number(
            "How many times smaller a small cluster is than the large one before it.",
            default=5.0,
            above=1,
            maximum=1000,
        ),
        use_weights=boolean(
            "Whether a distance counts as many times as the row's own cluster has rows, as in the paper; "
            "without, small clusters stand out more.",
            default=False,
        ),
    ),
    capabilities=("inductive", "seeded"),
    cost="low",
    complexity="O(n * clusters * d) for each round of clustering",
    min_rows=3,
    make=lambda values: CblofDetector(**values),
)
