"""One-class support vector machine (Schölkopf, Platt, Shawe-Taylor, Smola, Williamson 2001): a border around
the bulk of the rows.

Its fit grows with the square of the rows. Above a few thousand it is fitted on subsamples and their decision
functions are averaged, which on labelled data loses nothing.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FittedDetector, FloatArray, as_matrix
from pynomaly_server.detectors.compiled import compiled
from pynomaly_server.detectors.neighbours.distances import BLOCK, EUCLIDEAN, TILE, blocked, measure
from pynomaly_server.detectors.neighbours.subsamples import draw
from pynomaly_server.detectors.parameters import integer, number, schema_of
from pynomaly_server.detectors.scaling import Scaling, standard_scaling
from pynomaly_server.detectors.spans import in_spans

if TYPE_CHECKING:
    from pynomaly_server.detectors.neighbours.subsamples import Subsamples


@dataclass(frozen=True)
class FittedOneClassSvm(FittedDetector):
    """The support vectors of all subsamples, standardised, each with its mean weight.

    The kernel is the same for every subsample, so the mean of their decision functions is one sum over the
    distinct support vectors. The raw score is `offset` minus the weighted mean of exp(-gamma * distance^2):
    in (-1, 1), above 0 outside the border.
    """

    scaling: Scaling
    vectors: FloatArray
    weights: FloatArray
    gamma: float
    offset: float
    training_scores: FloatArray
    n_features: int
    _blocks: FloatArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_blocks", blocked(self.vectors))

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """How far outside the border the rows lie, float64 [n], in (-1, 1)."""
        rows = self.scaling.apply(as_matrix(X))
        return self.offset - _kernel_means(self._blocks, self.weights, self.gamma, rows)


@dataclass(frozen=True, slots=True)
class OneClassSvmDetector(Detector):
    """A one-class support vector machine before it has seen data."""

    nu: float
    gamma: float
    n_subsamples: int
    subsample_size: int

    def fit(self, X: FloatArray, seed: int) -> FittedOneClassSvm:  # noqa: N803
        """Find the border of all rows, or of subsamples where that is less work."""
        scaling = standard_scaling(X)
        rows = scaling.apply(X)
        n, d = rows.shape
        variance = float(rows.var())
        gamma = self.gamma / (d * variance) if variance > 0 else self.gamma / d
        # Work grows with the square of the rows: up to this many, the whole is less of it than its parts.
        whole = n <= self.subsample_size * math.sqrt(self.n_subsamples)
        subsamples = draw(n, self.n_subsamples, n if whole else self.subsample_size, seed)
        weights, offset = _borders(rows[subsamples.drawn], subsamples, self.nu, gamma)
        supporting = weights > 0
        vectors, weights = rows[subsamples.drawn][supporting], weights[supporting]
        scores = offset - _kernel_means(blocked(vectors), weights, gamma, rows)
        return FittedOneClassSvm(scaling, vectors, weights, gamma, offset, scores, d)


def _borders(drawn: FloatArray, subsamples: Subsamples, nu: float, gamma: float) -> tuple[FloatArray, float]:
    """The mean weight of each drawn row, float64 [m], and the mean offset, over the subsamples."""
    from sklearn.svm import OneClassSVM  # here: scikit-learn takes a second to load, and only fits need it

    weights, offset = np.zeros(drawn.shape[0]), 0.0
    for sample in range(subsamples.count):
        _, places = subsamples.members(sample)
        machine = OneClassSVM(kernel="rbf", nu=nu, gamma=gamma).fit(drawn[places])
        # libsvm's weights sum to nu * size; as shares of 1 they mean the same for every nu and size.
        total = float(machine.dual_coef_.sum()) * subsamples.count
        weights[places[machine.support_]] += machine.dual_coef_[0] / total
        offset -= float(machine.intercept_[0]) / total
    return weights, offset


def _kernel_means(blocks: FloatArray, weights: FloatArray, gamma: float, rows: FloatArray) -> FloatArray:
    means = np.empty(rows.shape[0])

    def average(start: int, stop: int) -> None:
        _kernel_means_between(blocks, weights, gamma, rows, start, stop, means)

    in_spans(average, rows.shape[0])
    return means


@compiled
def _kernel_means_between(
    blocks: FloatArray,
    weights: FloatArray,
    gamma: float,
    rows: FloatArray,
    start: int,
    stop: int,
    means: FloatArray,
) -> None:
    squares = np.empty((TILE, blocks.shape[0] * BLOCK))
    for tile in range(start, stop, TILE):
        tile_stop = min(tile + TILE, stop)
        measure(blocks, rows, tile, tile_stop, EUCLIDEAN, squares)
        for row in range(tile, tile_stop):
            total = 0.0
            for vector in range(weights.size):
                total += weights[vector] * math.exp(-gamma * squares[row - tile, vector])
            means[row] = total


SPEC = AlgorithmSpec(
    name="one_class_svm",
    loads_late=True,
    title="One-class support vector machine",
    description=(
        "Draws a smooth border around the bulk of the rows; what lies outside is abnormal. Sees odd "
        "combinations of values, but smooths over small clusters and narrow gaps."
    ),
    reference=(
        "Schölkopf, Platt, Shawe-Taylor, Smola, Williamson: Estimating the Support of a High-Dimensional "
        "Distribution, 2001"
    ),
    aliases=("ocsvm", "svm"),
    parameters=schema_of(
        nu=number(
            "Share of the rows that may lie outside the border; half of them make a border that anomalies "
            "among the rows cannot stretch.",
            default=0.5,
            above=0,
            # With all of them outside there is no border left to find.
            maximum=0.99,
        ),
        gamma=number(
            "How narrow the kernel is, in units of 1 / (columns * variance of the standardised rows).",
            default=1.0,
            above=0,
            maximum=1000,
        ),
        n_subsamples=integer("Number of subsamples.", default=5, minimum=1, maximum=100),
        subsample_size=integer(
            "Rows in each subsample. All rows are taken at once where they are fewer than this times the "
            "square root of the number of subsamples.",
            default=1024,
            minimum=3,
            maximum=8192,
        ),
    ),
    capabilities=("inductive", "seeded"),
    cost="medium",
    complexity="O(subsamples * size^2 * d) to fit, O(n * subsamples * size * d) to score",
    min_rows=3,
    make=lambda values: OneClassSvmDetector(**values),
)
