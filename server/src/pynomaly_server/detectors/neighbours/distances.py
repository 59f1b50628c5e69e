"""Distances from rows to a fixed set of rows, each added up column by column.

Matrix products would be quicker for many columns, but their rounding depends on the rows they are batched
with (`products` uses its own where few distances are wanted). Here the reference rows lie in blocks of
`BLOCK`, column after column, so that the processor adds for several of them at once while every single
distance keeps its own order of additions.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pynomaly_server.detectors.compiled import Scalar, compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pynomaly_server.detectors.base import FloatArray

BLOCK: Final = 256

# Rows whose distances are found together, so that a block read into the cache serves all of them.
TILE: Final = 8

METRICS: Final = ("euclidean", "manhattan", "chebyshev")
# The numbers by which kernels know the metrics: places in METRICS.
EUCLIDEAN: Final = 0
MANHATTAN: Final = 1


def metric_code(metric: str) -> int:
    """The number by which the kernels know a metric of `METRICS`."""
    return METRICS.index(metric)


def blocked(rows: NDArray[Scalar]) -> NDArray[Scalar]:
    """Rows, [m, d], as blocks, [ceil(m / BLOCK), d, BLOCK], of the same type; zeros fill the last one."""
    m, d = rows.shape
    blocks = np.zeros((-(-m // BLOCK), d, BLOCK), rows.dtype)
    # Block by block, which stays in the cache while it is turned.
    for block in range(blocks.shape[0]):
        some = rows[block * BLOCK : (block + 1) * BLOCK]
        blocks[block, :, : some.shape[0]] = some.T
    return blocks


@compiled
def measure(
    blocks: FloatArray, rows: FloatArray, start: int, stop: int, metric: int, into: FloatArray
) -> None:
    """Write the measures from rows[start:stop] to every blocked row to into[: stop - start].

    A measure is the distance, or its square under the euclidean metric (`distance_of` takes the root).
    """
    n_blocks, d, _ = blocks.shape
    for block in range(n_blocks):
        first = block * BLOCK
        row = start
        while row < stop:
            total = into[row - start, first : first + BLOCK]
            for at in range(BLOCK):
                total[at] = 0.0
            if metric == EUCLIDEAN and row + 1 < stop:
                beside = into[row - start + 1, first : first + BLOCK]
                for at in range(BLOCK):
                    beside[at] = 0.0
                _add_squares_of_two(blocks[block], rows[row], rows[row + 1], total, beside)
                row += 1
            elif metric == EUCLIDEAN:
                _add_squares(blocks[block], rows[row], total)
            elif metric == MANHATTAN:
                for column in range(d):
                    value, others = rows[row, column], blocks[block, column]
                    for at in range(BLOCK):
                        total[at] += abs(value - others[at])
            else:
                for column in range(d):
                    value, others = rows[row, column], blocks[block, column]
                    for at in range(BLOCK):
                        total[at] = max(total[at], abs(value - others[at]))
            row += 1


@compiled
def _add_squares_of_two(
    block: FloatArray, row: FloatArray, other: FloatArray, total: FloatArray, other_total: FloatArray
) -> None:
    """As `_add_squares` for two rows: what is read of the block serves both."""
    d = row.shape[0]
    whole = d - d % 4
    for column in range(0, whole, 4):
        value_a, value_b, value_c, value_d = row[column], row[column + 1], row[column + 2], row[column + 3]
        other_a, other_b = other[column], other[column + 1]
        other_c, other_d = other[column + 2], other[column + 3]
        in_a, in_b, in_c, in_d = block[column], block[column + 1], block[column + 2], block[column + 3]
        for at in range(BLOCK):
            at_a, at_b, at_c, at_d = in_a[at], in_b[at], in_c[at], in_d[at]
            off_a, off_b, off_c, off_d = value_a - at_a, value_b - at_b, value_c - at_c, value_d - at_d
            total[at] = (((total[at] + off_a * off_a) + off_b * off_b) + off_c * off_c) + off_d * off_d
            off_a, off_b, off_c, off_d = other_a - at_a, other_b - at_b, other_c - at_c, other_d - at_d
            other_total[at] = (
                ((other_total[at] + off_a * off_a) + off_b * off_b) + off_c * off_c
            ) + off_d * off_d
    for column in range(whole, d):
        value, beside, others = row[column], other[column], block[column]
        for at in range(BLOCK):
            off, off_other = value - others[at], beside - others[at]
            total[at] += off * off
            other_total[at] += off_other * off_other


@compiled
def _add_squares(block: FloatArray, row: FloatArray, total: FloatArray) -> None:
    d = row.shape[0]
    whole = d - d % 4
    # Four columns a pass spare three of four walks over the sums; the order of additions stays the same.
    for column in range(0, whole, 4):
        value_a, value_b, value_c, value_d = row[column], row[column + 1], row[column + 2], row[column + 3]
        in_a, in_b, in_c, in_d = block[column], block[column + 1], block[column + 2], block[column + 3]
        for at in range(BLOCK):
            off_a, off_b, off_c, off_d = (
                value_a - in_a[at],
                value_b - in_b[at],
                value_c - in_c[at],
                value_d - in_d[at],
            )
            total[at] = (((total[at] + off_a * off_a) + off_b * off_b) + off_c * off_c) + off_d * off_d
    for column in range(whole, d):
        value, others = row[column], block[column]
        for at in range(BLOCK):
            off = value - others[at]
            total[at] += off * off


@compiled
def distance_of(measured: float, metric: int) -> float:
    """The distance that a measure stands for."""
    return np.sqrt(measured) if metric == EUCLIDEAN else measured
