"""Gaussian mixture (Dempster, Laird, Rubin 1977): rows that a few normal distributions find rare."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FittedDetector, FloatArray, as_matrix
from pynomaly_server.detectors.compiled import compiled
from pynomaly_server.detectors.gaussian.eigen import symmetric_eigen
from pynomaly_server.detectors.gaussian.moments import (
    log_determinant,
    squared_distances,
    weighted_covariance,
    weighted_mean,
    whitening_of,
)
from pynomaly_server.detectors.parameters import choice, integer, schema_of
from pynomaly_server.detectors.scaling import Scaling, standard_scaling

if TYPE_CHECKING:
    from numpy.typing import NDArray

# As scikit-learn's, but on standardised columns, where they mean the same for every table.
_RIDGE = 1e-6
_TOLERANCE = 1e-3

# What a component has of every row at least, so that none ever stands for no row at all.
_LEAST_SHARE = 1e-10


@dataclass(frozen=True, slots=True, eq=False)
class FittedGmm(FittedDetector):
    """The components of the mixture, on standardised columns.

    The raw score is -log of the density, -log sum_k w_k N(x; m_k, C_k). With one component it ranks rows by
    their Mahalanobis distance and, but for the standardised columns, equals PyOD's. A row beyond the reach of
    doubles is told by its nearest component.

    `constants`, float64 [k]: log w_k - (d log 2 pi + log det C_k) / 2; `means`, float64 [k, d];
    `whitenings`, float64 [k, d, d], upper triangular, are C_k^-1 = W W'.
    """

    scaling: Scaling
    constants: FloatArray
    means: FloatArray
    whitenings: FloatArray
    training_scores: FloatArray
    n_features: int

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Negative logarithms of the density, float64 [n]."""
        rows = self.scaling.apply(as_matrix(X, self.n_features))
        return -_log_sums(_joint(rows, self.constants, self.means, self.whitenings))


@dataclass(frozen=True, slots=True)
class GmmDetector(Detector):
    """The mixture before it has seen data; nothing is random.

    Starts from equal parts of the rows along their first principal component and climbs by expectation and
    maximisation until the mean log density gains less than 0.001, at most `max_iter` times.
    """

    n_components: int
    covariance: Literal["full", "diagonal"]
    max_iter: int

    def fit(self, X: FloatArray, seed: int) -> FittedGmm:  # noqa: N803, ARG002 - nothing is random
        """Fit weights, means and covariances."""
        scaling = standard_scaling(X)
        rows = scaling.apply(X)
        shares = _first_shares(rows, min(self.n_components, X.shape[0]))
        constants, means, whitenings = self._maximised(rows, shares)
        joint = _joint(rows, constants, means, whitenings)
        density = _log_sums(joint)
        for _ in range(self.max_iter if len(shares) > 1 else 0):
            shares = np.exp(joint - density)
            constants, means, whitenings = self._maximised(rows, shares)
            joint = _joint(rows, constants, means, whitenings)
            before, density = density, _log_sums(joint)
            if density.mean() - before.mean() < _TOLERANCE:
                break
        return FittedGmm(scaling, constants, means, whitenings, -density, X.shape[1])

    def _maximised(self, rows: FloatArray, shares: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The constants, means and whitenings that suit the shares, float64 [k, n], best."""
        d = rows.shape[1]
        constants, means, whitenings = [], [], []
        for share in shares + _LEAST_SHARE:
            mean = weighted_mean(rows, share)
            covariance = weighted_covariance(rows, share, mean)
            if self.covariance == "diagonal":
                covariance = np.diag(np.diag(covariance))
            whitening = whitening_of(covariance + _RIDGE * np.eye(d))
            weight = math.log(share.mean())
            constants.append(weight - (d * math.log(2 * math.pi) + log_determinant(whitening)) / 2)
            means.append(mean)
            whitenings.append(whitening)
        return np.array(constants), np.stack(means), np.stack(whitenings)


def _first_shares(rows: FloatArray, parts: int) -> FloatArray:
    """Each row wholly in one of equal parts along the first principal component, float64 [parts, n]."""
    n, d = rows.shape
    if parts == 1:
        return np.ones((1, n))
    _, vectors = symmetric_eigen(weighted_covariance(rows, np.ones(n), np.zeros(d)))
    part: NDArray[np.int64] = np.empty(n, dtype=np.int64)
    part[np.argsort(_along(rows, vectors[0]), kind="stable")] = np.arange(n) * parts // n
    shares: FloatArray = (np.arange(parts)[:, np.newaxis] == part).astype(np.float64)
    return shares


@compiled
def _along(rows: FloatArray, direction: FloatArray) -> FloatArray:
    along = np.zeros(rows.shape[0])
    for row in range(rows.shape[0]):
        for column in range(rows.shape[1]):
            along[row] += rows[row, column] * direction[column]
    return along


def _joint(rows: FloatArray, constants: FloatArray, means: FloatArray, whitenings: FloatArray) -> FloatArray:
    """Terms log w_k N(x; m_k, C_k) of each component and row, float64 [k, n]."""
    joint = np.empty((constants.size, rows.shape[0]))
    for term, constant, mean, whitening in zip(joint, constants, means, whitenings, strict=True):
        np.subtract(constant, squared_distances(rows, mean, whitening) / 2, out=term)
    return joint


@compiled
def _log_sums(joint: FloatArray) -> FloatArray:
    """Values log sum_k exp of each row, float64 [n]."""
    sums = np.empty(joint.shape[1])
    if joint.shape[0] == 1:
        sums[:] = joint[0]
        return sums
    for row in range(joint.shape[1]):
        largest = joint[0, row]
        for component in range(1, joint.shape[0]):
            largest = max(largest, joint[component, row])
        total = 0.0
        for component in range(joint.shape[0]):
            total += math.exp(joint[component, row] - largest)
        sums[row] = largest + math.log(total)
    return sums


SPEC = AlgorithmSpec(
    name="gmm",
    title="Gaussian mixture",
    description=(
        "Describes the rows as a mixture of a few normal distributions and finds those of low density. For "
        "data of one or a few elliptic clouds with linear relations between columns."
    ),
    reference=("Dempster, Laird, Rubin: Maximum Likelihood from Incomplete Data via the EM Algorithm, 1977"),
    aliases=("gaussian_mixture",),
    parameters=schema_of(
        n_components=integer("Number of normal distributions.", default=1, minimum=1, maximum=20),
        covariance=choice(
            "Whether columns may be related within a component (full) or not (diagonal).",
            default="full",
            options=("full", "diagonal"),
        ),
        max_iter=integer("Most steps of expectation and maximisation.", default=100, minimum=1, maximum=300),
    ),
    capabilities=("inductive", "deterministic"),
    cost="low",
    complexity="O(steps * components * n * d^2)",
    min_rows=3,
    make=lambda values: GmmDetector(**values),
)
