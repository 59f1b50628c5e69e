"""Kernel density (Parzen 1962; Latecki, Lazarevic, Pokrajac 2007): rows where few others are near."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FittedDetector, FloatArray, as_matrix
from pynomaly_server.detectors.compiled import compiled
from pynomaly_server.detectors.neighbours.itself import equal_rows
from pynomaly_server.detectors.parameters import integer, schema_of
from pynomaly_server.detectors.scaling import Scaling, standard_scaling

if TYPE_CHECKING:
    from numpy.typing import NDArray

# Which rows stand for all depends on their number alone, so that the detector is deterministic.
_DRAW = 20_070_813

# Beyond this many exponents below the nearest row's, a row adds less than rounding to the sum.
_NEGLIGIBLE = 45.0


@dataclass(frozen=True, slots=True, eq=False)
class FittedKde(FittedDetector):
    """Rows that stand for the data, standardised, with a Gaussian kernel around each.

    The raw score is -log of the density, -log mean_i N(x; c_i, h^2 I), over the m kept rows c_i. A training
    row that is kept is left out of its own density. On the rows and with the bandwidth of scikit-learn's
    KernelDensity it equals the negative of its `score_samples` up to rounding.

    `centres`, float64 [m, d]; `width` is h, in standard deviations of the columns.
    """

    scaling: Scaling
    centres: FloatArray
    width: float
    training_scores: FloatArray
    n_features: int

    def score_raw(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """Negative logarithms of the density, float64 [n]."""
        rows = self.scaling.apply(as_matrix(X, self.n_features))
        return _scores(rows, self.centres, self.width, np.full(rows.shape[0], -1))

    def score_left_out(self, X: FloatArray, of: FloatArray | None = None) -> FloatArray:  # noqa: N803
        """The same where one kept row equal to the row, or to that in `of`, if any, is left out."""
        rows = self.scaling.apply(as_matrix(X, self.n_features))
        itself = equal_rows(rows if of is None else self.scaling.apply(as_matrix(of)), self.centres)
        return _scores(rows, self.centres, self.width, itself)


@dataclass(frozen=True, slots=True)
class KdeDetector(Detector):
    """The density estimate before it has seen data; nothing is random."""

    bandwidth: float
    max_samples: int

    def fit(self, X: FloatArray, seed: int) -> FittedKde:  # noqa: N803, ARG002 - nothing is random
        """Keep the rows that stand for all."""
        scaling = standard_scaling(X)
        rows = scaling.apply(X)
        n, d = rows.shape
        kept = np.arange(n)
        if n > self.max_samples:
            draw = np.random.default_rng(_DRAW).choice(n, self.max_samples, replace=False)
            kept = np.sort(draw)
        itself = np.full(n, -1)
        itself[kept] = np.arange(kept.size)
        width = self.bandwidth * math.sqrt(d)
        centres = rows[kept]
        return FittedKde(scaling, centres, width, _scores(rows, centres, width, itself), d)


@compiled
def _scores(rows: FloatArray, centres: FloatArray, width: float, itself: NDArray[np.int64]) -> FloatArray:
    """-log of the density of each row; for row i the centre `itself[i]` does not count (-1: all do)."""
    n_rows, columns = rows.shape
    kept = centres.shape[0]
    # Centres side by side: the inner loop then takes several at once, each in its own order of additions.
    beside = np.ascontiguousarray(centres.T)
    scores = np.empty(n_rows)
    exponents = np.empty(kept)
    unit = 1.0 / (2.0 * width * width)
    shape = columns * math.log(width * math.sqrt(2.0 * math.pi))
    for row in range(n_rows):
        exponents[:] = 0.0
        for column in range(columns):
            value = rows[row, column]
            for centre in range(kept):
                difference = value - beside[column, centre]
                exponents[centre] += difference * difference
        counted = kept
        if itself[row] >= 0:
            exponents[itself[row]] = np.inf
            counted -= 1
        least = exponents.min()
        total = 0.0
        for centre in range(kept):
            below = (exponents[centre] - least) * unit
            if below < _NEGLIGIBLE:
                total += math.exp(-below)
        scores[row] = least * unit - math.log(total / counted) + shape
    return scores


def _bandwidth() -> dict[str, Any]:
    return {
        "type": "number",
        "description": (
            "Width of the kernels, as a share of the usual distance of a row from the mean (the root of the "
            "number of columns, in standard deviations). Narrow kernels see gaps within the data, wide ones "
            "only what is far from all of it."
        ),
        "default": 0.35,
        "minimum": 0.001,
        "maximum": 1000,
    }


SPEC = AlgorithmSpec(
    name="kde",
    title="Kernel density",
    description=(
        "Estimates the density around a row from how near the others are, every row counting with a Gaussian "
        "bell. For data of any shape in a few columns; one bandwidth has to suit dense and sparse places."
    ),
    reference=("Latecki, Lazarevic, Pokrajac: Outlier Detection with Kernel Density Functions, 2007"),
    aliases=("kernel_density", "parzen"),
    parameters=schema_of(
        bandwidth=_bandwidth(),
        max_samples=integer(
            "Rows that stand for the data; all of them where there are fewer.",
            default=1024,
            minimum=2,
            maximum=1_000_000,
        ),
    ),
    capabilities=("inductive", "deterministic"),
    cost="medium",
    complexity="O(n * samples * d)",
    min_rows=3,
    make=lambda values: KdeDetector(**values),
)
