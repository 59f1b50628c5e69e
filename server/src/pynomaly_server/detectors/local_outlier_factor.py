"""Local outlier factor (Breunig, Kriegel, Ng, Sander 2000): rows in sparser places than their neighbours.

By default bagged (Aggarwal, Sathe 2015): among a few hundred rows an anomaly seldom has a companion, so
anomalies that come in clusters no longer hide each other.
"""

from __future__ import annotations

from dataclasses import InitVar, dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FittedDetector, FloatArray, as_matrix
from pynomaly_server.detectors.neighbours.bagged import (
    densities_of_entries,
    mean_factors_of,
    mean_outlier_factors,
    neighbours_in_samples,
    outlier_factors,
    reachability_densities,
)
from pynomaly_server.detectors.neighbours.distances import METRICS
from pynomaly_server.detectors.neighbours.itself import equal_rows, every_row, no_row
from pynomaly_server.detectors.neighbours.search import NeighbourSearch
from pynomaly_server.detectors.neighbours.subsamples import BaggedRows, draw
from pynomaly_server.detectors.parameters import boolean, choice, integer, schema_of
from pynomaly_server.detectors.scaling import Scaling, standard_scaling
from pynomaly_server.detectors.spans import in_spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Subsamples are drawn from so many times their rows: measuring more of them costs more and tells no more.
_KEPT_TIMES: Final = 4

# Neighbours of all rows in all subsamples that are kept at once: 16 bytes each.
_MOST_KEPT: Final = 1_000_000


@dataclass(frozen=True, slots=True)
class Densities:
    """Of each reference row the distance to its k-th neighbour and its local reachability density."""

    n_neighbors: int
    k_distances: FloatArray
    densities: FloatArray


@dataclass(frozen=True)
class FittedBaggedLocalOutlierFactor(FittedDetector):
    """Subsamples of the standardised rows, with the densities of each row in each.

    The raw score is the mean of the local outlier factors: about 1 inside a cluster, larger the sparser the
    row's place is.
    """

    scaling: Scaling
    bagged: BaggedRows
    known: Densities
    training_scores: FloatArray
    n_features: int

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Mean local outlier factors, float64 [n], > 0, of rows that no subsample holds."""
        rows = self.scaling.apply(as_matrix(X))
        return _mean_factors(self.bagged, self.known, rows, no_row(rows.shape[0]))

    def score_left_out(self, X: FloatArray, of: FloatArray | None = None) -> FloatArray:  # noqa: N803
        """As `score_raw`, where one drawn row equal to the one in `of`, if any, is left out."""
        rows = self.scaling.apply(as_matrix(X))
        itself = equal_rows(rows if of is None else self.scaling.apply(as_matrix(of)), self.bagged.rows)
        return _mean_factors(self.bagged, self.known, rows, itself)


@dataclass(frozen=True)
class FittedLocalOutlierFactor(FittedDetector):
    """All standardised rows with the density of each; the raw score is the local outlier factor."""

    scaling: Scaling
    rows: FloatArray
    metric: str
    known: Densities
    training_scores: FloatArray
    n_features: int
    _search: NeighbourSearch = field(init=False, repr=False, compare=False)
    search: InitVar[NeighbourSearch | None] = None

    def __post_init__(self, search: NeighbourSearch | None) -> None:
        """Search as fitting did, or anew where the rows come from an envelope."""
        object.__setattr__(self, "_search", search or NeighbourSearch(self.rows, self.metric))

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Local outlier factors, float64 [n], > 0, of rows that were not fitted on."""
        rows = self.scaling.apply(as_matrix(X))
        return _factors(self._search, self.known, rows, no_row(rows.shape[0]))

    def score_left_out(self, X: FloatArray, of: FloatArray | None = None) -> FloatArray:  # noqa: N803
        """As `score_raw`, where one training row equal to the one in `of`, if any, is left out."""
        rows = self.scaling.apply(as_matrix(X))
        itself = equal_rows(rows if of is None else self.scaling.apply(as_matrix(of)), self.rows)
        return _factors(self._search, self.known, rows, itself)


@dataclass(frozen=True, slots=True)
class LocalOutlierFactorDetector(Detector):
    """A local outlier factor before it has seen data."""

    n_neighbors: int
    metric: str
    bagging: bool
    n_subsamples: int
    subsample_size: int

    def fit(self, X: FloatArray, seed: int) -> FittedDetector:  # noqa: N803
        """Find the densities of all rows, or within subsamples; at most the other rows are neighbours."""
        scaling = standard_scaling(X)
        rows = scaling.apply(X)
        n, d = rows.shape
        if self.bagging:
            most = _KEPT_TIMES * self.subsample_size
            subsamples = draw(n, self.n_subsamples, self.subsample_size, seed, most)
            bagged = BaggedRows(rows[subsamples.drawn], subsamples, self.metric)
            known, scores = _fitted(bagged, min(self.n_neighbors, subsamples.size - 1), rows)
            return FittedBaggedLocalOutlierFactor(scaling, bagged, known, scores, d)
        search = NeighbourSearch(rows, self.metric)
        known, distances, neighbours = _densities(search, min(self.n_neighbors, n - 1))
        scores = outlier_factors(neighbours, distances, known.k_distances, known.densities)
        return FittedLocalOutlierFactor(scaling, rows, self.metric, known, scores, d, search)


def _densities(search: NeighbourSearch, k: int) -> tuple[Densities, FloatArray, NDArray[np.int64]]:
    """The densities of the search's own rows, with the neighbours they come from."""
    distances, neighbours = search.nearest(search.rows, k, every_row(search.rows.shape[0]))
    k_distances = distances[:, -1].copy()
    densities = reachability_densities(neighbours, distances, k_distances)
    return Densities(k, k_distances, densities), distances, neighbours


def _fitted(bagged: BaggedRows, k: int, rows: FloatArray) -> tuple[Densities, FloatArray]:
    """The densities within the subsamples and the scores of all training rows."""
    itself = bagged.subsamples.positions(rows.shape[0])
    width = bagged.subsamples.count * (k + 1)
    if rows.shape[0] * width > _MOST_KEPT:
        known = _densities_within(bagged, k)
        return known, _mean_factors(bagged, known, rows, itself)
    # Few rows: most were drawn, so one search serves the densities and the scores.
    entries, distances = np.empty((rows.shape[0], width), dtype=np.int64), np.empty((rows.shape[0], width))
    neighbours_in_samples(bagged.bag, k, rows, itself, entries, distances)
    known = Densities(k, *(np.empty(bagged.subsamples.sample_of.size) for _ in range(2)))
    densities_of_entries(
        bagged.bag, k, bagged.subsamples.drawn, entries, distances, known.k_distances, known.densities
    )
    return known, mean_factors_of(k, known.k_distances, known.densities, entries, distances)


def _densities_within(bagged: BaggedRows, k: int) -> Densities:
    """The densities of every drawn row in every subsample it belongs to, by entry."""
    entries = bagged.subsamples.sample_of.size
    k_distances, densities = np.empty(entries), np.empty(entries)
    for sample in range(bagged.subsamples.count):
        members, places = bagged.subsamples.members(sample)
        known, _, _ = _densities(NeighbourSearch(bagged.rows[places], bagged.metric), k)
        k_distances[members], densities[members] = known.k_distances, known.densities
    return Densities(k, k_distances, densities)


def _factors(
    search: NeighbourSearch, known: Densities, rows: FloatArray, itself: NDArray[np.int64]
) -> FloatArray:
    distances, neighbours = search.nearest(rows, known.n_neighbors, itself)
    factors: FloatArray = outlier_factors(neighbours, distances, known.k_distances, known.densities)
    return factors


def _mean_factors(
    bagged: BaggedRows, known: Densities, rows: FloatArray, itself: NDArray[np.int64]
) -> FloatArray:
    scores = np.empty(rows.shape[0])

    def score(start: int, stop: int) -> None:
        mean_outlier_factors(
            bagged.bag,
            known.n_neighbors,
            known.k_distances,
            known.densities,
            rows,
            itself,
            start,
            stop,
            scores,
        )

    in_spans(score, rows.shape[0])
    return scores


SPEC = AlgorithmSpec(
    name="local_outlier_factor",
    title="Local outlier factor",
    description=(
        "Compares how densely each row is surrounded with how densely its neighbours are. Finds rows that "
        "are odd for their own neighbourhood. By default among small random subsamples, which also finds "
        "anomalies that come in clusters; with `bagging` off among all rows, blind to "
        "clusters larger than `n_neighbors`."
    ),
    reference=(
        "Breunig, Kriegel, Ng, Sander: LOF: Identifying Density-Based Local Outliers, 2000; "
        "bagging: Aggarwal, Sathe: Theoretical Foundations and Algorithms for Outlier Ensembles, 2015"
    ),
    aliases=("lof",),
    parameters=schema_of(
        n_neighbors=integer(
            "Neighbours that each row is compared with; at most the other rows there are.",
            default=20,
            minimum=1,
            maximum=1000,
        ),
        metric=choice(
            "How distance is measured between standardised rows.", default="euclidean", options=METRICS
        ),
        bagging=boolean(
            "Whether to take neighbours from random subsamples and average; off, from all rows.", default=True
        ),
        n_subsamples=integer("Number of subsamples, with bagging.", default=6, minimum=1, maximum=100),
        subsample_size=integer(
            "Rows in each subsample; all of them, in a single one, where there are no more. Subsamples are "
            "drawn from four times as many rows, which are drawn before.",
            default=256,
            minimum=3,
            maximum=1024,
        ),
    ),
    capabilities=("inductive", "seeded"),
    cost="medium",
    complexity="O(n * subsamples * size * d), without bagging towards O(n^2 * d)",
    min_rows=3,
    make=lambda values: LocalOutlierFactorDetector(**values),
)
