"""Subsamples of the training rows, kept as the distinct rows drawn and the subsamples each belongs to.

A row that several subsamples drew is measured once. Walking the distinct rows from the nearest outwards then
meets the neighbours in all subsamples at the same time, and ends as soon as each has as many as it needs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from pynomaly_server.detectors.base import random_state
from pynomaly_server.detectors.neighbours.bagged import Bag
from pynomaly_server.detectors.neighbours.distances import blocked, metric_code

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pynomaly_server.detectors.base import FloatArray


@dataclass(frozen=True, slots=True)
class Subsamples:
    """`count` draws of `size` rows without replacement.

    `drawn`, int64 [m]: the training rows drawn at least once, in order. The memberships of the i-th of them
    are the entries starts[i] to starts[i + 1] of `sample_of`, int64 [count * size]: numbers of subsamples.
    """

    count: int
    size: int
    drawn: NDArray[np.int64]
    starts: NDArray[np.int64]
    sample_of: NDArray[np.int64]

    def positions(self, n: int) -> NDArray[np.int64]:
        """For each of the n training rows its place among the drawn ones, or -1; int64 [n]."""
        places = np.full(n, -1, dtype=np.int64)
        places[self.drawn] = np.arange(self.drawn.size)
        return places

    def members(self, sample: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The entries of one subsample and the places of their rows among the drawn ones, int64 [size]."""
        entries = np.flatnonzero(self.sample_of == sample)
        return entries, np.searchsorted(self.starts, entries, side="right") - 1


@dataclass(frozen=True, slots=True)
class BaggedRows:
    """The drawn rows themselves, float64 [m, d], and how distance between rows is measured."""

    rows: FloatArray
    subsamples: Subsamples
    metric: str
    bag: Bag = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        of = self.subsamples
        bag = Bag(blocked(self.rows), of.starts, of.sample_of, of.count, of.size, metric_code(self.metric))
        object.__setattr__(self, "bag", bag)


def draw(n: int, count: int, size: int, seed: int, most: int | None = None) -> Subsamples:
    """Draw from n rows, or from at most `most` >= size of them, which are drawn before.

    Where n <= size all draws would be all the rows, so one is enough.
    """
    if n <= size:
        everything = np.arange(n, dtype=np.int64)
        return Subsamples(1, n, everything, np.arange(n + 1, dtype=np.int64), np.zeros(n, dtype=np.int64))
    chance = np.random.default_rng(random_state(seed))
    kept = np.arange(n) if most is None or n <= most else drawn_rows(n, most, seed)
    draws = [chance.choice(kept.size, size=size, replace=False, shuffle=False) for _ in range(count)]
    rows = kept[np.concatenate(draws)]
    samples = np.repeat(np.arange(count, dtype=np.int64), size)
    order = np.argsort(rows, kind="stable")
    drawn, counts = np.unique(rows, return_counts=True)
    starts = np.concatenate([[0], np.cumsum(counts)]).astype(np.int64)
    return Subsamples(count, size, drawn.astype(np.int64), starts, samples[order])


def drawn_rows(n: int, count: int, seed: int) -> NDArray[np.int64]:
    """`count` of n rows drawn without replacement, or all of them, in their order."""
    if n <= count:
        return np.arange(n, dtype=np.int64)
    chance = np.random.default_rng(random_state(seed))
    return np.sort(chance.choice(n, size=count, replace=False, shuffle=False))
