"""Kernels of the matrix profile: best correlation of every window with the windows of a series.

The windows' covariances follow one another along a diagonal of the distance matrix by one rank-two update
each (Yeh et al. 2016, STOMP; in the centred form of Zimmerman et al. 2019, SCAMP), so all pairs cost O(n^2)
whatever the window's length, with O(n) memory. Values are to be scaled to about 1 beforehand.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from pynomaly_server.detectors.compiled import compiled

if TYPE_CHECKING:
    from pynomaly_server.detectors.base import FloatArray

# A window whose values differ by no more than this, of a series within +-1, is flat.
_FLAT = 1e-10


def window_moments(values: FloatArray, length: int) -> tuple[FloatArray, FloatArray]:
    """Mean and inverse norm of the centred values of every window, float64 [w] each; 0 where it is flat."""
    views = sliding_window_view(values, length)
    means = np.empty(views.shape[0])
    norms = np.empty(views.shape[0])
    for start in range(0, views.shape[0], 4096):
        block = views[start : start + 4096]
        means[start : start + 4096] = block.mean(axis=1)
        centred = block - means[start : start + 4096, np.newaxis]
        norms[start : start + 4096] = np.sqrt((centred**2).sum(axis=1))
    flat = norms <= _FLAT * np.sqrt(length)
    return means, np.where(flat, 0.0, 1.0 / np.where(flat, 1.0, norms))


def self_correlation(values: FloatArray, length: int, *, earlier_only: bool) -> FloatArray:
    """Highest correlation of every window with another one of the series, float64 [w] in [-1, 1].

    Windows that start within half a length of it do not count, being the same stretch; nor do later ones
    where `earlier_only`. A window that nothing is left to compare with has NaN.
    """
    means, inverse = window_moments(values, length)
    return _self_join(values, means, inverse, length, max(1, length // 2), earlier_only)


def cross_correlation(values: FloatArray, learnt: FloatArray, length: int) -> FloatArray:
    """Highest correlation of every window of `values` with one of `learnt`, float64 [w] in [-1, 1]."""
    means, inverse = window_moments(values, length)
    other_means, other_inverse = window_moments(learnt, length)
    best = np.full(means.size, -1.0)
    _cross_join(values, means, inverse, learnt, other_means, other_inverse, length, best)
    return best


@compiled
def _similarity(covariance: float, left: float, right: float) -> float:
    if left == 0.0 and right == 0.0:
        return 1.0
    return max(-1.0, min(1.0, covariance * left * right))


@compiled
def _covariance(a: FloatArray, i: int, mean_a: float, b: FloatArray, j: int, mean_b: float, m: int) -> float:
    total = 0.0
    for k in range(m):
        total += (a[i + k] - mean_a) * (b[j + k] - mean_b)
    return total


@compiled
def _self_join(
    x: FloatArray, means: FloatArray, inverse: FloatArray, m: int, exclusion: int, earlier_only: bool
) -> FloatArray:
    w = means.size
    best = np.full(w, np.nan)
    for gap in range(exclusion, w):
        covariance = _covariance(x, 0, means[0], x, gap, means[gap], m)
        for i in range(w - gap):
            j = i + gap
            if i > 0:
                covariance += 0.5 * (x[i + m - 1] - x[i - 1]) * (
                    x[j + m - 1] - means[j] + x[j - 1] - means[j - 1]
                ) + 0.5 * (x[j + m - 1] - x[j - 1]) * (x[i + m - 1] - means[i] + x[i - 1] - means[i - 1])
            alike = _similarity(covariance, inverse[i], inverse[j])
            if not best[j] >= alike:
                best[j] = alike
            if not earlier_only and not best[i] >= alike:
                best[i] = alike
    return best


@compiled
def _cross_join(
    a: FloatArray,
    mean_a: FloatArray,
    inverse_a: FloatArray,
    b: FloatArray,
    mean_b: FloatArray,
    inverse_b: FloatArray,
    m: int,
    best: FloatArray,
) -> None:
    for gap in range(1 - mean_b.size, mean_a.size):
        first = max(gap, 0)
        covariance = 0.0
        for i in range(first, min(mean_a.size, mean_b.size + gap)):
            j = i - gap
            if i == first:
                covariance = _covariance(a, i, mean_a[i], b, j, mean_b[j], m)
            else:
                covariance += 0.5 * (a[i + m - 1] - a[i - 1]) * (
                    b[j + m - 1] - mean_b[j] + b[j - 1] - mean_b[j - 1]
                ) + 0.5 * (b[j + m - 1] - b[j - 1]) * (a[i + m - 1] - mean_a[i] + a[i - 1] - mean_a[i - 1])
            best[i] = max(best[i], _similarity(covariance, inverse_a[i], inverse_b[j]))
