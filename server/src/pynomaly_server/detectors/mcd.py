"""Minimum covariance determinant (Rousseeuw 1984): distances from the most compact part of the rows."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import gammaincinv

from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FittedDetector, FloatArray, as_matrix
from pynomaly_server.detectors.columnwise.distances import median_scaling
from pynomaly_server.detectors.gaussian.moments import (
    log_determinant,
    squared_distances,
    weighted_covariance,
    weighted_mean,
    whitening_of,
)
from pynomaly_server.detectors.parameters import schema_of
from pynomaly_server.detectors.scaling import Scaling

# Added to the variance of every column, robustly scaled, so that fewer rows than columns, columns that are
# constant in the compact part and columns that always agree leave a covariance of full rank.
_RIDGE = 1e-2

# Concentration steps for every start before the best one goes on alone, and at most for that one.
_FIRST_STEPS = 2
_MOST_STEPS = 100

# Reweighting keeps the rows within this quantile of what a normal distribution would give.
_KEPT_QUANTILE = 0.975


@dataclass(frozen=True, slots=True, eq=False)
class FittedMcd(FittedDetector):
    """Robust location and covariance of the robustly scaled columns.

    The raw score is the squared Mahalanobis distance (x - location)' C^-1 (x - location), with C the
    reweighted covariance plus 0.01 in its diagonal. PyOD's class adds nothing and takes the pseudo-inverse
    instead, so it cannot see rows that leave the plane on which the compact part lies; on data of full rank
    the two rank rows alike.

    `location`, float64 [d]; `whitening`, float64 [d, d], upper triangular, is C^-1 = W W'.
    """

    scaling: Scaling
    location: FloatArray
    whitening: FloatArray
    training_scores: FloatArray
    n_features: int

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Squared distances, float64 [n], >= 0."""
        rows = self.scaling.apply(as_matrix(X, self.n_features))
        return squared_distances(rows, self.location, self.whitening)


@dataclass(frozen=True, slots=True)
class _Estimate:
    location: FloatArray
    whitening: FloatArray
    distances: FloatArray

    @property
    def log_determinant(self) -> float:
        return log_determinant(self.whitening)


@dataclass(frozen=True, slots=True)
class McdDetector(Detector):
    """Minimum covariance determinant before it has seen data; nothing is random.

    Three quarters of the rows are taken to be sound by default, the usual compromise (Hubert, Debruyne 2010).
    Starts from a few robust guesses instead of hundreds of random subsets, as DetMCD does (Hubert,
    Rousseeuw, Verdonck 2012), and concentrates: the rows nearest to the estimate make the next one, until the
    determinant no longer falls.
    """

    support_fraction: float

    def fit(self, X: FloatArray, seed: int) -> FittedMcd:  # noqa: N803, ARG002 - nothing is random
        """Find the compact rows, then weigh in all that lie near them."""
        scaling = median_scaling(X)
        rows = scaling.apply(X)
        size = self._support(*rows.shape)
        begun = [_concentrated(rows, start, size, _FIRST_STEPS) for start in _starts(rows)]
        best = min(begun, key=lambda estimate: estimate.log_determinant)
        raw = _concentrated(rows, best, size, _MOST_STEPS)
        final = _reweighted(rows, raw, size)
        return FittedMcd(scaling, final.location, final.whitening, final.distances, X.shape[1])

    def _support(self, n: int, d: int) -> int:
        """How many rows are to be compact: the share asked for, or the fewest that resist the most."""
        fewest = (n + d + 1) // 2
        return min(n, max(fewest, math.ceil(self.support_fraction * n)))


def _estimate(rows: FloatArray, weights: FloatArray) -> _Estimate:
    location = weighted_mean(rows, weights)
    covariance = weighted_covariance(rows, weights, location)
    return _with_ridge(rows, location, covariance)


def _with_ridge(rows: FloatArray, location: FloatArray, covariance: FloatArray) -> _Estimate:
    whitening = whitening_of(covariance + _RIDGE * np.eye(location.size))
    return _Estimate(location, whitening, squared_distances(rows, location, whitening))


def _starts(rows: FloatArray) -> list[_Estimate]:
    """Guesses that a minority of odd rows, however placed, can bend but not break."""
    n, d = rows.shape
    centre = np.zeros(d)
    equal = np.ones(n)
    squares = np.minimum(np.abs(rows), 1e15) ** 2
    lengths = squared_distances(rows, centre, np.eye(d))
    signs = rows / np.sqrt(np.maximum(lengths, 1.0))[:, np.newaxis]
    central = _nearest(lengths, (n + 1) // 2)
    inside = _nearest(squares.max(axis=1), (n + 1) // 2)
    return [
        _with_ridge(rows, centre, weighted_covariance(np.tanh(rows), equal, centre)),
        _with_ridge(rows, centre, weighted_covariance(signs, equal, centre) * d),
        _estimate(rows, central),
        _estimate(rows, inside),
    ]


def _nearest(distances: FloatArray, size: int) -> FloatArray:
    """Weight 1 for the `size` rows of least distance, the first of equals, and 0 for the others."""
    weights = np.zeros(distances.size)
    if size == distances.size:
        weights[:] = 1.0
        return weights
    last = np.partition(distances, size - 1)[size - 1]
    weights[distances < last] = 1.0
    equal = np.flatnonzero(distances == last)
    weights[equal[: size - int(weights.sum())]] = 1.0
    return weights


def _concentrated(rows: FloatArray, start: _Estimate, size: int, steps: int) -> _Estimate:
    estimate = _estimate(rows, _nearest(start.distances, size))
    for _ in range(steps - 1):
        following = _estimate(rows, _nearest(estimate.distances, size))
        if following.log_determinant >= estimate.log_determinant:
            return estimate
        estimate = following
    return estimate


def _reweighted(rows: FloatArray, raw: _Estimate, size: int) -> _Estimate:
    """The estimate of all rows that are near, where distances are scaled to the median of a normal's."""
    columns = rows.shape[1]
    middle = float(np.median(raw.distances))
    if middle <= 0:
        return raw
    limit = middle * _normal_quantile(_KEPT_QUANTILE, columns) / _normal_quantile(0.5, columns)
    near = (raw.distances < limit).astype(np.float64)
    return _estimate(rows, near) if near.sum() >= size else raw


def _normal_quantile(share: float, columns: int) -> float:
    """The quantile of chi-squared, the squared distance of a normal row from its mean."""
    return float(2.0 * gammaincinv(columns / 2.0, share))


def _support_fraction() -> dict[str, Any]:
    return {
        "type": "number",
        "description": (
            "Share of the rows that is taken to be sound: 0.5 resists the most odd rows, more tell the "
            "covariance better. Never fewer than (n + d + 1) / 2 rows are taken."
        ),
        "default": 0.75,
        "minimum": 0.5,
        "maximum": 1,
    }


SPEC = AlgorithmSpec(
    name="mcd",
    title="Minimum covariance determinant",
    description=(
        "Finds the most compact part of the rows, and measures how far each row lies from it in terms of its "
        "covariance. For one cloud with linear relations between columns and up to a quarter of odd rows."
    ),
    reference=(
        "Rousseeuw: Least Median of Squares Regression, 1984; Hubert, Rousseeuw, Verdonck: A Deterministic "
        "Algorithm for Robust Location and Scatter, 2012"
    ),
    aliases=("minimum_covariance_determinant", "elliptic_envelope", "robust_covariance"),
    parameters=schema_of(support_fraction=_support_fraction()),
    capabilities=("inductive", "deterministic"),
    cost="medium",
    complexity="O(steps * n * d^2 + d^3)",
    min_rows=3,
    make=lambda values: McdDetector(**values),
)
