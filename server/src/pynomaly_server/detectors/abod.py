"""Angle-based outlier detection (Kriegel, Schubert, Zimek 2008), the fast form over nearest neighbours.

From inside the data the other rows lie in all directions; from outside, in about the same one. How much the
angles between neighbours vary, each weighted by the distances, therefore tells inside from outside.
"""

from __future__ import annotations

import math
from dataclasses import InitVar, dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FittedDetector, FloatArray, as_matrix
from pynomaly_server.detectors.compiled import compiled
from pynomaly_server.detectors.neighbours.itself import equal_rows, every_row, no_row
from pynomaly_server.detectors.neighbours.search import NeighbourSearch
from pynomaly_server.detectors.parameters import integer, schema_of
from pynomaly_server.detectors.scaling import Scaling, standard_scaling

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Variances are taken to lie between this and its inverse; both ends are beyond what distances can make.
_LEAST_VARIANCE: Final = 1e-300


@dataclass(frozen=True)
class FittedAbod(FittedDetector):
    """All standardised rows; the raw score is minus the logarithm of the angle-based outlier factor."""

    scaling: Scaling
    rows: FloatArray
    n_neighbors: int
    training_scores: FloatArray
    n_features: int
    _search: NeighbourSearch = field(init=False, repr=False, compare=False)
    search: InitVar[NeighbourSearch | None] = None

    def __post_init__(self, search: NeighbourSearch | None) -> None:
        """Search as fitting did, or anew where the rows come from an envelope."""
        object.__setattr__(self, "_search", search or NeighbourSearch(self.rows, "euclidean"))

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """-log of the variance of the weighted angles, float64 [n], within +-691."""
        rows = self.scaling.apply(as_matrix(X))
        return _scores(self._search, self.n_neighbors, rows, no_row(rows.shape[0]))

    def score_left_out(self, X: FloatArray, of: FloatArray | None = None) -> FloatArray:  # noqa: N803
        """As `score_raw`, where one training row equal to the one in `of`, if any, is left out."""
        rows = self.scaling.apply(as_matrix(X))
        itself = equal_rows(rows if of is None else self.scaling.apply(as_matrix(of)), self.rows)
        return _scores(self._search, self.n_neighbors, rows, itself)


@dataclass(frozen=True, slots=True)
class AbodDetector(Detector):
    """Angle-based outlier detection before it has seen data."""

    n_neighbors: int

    def fit(self, X: FloatArray, seed: int) -> FittedAbod:  # noqa: N803, ARG002 - nothing is random
        """Keep the rows; a row has at most the others as neighbours."""
        scaling = standard_scaling(X)
        rows = scaling.apply(X)
        n, d = rows.shape
        k = min(self.n_neighbors, n - 1)
        search = NeighbourSearch(rows, "euclidean")
        return FittedAbod(scaling, rows, k, _scores(search, k, rows, every_row(n)), d, search)


def _scores(search: NeighbourSearch, k: int, rows: FloatArray, itself: NDArray[np.int64]) -> FloatArray:
    scores = np.empty(rows.shape[0])
    _, neighbours = search.nearest(rows, k, itself)
    _angle_scores(search.rows, rows, neighbours, scores)
    return scores


@compiled
def _angle_scores(
    reference: FloatArray, rows: FloatArray, neighbours: NDArray[np.int64], scores: FloatArray
) -> None:
    n, d = rows.shape
    k = neighbours.shape[1]
    towards, squares = np.empty((k, d)), np.empty(k)
    weighted = np.empty(k * (k - 1) // 2)
    for row in range(n):
        for rank in range(k):
            square = 0.0
            for column in range(d):
                off = reference[neighbours[row, rank], column] - rows[row, column]
                towards[rank, column] = off
                square += off * off
            squares[rank] = square
        pairs = 0
        for a in range(k):
            for b in range(a + 1, k):
                product = squares[a] * squares[b]
                # To a twin there is no direction.
                if product < _LEAST_VARIANCE:
                    continue
                dot = 0.0
                for column in range(d):
                    dot += towards[a, column] * towards[b, column]
                weighted[pairs] = dot / product
                pairs += 1
        scores[row] = -_log_variance(weighted[:pairs])


@compiled
def _log_variance(values: FloatArray) -> float:
    # Of twins nearly alone nothing can be said but that the row has company.
    if values.size < 2:
        return -math.log(_LEAST_VARIANCE)
    mean = 0.0
    for value in values:
        mean += value
    mean /= values.size
    variance = 0.0
    for value in values:
        variance += (value - mean) * (value - mean)
    variance /= values.size
    return math.log(min(max(variance, _LEAST_VARIANCE), 1.0 / _LEAST_VARIANCE))


SPEC = AlgorithmSpec(
    name="abod",
    title="Angle-based outlier detection",
    description=(
        "Looks from each row at pairs of its neighbours: from outside the data the angles between them "
        "hardly vary. Keeps its sense of direction where, with many columns, distances grow alike."
    ),
    reference="Kriegel, Schubert, Zimek: Angle-Based Outlier Detection in High-Dimensional Data, 2008",
    aliases=("angle_based", "fast_abod"),
    parameters=schema_of(
        n_neighbors=integer(
            "Neighbours whose angles count; at most the other rows there are.",
            default=20,
            minimum=3,
            maximum=200,
        ),
    ),
    capabilities=("inductive", "deterministic"),
    cost="high",
    complexity="O(n * (log n + neighbours^2) * d) with few columns, towards O(n^2 * d) with many",
    min_rows=3,
    make=lambda values: AbodDetector(**values),
)
