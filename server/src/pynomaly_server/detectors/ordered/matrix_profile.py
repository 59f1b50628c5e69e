"""Matrix profile (Yeh et al. 2016): stretches of a series that look like no other stretch of it.

The profile of a window is its distance to the most similar other window, after both are brought to mean 0
and deviation 1: sqrt(2 m (1 - r)) for windows of m rows with correlation r. The window with the largest
profile is the discord. The score of a point in a column is the mean profile of the windows that hold it,
less the median of those means over the training points and in units of their robust deviation: noise is
unlike everything at every point, and a column of it must not drown the others. The raw score of a point is
the maximum over columns.

`direction="left"` compares with earlier windows only, as someone who reads the series as it arrives must
(the left profile); the first windows, which have nothing before them, then count as perfectly alike.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pynomaly_server.detectors.base import AlgorithmSpec, as_matrix
from pynomaly_server.detectors.errors import InvalidParameter
from pynomaly_server.detectors.ordered import join
from pynomaly_server.detectors.ordered.interface import (
    ORDERED,
    FittedOrderedDetector,
    OrderedDetector,
    SeriesScores,
    TooShortSeries,
)
from pynomaly_server.detectors.ordered.period import dominant_period
from pynomaly_server.detectors.ordered.windows import Windows
from pynomaly_server.detectors.parameters import choice, integer, schema_of

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    from pynomaly_server.detectors.base import FloatArray

MIN_ROWS: Final = 12
MAX_ROWS: Final = 50_000
"""Longest series: the work grows with its square, and takes about 5 s per column there."""

_SHORTEST: Final = 4
_MAD_TO_DEVIATION: Final = 1.4826
# Profiles of an exactly repeating series differ by rounding alone.
_LEAST_SCALE: Final = 1e-3
_LONGEST_FOUND: Final = 512


@dataclass(frozen=True)
class FittedMatrixProfile(FittedOrderedDetector):
    """The series themselves, one after the other, float64 [n, d], and where each ends, int64 [k].

    `centre` and `scale`, float64 [d], are the median profile of the training points and its deviation. An
    unseen series is compared with the training series and not with itself: what it holds twice may be new.
    """

    series: FloatArray
    ends: NDArray[np.int64]
    window: int
    centre: FloatArray
    scale: FloatArray
    n_features: int
    training_scores: FloatArray

    def score_series(self, X: FloatArray) -> SeriesScores:  # noqa: N803
        """Score one series of at least `window` rows and at most `MAX_ROWS`.

        Raises:
            TooFewRows: the series is shorter than a window.
            InvalidParameter: it is longer than `MAX_ROWS`.
        """
        rows = as_matrix(X)
        _check_rows([rows], self.window)
        learnt = np.split(self.series, self.ends[:-1])

        def best(values: FloatArray, column: int) -> FloatArray:
            each = [
                join.cross_correlation(values, _scaled(other[:, column]), self.window)
                for other in learnt
                if other.shape[0] >= self.window
            ]
            highest: FloatArray = np.max(each, axis=0)
            return highest

        return _told((_profile(rows, self.window, best) - self.centre) / self.scale)


@dataclass(frozen=True, slots=True)
class MatrixProfileDetector(OrderedDetector):
    """Matrix profile before it has seen data; it uses no randomness."""

    window: int
    direction: str

    def fit_series(
        self,
        series: Sequence[FloatArray],
        seed: int,  # noqa: ARG002 - nothing is random
    ) -> tuple[FittedMatrixProfile, SeriesScores]:
        """Compare every series with itself.

        Raises:
            TooFewRows: a series is shorter than a window.
            InvalidParameter: a series is longer than `MAX_ROWS`.
        """
        rows = [as_matrix(each) for each in series]
        window = self.window or _found_window(rows)
        _check_rows(rows, window)

        def best(values: FloatArray, column: int) -> FloatArray:  # noqa: ARG001 - the same for every column
            found = join.self_correlation(values, window, earlier_only=self.direction == "left")
            # Nothing to be unlike: the first windows of a left profile, the only window of a short series.
            return np.where(np.isnan(found), 1.0, found)

        profile = np.concatenate([_profile(each, window, best) for each in rows])
        centre = np.median(profile, axis=0)
        scale = _MAD_TO_DEVIATION * np.median(np.abs(profile - centre), axis=0)
        scale = np.where(scale > _LEAST_SCALE, scale, _LEAST_SCALE)
        scores = _told((profile - centre) / scale)
        fitted = FittedMatrixProfile(
            series=np.concatenate(rows),
            ends=np.cumsum([each.shape[0] for each in rows]),
            window=window,
            centre=centre,
            scale=scale,
            n_features=rows[0].shape[1],
            training_scores=scores.raw,
        )
        return fitted, scores


def _profile(rows: FloatArray, window: int, best: Callable[[FloatArray, int], FloatArray]) -> FloatArray:
    """Mean profile of the windows that hold each point, column by column, float64 [n, d]; in units of
    sqrt(2 m)."""
    spread = Windows(window).spread
    return np.column_stack(
        [
            spread(np.sqrt(np.maximum(1.0 - best(_scaled(values), column), 0.0)), values.size)
            for column, values in enumerate(rows.T)
        ]
    )


def _told(columns: FloatArray) -> SeriesScores:
    def parts(positions: NDArray[np.int64]) -> FloatArray:
        above: FloatArray = np.maximum(columns[positions], 0.0)
        return above

    return SeriesScores(columns.max(axis=1), parts=parts)


def _scaled(values: FloatArray) -> FloatArray:
    """Values within +-1, a constant series as zeros; correlations stay the same."""
    low, high = values.min(), values.max()
    half = high / 2 - low / 2
    if half <= 1e-12 * max(abs(low), abs(high)):
        return np.zeros(values.size)
    scaled: FloatArray = (values / 2 - (high / 4 + low / 4)) / half
    return scaled


def _found_window(series: Sequence[FloatArray]) -> int:
    """The period of the longest series, at most a quarter of the shortest one."""
    longest = max(series, key=len)
    quarter = min(each.shape[0] for each in series) // 4
    return int(max(min(dominant_period(longest, _LONGEST_FOUND), quarter), _SHORTEST))


def _check_rows(series: Sequence[FloatArray], window: int) -> None:
    shortest = min(each.shape[0] for each in series)
    longest = max(each.shape[0] for each in series)
    if shortest < window:
        raise TooShortSeries(window, shortest, "Give a smaller `window`, or send more rows.")
    if longest > MAX_ROWS:
        raise InvalidParameter(
            f"matrix_profile compares every stretch of a series with every other and takes series of at most "
            f"{MAX_ROWS:,} rows, not {longest:,}. Take spectral_residual or `windows`, or fewer rows.",
            "/algorithm",
        )


def _make(values: dict[str, Any]) -> MatrixProfileDetector:
    if 0 < values["window"] < _SHORTEST:
        raise InvalidParameter(
            f"Parameter 'window' must be 0, which finds it, or from {_SHORTEST} on, not {values['window']}.",
            "/parameters/window",
        )
    return MatrixProfileDetector(**values)


SPEC = AlgorithmSpec(
    name="matrix_profile",
    title="Matrix profile",
    description=(
        "Finds stretches of a series whose shape occurs nowhere else in it, such as a heartbeat out of "
        "rhythm. Needs one thing, the length of a stretch, and finds it from the period where none is given. "
        "Level and amplitude of a stretch do not matter, only its shape."
    ),
    reference=(
        "Yeh, Zhu, Ulanova, Begum, Ding, Dau, Silva, Mueen, Keogh: Matrix Profile I: All Pairs Similarity "
        "Joins for Time Series, 2016"
    ),
    aliases=("discord", "stomp"),
    parameters=schema_of(
        window=integer(
            "Rows of a stretch; 0 finds the period of the longest series, at most a quarter of the "
            "shortest one.",
            default=0,
            minimum=0,
            maximum=10_000,
        ),
        direction=choice(
            "`both` compares a stretch with all others, `left` with earlier ones only, as a live view must.",
            default="both",
            options=("both", "left"),
        ),
    ),
    capabilities=(ORDERED, "deterministic"),
    cost="high",
    complexity=f"O(n^2 * d), at most {MAX_ROWS:,} rows per series",
    min_rows=MIN_ROWS,
    make=lambda values: _make(dict(values)),
)
