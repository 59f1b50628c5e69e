"""Sliding windows: any detector of rows becomes one of ordered rows.

A window is `length` consecutive rows laid side by side, one every `stride` rows and one at the end, so that
every point lies in some window. Each column of a window is its values and six figures about them: mean,
deviation, least, greatest, change from first to last and mean absolute step. Without the figures a lone spike
is one value among many, in another place in every window. No window spans two series.

The detector learns from and scores windows. The raw score of a point is the mean over the windows that hold
it, so that windows which merely brush an anomaly are outvoted beside it; or the score of the last window that
has ended by then, which knows nothing of what came later, as someone who watches a series arrive must.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal, get_args

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from pynomaly_server.detectors.base import as_matrix
from pynomaly_server.detectors.errors import InvalidParameter, TooFewRows
from pynomaly_server.detectors.explain import Background, background, contributions
from pynomaly_server.detectors.ordered.interface import (
    FittedOrderedDetector,
    OrderedDetector,
    SeriesScores,
    TooShortSeries,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FittedDetector, FloatArray

Normalise = Literal["none", "series", "window"]
NORMALISATIONS: Final[tuple[Normalise, ...]] = get_args(Normalise)
Combine = Literal["mean", "last"]
COMBINATIONS: Final[tuple[Combine, ...]] = get_args(Combine)

MAX_CELLS: Final = 20_000_000
"""Most numbers that all windows of a request may hold together: 160 MB."""

# Windows whose scores differ more than this cannot be averaged without overflow; the score map clips earlier.
_FARTHEST = 1e150
_FIGURES: Final = 6


@dataclass(frozen=True, slots=True)
class Windows:
    """How rows become windows.

    `length` rows each, >= 2; one every `stride` rows, in [1, length]. `normalise` brings every column to
    mean 0 and deviation 1 within each series ("series"), within each window, which leaves only its shape
    ("window"), or not at all ("none"). `combine` makes a point's score of the windows': the mean over those
    that hold the point, or the "last" one that has ended by then (the first one where none has).

    Raises:
        InvalidParameter: a figure is out of range.
    """

    length: int = 16
    stride: int = 1
    normalise: Normalise = "series"
    combine: Combine = "mean"

    def __post_init__(self) -> None:
        if self.length < 2:
            raise InvalidParameter(
                f"A window has at least 2 rows, not {self.length}. Give a greater length.", "/windows/length"
            )
        if not 1 <= self.stride <= self.length:
            raise InvalidParameter(
                f"The stride must lie between 1 and the window's length, {self.length}, so that every row "
                f"lies in a window; it is {self.stride}.",
                "/windows/stride",
            )
        if self.normalise not in NORMALISATIONS:
            raise InvalidParameter(
                f"`normalise` must be one of {', '.join(NORMALISATIONS)}, not {self.normalise!r}.",
                "/windows/normalise",
            )
        if self.combine not in COMBINATIONS:
            raise InvalidParameter(
                f"`combine` must be one of {', '.join(COMBINATIONS)}, not {self.combine!r}.",
                "/windows/combine",
            )

    @property
    def width(self) -> int:
        """How many numbers a column of a window becomes."""
        return self.length + _FIGURES

    def starts(self, n: int) -> NDArray[np.int64]:
        """Position of the first row of every window in a series of n >= `length` rows, int64 [w]."""
        last = n - self.length
        starts = np.arange(0, last + 1, self.stride)
        return starts if starts[-1] == last else np.append(starts, last)

    def cut(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """The windows of one series X, float64 [n, d], as rows: float64 [w, d * width], column by column."""
        n, d = X.shape
        rows = _standardised(X) if self.normalise == "series" else X
        cut = sliding_window_view(rows, self.length, axis=0)[self.starts(n)]
        if self.normalise == "window":
            cut = _standardised(cut.reshape(-1, self.length).T).T.reshape(-1, d, self.length)
        figures = _figures(cut)
        if self.normalise == "window":
            # Mean 0 and deviation 1, or 0 of a flat window: what rounding leaves of them means nothing.
            figures[:, :, :2] = np.round(figures[:, :, :2])
        return np.concatenate([cut, figures], axis=2).reshape(-1, d * self.width)

    def spread(self, scores: FloatArray, n: int) -> FloatArray:
        """Scores of windows, float64 [w], as scores of the n points of their series, float64 [n]."""
        starts = self.starts(n)
        if self.combine == "last":
            return scores[self._last_ended(starts, n)]
        total, count = np.zeros(n), np.zeros(n)
        # Starts are distinct, so each offset adds at most once to a point, always in the same order.
        for offset in range(self.length):
            total[starts + offset] += scores
            count[starts + offset] += 1
        mean: FloatArray = total / count
        return mean

    def tellers(self, scores: FloatArray, n: int) -> NDArray[np.int64]:
        """For each of n points the highest of the windows that make its score, by position; int64 [n]."""
        starts = self.starts(n)
        if self.combine == "last":
            return self._last_ended(starts, n)
        best, teller = np.full(n, -np.inf), np.zeros(n, dtype=np.int64)
        for offset in range(self.length):
            at = starts + offset
            better = scores > best[at]
            best[at] = np.where(better, scores, best[at])
            teller[at] = np.where(better, np.arange(starts.size), teller[at])
        return teller

    def _last_ended(self, starts: NDArray[np.int64], n: int) -> NDArray[np.int64]:
        ended = np.searchsorted(starts + self.length - 1, np.arange(n), side="right") - 1
        return np.maximum(ended, 0)


@dataclass(frozen=True)
class FittedWindows(FittedOrderedDetector):
    """A detector of rows that has learnt from windows, and what is usual in a window.

    `expected` and `deviation`, float64 [d * width], are the background that explanations compare with.
    """

    detector: FittedDetector
    windows: Windows
    n_features: int
    expected: FloatArray
    deviation: FloatArray
    training_scores: FloatArray

    def score_series(self, X: FloatArray) -> SeriesScores:  # noqa: N803
        """Score one series of at least `length` rows.

        Raises:
            TooFewRows: the series is shorter than a window.
        """
        rows = as_matrix(X)
        _check_lengths([rows], self.windows)
        cut = self.windows.cut(rows)
        return self.scored([rows.shape[0]], cut, _bounded(self.detector.score_raw(cut)))

    def scored(self, lengths: Sequence[int], cut: FloatArray, scores: FloatArray) -> SeriesScores:
        """What windows, float64 [w, d * width] with scores float64 [w], say of the points of their series.

        `lengths` are the rows of each series, in the order of their windows.
        """
        points: list[FloatArray] = []
        tellers: list[NDArray[np.int64]] = []
        first = 0
        for n in lengths:
            n_windows = self.windows.starts(n).size
            own = scores[first : first + n_windows]
            points.append(self.windows.spread(own, n))
            tellers.append(first + self.windows.tellers(own, n))
            first += n_windows
        teller = np.concatenate(tellers)

        def parts(positions: NDArray[np.int64]) -> FloatArray:
            width = self.windows.width
            groups = [range(at * width, (at + 1) * width) for at in range(self.n_features)]
            usual = Background(self.expected, self.deviation, groups)
            return contributions(self.detector, cut[teller[positions]], usual)

        return SeriesScores(np.concatenate(points), parts=parts)


class WindowedDetector(OrderedDetector):
    """A detector of rows put on the windows of series."""

    def __init__(self, spec: AlgorithmSpec, detector: Detector, windows: Windows) -> None:
        self._spec = spec
        self._detector = detector
        self._windows = windows

    def fit_series(self, series: Sequence[FloatArray], seed: int) -> tuple[FittedWindows, SeriesScores]:
        """Learn from the windows of all series together.

        Raises:
            TooFewRows: a series is shorter than a window, or there are fewer windows than the algorithm
            learns from.
            InvalidParameter: the windows hold more than `MAX_CELLS` numbers.
        """
        rows = [as_matrix(each) for each in series]
        _check_lengths(rows, self._windows)
        n_windows = sum(self._windows.starts(each.shape[0]).size for each in rows)
        _check_cells(n_windows, rows[0].shape[1] * self._windows.width)
        if n_windows < self._spec.min_rows:
            raise TooFewRows(self._spec.min_rows + self._windows.length - 1, len(rows[0]), self._spec.name)
        cut = np.concatenate([self._windows.cut(each) for each in rows])
        fitted = self._detector.fit(cut, seed)
        with np.errstate(over="ignore"):
            usual = background(cut, [range(cut.shape[1])])
        scores = _bounded(fitted.training_scores)
        lengths = [each.shape[0] for each in rows]
        learnt = FittedWindows(
            detector=fitted,
            windows=self._windows,
            n_features=rows[0].shape[1],
            expected=usual.expected,
            deviation=np.minimum(usual.spread, np.finfo(np.float64).max),
            training_scores=np.concatenate(_of_points(self._windows, scores, lengths)),
        )
        return learnt, learnt.scored(lengths, cut, scores)


def _of_points(windows: Windows, scores: FloatArray, lengths: Sequence[int]) -> list[FloatArray]:
    ends = np.cumsum([windows.starts(n).size for n in lengths])[:-1]
    return [windows.spread(own, n) for own, n in zip(np.split(scores, ends), lengths, strict=True)]


def _figures(cut: FloatArray) -> FloatArray:
    """The six figures of every column of every window, float64 [w, d, 6], finite."""
    # A power of two scales without rounding, and keeps sums and squares of huge values finite.
    _, exponent = np.frexp(np.abs(cut).max(initial=0.0))
    scaled = np.ldexp(cut, -exponent)
    steps = np.diff(scaled, axis=2)
    figures = np.stack(
        [
            scaled.mean(axis=2),
            scaled.std(axis=2),
            scaled.min(axis=2),
            scaled.max(axis=2),
            scaled[:, :, -1] - scaled[:, :, 0],
            np.abs(steps).mean(axis=2),
        ],
        axis=2,
    )
    largest = np.finfo(np.float64).max
    with np.errstate(over="ignore"):
        finite: FloatArray = np.clip(np.ldexp(figures, exponent), -largest, largest)
    return finite


def _standardised(X: FloatArray) -> FloatArray:  # noqa: N803
    """Columns with mean 0 and deviation 1; a column that is constant up to rounding becomes 0."""
    largest = np.abs(X).max(axis=0)
    fraction = X / np.where(largest > 0, largest, 1.0)
    centred = fraction - fraction.mean(axis=0)
    deviation = centred.std(axis=0)
    flat = deviation <= 1e-12
    standardised: FloatArray = np.where(flat, 0.0, centred / np.where(flat, 1.0, deviation))
    return standardised


def _check_lengths(series: Sequence[FloatArray], windows: Windows) -> None:
    shortest = min(each.shape[0] for each in series)
    if shortest < windows.length:
        raise TooShortSeries(
            windows.length, shortest, "Take shorter windows (`windows.length`), or send more rows."
        )


def _check_cells(n_windows: int, width: int) -> None:
    if n_windows * width > MAX_CELLS:
        raise InvalidParameter(
            f"{n_windows:,} windows of {width:,} numbers are more than the {MAX_CELLS:,} numbers that fit a "
            "request. Take shorter windows, a greater stride or fewer `features`.",
            "/windows",
        )


def _bounded(scores: FloatArray) -> FloatArray:
    return np.clip(scores, -_FARTHEST, _FARTHEST)
