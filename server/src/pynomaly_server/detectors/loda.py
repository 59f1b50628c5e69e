"""LODA (Pevny 2016): rows that many histograms of sparse random projections find rare."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from pynomaly_server.detectors.base import (
    AlgorithmSpec,
    Detector,
    FittedDetector,
    FloatArray,
    as_matrix,
    random_state,
)
from pynomaly_server.detectors.columnwise.histograms import bin_from_left, bins_per_unit, edges_between
from pynomaly_server.detectors.compiled import compiled
from pynomaly_server.detectors.parameters import integer, schema_of
from pynomaly_server.detectors.scaling import Scaling, standard_scaling

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Columns = NDArray[np.int64]

# Rows that are projected together, few enough to stay in the cache from one projection to the next.
_BLOCK_ROWS = 256


@dataclass(frozen=True, slots=True, eq=False)
class FittedLoda(FittedDetector):
    """Random projections of the standardised columns and a histogram of each.

    The raw score is the mean over projections of -log p, with p the share of training rows in the bin that
    the projected row falls into. An empty bin and what lies outside a histogram have p = 1 / (n + 1), just
    rarer than the 1 / n of a single row.

    `columns`, int64 [cuts, k], and `weights`, float64 [cuts, k]: each projection adds k weighted columns;
    `edges`, float64 [cuts, bins + 1], and `counts`, float64 [cuts, bins]: its bins and the training rows in
    them.
    """

    scaling: Scaling
    columns: Columns
    weights: FloatArray
    edges: FloatArray
    counts: FloatArray
    training_scores: FloatArray
    n_features: int
    _rarity: FloatArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Take the logarithm of each bin once."""
        object.__setattr__(self, "_rarity", _rarity_of_bins(self.counts))

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Mean rarities, float64 [n], >= 0."""
        rows = self.scaling.apply(as_matrix(X, self.n_features))
        return _scores(rows, self.columns, self.weights, self.edges, self._rarity)

    def feature_parts(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """How much rarer each column makes its projections, float64 [n, n_features], in logarithms.

        The mean over the projections that hold the column of what -log p drops when the column alone is at
        its mean; 0 where none holds it. Not the drop of the score: chance puts one column into twice as many
        projections as another, and would decide which of them is named. As in the paper (4.2), a column is
        judged by the projections that it is in.
        """
        rows = self.scaling.apply(as_matrix(X, self.n_features))
        parts = np.zeros(rows.shape)
        _add_drops(rows, self.columns, self.weights, self.edges, self._rarity, parts)
        parts /= np.maximum(np.bincount(self.columns.ravel(), minlength=self.n_features), 1)
        return parts


@dataclass(frozen=True, slots=True)
class LodaDetector(Detector):
    """LODA before it has seen data."""

    n_projections: int
    n_bins: int

    def fit(self, X: FloatArray, seed: int) -> FittedLoda:  # noqa: N803
        """Draw the projections and count where the rows fall."""
        scaling = standard_scaling(X)
        rows = scaling.apply(X)
        columns, weights = _projections(X.shape[1], self.n_projections, seed)
        low, high = _extremes(rows, columns, weights)
        edges = edges_between(low, high, self.n_bins)
        counts = _counts(rows, columns, weights, edges)
        scores = _scores(rows, columns, weights, edges, _rarity_of_bins(counts))
        return FittedLoda(scaling, columns, weights, edges, counts, scores, X.shape[1])


def _projections(n_features: int, count: int, seed: int) -> tuple[Columns, FloatArray]:
    """`count` projections of sqrt(n_features) columns each, with standard normal weights."""
    rng = np.random.default_rng(random_state(seed))
    chosen = math.isqrt(n_features)
    columns = np.stack([rng.permutation(n_features)[:chosen] for _ in range(count)])
    return np.sort(columns, axis=1), rng.standard_normal((count, chosen))


def _rarity_of_bins(counts: FloatArray) -> FloatArray:
    n = counts[0].sum()
    outside = np.zeros((counts.shape[0], 1))
    rarity: FloatArray = -np.log(np.maximum(np.hstack([counts, outside]), n / (n + 1)) / n)
    return rarity


@compiled
def _columns_of(rows: FloatArray, start: int, stop: int, block: FloatArray) -> None:
    """Copy rows[start:stop] to `block`, float64 [d, block rows], column after column."""
    for row in range(start, stop):
        for column in range(rows.shape[1]):
            block[column, row - start] = rows[row, column]


@compiled
def _project(block: FloatArray, length: int, columns: Columns, weights: FloatArray, to: FloatArray) -> None:
    """Write the projection of the first `length` rows of a block; columns are added in their order."""
    for at in range(length):
        to[at] = 0.0
    for place in range(columns.size):
        weight, values = weights[place], block[columns[place]]
        for at in range(length):
            to[at] += values[at] * weight


@compiled
def _extremes(rows: FloatArray, columns: Columns, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
    cuts = columns.shape[0]
    low = np.full(cuts, np.inf)
    high = np.full(cuts, -np.inf)
    block, values = np.empty((rows.shape[1], _BLOCK_ROWS)), np.empty(_BLOCK_ROWS)
    for start in range(0, rows.shape[0], _BLOCK_ROWS):
        stop = min(start + _BLOCK_ROWS, rows.shape[0])
        _columns_of(rows, start, stop, block)
        for cut in range(cuts):
            _project(block, stop - start, columns[cut], weights[cut], values)
            least, most = low[cut], high[cut]
            for at in range(stop - start):
                least = values[at] if values[at] < least else least  # noqa: FURB136 - min also minds NaN
                most = values[at] if values[at] > most else most  # noqa: FURB136
            low[cut], high[cut] = least, most
    return low, high


@compiled
def _counts(rows: FloatArray, columns: Columns, weights: FloatArray, edges: FloatArray) -> FloatArray:
    counts = np.zeros((edges.shape[0], edges.shape[1] - 1))
    block, values = np.empty((rows.shape[1], _BLOCK_ROWS)), np.empty(_BLOCK_ROWS)
    for start in range(0, rows.shape[0], _BLOCK_ROWS):
        stop = min(start + _BLOCK_ROWS, rows.shape[0])
        _columns_of(rows, start, stop, block)
        for cut in range(edges.shape[0]):
            _project(block, stop - start, columns[cut], weights[cut], values)
            own, count = edges[cut], counts[cut]
            per_unit = bins_per_unit(own)
            for at in range(stop - start):
                count[bin_from_left(values[at], own, per_unit)] += 1.0
    return counts


@compiled
def _scores(
    rows: FloatArray, columns: Columns, weights: FloatArray, edges: FloatArray, rarity: FloatArray
) -> FloatArray:
    cuts = edges.shape[0]
    scores = np.zeros(rows.shape[0])
    block, values = np.empty((rows.shape[1], _BLOCK_ROWS)), np.empty(_BLOCK_ROWS)
    for start in range(0, rows.shape[0], _BLOCK_ROWS):
        stop = min(start + _BLOCK_ROWS, rows.shape[0])
        _columns_of(rows, start, stop, block)
        # Projection after projection: the order of additions is the same for one row and for many.
        for cut in range(cuts):
            _project(block, stop - start, columns[cut], weights[cut], values)
            own, rare = edges[cut], rarity[cut]
            per_unit = bins_per_unit(own)
            for at in range(stop - start):
                scores[start + at] += _rarity_at(values[at], own, per_unit, rare)
    scores /= cuts
    return scores


@compiled
def _add_drops(
    rows: FloatArray,
    columns: Columns,
    weights: FloatArray,
    edges: FloatArray,
    rarity: FloatArray,
    drops: FloatArray,
) -> None:
    """Add to drops[row, column] what each projection's rarity drops when that standardised column is 0."""
    cuts, chosen = columns.shape
    for cut in range(cuts):
        own, rare = edges[cut], rarity[cut]
        per_unit = bins_per_unit(own)
        for row in range(rows.shape[0]):
            rarity_of_all = 0.0
            # The others are added up anew: taking the column from the sum would leave its rounding there.
            for left_out in range(-1, chosen):
                value = 0.0
                for place in range(chosen):
                    if place != left_out:
                        value += rows[row, columns[cut, place]] * weights[cut, place]
                found = _rarity_at(value, own, per_unit, rare)
                if left_out < 0:
                    rarity_of_all = found
                else:
                    drops[row, columns[cut, left_out]] += rarity_of_all - found


@compiled
def _rarity_at(value: float, edges: FloatArray, per_unit: float, rarity: FloatArray) -> Any:
    """The rarity of the bin of a value; the last one is that of all values outside."""
    n_bins = edges.size - 1
    inside = edges[0] <= value <= edges[n_bins]
    return rarity[bin_from_left(value, edges, per_unit) if inside else n_bins]


SPEC = AlgorithmSpec(
    name="loda",
    title="LODA",
    description=(
        "Looks at the data through many random projections, each adding up a few columns, and finds the rows "
        "that fall into rarely used bins of their histograms. Quick, and sees combinations of columns."
    ),
    reference="Pevny: Loda: Lightweight on-line detector of anomalies, 2016",
    aliases=(),
    parameters=schema_of(
        n_projections=integer("Number of random projections.", default=100, minimum=1, maximum=10_000),
        n_bins=integer("Number of bins of each histogram.", default=50, minimum=2, maximum=1000),
    ),
    capabilities=("inductive", "seeded"),
    cost="low",
    complexity="O(n * projections * sqrt d)",
    min_rows=3,
    make=lambda values: LodaDetector(**values),
)
