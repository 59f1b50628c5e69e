"""The nearest reference rows in order, without sorting the far ones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pynomaly_server.detectors.compiled import compiled

if TYPE_CHECKING:
    from pynomaly_server.detectors.base import FloatArray

Places = NDArray[np.uint32]

# Measures that a cut is guessed from.
GLANCE: Final = 64

# Of so many measures few are near enough. Then groups of them are looked at first, to be passed over whole.
_MANY: Final = 2048
_GLIMPSE: Final = 32

# Buckets per measure that is sorted: more of them leave less to be moved.
_BUCKETS: Final = 2

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
    """Scratch for ordering up to m positions: `found` holds the answer, `keys` the measures there.

    Positions and buckets are unsigned, so that no step asks for negative indices.
    """

    found: Places
    keys: NDArray[np.float64]
    found_apart: Places
    keys_apart: NDArray[np.float64]
    bucket: Places
    ends: Places
    least: NDArray[np.float64]


@compiled
def ranking(m: int) -> Ranking:
    """Scratch for m measures."""
    # One place more than there are positions: the last write of what is gathered may fall behind them all.
    return Ranking(
        np.empty(m + 1, dtype=np.uint32),
        np.empty(m + 1),
        np.empty(m + 1, dtype=np.uint32),
        np.empty(m + 1),
        np.empty(m + 1, dtype=np.uint32),
        np.empty(_BUCKETS * (m + 1) + 1, dtype=np.uint32),
        np.empty(GLANCE),
    )


@compiled
def gathered(measures: FloatArray, m: int, above: float, cut: float, into: Ranking) -> int:
    """How many of measures[:m] have above < measure <= cut; into.found: where, nearest first, ties in order.

    Measures are >= 0 and finite, `above` is >= -1.
    """
    held = np.uint32(0)
    start = 0
    if m >= _MANY:
        start = m - m % _GLIMPSE
        for first in range(0, start, _GLIMPSE):
            glimpse = measures[first : first + _GLIMPSE]
            inside = 0
            for at in range(_GLIMPSE):
                inside += int((glimpse[at] > above) & (glimpse[at] <= cut))
            if inside > 0:
                held = _kept(measures, first, first + _GLIMPSE, above, cut, into, held)
    held = _kept(measures, start, m, above, cut, into, held)
    _sort(into, held)
    return int(held)


@compiled
def _kept(
    measures: FloatArray, start: int, stop: int, above: float, cut: float, into: Ranking, held: Any
) -> Any:
    # Written whether needed or not: a branch on random data is guessed wrongly too often.
    for at in range(start, stop):
        value = measures[at]
        into.found_apart[held] = at
        into.keys_apart[held] = value
        held += np.uint32((value > above) & (value <= cut))
    return held


@compiled
def smallest(measures: FloatArray, count: int, into: Ranking) -> None:
    """Write the `count` smallest measures to into.keys, in order.

    `measures` are >= 0, a multiple of `GLANCE` of them, of which at least `count` are finite.
    """
    wanted = int(count + 2.0 * np.sqrt(count)) + 2
    while True:
        cut = guessed_cut(measures, measures.size, wanted, into.least)
        nearer = np.uint32(0)
        for at in range(measures.size):
            value = measures[at]
            into.keys_apart[nearer] = value
            nearer += np.uint32(value < cut)
        if nearer >= count or nearer + (measures == cut).sum() >= count:
            break
        wanted *= 3
    _sort(into, nearer)
    # Where many rows are as far away as each other, they need no sorting.
    into.keys[nearer:count] = cut


@compiled
def _sort(into: Ranking, held: Any) -> None:
    """Sort what lies apart, stably; measures spread evenly, as they mostly are, take a few steps each."""
    if held == 0 or (_spread_over_buckets(into, held) and _insert(into, held)):
        return
    order = np.argsort(into.keys_apart[:held], kind="mergesort")
    for at in range(held):
        into.found[at] = into.found_apart[order[at]]
        into.keys[at] = into.keys_apart[order[at]]


@compiled
def _spread_over_buckets(into: Ranking, held: int) -> bool:
    """Copy what lies apart to its place, bucket by bucket of like measures; False if they cannot be told."""
    lowest, highest = into.keys_apart[0], into.keys_apart[0]
    for at in range(1, held):
        key = into.keys_apart[at]
        lowest = key if key < lowest else lowest  # noqa: FURB136 - min also minds NaN, which costs
        highest = key if key > highest else highest  # noqa: FURB136
    buckets = _BUCKETS * held
    per_unit = buckets / (highest - lowest) if highest > lowest else 0.0
    if not per_unit < np.inf:
        return False
    ends = into.ends[: buckets + 1]
    ends[:] = 0
    for at in range(held):
        bucket = np.uint32((into.keys_apart[at] - lowest) * per_unit)
        into.bucket[at] = bucket
        ends[bucket] += np.uint32(1)
    total = np.uint32(0)
    for at in range(buckets + 1):
        inside = ends[at]
        ends[at] = total
        total += inside
    for at in range(held):
        bucket = into.bucket[at]
        to = ends[bucket]
        ends[bucket] = to + np.uint32(1)
        into.keys[to] = into.keys_apart[at]
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
