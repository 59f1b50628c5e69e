"""A fitted detector with another threshold than the one it was calibrated with.

The threshold t is a score in (0, 1) of the calibration that there is, so that it means the same under every
algorithm. A row is anomalous exactly where that score is at least t. Its score is mapped so that the border
is 0.5 again, as it is everywhere: a score s stands for the tail probability p it was made of,

    p(s) = 2 a (1 - s)        where s >= 0.5
           1 - 2 (1 - a) s    where s < 0.5

with a = the contamination, and p makes the score that a calibration with the contamination p(t) gives:

    1 - 0.5 p / p(t)              where s >= t
    0.5 (1 - p) / (1 - p(t))      where s < t

So rows are scored as if the detector had been trained with just that contamination. In s the map is linear
between 0, t, 0.5 and 1. With a = 0 no p is left above 0.5; the map is then linear between 0, t and 1.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from pynomaly_server.detectors.calibration import (
    FARTHEST,
    HALF,
    JUST_BELOW_HALF,
    Calibration,
    interpolated,
)

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pynomaly_server.detectors.base import FloatArray

_TRIED_AT_ONCE: Final = 1_024
_DOUBLE: Final = struct.Struct("<d")
_INTEGER: Final = struct.Struct("<q")


@dataclass(frozen=True, slots=True)
class Border:
    """A calibration with another threshold; it has what a `Calibration` has.

    `threshold` is on the raw scale, `contamination` the share of training rows at or above it.
    """

    threshold: float
    contamination: float
    _of: Calibration
    _score: float
    _knots: FloatArray
    _values: FloatArray

    def scores(self, raw: FloatArray) -> FloatArray:
        """Scores in [0, 1], float64 [n], non-decreasing in `raw`."""
        own = self._of.scores(raw)
        score = interpolated(own, self._knots, self._values)
        kept: FloatArray = np.where(
            own >= self._score, np.maximum(score, HALF), np.minimum(score, JUST_BELOW_HALF)
        )
        return kept

    def predictions(self, raw: FloatArray) -> NDArray[np.int8]:
        """1 for an anomaly and 0 for a normal row, int8 [n]."""
        return (self._of.scores(raw) >= self._score).astype(np.int8)

    def confidence(self, raw: FloatArray) -> FloatArray:
        """As that of a calibration, with this threshold and the contamination that belongs to it."""
        return self._of.confidence_at(raw, self.threshold, self.contamination)


def border_at(calibration: Calibration, score: float, raw: float | None = None) -> Border:
    """The border at a score in (0, 1) of this calibration.

    Args:
        calibration: What the detector was fitted with.
        score: The least score of an anomaly.
        raw: The least raw score of one, where somebody has looked for it before.
    """
    threshold = lowest_raw(calibration, score) if raw is None else raw
    share = calibration.contamination
    knots, values = [0.0, score, 1.0], [0.0, HALF, 1.0]
    if share > 0 and score > HALF:
        tail = 2 * share * (1 - score)
        knots[1:1], values[1:1] = [HALF], [HALF * (1 - share) / (1 - tail)]
    elif share > 0 and score < HALF:
        tail = 1 - 2 * (1 - share) * score
        knots[2:2], values[2:2] = [HALF], [1 - HALF * share / tail]
    return Border(
        threshold,
        calibration.share_from(threshold),
        calibration,
        score,
        np.array(knots),
        np.array(values),
    )


def lowest_raw(calibration: Calibration, score: float) -> float:
    """The least raw score that has at least this score; every higher one has it as well."""
    low, high = _place(-FARTHEST), _place(FARTHEST)
    while low < high:
        step = max((high - low) // _TRIED_AT_ONCE, 1)
        tried = [*range(low, high, step), high]
        scores = calibration.scores(np.array([_double(place) for place in tried]))
        # The farthest has a score near 1; where even that is too low, nothing is anomalous.
        first = int(np.argmax(scores >= score)) if scores[-1] >= score else len(tried) - 1
        if step == 1 or first == 0:
            return _double(tried[first])
        low, high = tried[first - 1] + 1, tried[first]
    return _double(low)


def _place(number: float) -> int:
    """The place of a double in the order of all of them."""
    bits: int = _INTEGER.unpack(_DOUBLE.pack(number))[0]
    return bits if bits >= 0 else -(bits & 0x7FFF_FFFF_FFFF_FFFF)


def _double(place: int) -> float:
    number: float = _DOUBLE.unpack(_INTEGER.pack(abs(place)))[0]
    return number if place >= 0 else -number
