"""Histograms of equal bins, one per line of values."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pynomaly_server.detectors.compiled import compiled

if TYPE_CHECKING:
    from pynomaly_server.detectors.base import FloatArray


def edges_between(low: FloatArray, high: FloatArray, n_bins: int) -> FloatArray:
    """The edges of `n_bins` equal bins over each [low, high], float64 [lines, n_bins + 1].

    A single value is the middle of bins over one unit, as in `numpy.histogram`.
    """
    single = high <= low
    edges: FloatArray = np.linspace(
        np.where(single, low - 0.5, low), np.where(single, high + 0.5, high), n_bins + 1, axis=1
    )
    return edges


@compiled
def bins_per_unit(edges: FloatArray) -> float:
    """How many bins of these edges, float64 [n_bins + 1], there are to one unit of the values."""
    n_bins = edges.size - 1
    per_unit: float = n_bins / (edges[n_bins] - edges[0])
    return per_unit


@compiled
def bin_from_left(value: float, edges: FloatArray, per_unit: float) -> int:
    """The bin [a, b) of a value, the last one [a, b]; the nearest bin of a value outside all."""
    n_bins = edges.size - 1
    at = _guess(value, edges, per_unit)
    while at > 0 and value < edges[at]:
        at -= 1
    while at < n_bins - 1 and value >= edges[at + 1]:
        at += 1
    return at


@compiled
def bin_from_right(value: float, edges: FloatArray, per_unit: float) -> int:
    """The bin (a, b] of a value, the first one [a, b]; the nearest bin of a value outside all."""
    n_bins = edges.size - 1
    at = _guess(value, edges, per_unit)
    while at > 0 and value <= edges[at]:
        at -= 1
    while at < n_bins - 1 and value > edges[at + 1]:
        at += 1
    return at


@compiled
def _guess(value: float, edges: FloatArray, per_unit: float) -> int:
    # Right but for rounding, which the callers mend by comparing with the edges themselves.
    return int(min(max((value - edges[0]) * per_unit, 0.0), edges.size - 2.0))
