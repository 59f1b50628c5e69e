"""The period of a series, from its autocorrelation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from pynomaly_server.detectors.base import FloatArray

DEFAULT: Final = 32
_SHORTEST: Final = 8
# A weaker echo is noise: white noise of 100 rows stays below this 99 times of 100.
_LEAST_ECHO: Final = 0.3


def dominant_period(X: FloatArray, longest: int) -> int:  # noqa: N803
    """The lag in [8, longest] of the highest peak of the columns' mean autocorrelation; 32 without one.

    X is float64 [n, d] in the order of time. Only peaks at lags up to a third of the series count, so that
    the period was seen three times.
    """
    n = X.shape[0]
    largest = np.abs(X).max(axis=0)
    fraction = X / np.where(largest > 0, largest, 1.0)
    centred = fraction - fraction.mean(axis=0)
    size = 1 << (2 * n - 1).bit_length()
    power = np.abs(np.fft.rfft(centred, size, axis=0)) ** 2
    echo = np.fft.irfft(power, size, axis=0)[: min(n // 3, longest) + 1]
    varied = echo[0] > 1e-20 * n
    if not varied.any():
        return DEFAULT
    mean = (echo[:, varied] / echo[0, varied]).mean(axis=1)
    middle = mean[1:-1]
    peaks = np.flatnonzero((middle > mean[:-2]) & (middle >= mean[2:]) & (middle >= _LEAST_ECHO)) + 1
    peaks = peaks[peaks >= _SHORTEST]
    return int(peaks[mean[peaks].argmax()]) if peaks.size else DEFAULT
