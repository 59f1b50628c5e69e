"""The nearest reference rows in order, without sorting the far ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pynomaly_server.detectors.compiled import compiled

if TYPE_CHECKING:
    from pynomaly_server.detectors.base import FloatArray

# Measures that a cut is guessed from.
GLANCE: Final = 64

# Moves per row beyond which insertion takes longer than sorting.
_MOVES: Final = 16


@compiled
def guessed_cut(measures: FloatArray, m: int, wanted: int, least: FloatArray) -> float:
    """A value that about `wanted` of measures[:m] do not exceed; infinity where that is most of them.

    Only a guess: whoever asks goes on with a larger one until all is found, so results do not depend on it.
    `least` is scratch of `GLANCE` places.
    """
    glance = min(m, GLANCE)
    rank = wanted * glance // m + 2
    if 2 * rank >= glance:
        return np.inf
    held = 0
    for step in range(glance):
        value = measures[step * m // glance]
        if held == rank:
            if value >= least[held - 1]:
                continue
            held -= 1
        at = held
        while at > 0 and least[at - 1] > value:
            least[at] = least[at - 1]
            at -= 1
        least[at] = value
        held += 1
    return float(least[rank - 1])


class Ranking(NamedTuple):
    """Scratch for ordering up to m positions: `found` holds the answer, `keys` the measures there."""

    found: NDArray[np.int64]
    keys: NDArray[np.float64]
    found_apart: NDArray[np.int64]
    keys_apart: NDArray[np.float64]
    ends: NDArray[np.int64]
    least: NDArray[np.float64]


@compiled
def ranking(m: int) -> Ranking:
    """Scratch for m measures."""
    # One place more than there are positions: the last write of `gathered` may fall behind them all.
    return Ranking(
        np.empty(m + 1, dtype=np.int64),
        np.empty(m + 1),
        np.empty(m + 1, dtype=np.int64),
        np.empty(m + 1),
        np.empty(m + 2, dtype=np.int64),
        np.empty(GLANCE),
    )


@compiled
def gathered(measures: FloatArray, m: int, above: float, cut: float, into: Ranking) -> int:
    """How many of measures[:m] have above < measure <= cut; into.found: where, nearest first, ties in order.

    Measures are >= 0 and finite, `above` is >= -1.
    """
    held = 0
    for at in range(m):
        value = measures[at]
        into.found_apart[held] = at
        into.keys_apart[held] = value
        held += int((value > above) & (value <= cut))
    if not _spread_over_buckets(into, held) or not _insert(into, held):
        order = np.argsort(into.keys_apart[:held], kind="mergesort")
        for at in range(held):
            into.found[at] = into.found_apart[order[at]]
            into.keys[at] = into.keys_apart[order[at]]
    return held


@compiled
def _spread_over_buckets(into: Ranking, held: int) -> bool:
    """Copy what lies apart to its place, bucket by bucket of like measures; False if they cannot be told."""
    lowest, highest = into.keys_apart[0], into.keys_apart[0]
    for at in range(1, held):
        key = into.keys_apart[at]
        lowest, highest = min(lowest, key), max(highest, key)
    per_unit = held / (highest - lowest) if highest > lowest else 0.0
    if not per_unit < np.inf:
        return False
    ends = into.ends[: held + 1]
    ends[:] = 0
    for at in range(held):
        ends[int((into.keys_apart[at] - lowest) * per_unit)] += 1
    total = 0
    for bucket in range(held + 1):
        total += ends[bucket]
        ends[bucket] = total - ends[bucket]
    for at in range(held):
        key = into.keys_apart[at]
        bucket = int((key - lowest) * per_unit)
        to = ends[bucket]
        ends[bucket] = to + 1
        into.keys[to] = key
        into.found[to] = into.found_apart[at]
    return True


@compiled
def _insert(into: Ranking, held: int) -> bool:
    """Stable insertion sort; after the buckets hardly anything has to move, ties not at all.

    False where it was given up, because most measures fell into few buckets.
    """
    left = _MOVES * held
    for at in range(1, held):
        key, moved = into.keys[at], into.found[at]
        to = at
        while to > 0 and into.keys[to - 1] > key:
            into.keys[to], into.found[to] = into.keys[to - 1], into.found[to - 1]
            to -= 1
        into.keys[to], into.found[to] = key, moved
        left -= at - to
        if left < 0:
            return False
    return True
