"""Principal components (Shyu, Chen, Sarinnapakorn, Chang 2003): rows far out along the components."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FittedDetector, FloatArray, as_matrix
from pynomaly_server.detectors.gaussian.eigen import symmetric_eigen
from pynomaly_server.detectors.gaussian.moments import squared_projections, weighted_covariance
from pynomaly_server.detectors.parameters import choice, schema_of
from pynomaly_server.detectors.scaling import Scaling, standard_scaling

# Added to every variance, the whole of a standardised column being 1: what training rows never do (the sum
# of two columns that always agree, say) counts heavily without being divided by 0.
_RIDGE = 0.01

# The choices of the paper: major components explain half of the variance, minor ones less than a fifth of
# what one column does.
_MAJOR_SHARE = 0.5
_MINOR_VARIANCE = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class FittedPca(FittedDetector):
    """Principal components of the standardised columns.

    The raw score is the sum over the chosen components of y^2 / (variance + 0.01), with y the row's
    coordinate along the component. Over all components this is a squared Mahalanobis distance. PyOD's class
    adds up distances from the row to the tips of the components instead and divides them by shares of
    variance, which are 0 for constant columns; here a constant column adds 0 as long as it keeps its value.

    `components`, float64 [q, d], are unit vectors; `variances`, float64 [q], in descending order.
    """

    scaling: Scaling
    components: FloatArray
    variances: FloatArray
    training_scores: FloatArray
    n_features: int
    _directions: FloatArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Divide the components by their deviations once."""
        object.__setattr__(self, "_directions", _directions(self.components, self.variances))

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Weighted squared coordinates, float64 [n], >= 0."""
        return squared_projections(self.scaling.apply(as_matrix(X, self.n_features)), self._directions)


@dataclass(frozen=True, slots=True)
class PcaDetector(Detector):
    """Principal components before they have seen data; nothing is random."""

    components: Literal["all", "major", "minor"]

    def fit(self, X: FloatArray, seed: int) -> FittedPca:  # noqa: N803, ARG002 - nothing is random
        """Take the eigenvectors of the correlations."""
        scaling = standard_scaling(X)
        rows = scaling.apply(X)
        correlation = weighted_covariance(rows, np.ones(rows.shape[0]), np.zeros(rows.shape[1]))
        variances, components = symmetric_eigen(correlation)
        variances = np.maximum(variances, 0.0)
        chosen = self._chosen(variances)
        variances, components = variances[chosen], components[chosen]
        scores = squared_projections(rows, _directions(components, variances))
        return FittedPca(scaling, components, variances, scores, X.shape[1])

    def _chosen(self, variances: FloatArray) -> slice:
        if self.components == "major":
            explained = np.cumsum(variances)
            return slice(0, int(np.searchsorted(explained, _MAJOR_SHARE * explained[-1])) + 1)
        if self.components == "minor":
            return slice(min(int((variances >= _MINOR_VARIANCE).sum()), variances.size - 1), None)
        return slice(None)


def _directions(components: FloatArray, variances: FloatArray) -> FloatArray:
    return np.ascontiguousarray((components / np.sqrt(variances + _RIDGE)[:, np.newaxis]).T)


SPEC = AlgorithmSpec(
    name="pca",
    title="Principal components",
    description=(
        "Measures how far out a row lies along the principal components of the standardised columns, so that "
        "breaking a relation between columns counts as much as an extreme value. For linear relations."
    ),
    reference=(
        "Shyu, Chen, Sarinnapakorn, Chang: A Novel Anomaly Detection Scheme Based on Principal Component "
        "Classifier, 2003"
    ),
    aliases=("principal_components", "principal_component_analysis"),
    parameters=schema_of(
        components=choice(
            "Which components count: all of them, the major ones that explain half of the variance (extreme "
            "values), or the minor ones of a variance below 0.2 (broken relations), at least one.",
            default="all",
            options=("all", "major", "minor"),
        ),
    ),
    capabilities=("inductive", "deterministic"),
    cost="low",
    complexity="O(n * d^2 + d^3)",
    min_rows=3,
    make=lambda values: PcaDetector(**values),
)
