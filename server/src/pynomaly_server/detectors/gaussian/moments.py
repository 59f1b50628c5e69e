"""Location, covariance and squared Mahalanobis distance."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from pynomaly_server.detectors.base import FloatArray
from pynomaly_server.detectors.compiled import compiled

# A pivot smaller than this share of its diagonal entry is what rounding left of nothing.
_LEAST_PIVOT: Final = 1e-14

# Rows whose distances are found together; fewer where there are only a few.
_TOGETHER: Final = 64
_FEW: Final = 16


@compiled
def weighted_mean(rows: FloatArray, weights: FloatArray) -> FloatArray:
    """The mean of rows, float64 [n, d], with weights >= 0, float64 [n], of which one at least is positive."""
    mean = np.zeros(rows.shape[1])
    for row in range(rows.shape[0]):
        weight = weights[row]
        if weight > 0.0:
            for column in range(rows.shape[1]):
                mean[column] += weight * rows[row, column]
    mean /= weights.sum()
    return mean


@compiled
def weighted_covariance(rows: FloatArray, weights: FloatArray, mean: FloatArray) -> FloatArray:
    """The covariance of rows about `mean`, float64 [d, d], divided by the sum of the weights."""
    n_rows, columns = rows.shape
    covariance = np.zeros((columns, columns))
    deviation = np.empty(columns)
    for row in range(n_rows):
        weight = weights[row]
        if weight > 0.0:
            for column in range(columns):
                deviation[column] = rows[row, column] - mean[column]
            for first in range(columns):
                part = weight * deviation[first]
                for second in range(first + 1):
                    covariance[first, second] += part * deviation[second]
    covariance /= weights.sum()
    for first in range(columns):
        for second in range(first):
            covariance[second, first] = covariance[first, second]
    return covariance


@compiled
def whitening_of(covariance: FloatArray) -> FloatArray:
    """W, float64 [d, d], upper triangular, with |z W|^2 = z C^-1 z for the covariance C = L L'; W = L^-T.

    Where C is not of full rank, pivots of the factorisation are kept above rounding.
    """
    size = covariance.shape[0]
    lower = np.zeros((size, size))
    for row in range(size):
        for column in range(row + 1):
            value = covariance[row, column]
            for place in range(column):
                value -= lower[row, place] * lower[column, place]
            if row == column:
                lower[row, row] = math.sqrt(max(value, _LEAST_PIVOT * covariance[row, row], 1e-300))
            else:
                lower[row, column] = value / lower[column, column]
    whitening = np.zeros((size, size))
    for column in range(size):
        # Column after column of L^-1, written as rows of its transpose.
        whitening[column, column] = 1.0 / lower[column, column]
        for row in range(column + 1, size):
            value = 0.0
            for place in range(column, row):
                value -= lower[row, place] * whitening[column, place]
            whitening[column, row] = value / lower[row, row]
    return whitening


@compiled
def squared_distances(rows: FloatArray, location: FloatArray, whitening: FloatArray) -> FloatArray:
    """|(x - location) W|^2 of each row x, float64 [n]; W is upper triangular, float64 [d, d].

    The processor adds for several rows at once, and for each in the same order.
    """
    n_rows, columns = rows.shape
    together = _TOGETHER if n_rows >= _TOGETHER else _FEW
    distances = np.empty(n_rows)
    # What makes one sum lies side by side.
    sums = np.ascontiguousarray(whitening.T)
    deviations = np.zeros((columns, together))
    white, total = np.empty(together), np.empty(together)
    for start in range(0, n_rows, together):
        stop = min(start + together, n_rows)
        for row in range(start, stop):
            for column in range(columns):
                deviations[column, row - start] = rows[row, column] - location[column]
        total[:] = 0.0
        for place in range(columns):
            _project(deviations, sums[place], place, white)
            for at in range(together):
                total[at] += white[at] * white[at]
        for row in range(start, stop):
            distances[row] = total[row - start]
    return distances


@compiled
def _project(deviations: FloatArray, weights: FloatArray, last: int, white: FloatArray) -> None:
    """Write the sums over columns up to `last` of deviations, float64 [d, together], times their weights."""
    for at in range(white.size):
        white[at] = 0.0
    whole = (last + 1) - (last + 1) % 4
    # Four columns a pass spare three of four walks over the sums; the order of additions stays the same.
    for column in range(0, whole, 4):
        by_a, by_b, by_c, by_d = (
            weights[column],
            weights[column + 1],
            weights[column + 2],
            weights[column + 3],
        )
        in_a, in_b, in_c, in_d = (
            deviations[column],
            deviations[column + 1],
            deviations[column + 2],
            deviations[column + 3],
        )
        for at in range(white.size):
            value = (white[at] + in_a[at] * by_a) + in_b[at] * by_b
            white[at] = (value + in_c[at] * by_c) + in_d[at] * by_d
    for column in range(whole, last + 1):
        by, of_column = weights[column], deviations[column]
        for at in range(white.size):
            white[at] += of_column[at] * by


@compiled
def squared_projections(rows: FloatArray, directions: FloatArray) -> FloatArray:
    """|x D|^2 of each row x, float64 [n]; D, float64 [d, q], has any form."""
    n_rows, columns = rows.shape
    lengths = np.empty(n_rows)
    projected = np.empty(directions.shape[1])
    for row in range(n_rows):
        projected[:] = 0.0
        for column in range(columns):
            value = rows[row, column]
            for place in range(directions.shape[1]):
                projected[place] += value * directions[column, place]
        total = 0.0
        for place in range(directions.shape[1]):
            total += projected[place] * projected[place]
        lengths[row] = total
    return lengths


def log_determinant(whitening: FloatArray) -> float:
    """The logarithm of det C for the whitening of a covariance C."""
    return float(-2.0 * np.log(np.diag(whitening)).sum())
