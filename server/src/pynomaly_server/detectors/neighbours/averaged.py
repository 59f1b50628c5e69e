"""Neighbour distances averaged over all subsamples of some rows, without drawing a single one.

Of m rows the r-th nearest is the k-th nearest in a random subsample of s of them with the chance
C(r - 1, k - 1) C(m - r, s - k) / C(m, s), the negative hypergeometric distribution. So the mean over all
subsamples of what a k-th nearest row counts for is a sum over the nearest rows, weighted by rank.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pynomaly_server.detectors.compiled import compiled
from pynomaly_server.detectors.neighbours.bagged import LEAST_DISTANCE
from pynomaly_server.detectors.neighbours.distances import BLOCK, EUCLIDEAN, TILE, measure
from pynomaly_server.detectors.neighbours.ranking import ranking, smallest

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pynomaly_server.detectors.base import FloatArray

# Ranks that a k-th neighbour comes from in one subsample of a hundred, all farther ones together.
_LEFT_OUT: Final = 1e-2


def rank_weights(m: int, size: int, weights: FloatArray) -> FloatArray:
    """What each of the nearest of m rows counts for, nearest first, float64 [ranks]; they sum to 1.

    `weights`, float64 [k]: what the k nearest rows count for within a subsample of `size` >= k rows.
    """
    return _shortened(_chances(m, size, weights))


def own_rank_weights(m: int, size: int, weights: FloatArray) -> FloatArray:
    """As `rank_weights` for one of the m rows, which is not its own neighbour; needs `size` > k.

    In the subsamples that hold the row there is one neighbour less to choose from.
    """
    held = size / m
    chances = held * _chances(m - 1, size - 1, weights)
    if held < 1:
        chances += (1 - held) * _chances(m - 1, size, weights)
    return _shortened(chances)


def _chances(m: int, size: int, weights: FloatArray) -> FloatArray:
    chances = np.zeros(m)
    log_factorial = np.concatenate([[0.0], np.cumsum(np.log(np.arange(1, m + 1)))])

    def log_choose(n: NDArray[np.int64], k: int) -> FloatArray:
        logs: FloatArray = log_factorial[n] - log_factorial[k] - log_factorial[n - k]
        return logs

    for place in np.flatnonzero(weights):
        k = int(place) + 1
        ranks = np.arange(k, m - size + k + 1)
        logs = log_choose(ranks - 1, k - 1) + log_choose(m - ranks, size - k)
        chances[ranks - 1] += weights[place] * np.exp(logs - log_choose(np.array(m), size))
    return chances


def _shortened(chances: FloatArray) -> FloatArray:
    ranks = int(np.searchsorted(np.cumsum(chances), 1 - _LEFT_OUT)) + 1
    kept = chances[:ranks]
    weights: FloatArray = kept / kept.sum()
    return weights


@compiled
def mean_log_distances(
    blocks: FloatArray,
    m: int,
    metric: int,
    weights: FloatArray,
    own_weights: FloatArray,
    rows: FloatArray,
    itself: NDArray[np.int64],
    start: int,
    stop: int,
    scores: FloatArray,
) -> None:
    """Write to scores[start:stop] the weighted sums of the logs of the distances to the nearest of m rows.

    `own_weights` are those of a row that is one of the m; `itself` is explained in the module of that name.
    """
    measures = np.empty((TILE, blocks.shape[0] * BLOCK))
    order = ranking(measures.shape[1])
    # Half the log of a square is the log of its root, and quicker.
    least, share = (LEAST_DISTANCE**2, 0.5) if metric == EUCLIDEAN else (LEAST_DISTANCE, 1.0)
    for tile in range(start, stop, TILE):
        tile_stop = min(tile + TILE, stop)
        measure(blocks, rows, tile, tile_stop, metric, measures)
        for row in range(tile, tile_stop):
            of_row = measures[row - tile]
            left_out = itself[row]
            counted = weights if left_out < 0 else own_weights
            of_row[m:] = np.inf
            if left_out >= 0:
                of_row[left_out] = np.inf
            smallest(of_row, counted.size, order)
            total = 0.0
            for rank in range(counted.size):
                if counted[rank] > 0.0:
                    total += counted[rank] * np.log(max(order.keys[rank], least))
            scores[row] = share * total
