"""What the bagged methods compute: one walk per row, from the nearest drawn row outwards.

`itself` is explained in the module of that name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pynomaly_server.detectors.compiled import compiled
from pynomaly_server.detectors.neighbours.distances import BLOCK, TILE, distance_of, measure
from pynomaly_server.detectors.neighbours.itself import drawn_row_itself
from pynomaly_server.detectors.neighbours.ranking import Ranking, gathered, guessed_cut, ranking

if TYPE_CHECKING:
    from pynomaly_server.detectors.base import FloatArray

# Distances below this, in standard deviations, are as near as can be: twins would else be infinitely normal.
LEAST_DISTANCE: Final = 1e-10


class Bag(NamedTuple):
    """Subsamples as the kernels take them: the drawn rows in blocks, and the entries of each.

    The entries of drawn row i are starts[i] to starts[i + 1]; `sample_of` names the subsample of each, of
    `samples` with `size` rows each. `metric` is the number of a metric.
    """

    blocks: NDArray[np.float64]
    starts: NDArray[np.int64]
    sample_of: NDArray[np.int64]
    samples: int
    size: int
    metric: int


@compiled
def _walk(
    bag: Bag,
    measures: FloatArray,
    left_out: int,
    k: int,
    entries: NDArray[np.int64],
    distances: FloatArray,
    met: NDArray[np.int64],
    order: Ranking,
) -> None:
    """Find the k nearest rows in each subsample, nearest first: their entries and distances.

    Those of subsample s are written from place s * (k + 1) on.
    """
    m = bag.starts.size - 1
    # On average k rows of a subsample are among the k * m / size nearest; the rest is for the unluckiest.
    wanted = int((k + 3.0 * np.sqrt(k) + 2.0) * m / bag.size) + 1
    met[:] = 0
    missing = bag.samples
    above = -1.0
    while missing > 0:
        cut = guessed_cut(measures, m, wanted, order.least)
        for at in range(gathered(measures, m, above, cut, order)):
            drawn = order.found[at]
            if drawn == left_out:
                continue
            distance = distance_of(measures[drawn], bag.metric)
            for entry in range(bag.starts[drawn], bag.starts[drawn + 1]):
                sample = bag.sample_of[entry]
                rank = met[sample] + 1
                met[sample] = rank
                # What comes after the k-th goes to one spare place: quicker than asking each time.
                place = sample * (k + 1) + min(rank, k + 1) - 1
                entries[place] = entry
                distances[place] = distance
                missing -= int(rank == k)
            if missing == 0:
                break
        above, wanted = cut, 3 * wanted


@compiled
def mean_log_distances(
    bag: Bag,
    weights: FloatArray,
    rows: FloatArray,
    itself: NDArray[np.int64],
    start: int,
    stop: int,
    scores: FloatArray,
) -> None:
    """Write to scores[start:stop] the mean over subsamples of the log of a neighbour distance.

    The distance in one subsample is the sum of those to its nearest rows, by rank, times `weights` [k].
    """
    m, k = bag.starts.size - 1, weights.size
    measures = np.empty((TILE, bag.blocks.shape[0] * BLOCK))
    order, met = ranking(m), np.empty(bag.samples, dtype=np.int64)
    entries = np.empty(bag.samples * (k + 1), dtype=np.int64)
    distances = np.empty(entries.size)
    for tile in range(start, stop, TILE):
        tile_stop = min(tile + TILE, stop)
        measure(bag.blocks, rows, tile, tile_stop, bag.metric, measures)
        for row in range(tile, tile_stop):
            of_row = measures[row - tile]
            left_out = drawn_row_itself(itself[row], of_row, m)
            _walk(bag, of_row, left_out, k, entries, distances, met, order)
            total = 0.0
            for sample in range(bag.samples):
                distance = 0.0
                first = sample * (k + 1)
                for rank in range(k):
                    distance += weights[rank] * distances[first + rank]
                total += np.log(max(distance, LEAST_DISTANCE))
            scores[row] = total / bag.samples


@compiled
def mean_outlier_factors(
    bag: Bag,
    k: int,
    k_distances: FloatArray,
    densities: FloatArray,
    rows: FloatArray,
    itself: NDArray[np.int64],
    start: int,
    stop: int,
    scores: FloatArray,
) -> None:
    """Write to scores[start:stop] the mean over subsamples of the local outlier factor.

    `k_distances` and `densities`, [samples * size], are those of the entries.
    """
    m = bag.starts.size - 1
    measures = np.empty((TILE, bag.blocks.shape[0] * BLOCK))
    order, met = ranking(m), np.empty(bag.samples, dtype=np.int64)
    entries = np.empty(bag.samples * (k + 1), dtype=np.int64)
    distances = np.empty(entries.size)
    for tile in range(start, stop, TILE):
        tile_stop = min(tile + TILE, stop)
        measure(bag.blocks, rows, tile, tile_stop, bag.metric, measures)
        for row in range(tile, tile_stop):
            of_row = measures[row - tile]
            left_out = drawn_row_itself(itself[row], of_row, m)
            _walk(bag, of_row, left_out, k, entries, distances, met, order)
            total = 0.0
            for sample in range(bag.samples):
                first, end = sample * (k + 1), sample * (k + 1) + k
                total += outlier_factor(entries[first:end], distances[first:end], k_distances, densities)
            scores[row] = total / bag.samples


@compiled
def reachability_density(
    neighbours: NDArray[np.int64], distances: FloatArray, k_distances: FloatArray
) -> float:
    """The inverse of the mean reachability distance to these neighbours (Breunig et al. 2000)."""
    total = 0.0
    for rank in range(neighbours.size):
        total += max(distances[rank], k_distances[neighbours[rank]])
    return 1.0 / (total / neighbours.size + LEAST_DISTANCE)


@compiled
def reachability_densities(
    neighbours: NDArray[np.int64], distances: FloatArray, k_distances: FloatArray
) -> FloatArray:
    """`reachability_density` of each row of neighbours, float64 [n, k] -> [n]."""
    densities = np.empty(neighbours.shape[0])
    for row in range(densities.size):
        densities[row] = reachability_density(neighbours[row], distances[row], k_distances)
    return densities


@compiled
def outlier_factor(
    neighbours: NDArray[np.int64], distances: FloatArray, k_distances: FloatArray, densities: FloatArray
) -> float:
    """The mean density of these neighbours over the row's own (Breunig et al. 2000)."""
    total = 0.0
    for rank in range(neighbours.size):
        total += densities[neighbours[rank]]
    return float(total / neighbours.size / reachability_density(neighbours, distances, k_distances))


@compiled
def outlier_factors(
    neighbours: NDArray[np.int64], distances: FloatArray, k_distances: FloatArray, densities: FloatArray
) -> FloatArray:
    """`outlier_factor` of each row of neighbours, [n, k] -> float64 [n]."""
    factors = np.empty(neighbours.shape[0])
    for row in range(factors.size):
        factors[row] = outlier_factor(neighbours[row], distances[row], k_distances, densities)
    return factors
