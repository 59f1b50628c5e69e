"""Spectral residual (Ren et al. 2019): what the rhythm of a series did not announce.

For every column: the log amplitude of the Fourier transform less its own local average is what is unusual
about the spectrum; transformed back with the phase it is the saliency map of the series. The raw score of a
point is how far its saliency stands above the mean saliency around it, relative to that mean, and the
maximum over columns. As in the paper the series is prolonged by estimated points, since the last point would
otherwise lie at the seam of the transform.

Expected value: the median of the values around a point, the point itself left out; bounds are three robust
deviations of the series' residuals on both sides. They are an aid to the eye and no part of the score.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from pynomaly_server.detectors.base import AlgorithmSpec, as_matrix
from pynomaly_server.detectors.ordered.interface import (
    ORDERED,
    Bands,
    FittedOrderedDetector,
    OrderedDetector,
    SeriesScores,
    TooShortSeries,
)
from pynomaly_server.detectors.parameters import integer, schema_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pynomaly_server.detectors.base import FloatArray

MIN_ROWS = 12

# Figures of the paper's section 3: points looked back for the gradient, and points added at the end.
_GRADIENT_POINTS = 5
_ADDED_POINTS = 5
_MAD_TO_DEVIATION = 1.4826
_DEVIATIONS = 3.0
# Amplitudes below this share of the largest are rounding.
_SILENCE = 1e-12


@dataclass(frozen=True)
class FittedSpectralResidual(FittedOrderedDetector):
    """Every series is compared with itself alone, so nothing but the settings is kept."""

    average_window: int
    score_window: int
    n_features: int
    training_scores: FloatArray

    def score_series(self, X: FloatArray) -> SeriesScores:  # noqa: N803
        """Score one series; the raw score is the largest of its columns' scores.

        Raises:
            TooFewRows: the series has fewer than 12 rows.
        """
        return _scored([as_matrix(X)], self.average_window, self.score_window)


@dataclass(frozen=True, slots=True)
class SpectralResidualDetector(OrderedDetector):
    """Spectral residual before it has seen data; it uses no randomness."""

    average_window: int
    score_window: int

    def fit_series(
        self,
        series: Sequence[FloatArray],
        seed: int,  # noqa: ARG002 - nothing is random
    ) -> tuple[FittedSpectralResidual, SeriesScores]:
        """Score every series by its own spectrum.

        Raises:
            TooFewRows: a series has fewer than 12 rows.
        """
        rows = [as_matrix(each) for each in series]
        scores = _scored(rows, self.average_window, self.score_window)
        return FittedSpectralResidual(
            self.average_window, self.score_window, rows[0].shape[1], scores.raw
        ), scores


def _scored(series: Sequence[FloatArray], average_window: int, score_window: int) -> SeriesScores:
    shortest = min(each.shape[0] for each in series)
    if shortest < MIN_ROWS:
        raise TooShortSeries(MIN_ROWS, shortest, "Leave the series out, or send more of its rows.")
    columns = np.concatenate([_saliencies(each, average_window, score_window) for each in series])
    bands = [_bands(each, score_window) for each in series]

    def parts(positions: NDArray[np.int64]) -> FloatArray:
        return columns[positions]

    return SeriesScores(
        columns.max(axis=1),
        Bands(
            np.concatenate([each.expected for each in bands]),
            np.concatenate([each.lower for each in bands]),
            np.concatenate([each.upper for each in bands]),
        ),
        parts,
    )


def _saliencies(X: FloatArray, average_window: int, score_window: int) -> FloatArray:  # noqa: N803
    """Relative saliency of every value above the mean around it, float64 [n, d], >= 0."""
    return np.column_stack([_saliency(column, average_window, score_window) for column in X.T])


def _saliency(values: FloatArray, average_window: int, score_window: int) -> FloatArray:
    n = values.size
    low, high = values.min(), values.max()
    half = high / 2 - low / 2
    if half <= _SILENCE * max(abs(low), abs(high)):
        return np.zeros(n)
    # Around 0 and within +-1: the spectrum's ratios are the same, and no sum overflows.
    scaled = (values / 2 - (high / 4 + low / 4)) / half
    prolonged = np.append(scaled, np.full(_ADDED_POINTS, _estimated_next(scaled)))
    spectrum = np.fft.fft(prolonged)
    amplitude = np.abs(spectrum)
    heard = amplitude > _SILENCE * amplitude.max()
    logs = np.log(np.where(heard, amplitude, 1.0))
    residual = np.where(heard, logs - _mean_around(logs, average_window), -np.inf)
    unit = spectrum / np.where(heard, amplitude, 1.0)
    saliency = np.abs(np.fft.ifft(np.exp(residual) * unit))[:n]
    usual = _mean_around(saliency, score_window)
    relative: FloatArray = np.maximum(saliency / np.maximum(usual, _SILENCE) - 1.0, 0.0)
    return relative


def _estimated_next(values: FloatArray) -> float:
    """The paper's estimate of a next point: as steep as the lines from the last points to the last one."""
    back = np.arange(1, min(_GRADIENT_POINTS, values.size - 1) + 1)
    gradient = ((values[-1] - values[-1 - back]) / back).mean()
    return float(values[-back.size] + gradient * back.size)


def _mean_around(values: FloatArray, window: int) -> FloatArray:
    """The mean of the `window` values around each, fewer at the ends; float64 [n]."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    at = np.arange(values.size)
    first = np.maximum(at - window // 2, 0)
    end = np.minimum(at + window // 2 + 1, values.size)
    mean: FloatArray = (sums[end] - sums[first]) / (end - first)
    return mean


def _bands(X: FloatArray, window: int) -> Bands:  # noqa: N803
    columns = [_band(column, window) for column in X.T]
    return Bands(*(np.column_stack(each) for each in zip(*columns, strict=True)))


def _band(values: FloatArray, window: int) -> tuple[FloatArray, FloatArray, FloatArray]:
    magnitude = max(np.abs(values).max(), np.finfo(np.float64).tiny)
    fraction = values / magnitude
    reach = min(window // 2, (values.size - 1) // 2)
    around = sliding_window_view(np.pad(fraction, reach, mode="reflect"), 2 * reach + 1)
    expected = np.median(np.delete(around, reach, axis=1), axis=1)
    residuals = np.abs(fraction - expected)
    spread = _MAD_TO_DEVIATION * np.median(residuals)
    margin = _DEVIATIONS * (spread if spread > 0 else residuals.mean())
    largest = np.finfo(np.float64).max
    with np.errstate(over="ignore"):
        lower = np.maximum((expected - margin) * magnitude, -largest)
        upper = np.minimum((expected + margin) * magnitude, largest)
    return expected * magnitude, lower, upper


SPEC = AlgorithmSpec(
    name="spectral_residual",
    title="Spectral residual",
    description=(
        "Finds points that stand out from the rhythm of a series: spikes, dips and abrupt changes. Looks at "
        "the spectrum of each column, learns nothing beyond the series itself and is very quick. Slow drifts "
        "and long odd stretches escape it."
    ),
    reference=(
        "Ren, Xu, Wang, Yi, Huang, Kou, Xing, Yang, Tong, Zhang: Time-Series Anomaly Detection Service at "
        "Microsoft, 2019"
    ),
    aliases=("sr",),
    parameters=schema_of(
        average_window=integer(
            "Neighbouring frequencies that the spectrum is compared with.", default=3, minimum=3, maximum=101
        ),
        score_window=integer(
            "Rows around a point that its saliency and its value are compared with.",
            default=21,
            minimum=3,
            maximum=1001,
        ),
    ),
    capabilities=(ORDERED, "deterministic", "expected-values"),
    cost="low",
    complexity="O(n * log n * d)",
    min_rows=MIN_ROWS,
    make=lambda values: SpectralResidualDetector(**values),
)
