"""Forests that split by one column at a time (Liu, Ting, Zhou 2008)."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from pynomaly_server.detectors.base import FloatArray
from pynomaly_server.detectors.compiled import as_read_only
from pynomaly_server.detectors.forest import axis_kernels
from pynomaly_server.detectors.forest.axis_kernels import Ints, Unsigned
from pynomaly_server.detectors.forest.draws import expected_path_lengths, tree_seeds
from pynomaly_server.detectors.spans import in_spans

# Fewer rows to score, or to sort into trees, are done before a thread has started.
ROWS_PER_THREAD = 50_000
SAMPLES_PER_THREAD = 1 << 19

_Nodes = tuple[Ints, Ints, FloatArray, Ints, Ints]


@dataclass(frozen=True)
class Steps:
    """What the scoring kernels walk: unsigned, leaves like other nodes; `depth` steps reach every leaf."""

    roots: Unsigned
    columns: Unsigned
    children: Unsigned
    depth: int


def steps_of(roots: Ints, splits: Ints, depths: FloatArray, children: Ints) -> Steps:
    """The steps of a forest; `splits` holds -1 at leaves, where `depths` tells how deep they lie."""
    # The same bits: nothing is negative but the splits of leaves.
    return Steps(
        as_read_only(roots.view(np.uint32)),
        as_read_only(np.maximum(splits, 0).view(np.uint32)),
        as_read_only(children.view(np.uint32)),
        int(np.rint(depths[splits < 0].max())),
    )


@dataclass(frozen=True)
class AxisForest:
    """All trees in flat arrays, one entry per node; `roots`, int32 [trees], are where they begin.

    `feature`, int32: the column that a node splits on, -1 for a leaf. `threshold`, float64: rows with at most
    this value go left; for a leaf the path length it stands for, its depth plus what is to be expected below
    it. `children`, int32 [nodes, 2]: left and right. `size`, int32: how many of the tree's rows came to the
    node. `samples`: rows that each tree was grown from, >= 2. `single`: the trees were grown on single
    precision, so rows are rounded to it before they are compared.
    """

    roots: Ints
    feature: Ints
    threshold: FloatArray
    children: Ints
    size: Ints
    samples: int
    single: bool
    expected: FloatArray = field(init=False, repr=False, compare=False)
    _steps: Steps = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Look up once what is to be expected of a node of each size; nothing changes from here on."""
        for name in ("roots", "feature", "threshold", "children", "size"):
            object.__setattr__(self, name, as_read_only(getattr(self, name)))
        largest = max(self.samples, int(self.size.max()))
        object.__setattr__(self, "expected", as_read_only(expected_path_lengths(largest)))
        steps = steps_of(self.roots, self.feature, self.threshold - self.expected[self.size], self.children)
        object.__setattr__(self, "_steps", steps)

    def scores(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """2^(-E[path length] / c(samples)), float64 [n] in (0, 1], of rows X, contiguous float64 [n, d]."""
        rows = self._rounded(X)
        out = np.empty(rows.shape[0])
        scale = self.roots.size * self.expected[self.samples]

        def walk(start: int, stop: int) -> None:
            axis_kernels.score(
                rows[start:stop],
                self._steps.roots,
                self._steps.columns,
                self.threshold,
                self._steps.children,
                self._steps.depth,
                scale,
                out[start:stop],
            )

        in_spans(walk, rows.shape[0], ROWS_PER_THREAD)
        return out

    def feature_parts(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """How much the splits on each column set rows X apart, float64 [n, d], >= 0.

        A split saves c(rows before) - c(rows after), by which the expected rest of the path gets shorter.
        That is credited to its column, by the rules of DIFFI (Carletti, Terzi, Susto 2023): only along the
        row's own paths, and the more the shorter the path is as a whole. Unlike there a split counts by its
        margin, too: how far the row lies from the threshold, in units of the mean deviation of the column's
        thresholds on that side, so that a split which happens to part the row from a near neighbour weighs
        less than one across a wide gap, and far below a column that is skewed upwards weighs as much as far
        above it. Nor does a split that saves anything save less than `LEAST_SAVED`.
        """
        rows = self._rounded(X)
        out = np.zeros(rows.shape)
        axis_kernels.credit(
            rows,
            self.roots,
            self.feature,
            self.threshold,
            self.children,
            self.size,
            self.expected,
            self._half_spread,
            out,
        )
        out /= self.roots.size
        return out

    @cached_property
    def _half_spread(self) -> FloatArray:
        """Half the mean deviation of each column's thresholds from their median, below and above it.

        float64 [2, columns used]. Where they lie on one side only, that counts for the other too.
        """
        spread = np.zeros((2, max(int(self.feature.max()), 0) + 1))
        for column in range(spread.shape[1]):
            quarters = self.threshold[self.feature == column] / 4
            if quarters.size == 0:
                continue
            off = quarters - np.median(quarters)
            for side, within in enumerate((off < 0, off > 0)):
                spread[side, column] = (np.abs(off[within]) / max(1, within.sum())).sum() * 2
            spread[:, column] = np.where(spread[:, column] > 0, spread[:, column], spread[:, column].max())
        return as_read_only(spread)

    def _rounded(self, X: FloatArray) -> FloatArray:  # noqa: N803
        return as_read_only(X.astype(np.float32).astype(np.float64) if self.single else X)


def grow_axis_forest(
    X: FloatArray,  # noqa: N803
    *,
    trees: int,
    samples: int,
    max_features: float,
    seed: int,
) -> AxisForest:
    """Grow trees on rows X, contiguous float64 [n, d], each on `samples` <= n of the rows, at least 2.

    Each sees the share `max_features` of the columns, at least one. Splits are in double precision between
    the least and the largest value of a node, on a column drawn evenly among those that vary in it; trees
    end at the height that `samples` rows have when perfectly balanced.
    """
    rows = as_read_only(X)
    seeds = tree_seeds(seed, trees)
    width = max(1, int(max_features * X.shape[1]))
    expected = expected_path_lengths(samples)
    height = height_limit(samples)

    def grow(start: int, stop: int) -> _Nodes:
        order = np.arange(rows.shape[0])
        roots, feature, threshold, children, size, used = axis_kernels.grow(
            rows, seeds[start:stop], samples, width, height, expected, order
        )
        return (
            roots,
            feature[:used].copy(),
            threshold[:used].copy(),
            children[:used].copy(),
            size[:used].copy(),
        )

    pieces = in_spans(grow, trees, max(1, SAMPLES_PER_THREAD // samples))
    roots, feature, threshold, children, size = _joined(pieces)
    return AxisForest(roots, feature, threshold, children, size, samples, single=False)


def height_limit(samples: int) -> int:
    """How deep a tree of so many rows may grow: ceil(log2(samples)), Liu, Ting, Zhou (2008), algorithm 1."""
    return math.ceil(math.log2(samples))


def _joined(pieces: list[_Nodes]) -> _Nodes:
    """Runs of trees one after the other; the numbers of their nodes are shifted accordingly."""
    if len(pieces) == 1:
        return pieces[0]
    firsts = np.cumsum([0, *(feature.size for _, feature, *_ in pieces[:-1])]).astype(np.int32)
    return (
        np.concatenate([piece[0] + first for piece, first in zip(pieces, firsts, strict=True)]),
        np.concatenate([piece[1] for piece in pieces]),
        np.concatenate([piece[2] for piece in pieces]),
        np.concatenate([piece[3] + first for piece, first in zip(pieces, firsts, strict=True)]),
        np.concatenate([piece[4] for piece in pieces]),
    )
