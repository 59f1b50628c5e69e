"""iNNE (Bandaragoda, Ting, Albrecht, Liu, Zhu, Wells 2018): isolation by the nearest of a few rows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FittedDetector, FloatArray, as_matrix
from pynomaly_server.detectors.compiled import as_read_only, compiled
from pynomaly_server.detectors.forest.draws import Seeds, draw_rows, tree_seeds
from pynomaly_server.detectors.parameters import integer, schema_of
from pynomaly_server.detectors.scaling import Scaling, standard_scaling
from pynomaly_server.detectors.spans import in_spans

_ROWS_PER_THREAD = 10_000

# Keeps the ratio of two spheres without extent defined; PyOD's constant.
_LEAST = float(np.finfo(np.float64).eps)


@dataclass(frozen=True)
class FittedInne(FittedDetector):
    """Ensembles of hyperspheres over standardised columns; the raw score is the mean isolation, in [0, 1].

    `centres`, float64 [estimators, samples, d], are sampled rows; `radii`, float64 [estimators, samples],
    ascending, the squared distance to the nearest other centre; `isolation`, float64 of the same shape, 1
    less the nearest centre's radius over the own. A row is as isolated as the smallest sphere it lies in,
    and wholly, 1, outside all of them.
    """

    scaling: Scaling
    centres: FloatArray
    radii: FloatArray
    isolation: FloatArray
    training_scores: FloatArray
    n_features: int

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Mean isolation scores, float64 [n], in [0, 1]."""
        rows = self.scaling.apply(as_matrix(X, self.n_features))
        return _scores(rows, self.centres, self.radii, self.isolation)


@dataclass(frozen=True, slots=True)
class InneDetector(Detector):
    """iNNE before it has seen data."""

    n_estimators: int
    max_samples: int

    def fit(self, X: FloatArray, seed: int) -> FittedInne:  # noqa: N803
        """Draw the centres of each estimator and measure how far apart they lie."""
        scaling = standard_scaling(X)
        rows = scaling.apply(X)
        samples = min(self.max_samples, X.shape[0])
        order = np.arange(X.shape[0])
        seeds = tree_seeds(seed, self.n_estimators)
        centres, radii, isolation = _spheres(as_read_only(rows), seeds, samples, order)
        return FittedInne(
            scaling, centres, radii, isolation, _scores(rows, centres, radii, isolation), X.shape[1]
        )


def _scores(X: FloatArray, centres: FloatArray, radii: FloatArray, isolation: FloatArray) -> FloatArray:  # noqa: N803
    rows = as_read_only(X)
    spheres = (as_read_only(centres.reshape(-1, X.shape[1])), as_read_only(radii), as_read_only(isolation))
    out = np.empty(X.shape[0])

    def measure(start: int, stop: int) -> None:
        _score(rows[start:stop], *spheres, out[start:stop])

    in_spans(measure, X.shape[0], _ROWS_PER_THREAD)
    return out


@compiled
def _squared_distance(X: FloatArray, row: int, centres: FloatArray, at: int, enough: float) -> float:  # noqa: N803
    """Of a row and a centre; once the sum is above `enough` the rest is left out."""
    total = 0.0
    for column in range(X.shape[1]):
        difference = X[row, column] - centres[at, column]
        total += difference * difference
        if total > enough:
            break
    return total


@compiled
def _spheres(
    X: FloatArray,  # noqa: N803
    seeds: Seeds,
    samples: int,
    order: NDArray[np.int64],
) -> tuple[FloatArray, FloatArray, FloatArray]:
    d = X.shape[1]
    centres = np.empty((seeds.size, samples, d))
    radii = np.empty((seeds.size, samples))
    isolation = np.empty((seeds.size, samples))
    undo = np.empty(samples, np.int64)
    drawn = np.empty(samples, np.int64)
    nearest = np.empty(samples, np.int64)
    radius = np.empty(samples)
    state = np.empty(1, np.uint64)
    for estimator in range(seeds.size):
        state[0] = seeds[estimator]
        draw_rows(state, order, undo, drawn)
        for i in range(samples):
            radius[i] = np.inf
            for j in range(samples):
                if i != j:
                    distance = _squared_distance(X, drawn[i], X, drawn[j], radius[i])
                    if distance < radius[i]:
                        radius[i] = distance
                        nearest[i] = j
        # Smallest first: the first sphere that a row lies in is then the one that counts.
        for i in range(samples):
            position = 0
            for j in range(samples):
                position += radius[j] < radius[i] or (radius[j] == radius[i] and j < i)
            for column in range(d):
                centres[estimator, position, column] = X[drawn[i], column]
            radii[estimator, position] = radius[i]
            isolation[estimator, position] = 1.0 - (radius[nearest[i]] + _LEAST) / (radius[i] + _LEAST)
    return centres, radii, isolation


@compiled
def _score(
    X: FloatArray,  # noqa: N803
    centres: FloatArray,
    radii: FloatArray,
    isolation: FloatArray,
    out: FloatArray,
) -> None:
    estimators, samples = radii.shape
    for row in range(X.shape[0]):
        total = 0.0
        for estimator in range(estimators):
            found = 1.0
            for i in range(samples):
                radius = radii[estimator, i]
                if _squared_distance(X, row, centres, estimator * samples + i, radius) <= radius:
                    found = isolation[estimator, i]
                    break
            total += found
        out[row] = total / estimators


SPEC = AlgorithmSpec(
    name="inne",
    title="iNNE",
    description=(
        "Draws a few rows many times over and gives each a sphere that reaches to its nearest fellow; rows "
        "in spheres much wider than their neighbours', or in none, are isolated. Quick as an isolation "
        "forest, and aware of local density as a neighbour method is."
    ),
    reference=(
        "Bandaragoda, Ting, Albrecht, Liu, Zhu, Wells: Isolation-based anomaly detection using "
        "nearest-neighbor ensembles, 2018"
    ),
    aliases=("isolation_nne",),
    parameters=schema_of(
        n_estimators=integer("Number of sets of spheres.", default=200, minimum=1, maximum=500),
        max_samples=integer(
            "Rows drawn for each set; all of them where there are fewer.", default=8, minimum=2, maximum=64
        ),
    ),
    capabilities=("inductive", "seeded"),
    cost="low",
    complexity="O(estimators * samples^2 * d) to fit, O(n * estimators * samples * d) to score",
    min_rows=3,
    make=lambda values: InneDetector(**values),
)
