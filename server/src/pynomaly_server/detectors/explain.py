"""Which features made a row stand out: non-negative shares that sum to 1, for any detector and any row.

A feature's part is the drop of the raw score when the feature alone is set to what is expected of it; a
rise counts as 0. Where the raw score is a sum over columns the drops are differences of its terms, found
without scoring anything. Where the detector itself says what each column does to a row (`feature_parts`,
the paths of a forest), that takes the place of the drops. Elsewhere each feature in turn is replaced and
the row scored again. If nothing drops, the robust distances from the expected row take the place of the
drops, and a row that is the expected one has equal shares. An encoded group of columns is one feature.

Budget: per row at most `PROBED_FEATURES` + 1 rows are scored, for the features that lie robustly farthest
from what is expected, so the cost of a row is bounded whatever the table's width, and its explanation does
not depend on which other rows are explained with it. At most `_BLOCK_ROWS` rows are scored at a time.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from pynomaly_server.detectors.base import FittedAdditiveDetector
from pynomaly_server.detectors.order_statistics import medians

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pynomaly_server.detectors.base import FittedDetector, FloatArray


PROBED_FEATURES = 64
_BLOCK_ROWS = 8192

# Makes the median absolute deviation of a normal distribution its standard deviation (Rousseeuw, Croux 1993).
_MAD_TO_DEVIATION = 1.4826


@dataclass(frozen=True, slots=True)
class Background:
    """What rows are compared with.

    `expected` and `spread`, float64 [d]: the usual value of each encoded column and its robust scale, > 0.
    `groups`: for each feature the encoded columns it consists of.
    """

    expected: FloatArray
    spread: FloatArray
    groups: Sequence[Sequence[int]]

    def membership(self) -> NDArray[np.bool_]:
        """Which columns belong to which feature, bool [n_features, d]."""
        member = np.zeros((len(self.groups), self.expected.size), dtype=bool)
        for feature, columns in enumerate(self.groups):
            member[feature, list(columns)] = True
        return member


def background(
    X: FloatArray,  # noqa: N803
    groups: Sequence[Sequence[int]],
    expected: FloatArray | None = None,
) -> Background:
    """The background of training rows X, float64 [n, d]; `expected` defaults to the median of each column."""
    centre = 2 * medians(X / 2) if expected is None else expected
    deviations = np.abs(X / 2 - centre / 2)
    with np.errstate(over="ignore"):  # the spread of the largest doubles is no double; the largest will do
        spread = 2 * _MAD_TO_DEVIATION * medians(deviations)
        if not (spread > 0).all():
            # More than half the rows equal: the mean deviation still sees the rest.
            spread = np.where(spread > 0, spread, 2 * (deviations / X.shape[0]).sum(axis=0))
    spread = np.minimum(spread, np.finfo(np.float64).max)
    return Background(centre, np.where(spread > 0, spread, 1.0), [list(group) for group in groups])


def contributions(detector: FittedDetector, X: FloatArray, usual: Background) -> FloatArray:  # noqa: N803
    """The share of each feature in the abnormality of each row, float64 [n, n_features]; rows sum to 1."""
    member = usual.membership()
    distances = _distances(X, usual, member)
    if isinstance(detector, FittedAdditiveDetector):
        parts = _exact_drops(detector, X, usual, member)
    elif (of_columns := detector.feature_parts(X)) is not None:
        parts = _of_features(of_columns, member)
    else:
        parts = _drops(detector, X, usual, member, distances)
    return _shares(np.where(parts.max(axis=1, keepdims=True) > 0, parts, distances))


def _distances(X: FloatArray, usual: Background, member: NDArray[np.bool_]) -> FloatArray:  # noqa: N803
    with np.errstate(over="ignore"):
        columns = np.minimum(np.abs(X - usual.expected) / usual.spread, 1e100)
    return np.stack([columns[:, of_feature].max(axis=1) for of_feature in member], axis=1)


def _exact_drops(
    detector: FittedAdditiveDetector,
    X: FloatArray,  # noqa: N803
    usual: Background,
    member: NDArray[np.bool_],
) -> FloatArray:
    drops = detector.exact_terms(X) - detector.exact_terms(usual.expected.reshape(1, -1))
    return _of_features(drops, member)


def _of_features(of_columns: FloatArray, member: NDArray[np.bool_]) -> FloatArray:
    """What the columns of each feature add up to, or 0 where that is negative."""
    of_features = np.stack([of_columns[:, of_feature].sum(axis=1) for of_feature in member], axis=1)
    return np.where(of_features > 0, of_features, 0.0)


def _drops(
    detector: FittedDetector,
    X: FloatArray,  # noqa: N803
    usual: Background,
    member: NDArray[np.bool_],
    distances: FloatArray,
) -> FloatArray:
    probed = min(len(member), PROBED_FEATURES)
    farthest = np.argsort(-distances, axis=1, kind="stable")[:, :probed]
    drops = np.zeros_like(distances)
    step = max(1, _BLOCK_ROWS // probed)
    for start in range(0, X.shape[0], step):
        rows, features = X[start : start + step], farthest[start : start + step]
        replaced = np.where(member[features], usual.expected, rows[:, np.newaxis, :])
        # A row that was fitted on would be a near neighbour of what is made of it: it stays left out.
        of = np.repeat(rows, probed, axis=0)
        scores = detector.score_left_out(replaced.reshape(of.shape), of).reshape(features.shape)
        drop = detector.score_left_out(rows)[:, np.newaxis] - scores
        np.put_along_axis(drops[start : start + step], features, np.maximum(drop, 0.0), axis=1)
    return drops


def _shares(parts: FloatArray) -> FloatArray:
    largest = parts.max(axis=1, keepdims=True)
    relative = np.where(largest > 0, parts / np.where(largest > 0, largest, 1.0), 1.0)
    shares: FloatArray = relative / relative.sum(axis=1, keepdims=True)
    return shares
