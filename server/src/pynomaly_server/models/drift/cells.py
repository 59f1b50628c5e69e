"""The cells that values of a column fall into: learnt from training rows, the same for ever after.

As the cells never change, two counts of the same version add up to the count of all rows of both, whichever
process made them and in whatever order.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Literal

import msgspec
import numpy as np
import polars as pl

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from pynomaly_server.detection.pipeline import FittedPipeline

    Counts = NDArray[np.int64]

BINS: Final = 50
"""Numbers fall into so many bins, of as many training rows each as ties allow."""
CATEGORIES: Final = 20
"""So many categories, the most frequent ones, have cells of their own; the others share one."""
MOST_FEATURES: Final = 200
"""So many features are counted, which bounds a sketch to some 90 KB."""
SORTED_FROM: Final = 1_000
"""So many values are sorted to be counted, in a third of the time."""
SCORES: Final = "scores"

Form = Literal["number", "category", "hour", "weekday"]


class Cells(msgspec.Struct, frozen=True):
    """The cells of one column, and how many training rows each of them has.

    Numbers lie in the first of the intervals (-inf, e1], (e1, e2], ..., (ek, inf) between the `edges`.
    Categories have a cell each and one for all others. Of times it is the hour of the day that counts, or
    the day of the week where training knew no times of day. The last cell is that of missing values.
    """

    name: str
    type: str
    form: Form
    edges: list[float]
    categories: list[str]
    trained: list[int]

    @property
    def size(self) -> int:
        """How many cells there are, that of missing values included."""
        return (len(self.categories) if self.form == "category" else len(self.edges)) + 2

    def count(self, column: pl.Series) -> Counts:
        """How many values of a column, in the form of its type, each cell has: int64 [size]."""
        present = column.drop_nulls()
        counts = np.zeros(self.size, np.int64)
        if self.form == "category":
            places = {category: place for place, category in enumerate(self.categories)}
            for category, times in (
                present.cast(pl.String).alias("each").value_counts(name="times").iter_rows()
            ):
                counts[places.get(category, len(places))] += times
        else:
            counts[:-1] = binned(_numbers(present, self.form), self.edges)
        counts[-1] = column.len() - present.len()
        return counts

    def count_numbers(self, values: NDArray[np.float64]) -> Counts:
        """As `count`, of numbers none of which is missing."""
        return np.append(binned(values, self.edges), 0)


class Baseline(msgspec.Struct, frozen=True):
    """The cells of a version: of each feature that is counted, and of the scores."""

    features: list[Cells]
    scores: Cells

    @property
    def all(self) -> list[Cells]:
        """Those of the features and, last, that of the scores."""
        return [*self.features, self.scores]


def baseline_of(pipeline: FittedPipeline, frame: pl.DataFrame) -> Baseline:
    """Learn the cells from the rows that a pipeline was fitted on."""
    types = {column.name: column.type for column in pipeline.columns}
    features = [
        _learnt(column, types[name])
        for name, column in pipeline.features(frame, pipeline.feature_names[:MOST_FEATURES]).items()
    ]
    scores = pipeline.training.scores
    edges = _edges(scores)
    learnt = Cells(SCORES, "score", "number", edges, [], [])
    return Baseline(features, msgspec.structs.replace(learnt, trained=learnt.count_numbers(scores).tolist()))


def _learnt(column: pl.Series, kind: str) -> Cells:
    present = column.drop_nulls()
    edges: list[float] = []
    categories: list[str] = []
    form: Form = "number"
    if kind in ("categorical", "boolean"):
        form = "category"
        counts = present.cast(pl.String).alias("each").value_counts(name="times")
        counts = counts.sort("times", "each", descending=[True, False])
        categories = counts["each"].head(CATEGORIES).to_list()
    else:
        if kind == "datetime":
            form = "hour" if np.unique(_numbers(present, "hour")).size > 1 else "weekday"
        edges = _edges(_numbers(present, form))
    cells = Cells(column.name, kind, form, edges, categories, [])
    return msgspec.structs.replace(cells, trained=cells.count(column).tolist())


def binned(values: NDArray[np.float64], edges: Sequence[float]) -> Counts:
    """How many values lie in (-inf, e1], (e1, e2], ..., (ek, inf), float64 [n] in any order: int64 [k + 1].

    NaN lies in the last.
    """
    if values.size < SORTED_FROM:
        at = np.searchsorted(np.array(edges), values, side="left")
        return np.bincount(at, minlength=len(edges) + 1).astype(np.int64)
    # Searching few edges among sorted values spares a search, which no processor foresees, for each value.
    up_to = np.searchsorted(np.sort(values), np.array(edges), side="right")
    return np.diff(up_to, prepend=0, append=values.size)


def _edges(values: NDArray[np.float64]) -> list[float]:
    """Each distinct value where there are few, quantiles that are values themselves where there are many."""
    if values.size == 0:
        return []
    distinct = np.unique(values)
    if distinct.size <= BINS:
        return [float(value) for value in distinct]
    steps = np.arange(1, BINS + 1) / BINS
    return [float(value) for value in np.unique(np.quantile(values, steps, method="inverted_cdf"))]


def _numbers(present: pl.Series, form: Form) -> NDArray[np.float64]:
    """Numbers, or what of a time is told apart: float64 [n]."""
    if form == "hour":
        if present.dtype == pl.Date:
            return np.zeros(present.len())
        times = present.cast(pl.Datetime("us"))
        return (times.dt.hour().cast(pl.Float64) + times.dt.minute().cast(pl.Float64) / 60).to_numpy()
    if form == "weekday":
        return present.cast(pl.Date).dt.weekday().cast(pl.Float64).to_numpy()
    return present.cast(pl.Float64).to_numpy()
