"""From raw scores to scores in [0, 1] that mean the same under every algorithm, and how sure a prediction is.

Everything is fixed when a detector is fitted, from the n raw scores of its training rows:

1. *Threshold.* With contamination c, k = c * n rows should be anomalous. The cut lies between two distinct
   training values, where the number of rows above it is nearest to k (of two equally near, the fewer rows);
   the lowest value is never above it, so constant scores have no anomaly. The threshold is the middle of
   the gap, and the share of rows above it is the contamination used, a. With "auto" the share above Tukey's
   upper fence Q3 + 1.5 (Q3 - Q1) (Tukey 1977), at most 0.5, takes the place of c.
2. *Score.* A training value r has the tail probability p = (rows above r + half the rows equal to r) / n.
   It maps to

       1 - 0.5 p / a            where p < a, i.e. above the threshold
       0.5 (1 - p) / (1 - a)    where p > a, i.e. below it

   and the threshold itself to exactly 0.5. Between these knots the map is linear; of many knots about a
   thousand are kept, densest in the upper tail. Beyond the largest training value r1, with score s1, it
   goes on growing, 1 - (1 - s1) w / (w + r - r1) with w = r1 - threshold; below the least one it falls
   towards 0 in the same way.
3. *Prediction.* 1 exactly where raw >= threshold, which is exactly where score >= 0.5.

A score therefore says how rare a row is among the training rows, whatever the algorithm's raw scale: with a
= 0.1, 0.9 is always the rarest 2 %.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

import numpy as np
from scipy.special import betainc

from pynomaly_server.detectors.errors import InvalidParameter
from pynomaly_server.detectors.parameters import shown

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pynomaly_server.detectors.base import FloatArray

Contamination = float | Literal["auto"]

HALF = 0.5
JUST_BELOW_HALF = float(np.nextafter(HALF, 0.0))

# Raw scores farther out than this are as extreme as can be; differences of such values stay finite.
FARTHEST = 1e150

# Neighbouring training scores nearer than this, relatively or absolutely, are ties that rounding has parted.
_ROUNDING = 1e-12
_LEAST_GAP = 1e-300

_TAIL_KNOTS = 512
_EVEN_KNOTS = 500

# So many rows are sooner looked at one by one.
_FEW = 8


@dataclass(frozen=True, slots=True)
class Calibration:
    """The fixed map of one fitted detector; build it with `calibrate`.

    `threshold` is on the raw scale, `contamination` the share of training rows at or above it. `_knots` and
    `_values` are the points of the map, `_below` and `_above` the scales of its two ends, `_ordered` the
    sorted training scores.
    """

    threshold: float
    contamination: float
    _knots: FloatArray
    _values: FloatArray
    _below: float
    _above: float
    _ordered: FloatArray

    def scores(self, raw: FloatArray) -> FloatArray:
        """Scores in [0, 1], float64 [n], non-decreasing in `raw`."""
        if raw.size <= _FEW:
            return np.array([self._score(each) for each in raw.tolist()])
        raw = _bounded(raw)
        knots, values = self._knots, self._values
        inside = np.clip(raw, knots[0], knots[-1])
        score = interpolated(inside, knots, values)

        over = np.maximum(raw - knots[-1], 0.0)
        under = np.maximum(knots[0] - raw, 0.0)
        score = np.where(over > 0, 1.0 - (1.0 - values[-1]) * (self._above / (self._above + over)), score)
        score = np.where(under > 0, values[0] * (self._below / (self._below + under)), score)
        # Rounding must not carry a row over the threshold.
        anomalous = raw >= self.threshold
        kept: FloatArray = np.where(anomalous, np.maximum(score, HALF), np.minimum(score, JUST_BELOW_HALF))
        return kept

    def _score(self, raw: float) -> float:
        """As `scores`, of one row and bit for bit the same: a step of NumPy takes longer than all of this."""
        knots, values = self._knots, self._values
        raw = min(max(raw, -FARTHEST), FARTHEST)
        first, last = knots.item(0), knots.item(-1)
        if raw > last:
            score = 1.0 - (1.0 - values.item(-1)) * (self._above / (self._above + (raw - last)))
        elif raw < first:
            score = values.item(0) * (self._below / (self._below + (first - raw)))
        else:
            at = min(bisect_right(knots, raw) - 1, knots.size - 2)
            left, right = knots.item(at), knots.item(at + 1)
            low, high = values.item(at), values.item(at + 1)
            score = min(low + (raw - left) / (right - left) * (high - low), high)
        return max(score, HALF) if raw >= self.threshold else min(score, JUST_BELOW_HALF)

    def predictions(self, raw: FloatArray) -> NDArray[np.int8]:
        """1 for an anomaly and 0 for a normal row, int8 [n]."""
        if raw.size <= _FEW:
            few = [min(max(each, -FARTHEST), FARTHEST) >= self.threshold for each in raw.tolist()]
            return np.array(few, dtype=np.int8)
        return (_bounded(raw) >= self.threshold).astype(np.int8)

    def confidence(self, raw: FloatArray) -> FloatArray:
        """The probability that each row's prediction stays under a refit, float64 [n] in [0, 1].

        ExCeeD (Perini, Vercruyssen, Davis 2020): with m of n training scores at or below the row's, the
        chance that a training row lies below it has posterior mean q = (1 + m) / (2 + n); the row is called
        anomalous by the share of samples of n rows in which more than n - n_anomalies lie below it, a
        binomial tail.
        """
        return self.confidence_at(raw, self.threshold, self.contamination)

    def confidence_at(self, raw: FloatArray, threshold: float, contamination: float) -> FloatArray:
        """As `confidence`, were the threshold and the contamination others."""
        raw = _bounded(raw)
        n = self._ordered.size
        below = np.searchsorted(self._ordered, raw, side="right")
        likelihood = (1.0 + below) / (2.0 + n)
        # Where no training row is anomalous, being called so takes standing above all of them.
        anomalies = max(1, round(contamination * n))
        # P(Binomial(n, q) > n - anomalies), through the incomplete beta function.
        called = betainc(n - anomalies + 1.0, float(anomalies), likelihood)
        stays: FloatArray = np.where(raw >= threshold, called, 1.0 - called)
        return np.clip(stays, 0.0, 1.0)

    def share_from(self, raw: float) -> float:
        """The share of training rows whose raw score is at least this."""
        n = self._ordered.size
        return (n - int(np.searchsorted(self._ordered, raw))) / n


def interpolated(at_values: FloatArray, knots: FloatArray, values: FloatArray) -> FloatArray:
    """Linear between the points (knots, values) for `at_values` between the first knot and the last.

    Each step rounds monotonically and no segment overshoots its end, unlike `np.interp`.
    """
    at = np.minimum(np.searchsorted(knots, at_values, side="right") - 1, knots.size - 2)
    within = (at_values - knots[at]) / (knots[at + 1] - knots[at])
    between: FloatArray = np.minimum(values[at] + within * (values[at + 1] - values[at]), values[at + 1])
    return between


def checked_contamination(contamination: object) -> Contamination:
    """`contamination` as a number in (0, 0.5] or "auto".

    Raises:
        InvalidParameter: it is anything else; booleans are no numbers.
    """
    if contamination == "auto":
        return "auto"
    number = isinstance(contamination, int | float) and not isinstance(contamination, bool)
    if not number or not 0 < contamination <= HALF:  # type: ignore[operator]
        raise InvalidParameter(
            "contamination must be a number above 0 and at most 0.5, or 'auto' to find it from the scores, "
            f"not {shown(contamination)}.",
            "/contamination",
        )
    return float(contamination)  # type: ignore[arg-type]


def calibrate(training_scores: FloatArray, contamination: Contamination) -> Calibration:
    """The score map of a detector with these training scores, float64 [n], n >= 1, within +-1e140.

    Raises:
        InvalidParameter: contamination is neither a number in (0, 0.5] nor "auto".
    """
    contamination = checked_contamination(contamination)
    ordered = np.sort(_bounded(training_scores))
    n = ordered.size
    lowest, highest, counts = _ties(ordered)
    above = n - np.cumsum(counts)

    fence = _tukey_fence(ordered) if contamination == "auto" else -np.inf
    share = min(float((ordered > fence).mean()), HALF) if contamination == "auto" else contamination
    # Of two counts equally near the later one is the smaller.
    distance = np.abs(above - round(share * n, 9))
    cut = int(np.flatnonzero(distance == distance.min())[-1])
    used = float(above[cut] / n)
    if used > 0:
        threshold = float(highest[cut] / 2 + lowest[cut + 1] / 2)
    else:
        threshold = max(float(highest[-1] + _gap_above(lowest, highest)), fence)

    tail = (above + counts / 2) / n
    kept = _kept_knots(lowest.size, cut)
    normal, anomalous = kept[kept <= cut], kept[kept > cut]
    knots = np.concatenate([lowest[normal], [threshold], lowest[anomalous]])
    values = np.concatenate(
        [
            HALF * (1.0 - tail[normal]) / (1.0 - used),
            [HALF],
            1.0 - HALF * tail[anomalous] / used if used > 0 else [],
        ]
    )
    reach = threshold if used > 0 else float(np.median(ordered))
    return Calibration(
        threshold=threshold,
        contamination=used,
        _knots=knots,
        _values=values,
        _below=threshold - float(knots[0]),
        _above=float(knots[-1]) - reach,
        _ordered=ordered,
    )


def _bounded(raw: FloatArray) -> FloatArray:
    return np.clip(np.asarray(raw, dtype=np.float64), -FARTHEST, FARTHEST)


def _ties(ordered: FloatArray) -> tuple[FloatArray, FloatArray, NDArray[np.int64]]:
    """Lowest value, highest value and size of each group of values that at most rounding parts."""
    width = np.maximum(_ROUNDING * np.abs(ordered[1:]), _LEAST_GAP)
    starts = np.flatnonzero(np.concatenate([[True], np.diff(ordered) > width]))
    ends = np.concatenate([starts[1:], [ordered.size]])
    return ordered[starts], ordered[ends - 1], ends - starts


def _tukey_fence(ordered: FloatArray) -> float:
    lower, upper = np.quantile(ordered, [0.25, 0.75])
    return float(upper + 1.5 * (upper - lower))


def _gap_above(lowest: FloatArray, highest: FloatArray) -> float:
    """How far above the largest training value a threshold that no training row reaches lies.

    Half the gap to the value below it, as a threshold between two values would; a constant has no gap,
    there a difference that is plainly more than rounding has to do.
    """
    if lowest.size > 1:
        return float((lowest[-1] - highest[-2]) / 2)
    return 1e-6 * max(abs(float(highest[-1])), 1.0)


def _kept_knots(size: int, cut: int) -> NDArray[np.int64]:
    """Positions of the knots to keep: both ends, both sides of the cut, ever denser towards the top."""
    spread = _spread_knots(size)
    if spread.size == size:  # all of them
        return spread
    beside_cut = np.array([cut, min(cut + 1, size - 1)])
    return np.unique(np.concatenate([spread, beside_cut]))


@lru_cache(maxsize=128)
def _spread_knots(size: int) -> NDArray[np.int64]:
    """Those of `_kept_knots` that are the same wherever the cut is; not to be written to."""
    from_top = np.geomspace(1, size, _TAIL_KNOTS).round().astype(np.int64)
    evenly = np.linspace(0, size - 1, _EVEN_KNOTS).round().astype(np.int64)
    return np.unique(np.concatenate([size - from_top, evenly]))
