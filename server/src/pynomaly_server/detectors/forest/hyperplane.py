"""Forests that split by hyperplanes (Hariri, Carrasco Kind, Brunner 2019)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from pynomaly_server.detectors.base import FloatArray
from pynomaly_server.detectors.compiled import as_read_only
from pynomaly_server.detectors.forest import hyperplane_kernels
from pynomaly_server.detectors.forest.axis import (
    ROWS_PER_THREAD,
    SAMPLES_PER_THREAD,
    Steps,
    height_limit,
    steps_of,
)
from pynomaly_server.detectors.forest.axis_kernels import Ints, Unsigned
from pynomaly_server.detectors.forest.draws import expected_path_lengths, tree_seeds
from pynomaly_server.detectors.spans import in_spans

# Planes with no more columns than this, the usual ones, are kept with their nodes: a step then finds all it
# needs in one place. Wider ones would take too much memory so.
_FEW_COLUMNS = 2

_Nodes = tuple[Ints, Ints, FloatArray, Ints, Ints, Ints, FloatArray]


@dataclass(frozen=True)
class HyperplaneForest:
    """All trees in flat arrays, one entry per node; `roots`, int32 [trees], are where they begin.

    `plane`, int32: which row of `columns` (int32 [planes, k]) and `weights` (float64 [planes, k]) parts the
    node, -1 for a leaf. `threshold`, float64: rows whose weighted sum of columns is at most this go left; for
    a leaf the path length it stands for. `children`, int32 [nodes, 2]: left and right. `size`, int32: how
    many of the tree's rows came to the node, maybe 0. `samples`: rows that each tree was grown from, >= 2.
    """

    roots: Ints
    plane: Ints
    threshold: FloatArray
    children: Ints
    size: Ints
    columns: Ints
    weights: FloatArray
    samples: int
    expected: FloatArray = field(init=False, repr=False, compare=False)
    _steps: Steps = field(init=False, repr=False, compare=False)
    # Columns and weights of every node, or of every plane where planes are wide.
    _slanted: tuple[Unsigned, FloatArray] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Look up once what is to be expected of a node of each size; nothing changes from here on."""
        for name in ("roots", "plane", "threshold", "children", "size", "columns", "weights"):
            object.__setattr__(self, name, as_read_only(getattr(self, name)))
        object.__setattr__(self, "expected", as_read_only(expected_path_lengths(self.samples)))
        steps = steps_of(self.roots, self.plane, self.threshold - self.expected[self.size], self.children)
        object.__setattr__(self, "_steps", steps)
        planes, width = self.columns.shape
        if width <= _FEW_COLUMNS:
            parting = np.flatnonzero(self.plane >= 0)
            columns = np.zeros((self.plane.size, _FEW_COLUMNS), np.uint32)
            weights = np.zeros((self.plane.size, _FEW_COLUMNS))
            columns[parting, :width] = self.columns[self.plane[parting]]
            weights[parting, :width] = self.weights[self.plane[parting]]
        else:
            # Leaves compare plane 0, so there has to be one.
            columns = np.zeros((max(1, planes), width), np.uint32)
            columns[:planes] = self.columns
            weights = self.weights if planes > 0 else np.zeros((1, width))
        object.__setattr__(self, "_slanted", (as_read_only(columns), as_read_only(weights)))

    def scores(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """2^(-E[path length] / c(samples)), float64 [n] in (0, 1], of rows X, contiguous float64 [n, d]."""
        rows = as_read_only(X)
        out = np.empty(rows.shape[0])
        scale = self.roots.size * self.expected[self.samples]

        steps = self._steps

        def walk(start: int, stop: int) -> None:
            here, there = rows[start:stop], out[start:stop]
            if self.columns.shape[1] <= _FEW_COLUMNS:
                hyperplane_kernels.score_pairs(
                    here,
                    steps.roots,
                    *self._slanted,
                    self.threshold,
                    steps.children,
                    steps.depth,
                    scale,
                    there,
                )
                return
            hyperplane_kernels.score(
                here,
                steps.roots,
                steps.columns,
                self.threshold,
                steps.children,
                *self._slanted,
                steps.depth,
                scale,
                there,
            )

        in_spans(walk, rows.shape[0], ROWS_PER_THREAD)
        return out

    def feature_parts(self, X: FloatArray) -> FloatArray:  # noqa: N803
        """How much the splits that each column decided set rows X apart, float64 [n, d], >= 0.

        As `AxisForest.feature_parts`; here a split's credit goes to each of its columns by how far it carried
        the row from the origin towards the side the row is on, so X should be centred and in like units.
        """
        out = np.zeros(X.shape)
        hyperplane_kernels.credit(
            as_read_only(X),
            self.roots,
            self.plane,
            self.threshold,
            self.children,
            self.size,
            self.columns,
            self.weights,
            self.expected,
            out,
        )
        out /= self.roots.size
        return out


def grow_hyperplane_forest(
    X: FloatArray,  # noqa: N803
    *,
    trees: int,
    samples: int,
    extension_level: int,
    seed: int,
) -> HyperplaneForest:
    """Grow trees on rows X, contiguous float64 [n, d], each on `samples` <= n of the rows, at least 2.

    A plane is slanted along `extension_level` + 1 columns, at most d, with normal weights, and goes through
    a point drawn evenly from the box around the node's rows (Hariri et al., algorithm 2); a side may be
    empty. Unlike there, columns in which a node does not vary are never drawn.
    """
    rows = as_read_only(X)
    seeds = tree_seeds(seed, trees)
    width = min(extension_level + 1, X.shape[1])
    expected = expected_path_lengths(samples)
    height = height_limit(samples)

    def grow(start: int, stop: int) -> _Nodes:
        order = np.arange(rows.shape[0])
        nodes = hyperplane_kernels.grow(rows, seeds[start:stop], samples, width, height, expected, order)
        roots, plane, threshold, children, size, columns, weights, used, planes = nodes
        return (
            roots,
            plane[:used].copy(),
            threshold[:used].copy(),
            children[:used].copy(),
            size[:used].copy(),
            columns[:planes].copy(),
            weights[:planes].copy(),
        )

    pieces = in_spans(grow, trees, max(1, SAMPLES_PER_THREAD // (samples * width)))
    return HyperplaneForest(*_joined(pieces), samples)


def _joined(pieces: list[_Nodes]) -> _Nodes:
    """Runs of trees one after the other; the numbers of their nodes and planes are shifted accordingly."""
    if len(pieces) == 1:
        return pieces[0]
    nodes = planes = 0
    shifted: list[_Nodes] = []
    for roots, plane, threshold, children, size, columns, weights in pieces:
        moved = np.where(plane >= 0, plane + np.int32(planes), plane)
        shifted.append(
            (roots + np.int32(nodes), moved, threshold, children + np.int32(nodes), size, columns, weights)
        )
        nodes += plane.size
        planes += columns.shape[0]
    roots, plane, threshold, children, size, columns, weights = (
        np.concatenate(arrays) for arrays in zip(*shifted, strict=True)
    )
    return roots, plane, threshold, children, size, columns, weights
