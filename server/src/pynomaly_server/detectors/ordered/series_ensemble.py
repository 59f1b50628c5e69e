"""Isolation forest on windows (Liu, Ting, Zhou 2008) with spectral residual (Ren et al. 2019).

The two miss different things: windows see odd stretches and levels, the spectrum sees abrupt changes against
the rhythm. The raw score of a point is the forest's score plus half the spectral residual's, each less its
mean and divided by its deviation over the training points. Expected values are those of the spectral
residual. Length and weight are those that did best on ten labelled series of the Numenta Anomaly Benchmark;
weights from a half to one and lengths from 8 to 16 do nearly as well there.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pynomaly_server.detectors import isolation_forest
from pynomaly_server.detectors.base import AlgorithmSpec, as_matrix
from pynomaly_server.detectors.ordered import spectral_residual
from pynomaly_server.detectors.ordered.interface import (
    ORDERED,
    FittedOrderedDetector,
    OrderedDetector,
    SeriesScores,
)
from pynomaly_server.detectors.ordered.windows import WindowedDetector, Windows
from pynomaly_server.detectors.parameters import integer, schema_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pynomaly_server.detectors.base import FloatArray

MIN_ROWS: Final = spectral_residual.MIN_ROWS
_SPECTRAL_WEIGHT: Final = 0.5


@dataclass(frozen=True)
class Standard:
    """Mean and deviation of a member's training scores; a deviation of 0 counts as 1."""

    mean: float
    deviation: float

    def apply(self, raw: FloatArray) -> FloatArray:
        """The scores in deviations from the mean, float64 [n]."""
        standard: FloatArray = (raw - self.mean) / self.deviation
        return standard


@dataclass(frozen=True)
class FittedSeriesEnsemble(FittedOrderedDetector):
    """Both members and the scales of their scores."""

    on_windows: FittedOrderedDetector
    spectral: FittedOrderedDetector
    window_scale: Standard
    spectral_scale: Standard
    n_features: int
    training_scores: FloatArray

    def score_series(self, X: FloatArray) -> SeriesScores:  # noqa: N803
        """Score one series.

        Raises:
            TooFewRows: the series is shorter than a window or than 12 rows.
        """
        rows = as_matrix(X)
        return _together(
            self.on_windows.score_series(rows),
            self.spectral.score_series(rows),
            self.window_scale,
            self.spectral_scale,
        )


@dataclass(frozen=True, slots=True)
class SeriesEnsembleDetector(OrderedDetector):
    """The ensemble before it has seen data."""

    length: int

    def fit_series(
        self, series: Sequence[FloatArray], seed: int
    ) -> tuple[FittedSeriesEnsemble, SeriesScores]:
        """Fit both members on all series.

        Raises:
            TooFewRows: a series is shorter than a window or than 12 rows.
            InvalidParameter: the windows hold too many numbers.
        """
        rows = [as_matrix(each) for each in series]
        forest = isolation_forest.SPEC
        windowed = WindowedDetector(forest, forest.detector(), Windows(self.length, combine="last"))
        on_windows, window_scores = windowed.fit_series(rows, seed)
        spectral, spectral_scores = spectral_residual.SPEC.detector().fit_series(rows, seed)  # type: ignore[attr-defined]
        scales = _standard(window_scores.raw), _standard(spectral_scores.raw)
        together = _together(window_scores, spectral_scores, *scales)
        fitted = FittedSeriesEnsemble(on_windows, spectral, *scales, rows[0].shape[1], together.raw)
        return fitted, together


def _standard(raw: FloatArray) -> Standard:
    mean, deviation = float(raw.mean()), float(raw.std())
    return Standard(mean, deviation if deviation > 1e-12 * max(abs(mean), 1.0) else 1.0)


def _together(
    windows: SeriesScores, spectral: SeriesScores, window_scale: Standard, spectral_scale: Standard
) -> SeriesScores:
    seen = window_scale.apply(windows.raw)
    heard = _SPECTRAL_WEIGHT * spectral_scale.apply(spectral.raw)

    def parts(positions: NDArray[np.int64]) -> FloatArray:
        summed = np.zeros((positions.size, 1))
        for score, member in ((seen, windows), (heard, spectral)):
            if member.parts is not None:
                weight = np.maximum(score[positions], 0.0)[:, np.newaxis]
                summed = summed + weight * _shares(member.parts(positions))
        return summed

    return SeriesScores(seen + heard, spectral.bands, parts)


def _shares(parts: FloatArray) -> FloatArray:
    total = parts.sum(axis=1, keepdims=True)
    shares: FloatArray = np.divide(parts, total, out=np.zeros_like(parts), where=total > 0)
    return shares


SPEC = AlgorithmSpec(
    name="series_ensemble",
    title="Series ensemble",
    description=(
        "Isolation forest on sliding windows together with spectral residual: odd stretches and levels as "
        "well as spikes and abrupt changes. The best choice for time series of which nothing is known; a "
        "point's windows are those that end at it."
    ),
    reference=(
        "Liu, Ting, Zhou: Isolation Forest, 2008; Ren, Xu, Wang and others: Time-Series Anomaly Detection "
        "Service at Microsoft, 2019"
    ),
    aliases=(),
    parameters=schema_of(
        length=integer("Rows of a window.", default=12, minimum=2, maximum=1000),
    ),
    capabilities=(ORDERED, "seeded", "expected-values"),
    cost="low",
    complexity="O(n * log n * d)",
    min_rows=MIN_ROWS,
    make=lambda values: SeriesEnsembleDetector(**values),
)
