"""The nearest rows through scalar products in single precision, measured anew where it matters.

|x - y|^2 = |x|^2 + |y|^2 - 2 x y: products take a fraction of the time that adding up differences takes, and
single precision half of that, but both round. So they only tell which rows may be among the nearest. A
product is off by no more than a bound (Higham, *Accuracy and Stability of Numerical Algorithms*, 2002,
section 3.1); what lies within it is measured again column by column, as in `distances`. The answer is, bit
for bit and ties included, that of measuring every row.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from pynomaly_server.detectors.compiled import as_read_only, compiled, compiled_fused
from pynomaly_server.detectors.neighbours.distances import BLOCK, TILE, blocked
from pynomaly_server.detectors.neighbours.ranking import Ranking, gathered, guessed_cut, ranking

if TYPE_CHECKING:
    from pynomaly_server.detectors.base import FloatArray

Singles = NDArray[np.float32]

# Squares of longer rows overflow single precision; such rows are measured against all.
_LONGEST_SQUARE: Final = 1e30

# Twice the distance between 1 and the next number of single precision to either side, for each addition.
_ROUNDING: Final = 2.0**-23
# What the smallest numbers of single precision may be off by.
_UNDERFLOW: Final = 1e-30


@dataclass(frozen=True, slots=True)
class Products:
    """Reference rows, float64 [m, d], in blocks of single precision too, and the squares of their lengths."""

    rows: FloatArray
    blocks: Singles
    squares: FloatArray

    def nearest(
        self,
        rows: FloatArray,
        itself: NDArray[np.int64],
        start: int,
        stop: int,
        distances: FloatArray,
        neighbours: NDArray[np.int64],
    ) -> None:
        """Write the rows nearest to rows[start:stop] to `distances` and `neighbours`, [n, k], in order.

        `itself` says what does not count, as the module of that name has it.
        """
        kept = (self.rows, self.blocks, self.squares)
        _nearest(*kept, rows, itself, start, stop, distances, neighbours)


def products_of(rows: FloatArray) -> Products | None:
    """The reference rows, float64 [m, d], ready for products; None where one is too long for them."""
    squares = np.einsum("ij,ij->i", rows, rows)
    if squares.size == 0 or not squares.max() < _LONGEST_SQUARE:
        return None
    blocks = as_read_only(blocked(rows.astype(np.float32)))
    return Products(as_read_only(rows), blocks, as_read_only(squares))


@compiled
def _nearest(
    reference: FloatArray,
    blocks: Singles,
    squares: FloatArray,
    rows: FloatArray,
    itself: NDArray[np.int64],
    start: int,
    stop: int,
    distances: FloatArray,
    neighbours: NDArray[np.int64],
) -> None:
    m, d = reference.shape
    least, order = np.empty(m), ranking(m)
    singles, products = np.zeros((TILE, d), np.float32), np.empty((TILE, blocks.shape[0] * BLOCK), np.float32)
    own = np.empty(TILE)
    slack = (d + 8.0) * _ROUNDING
    for tile in range(start, stop, TILE):
        tile_stop = min(tile + TILE, stop)
        for row in range(tile, tile_stop):
            total = 0.0
            for column in range(d):
                total += rows[row, column] * rows[row, column]
            own[row - tile] = total
            for column in range(d):
                singles[row - tile, column] = rows[row, column] if total < _LONGEST_SQUARE else 0.0
        _multiply(blocks, singles, tile_stop - tile, products)
        for row in range(tile, tile_stop):
            if own[row - tile] < _LONGEST_SQUARE:
                _least_measures(own[row - tile], squares, products[row - tile], slack, least)
            else:
                least[:] = 0.0
            near = distances[row]
            _nearest_of(reference, rows[row], least, itself[row], order, near, neighbours[row])
            for rank in range(near.size):
                near[rank] = np.sqrt(near[rank])


@compiled_fused
def _multiply(blocks: Singles, rows: Singles, count: int, into: Singles) -> None:
    """Write the products of the first `count` rows with every blocked row to `into`.

    A few columns of a block at a time, for all rows: they then stay in the nearest cache. Of an odd number of
    rows the last is multiplied together with whatever lies behind it.
    """
    d = rows.shape[1]
    whole = d - d % 4
    into[: count + count % 2] = np.float32(0.0)
    for block in range(blocks.shape[0]):
        first, last = block * BLOCK, (block + 1) * BLOCK
        for column in range(0, whole, 4):
            beside = blocks[block, column : column + 4]
            for row in range(0, count, 2):
                of_row, of_other = rows[row, column : column + 4], rows[row + 1, column : column + 4]
                _add_four(beside, of_row, of_other, into[row, first:last], into[row + 1, first:last])
        for column in range(whole, d):
            for row in range(count):
                value, others, total = rows[row, column], blocks[block, column], into[row, first:last]
                for at in range(BLOCK):
                    total[at] = total[at] + value * others[at]


@compiled_fused
def _add_four(beside: Singles, row: Singles, other: Singles, total: Singles, other_total: Singles) -> None:
    """Add to the totals of two rows what four columns of a block contribute."""
    value_a, value_b, value_c, value_d = row[0], row[1], row[2], row[3]
    other_a, other_b, other_c, other_d = other[0], other[1], other[2], other[3]
    in_a, in_b, in_c, in_d = beside[0], beside[1], beside[2], beside[3]
    for at in range(BLOCK):
        at_a, at_b, at_c, at_d = in_a[at], in_b[at], in_c[at], in_d[at]
        total[at] = total[at] + value_a * at_a + value_b * at_b + value_c * at_c + value_d * at_d
        other_total[at] = other_total[at] + other_a * at_a + other_b * at_b + other_c * at_c + other_d * at_d


@compiled
def _least_measures(
    own: float, squares: FloatArray, products: Singles, slack: float, least: FloatArray
) -> None:
    """Write to `least` what the squared distance to each reference row cannot be below."""
    for at in range(least.size):
        both = own + squares[at]
        bound = both - 2.0 * np.float64(products[at]) - slack * both - _UNDERFLOW
        least[at] = bound if bound > 0.0 else 0.0  # noqa: FURB136 - max also minds NaN, which costs


@compiled
def _nearest_of(
    reference: FloatArray,
    row: FloatArray,
    least: FloatArray,
    left_out: int,
    order: Ranking,
    near: FloatArray,
    numbers: NDArray[np.int64],
) -> None:
    """Fill `near` with the smallest squared distances, in order, and `numbers` with where; ties by place."""
    k, m = near.size, least.size
    near[:] = np.inf
    numbers[:] = m
    above, wanted = -1.0, k + k // 2 + 8
    while above < near[k - 1]:
        # Once k are held, nothing farther than the last of them matters.
        cut = near[k - 1]
        if cut == np.inf:
            cut = guessed_cut(least, m, wanted, order.least)
        for at in range(gathered(least, m, above, cut, order)):
            # Of equal bounds the first places come first, and nothing is nearer than 0.
            if order.keys[at] > near[k - 1] or near[k - 1] == 0.0:
                return
            number = int(order.found[at])
            if number != left_out:
                _offer(_measured(reference[number], row, near[k - 1]), number, near, numbers)
        above, wanted = cut, 3 * wanted


@compiled
def _measured(other: FloatArray, row: FloatArray, most: float) -> float:
    """The squared distance, added up as `distances` does; anything above `most` where it is more."""
    total: float = 0.0
    d = row.size
    whole = d - d % 4
    for column in range(0, whole, 4):
        off_a, off_b = row[column] - other[column], row[column + 1] - other[column + 1]
        off_c, off_d = row[column + 2] - other[column + 2], row[column + 3] - other[column + 3]
        total = (((total + off_a * off_a) + off_b * off_b) + off_c * off_c) + off_d * off_d
        if total > most:
            return total
    for column in range(whole, d):
        off = row[column] - other[column]
        total += off * off
    return total


@compiled
def _offer(measured: float, number: int, near: FloatArray, numbers: NDArray[np.int64]) -> None:
    """Put a row where it belongs among the nearest, if it does."""
    last = near.size - 1
    if measured > near[last] or (measured == near[last] and number > numbers[last]):
        return
    to = last
    while to > 0 and (near[to - 1] > measured or (near[to - 1] == measured and numbers[to - 1] > number)):
        near[to], numbers[to] = near[to - 1], numbers[to - 1]
        to -= 1
    near[to], numbers[to] = measured, number
