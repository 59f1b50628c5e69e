"""What the bagged methods compute: one walk per row, from the nearest drawn row outwards.

`itself` is explained in the module of that name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pynomaly_server.detectors.compiled import compiled
from pynomaly_server.detectors.neighbours.distances import BLOCK, TILE, distance_of, measure
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
            left_out = itself[row]
            _walk(bag, of_row, left_out, k, entries, distances, met, order)
            total = 0.0
            for sample in range(bag.samples):
                total += outlier_factor(entries, distances, sample * (k + 1), k, k_distances, densities)
            scores[row] = total / bag.samples


@compiled
def neighbours_in_samples(
    bag: Bag,
    k: int,
    rows: FloatArray,
    itself: NDArray[np.int64],
    entries: NDArray[np.int64],
    distances: FloatArray,
) -> None:
    """Write the k nearest rows in every subsample to `entries` and `distances`, [n, samples * (k + 1)].

    Those of subsample s begin at column s * (k + 1).
    """
    n, m = rows.shape[0], bag.starts.size - 1
    measures = np.empty((TILE, bag.blocks.shape[0] * BLOCK))
    order, met = ranking(m), np.empty(bag.samples, dtype=np.int64)
    for tile in range(0, n, TILE):
        tile_stop = min(tile + TILE, n)
        measure(bag.blocks, rows, tile, tile_stop, bag.metric, measures)
        for row in range(tile, tile_stop):
            of_row = measures[row - tile]
            left_out = itself[row]
            _walk(bag, of_row, left_out, k, entries[row], distances[row], met, order)


@compiled
def densities_of_entries(
    bag: Bag,
    k: int,
    drawn: NDArray[np.int64],
    entries: NDArray[np.int64],
    distances: FloatArray,
    k_distances: FloatArray,
    densities: FloatArray,
) -> None:
    """Write k-distance and density of every entry, from what `neighbours_in_samples` found for all rows."""
    for place in range(drawn.size):
        for entry in range(bag.starts[place], bag.starts[place + 1]):
            k_distances[entry] = distances[drawn[place], bag.sample_of[entry] * (k + 1) + k - 1]
    for place in range(drawn.size):
        row = drawn[place]
        for entry in range(bag.starts[place], bag.starts[place + 1]):
            first = bag.sample_of[entry] * (k + 1)
            densities[entry] = reachability_density(entries[row], distances[row], first, k, k_distances)


@compiled
def mean_factors_of(
    k: int,
    k_distances: FloatArray,
    densities: FloatArray,
    entries: NDArray[np.int64],
    distances: FloatArray,
) -> FloatArray:
    """The mean outlier factor of every row, from what `neighbours_in_samples` found."""
    n, width = entries.shape
    scores = np.empty(n)
    for row in range(n):
        total = 0.0
        for first in range(0, width, k + 1):
            total += outlier_factor(entries[row], distances[row], first, k, k_distances, densities)
        scores[row] = total / (width // (k + 1))
    return scores


@compiled
def reachability_density(
    neighbours: NDArray[np.int64], distances: FloatArray, first: int, k: int, k_distances: FloatArray
) -> float:
    """The inverse of the mean reachability distance to these neighbours (Breunig et al. 2000)."""
    total = 0.0
    for place in range(first, first + k):
        reach, distance = k_distances[neighbours[place]], distances[place]
        total += distance if distance > reach else reach  # noqa: FURB136 - max also minds NaN, which costs
    return 1.0 / (total / k + LEAST_DISTANCE)


@compiled
def reachability_densities(
    neighbours: NDArray[np.int64], distances: FloatArray, k_distances: FloatArray
) -> FloatArray:
    """`reachability_density` of each row of neighbours, float64 [n, k] -> [n]."""
    n, k = neighbours.shape
    all_neighbours, all_distances = neighbours.ravel(), distances.ravel()
    densities = np.empty(n)
    for row in range(n):
        densities[row] = reachability_density(all_neighbours, all_distances, row * k, k, k_distances)
    return densities


@compiled
def outlier_factor(
    neighbours: NDArray[np.int64],
    distances: FloatArray,
    first: int,
    k: int,
    k_distances: FloatArray,
    densities: FloatArray,
) -> float:
    """The mean density of neighbours[first : first + k] over the row's own (Breunig et al. 2000)."""
    total = 0.0
    for place in range(first, first + k):
        total += densities[neighbours[place]]
    return total / k / reachability_density(neighbours, distances, first, k, k_distances)


@compiled
def outlier_factors(
    neighbours: NDArray[np.int64], distances: FloatArray, k_distances: FloatArray, densities: FloatArray
) -> FloatArray:
    """`outlier_factor` of each row of neighbours, [n, k] -> float64 [n]."""
    n, k = neighbours.shape
    all_neighbours, all_distances = neighbours.ravel(), distances.ravel()
    factors = np.empty(n)
    for row in range(n):
        factors[row] = outlier_factor(all_neighbours, all_distances, row * k, k, k_distances, densities)
    return factors
