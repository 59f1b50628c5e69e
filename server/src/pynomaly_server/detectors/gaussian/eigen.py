"""Eigenvalues and eigenvectors of a symmetric matrix, the same bits whatever the threads.

LAPACK's own blocked routines round differently with the number of threads of BLAS from about 100 columns on.
Householder's reduction to a tridiagonal matrix and implicit QL steps (Golub, Van Loan 2013, sections 8.3.1
and 8.3.3), arranged so that inner loops run along rows.
"""

from __future__ import annotations

import math

import numpy as np

from pynomaly_server.detectors.base import FloatArray
from pynomaly_server.detectors.compiled import compiled

# QL needs two or three steps per eigenvalue; what has not settled after so many is as good as it gets.
_MOST_STEPS = 60


def symmetric_eigen(matrix: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Eigenvalues in descending order, float64 [d], and their unit eigenvectors as rows, float64 [d, d]."""
    diagonal, beside, vectors = _tridiagonal(matrix)
    _diagonalise(diagonal, beside, vectors)
    order = np.argsort(-diagonal, kind="stable")
    return diagonal[order], vectors[order]


@compiled
def _tridiagonal(matrix: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    size = matrix.shape[0]
    work = matrix.copy()
    vectors = np.eye(size)
    mirror = np.empty(size)
    product = np.empty(size)
    for at in range(size - 2):
        length = 0.0
        for row in range(at + 1, size):
            mirror[row] = work[row, at]
            length += mirror[row] * mirror[row]
        length = math.sqrt(length)
        if length == 0.0:
            continue
        # Away from the entry's own sign, so that nothing cancels.
        target = -math.copysign(length, mirror[at + 1])
        mirror[at + 1] -= target
        factor = 1.0 / (length * (length + abs(work[at + 1, at])))
        _reflect(work, mirror, product, factor, at + 1)
        work[at + 1, at] = target
        # The same reflection of the rows gathered so far.
        product[:] = 0.0
        for row in range(at + 1, size):
            for column in range(size):
                product[column] += mirror[row] * vectors[row, column]
        for row in range(at + 1, size):
            part = factor * mirror[row]
            for column in range(size):
                vectors[row, column] -= part * product[column]
    diagonal = np.empty(size)
    beside = np.zeros(size)
    for at in range(size):
        diagonal[at] = work[at, at]
        if at + 1 < size:
            beside[at] = work[at + 1, at]
    return diagonal, beside, vectors


@compiled
def _reflect(work: FloatArray, mirror: FloatArray, product: FloatArray, factor: float, start: int) -> None:
    """Reflect the rows and columns from `start` on, in place."""
    size = work.shape[0]
    product[start:] = 0.0
    for row in range(start, size):
        for column in range(start, size):
            product[column] += mirror[row] * work[row, column]
    overlap = 0.0
    for row in range(start, size):
        product[row] *= factor
        overlap += product[row] * mirror[row]
    overlap *= factor / 2.0
    for row in range(start, size):
        product[row] -= overlap * mirror[row]
    for row in range(start, size):
        for column in range(start, size):
            work[row, column] -= mirror[row] * product[column] + product[row] * mirror[column]


@compiled
def _diagonalise(diagonal: FloatArray, beside: FloatArray, vectors: FloatArray) -> None:
    """Turn the tridiagonal matrix into a diagonal one, in place, and the rows of `vectors` with it."""
    size = diagonal.size
    for first in range(size):
        for _ in range(_MOST_STEPS):
            last = first
            while last < size - 1:
                beyond = abs(diagonal[last]) + abs(diagonal[last + 1])
                if abs(beside[last]) <= 2.220446049250313e-16 * beyond:
                    break
                last += 1
            if last == first:
                break
            _ql_step(diagonal, beside, vectors, first, last)


@compiled
def _ql_step(diagonal: FloatArray, beside: FloatArray, vectors: FloatArray, first: int, last: int) -> None:
    shift = (diagonal[first + 1] - diagonal[first]) / (2.0 * beside[first])
    root = math.hypot(shift, 1.0)
    chased = diagonal[last] - diagonal[first] + beside[first] / (shift + math.copysign(root, shift))
    sine, cosine, moved = 1.0, 1.0, 0.0
    for at in range(last - 1, first - 1, -1):
        across = sine * beside[at]
        along = cosine * beside[at]
        length = math.hypot(across, chased)
        beside[at + 1] = length
        if length == 0.0:
            # The matrix has fallen into two blocks; the next step takes them one by one.
            diagonal[at + 1] -= moved
            beside[last] = 0.0
            return
        sine = across / length
        cosine = chased / length
        chased = diagonal[at + 1] - moved
        turned = (diagonal[at] - chased) * sine + 2.0 * cosine * along
        moved = sine * turned
        diagonal[at + 1] = chased + moved
        chased = cosine * turned - along
        for column in range(vectors.shape[1]):
            upper = vectors[at + 1, column]
            lower = vectors[at, column]
            vectors[at + 1, column] = sine * lower + cosine * upper
            vectors[at, column] = cosine * lower - sine * upper
    diagonal[first] -= moved
    beside[first] = chased
    beside[last] = 0.0
