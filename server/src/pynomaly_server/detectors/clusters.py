"""k-means (Lloyd 1982) from greedy k-means++ starts (Arthur, Vassilvitskii 2007).

scikit-learn's adds up in an order that depends on the number of threads; here the same rows and seed give the
same clusters, bit for bit, anywhere.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Final

import numpy as np

from pynomaly_server.detectors.base import random_state
from pynomaly_server.detectors.compiled import compiled
from pynomaly_server.detectors.neighbours.distances import BLOCK, EUCLIDEAN, blocked, measure

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pynomaly_server.detectors.base import FloatArray

_MOST_ROUNDS: Final = 300

# Rounds end when the centres move less than this share of the mean variance of the columns.
_TOLERANCE: Final = 1e-4

# Measures, 8 bytes each, that are kept from round to round.
_MOST_KEPT: Final = 4_000_000


def k_means(rows: FloatArray, k: int, seed: int) -> tuple[FloatArray, NDArray[np.int64]]:
    """Centres, float64 [c, d], and the number of each row's, int64 [n]; c <= k where rows repeat."""
    trials = 2 + int(math.log(k))
    dice = np.random.default_rng(random_state(seed)).random((k, trials))
    blocks = blocked(rows)
    centres = _starts(blocks, rows, dice)
    labels = np.empty(rows.shape[0], dtype=np.int64)
    _lloyd(blocks, rows, centres, labels, _TOLERANCE * float(rows.var(axis=0).mean()))
    return centres, labels


@compiled
def nearest_centres(
    rows: FloatArray, centres: FloatArray, labels: NDArray[np.int64], squares: FloatArray
) -> None:
    """Write the number of the nearest centre of each row and the square of the distance to it."""
    across = centres.T.copy()
    d, k = across.shape
    total = np.empty(k)
    for row in range(rows.shape[0]):
        total[:] = 0.0
        for column in range(d):
            value, others = rows[row, column], across[column]
            for centre in range(k):
                off = value - others[centre]
                total[centre] += off * off
        nearest = 0
        for centre in range(1, k):
            if total[centre] < total[nearest]:
                nearest = centre
        labels[row] = nearest
        squares[row] = total[nearest]


@compiled
def _starts(blocks: FloatArray, rows: FloatArray, dice: FloatArray) -> FloatArray:
    """Each next centre is the best of a few rows drawn with chances that grow with the square of distance."""
    n, d = rows.shape
    k, trials = dice.shape
    centres, tried = np.empty((k, d)), np.empty((trials, d))
    measures = np.empty((trials, blocks.shape[0] * BLOCK))
    squares = np.empty(n)
    centres[0] = rows[min(int(dice[0, 0] * n), n - 1)]
    measure(blocks, centres, 0, 1, EUCLIDEAN, measures)
    squares[:] = measures[0, :n]
    for centre in range(1, k):
        potential = squares.sum()
        if not potential > 0.0:
            return centres[:centre].copy()
        for trial in range(trials):
            tried[trial] = rows[_drawn(squares, dice[centre, trial] * potential)]
        measure(blocks, tried, 0, trials, EUCLIDEAN, measures)
        best, least = 0, np.inf
        for trial in range(trials):
            left = 0.0
            for row in range(n):
                measures[trial, row] = min(measures[trial, row], squares[row])
                left += measures[trial, row]
            if left < least:
                best, least = trial, left
        centres[centre] = tried[best]
        squares[:] = measures[best, :n]
    return centres


@compiled
def _drawn(chances: FloatArray, upto: float) -> int:
    reached = 0.0
    last = 0
    for row in range(chances.size):
        if chances[row] > 0.0:
            reached += chances[row]
            last = row
            if reached > upto:
                break
    return last


@compiled
def _lloyd(
    blocks: FloatArray, rows: FloatArray, centres: FloatArray, labels: NDArray[np.int64], tolerance: float
) -> None:
    k, d = centres.shape
    sums, sizes = np.empty((k, d)), np.empty(k)
    # What is measured from a centre holds until it moves, which in late rounds few do.
    keeps = blocks.shape[0] * BLOCK * k <= _MOST_KEPT
    kept = np.empty((blocks.shape[0] if keeps else 1, k, BLOCK))
    moving = np.ones(k, dtype=np.bool_)
    for _ in range(_MOST_ROUNDS):
        _label(blocks, centres, moving, kept, labels)
        sums[:] = 0.0
        sizes[:] = 0.0
        for row in range(labels.size):
            label = labels[row]
            sizes[label] += 1.0
            values, total = rows[row], sums[label]
            for column in range(d):
                total[column] += values[column]
        moved = 0.0
        for centre in range(k):
            moving[centre] = not keeps
            # A centre that has lost all its rows stays where it was.
            if sizes[centre] > 0.0:
                for column in range(d):
                    mean = sums[centre, column] / sizes[centre]
                    moving[centre] |= mean != centres[centre, column]
                    moved += (mean - centres[centre, column]) ** 2
                    centres[centre, column] = mean
        if moved <= tolerance:
            break
    _label(blocks, centres, moving, kept, labels)


@compiled
def _label(
    blocks: FloatArray,
    centres: FloatArray,
    moving: NDArray[np.bool_],
    kept: FloatArray,
    labels: NDArray[np.int64],
) -> None:
    """Write the number of the nearest centre of each row; measure anew from the centres that are `moving`.

    `kept`, [blocks, centres, BLOCK], has the measures from all others; with room for one block, all move.
    """
    k = centres.shape[0]
    numbers = np.flatnonzero(moving)
    moved = centres[numbers]
    measures, least = np.empty((numbers.size, BLOCK)), np.empty(BLOCK)
    nearest = np.empty(BLOCK, dtype=np.int64)
    for block in range(blocks.shape[0]):
        of_block = kept[min(block, kept.shape[0] - 1)]
        measure(blocks[block : block + 1], moved, 0, numbers.size, EUCLIDEAN, measures)
        for place in range(numbers.size):
            of_block[numbers[place]] = measures[place]
        least[:] = of_block[0]
        nearest[:] = 0
        for centre in range(1, k):
            of_centre = of_block[centre]
            for at in range(BLOCK):
                nearer = of_centre[at] < least[at]
                least[at] = of_centre[at] if nearer else least[at]
                nearest[at] = centre if nearer else nearest[at]
        first = block * BLOCK
        for at in range(min(BLOCK, labels.size - first)):
            labels[first + at] = nearest[at]
