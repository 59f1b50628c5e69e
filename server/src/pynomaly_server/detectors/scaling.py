"""Per-column scalings that stay finite for every finite double, learnt from training rows only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pynomaly_server.detectors.compiled import as_read_only, compiled

if TYPE_CHECKING:
    from pynomaly_server.detectors.base import FloatArray

# Farther than this many units from the centre a value is as far as it gets; squares of it still sum to a
# finite distance, and single precision still holds it.
_FARTHEST: Final = 1e30

# Values that are scaled in one go at least: with few columns several rows, so that the processor can take
# several values at a time.
_RUN: Final = 64


@dataclass(frozen=True, slots=True)
class Scaling:
    """x -> (x / magnitude - centre) / scale, clipped to +-1e30; one of each per column, float64 [d].

    Dividing by the column's magnitude first keeps means and deviations of huge values from overflowing; it is
    a power of two, so that scaled values are bit for bit what they would be without.
    """

    magnitude: FloatArray
    centre: FloatArray
    scale: FloatArray

    def apply(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """The scaled rows, float64 [n, d]; elementwise, so a row alone equals the row in a batch."""
        scaled = np.empty(X.shape)
        units = (as_read_only(self.magnitude), as_read_only(self.centre), as_read_only(self.scale))
        _scale(as_read_only(X).reshape(-1), *units, scaled.reshape(-1))
        return scaled


@compiled
def _scale(
    values: FloatArray, magnitude: FloatArray, centre: FloatArray, scale: FloatArray, scaled: FloatArray
) -> None:
    columns = magnitude.size
    rows = max(1, min(_RUN // columns + 1, values.size // columns))
    run = rows * columns
    of_run = np.empty((3, run))
    for at in range(run):
        of_run[0, at] = magnitude[at % columns]
        of_run[1, at] = centre[at % columns]
        of_run[2, at] = scale[at % columns]
    magnitudes_of_run, centres, scales = of_run[0], of_run[1], of_run[2]
    for start in range(0, values.size, run):
        here = values[start : start + run]
        there = scaled[start : start + run]
        for at in range(here.size):
            value = (here[at] / magnitudes_of_run[at] - centres[at]) / scales[at]
            value = _FARTHEST if value > _FARTHEST else value  # noqa: FURB136 - min also minds NaN
            there[at] = -_FARTHEST if value < -_FARTHEST else value  # noqa: FURB136


def standard_scaling(X: FloatArray) -> Scaling:  # noqa: N803
    """To mean 0 and standard deviation 1. A constant column keeps its own magnitude as unit."""
    magnitude = magnitudes(X)
    # Column by column in memory, sums go pairwise and lose less.
    fraction = np.asfortranarray(X / magnitude)
    centre = fraction.mean(axis=0)
    deviation = fraction.std(axis=0)
    # A deviation within rounding of the mean is noise of the subtraction, not spread of the data.
    constant = deviation <= 10 * np.finfo(np.float64).eps * np.abs(centre)
    return Scaling(magnitude, centre, np.where(constant, 1.0, deviation))


def range_scaling(X: FloatArray) -> Scaling:  # noqa: N803
    """To [-1, 1], which keeps what single precision would lose of far-off values such as times in seconds."""
    magnitude = magnitudes(X)
    fraction = X / magnitude
    low, high = fraction.min(axis=0), fraction.max(axis=0)
    half = (high - low) / 2
    return Scaling(magnitude, (high + low) / 2, np.where(half > 0, half, 1.0))


def magnitudes(X: FloatArray) -> FloatArray:  # noqa: N803
    """The power of two at or below the largest value of each column; dividing by it rounds nothing."""
    largest = np.abs(X).max(axis=0)
    _, exponents = np.frexp(np.where(largest > 0, largest, 1.0))
    powers: FloatArray = np.ldexp(1.0, exponents - 1)
    return powers
