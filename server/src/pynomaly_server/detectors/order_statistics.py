"""Medians and quartiles of columns, bit for bit NumPy's, for a tenth of the time where there are few rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from pynomaly_server.detectors.base import FloatArray

_FEW: Final = 1_000
"""So many rows are sooner sorted than parted."""


def medians(X: FloatArray) -> FloatArray:  # noqa: N803
    """The median of each column of finite numbers, float64 [n, d], n >= 1."""
    n = X.shape[0]
    if n > _FEW:
        middle: FloatArray = np.median(X, axis=0)
        return middle
    ordered = np.sort(X, axis=0)
    above: FloatArray = ordered[n // 2]
    return above if n % 2 else (ordered[n // 2 - 1] + above) / 2


def quartiles(X: FloatArray) -> tuple[FloatArray, FloatArray]:  # noqa: N803
    """The first and the third quartile of each column, linear between its values, as `medians`."""
    if X.shape[0] > _FEW:
        lower, upper = np.quantile(X, [0.25, 0.75], axis=0)
        return lower, upper
    ordered = np.sort(X, axis=0)
    return _between(ordered, 0.25), _between(ordered, 0.75)


def _between(ordered: FloatArray, share: float) -> FloatArray:
    last = ordered.shape[0] - 1
    place = last * share
    below = int(place)
    part = place - below
    low, high = ordered[below], ordered[min(below + 1, last)]
    step = high - low
    # From the nearer end, as NumPy does, so that the last bit is the same, too.
    value: FloatArray = high - step * (1 - part) if part >= 0.5 else low + step * part
    return value
