"""HBOS (Goldstein, Dengel 2012): rows whose values fall into rarely used bins of their histograms."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pynomaly_server.detectors.base import (
    AlgorithmSpec,
    Detector,
    FittedAdditiveDetector,
    FloatArray,
    as_matrix,
)
from pynomaly_server.detectors.columnwise.histograms import (
    bin_from_left,
    bin_from_right,
    bins_per_unit,
    edges_between,
)
from pynomaly_server.detectors.compiled import compiled
from pynomaly_server.detectors.parameters import integer, schema_of, share
from pynomaly_server.detectors.scaling import Scaling, standard_scaling


@dataclass(frozen=True, slots=True, eq=False)
class FittedHbos(FittedAdditiveDetector):
    """A histogram of each standardised column.

    The raw score is the sum over columns of log2((h_max + alpha) / (h + alpha)), with h the density of the
    value's bin in the standardised column and h_max that of the column's fullest one: 0 where every value is
    the commonest. A value farther outside a histogram than `tolerance` bins has density 0. On training rows
    this is PyOD's score plus a constant; as there, a value on the edge of two bins is counted in the upper
    one and looked up in the lower one.

    `edges`, float64 [d, bins + 1], and `density`, float64 [d, bins], belong to the standardised columns.
    """

    scaling: Scaling
    edges: FloatArray
    density: FloatArray
    alpha: float
    tolerance: float
    training_scores: FloatArray
    n_features: int
    _term_of_bin: FloatArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take the logarithm of each bin once, and of density 0, which stands behind the last bin."""
        object.__setattr__(self, "_term_of_bin", _terms_of_bins(self.density, self.alpha))

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Sums of the terms, float64 [n], >= 0."""
        return _scores(self._scaled(X), self.edges, self._term_of_bin, self.tolerance)

    def exact_terms(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """The term of each column, float64 [n, n_features], >= 0; they sum to the raw score."""
        return _terms(self._scaled(X), self.edges, self._term_of_bin, self.tolerance)

    def _scaled(self, X: FloatArray) -> FloatArray:  # noqa: N803
        return self.scaling.apply(as_matrix(X, self.n_features))


@dataclass(frozen=True, slots=True)
class HbosDetector(Detector):
    """HBOS before it has seen data; it uses no randomness."""

    n_bins: int
    alpha: float
    tolerance: float

    def fit(self, X: FloatArray, seed: int) -> FittedHbos:  # noqa: N803, ARG002 - nothing is random
        """Count the values of each standardised column in equal bins."""
        scaling = standard_scaling(X)
        rows = scaling.apply(X)
        edges = edges_between(rows.min(axis=0), rows.max(axis=0), self.n_bins)
        density = _counts(rows, edges) / (rows.shape[0] * np.diff(edges, axis=1))
        scores = _scores(rows, edges, _terms_of_bins(density, self.alpha), self.tolerance)
        return FittedHbos(scaling, edges, density, self.alpha, self.tolerance, scores, X.shape[1])


def _terms_of_bins(density: FloatArray, alpha: float) -> FloatArray:
    outside = np.zeros((density.shape[0], 1))
    fullest = density.max(axis=1, keepdims=True)
    terms: FloatArray = np.log2((fullest + alpha) / (np.hstack([density, outside]) + alpha))
    return terms


@compiled
def _counts(rows: FloatArray, edges: FloatArray) -> FloatArray:
    counts = np.zeros((edges.shape[0], edges.shape[1] - 1))
    for column in range(rows.shape[1]):
        own, count = edges[column], counts[column]
        per_unit = bins_per_unit(own)
        for row in range(rows.shape[0]):
            count[bin_from_left(rows[row, column], own, per_unit)] += 1.0
    return counts


@compiled
def _term(
    value: float, edges: FloatArray, per_unit: float, term_of_bin: FloatArray, tolerance: float
) -> float:
    n_bins = edges.size - 1
    outside = max(edges[0] - value, value - edges[n_bins]) * per_unit
    term: float = term_of_bin[n_bins if outside > tolerance else bin_from_right(value, edges, per_unit)]
    return term


@compiled
def _scores(rows: FloatArray, edges: FloatArray, term_of_bin: FloatArray, tolerance: float) -> FloatArray:
    # Column after column: the order of additions is the same for one row and for many.
    scores = np.zeros(rows.shape[0])
    for column in range(rows.shape[1]):
        own, terms = edges[column], term_of_bin[column]
        per_unit = bins_per_unit(own)
        for row in range(rows.shape[0]):
            scores[row] += _term(rows[row, column], own, per_unit, terms, tolerance)
    return scores


@compiled
def _terms(rows: FloatArray, edges: FloatArray, term_of_bin: FloatArray, tolerance: float) -> FloatArray:
    scores = np.empty(rows.shape)
    for column in range(rows.shape[1]):
        own, terms = edges[column], term_of_bin[column]
        per_unit = bins_per_unit(own)
        for row in range(rows.shape[0]):
            scores[row, column] = _term(rows[row, column], own, per_unit, terms, tolerance)
    return scores


SPEC = AlgorithmSpec(
    name="hbos",
    title="Histogram-based outlier score",
    description=(
        "Adds up how empty the bins are into which a row's values fall, with one histogram per column. The "
        "quickest of all; the share of each column in a score is exact. Sees columns one by one."
    ),
    reference=(
        "Goldstein, Dengel: Histogram-based Outlier Score (HBOS): A fast Unsupervised Anomaly Detection "
        "Algorithm, 2012"
    ),
    aliases=("histogram",),
    parameters=schema_of(
        n_bins=integer("Number of bins of each histogram.", default=10, minimum=2, maximum=1000),
        alpha=share("Density added to every bin, so that an empty one does not decide alone.", default=0.1),
        tolerance=share(
            "How far outside the histogram, in bins, a value still belongs to the bin at its end.",
            default=0.5,
        ),
    ),
    capabilities=("inductive", "deterministic", "exact-explanations"),
    cost="low",
    complexity="O(n * d)",
    min_rows=3,
    make=lambda values: HbosDetector(**values),
)
