"""Location, covariance and squared Mahalanobis distance."""

from __future__ import annotations

import math

import numpy as np

from pynomaly_server.detectors.base import FloatArray
from pynomaly_server.detectors.compiled import compiled

# A pivot smaller than this share of its diagonal entry is what rounding left of nothing.
_LEAST_PIVOT = 1e-14


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
    """|(x - location) W|^2 of each row x, float64 [n]; W is upper triangular, float64 [d, d]."""
    n_rows, columns = rows.shape
    distances = np.empty(n_rows)
    white = np.empty(columns)
    for row in range(n_rows):
        white[:] = 0.0
        for column in range(columns):
            deviation = rows[row, column] - location[column]
            for place in range(column, columns):
                white[place] += deviation * whitening[column, place]
        total = 0.0
        for place in range(columns):
            total += white[place] * white[place]
        distances[row] = total
    return distances


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
