"""What the kernels of all forests share: random numbers and the path length that is to be expected.

Each tree draws from a generator of its own, SplitMix64 (Steele, Lea, Flood 2014), seeded by NumPy's
SeedSequence, so that a tree is the same whichever thread grows it.
"""

from __future__ import annotations

import math
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pynomaly_server.detectors.base import FloatArray
from pynomaly_server.detectors.compiled import compiled

Seeds = NDArray[np.uint64]

_STEP = np.uint64(0x9E3779B97F4A7C15)
_FIRST = np.uint64(0xBF58476D1CE4E5B9)
_SECOND = np.uint64(0x94D049BB133111EB)
_11, _27, _30, _31, _32 = (np.uint64(bits) for bits in (11, 27, 30, 31, 32))
_UNIT = 2.0**-53


def tree_seeds(seed: int, trees: int) -> Seeds:
    """One seed per tree, uint64 [trees], from any integer >= 0."""
    return np.random.SeedSequence(seed).generate_state(trees, np.uint64).astype(np.uint64)


def expected_path_lengths(samples: int) -> FloatArray:
    """c(k) of Liu, Ting, Zhou (2008), eq. 1, for k = 0 to `samples`, float64 [samples + 1].

    The mean depth of an unsuccessful search in a binary search tree of k keys: how deep a row is to be
    expected below a node of k rows. c(0) = c(1) = 0 and c(2) = 1, as in scikit-learn.
    """
    return _known_path_lengths(samples).copy()


@lru_cache(maxsize=4)
def _known_path_lengths(samples: int) -> FloatArray:
    k = np.arange(samples + 1, dtype=np.float64)
    lengths = np.zeros(samples + 1)
    lengths[2:3] = 1.0
    more = k[3:]
    lengths[3:] = 2.0 * (np.log(more - 1.0) + np.euler_gamma) - 2.0 * (more - 1.0) / more
    return lengths


@compiled
def _next_bits(state: Seeds) -> Any:
    state[0] += _STEP
    mixed = state[0]
    mixed = (mixed ^ (mixed >> _30)) * _FIRST
    mixed = (mixed ^ (mixed >> _27)) * _SECOND
    return mixed ^ (mixed >> _31)


@compiled
def uniform(state: Seeds) -> float:
    """A number drawn evenly from [0, 1); `state`, uint64 [1], moves on."""
    return float(_next_bits(state) >> _11) * _UNIT


@compiled
def below(state: Seeds, bound: int) -> int:
    """A whole number drawn evenly from [0, bound), bound < 2^32 (Lemire 2019, without the rejection)."""
    return int(((_next_bits(state) >> _32) * np.uint64(bound)) >> _32)


@compiled
def between(low: float, high: float, share: float) -> float:
    """A number in [low, high), low < high, the nearer to `high` the nearer `share` is to 1."""
    # Not low + share * (high - low): the difference of two doubles may overflow.
    value = low * (1.0 - share) + high * share
    return value if low <= value < high else low


@compiled
def normal(state: Seeds) -> float:
    """A number drawn from the standard normal distribution (Box, Muller 1958)."""
    radius = math.sqrt(-2.0 * math.log(1.0 - uniform(state)))
    return radius * math.cos(2.0 * math.pi * uniform(state))


@compiled
def draw_rows(
    state: Seeds, order: NDArray[np.int64], undo: NDArray[np.int64], drawn: NDArray[np.int64]
) -> None:
    """Fill `drawn` with different rows of [0, n); `order`, int64 [n] from 0 to n - 1, is left as it was."""
    for i in range(drawn.size):
        j = i + below(state, order.size - i)
        order[i], order[j] = order[j], order[i]
        undo[i] = j
        drawn[i] = order[i]
    for i in range(drawn.size - 1, -1, -1):
        j = undo[i]
        order[i], order[j] = order[j], order[i]


@compiled
def draw_columns(state: Seeds, columns: NDArray[np.int64], wanted: int) -> None:
    """Put 0 to d - 1 into `columns`, int64 [d], so that the first `wanted` are a random choice."""
    for column in range(columns.size):
        columns[column] = column
    if wanted < columns.size:
        for i in range(wanted):
            j = i + below(state, columns.size - i)
            columns[i], columns[j] = columns[j], columns[i]
