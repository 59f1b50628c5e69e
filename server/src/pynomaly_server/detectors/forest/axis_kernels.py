# ruff: noqa: N803 - X is the field's name for a matrix of rows
"""Kernels of trees that split by one column: grow, score, and credit the columns split on."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pynomaly_server.detectors.base import FloatArray
from pynomaly_server.detectors.compiled import Scalar, compiled
from pynomaly_server.detectors.forest.draws import Seeds, below, between, draw_columns, draw_rows, uniform

Ints = NDArray[np.int32]
Indices = NDArray[np.int64]
Unsigned = NDArray[np.uint32]
Nodes = tuple[Ints, Ints, FloatArray, Ints, Ints, int]

# As far from a threshold as counts; sums of such distances stay finite.
FARTHEST = 1e100

# Steps that a split saves at least where it counts for a row: those of parting off a twentieth of the rows.
# Splits beyond which most rows lie save next to nothing, however far beyond them all the row is.
LEAST_SAVED = 0.1

# Rows that take their steps in a tree together: enough to keep the processor busy, few enough that their
# values and the tree stay in the nearest cache.
FEW_ROWS = 32
BLOCK_ROWS = 128
BLOCK_VALUES = 2048


@compiled
def grow(
    X: FloatArray,
    seeds: Seeds,
    samples: int,
    width: int,
    height: int,
    expected: FloatArray,
    order: Indices,
) -> Nodes:
    """Trees, each on `samples` rows and `width` columns of X: roots, feature, threshold, children, size.

    See `axis.AxisForest` for the arrays, of which the last four are longer than there are nodes; the number
    of nodes comes at the end. They are numbered in the order of a walk that goes left first. `order`, int64
    [n], holds 0 to n - 1.
    """
    d = X.shape[1]
    largest = 2 * samples - 1
    capacity = max(largest, min(seeds.size * largest, 1 << 20))
    feature = np.empty(capacity, np.int32)
    threshold = np.empty(capacity, np.float64)
    children = np.empty((capacity, 2), np.int32)
    size = np.empty(capacity, np.int32)
    roots = np.empty(seeds.size, np.int32)

    undo = np.empty(samples, np.int64)
    rows = np.empty(samples, np.int64)
    columns = np.empty(d, np.int64)
    # start, stop, depth, columns known to be constant, parent, side
    waiting = np.empty((height + 2, 6), np.int64)
    state = np.empty(1, np.uint64)
    used = 0

    for tree in range(seeds.size):
        if used + largest > capacity:
            capacity = 2 * capacity + largest
            feature, size = longer(feature, used, capacity), longer(size, used, capacity)
            threshold, children = longer(threshold, used, capacity), longer_pairs(children, used, capacity)
        state[0] = seeds[tree]
        draw_rows(state, order, undo, rows)
        draw_columns(state, columns, width)
        roots[tree] = used
        top = wait(waiting, 0, 0, samples, 0, 0, -1, 0)
        while top > 0:
            top -= 1
            start, stop, depth = waiting[top, 0], waiting[top, 1], waiting[top, 2]
            constant, parent, side = waiting[top, 3], waiting[top, 4], waiting[top, 5]
            node = used
            used += 1
            if parent >= 0:
                children[parent, side] = node
            size[node] = stop - start

            column, low, high = -1, 0.0, 0.0
            if depth < height:
                column, low, high, constant = _drawn_column(
                    X, rows[start:stop], columns[:width], constant, state
                )
            if column < 0:
                feature[node] = -1
                threshold[node] = depth + expected[stop - start]
                children[node, 0] = children[node, 1] = node
                continue

            cut = between(low, high, uniform(state))
            middle = start + _parted(X, rows[start:stop], column, cut)
            feature[node] = column
            threshold[node] = cut
            top = wait(waiting, top, middle, stop, depth + 1, constant, node, 1)
            top = wait(waiting, top, start, middle, depth + 1, constant, node, 0)
    return roots, feature, threshold, children, size, used


@compiled
def wait(
    waiting: Indices, top: int, start: int, stop: int, depth: int, constant: int, parent: int, side: int
) -> int:
    """Put a node on the stack of those to be made; the stack's new height."""
    waiting[top, 0] = start
    waiting[top, 1] = stop
    waiting[top, 2] = depth
    waiting[top, 3] = constant
    waiting[top, 4] = parent
    waiting[top, 5] = side
    return top + 1


@compiled
def _drawn_column(
    X: FloatArray, rows: Indices, columns: Indices, constant: int, state: Seeds
) -> tuple[int, float, float, int]:
    """A column that varies among these rows, its least and its largest value; -1 where none does.

    The first `constant` of `columns` have one value only in this node, hence in all below it. Those found to
    be so now join them; their number comes last.
    """
    while rows.size > 1 and constant < columns.size:
        at = constant + below(state, columns.size - constant)
        column = columns[at]
        low = high = X[rows[0], column]
        for row in rows[1:]:
            value = X[row, column]
            low = value if value < low else low  # noqa: FURB136 - min compiles longer and runs no faster
            high = value if value > high else high  # noqa: FURB136
        if low < high:
            return column, low, high, constant
        columns[at] = columns[constant]
        columns[constant] = column
        constant += 1
    return -1, 0.0, 0.0, constant


@compiled
def _parted(X: FloatArray, rows: Indices, column: int, cut: float) -> int:
    """Reorder `rows` so that those with at most `cut` come first; how many these are."""
    middle = 0
    # Swapped whether needed or not: a branch on random data is guessed wrongly every other time.
    for i in range(rows.size):
        row = rows[i]
        rows[i] = rows[middle]
        rows[middle] = row
        middle += int(X[row, column] <= cut)
    return middle


@compiled
def longer(array: NDArray[Scalar], used: int, capacity: int) -> NDArray[Scalar]:
    """The first `used` entries of a vector, with room for `capacity`."""
    more = np.empty(capacity, array.dtype)
    for i in range(used):
        more[i] = array[i]
    return more


@compiled
def longer_pairs(array: NDArray[Scalar], used: int, capacity: int) -> NDArray[Scalar]:
    """The first `used` rows of a matrix, with room for `capacity`."""
    more = np.empty((capacity, array.shape[1]), array.dtype)
    for i in range(used):
        for j in range(array.shape[1]):
            more[i, j] = array[i, j]
    return more


@compiled
def score(
    X: FloatArray,
    roots: Unsigned,
    columns: Unsigned,
    threshold: FloatArray,
    children: Unsigned,
    depth: int,
    scale: float,
    out: FloatArray,
) -> None:
    """2^(-total path length / scale) of each row into `out`; paths are summed in the order of the trees.

    Many steps are always under way at once, so that they do not wait for one another in the processor as
    those of one row down one tree would: of a few rows those in all trees, of many rows those of a block in
    one tree, which then stays in the nearest cache. Leaves are their own children and compare any column, so
    that no step asks whether it is at a leaf. Unsigned, so that none asks for negative indices either.
    """
    if X.shape[0] < FEW_ROWS:
        _score_across_trees(X, roots, columns, threshold, children, depth, out)
    else:
        _score_across_rows(X, roots, columns, threshold, children, depth, out)
    for row in range(X.shape[0]):
        out[row] = 2.0 ** (-out[row] / scale)


@compiled
def _score_across_trees(
    X: FloatArray,
    roots: Unsigned,
    columns: Unsigned,
    threshold: FloatArray,
    children: Unsigned,
    depth: int,
    totals: FloatArray,
) -> None:
    at = np.empty(roots.size, np.uint32)
    for row in range(X.shape[0]):
        for tree in range(roots.size):
            at[tree] = roots[tree]
        for _ in range(depth):
            for tree in range(roots.size):
                node = at[tree]
                at[tree] = children[node, np.uint32(X[row, columns[node]] > threshold[node])]
        total = 0.0
        for tree in range(roots.size):
            total += threshold[at[tree]]
        totals[row] = total


@compiled
def _score_across_rows(
    X: FloatArray,
    roots: Unsigned,
    columns: Unsigned,
    threshold: FloatArray,
    children: Unsigned,
    depth: int,
    totals: FloatArray,
) -> None:
    length = min(max(BLOCK_VALUES // X.shape[1], FEW_ROWS), BLOCK_ROWS)
    at = np.empty(length, np.uint32)
    for start in range(0, X.shape[0], length):
        rows = X[start : start + length]
        total = totals[start : start + length]
        total[:] = 0.0
        for tree in range(roots.size):
            for row in range(rows.shape[0]):
                at[row] = roots[tree]
            for _ in range(depth):
                for row in range(rows.shape[0]):
                    node = at[row]
                    at[row] = children[node, np.uint32(rows[row, columns[node]] > threshold[node])]
            for row in range(rows.shape[0]):
                total[row] += threshold[at[row]]


@compiled
def path_length(
    X: FloatArray, row: int, root: int, feature: Ints, threshold: FloatArray, children: Ints
) -> Any:
    """The length of one row's path through the tree with this root, with what is expected below its leaf."""
    node = root
    column = feature[node]
    while column >= 0:
        node = children[node, int(X[row, column] > threshold[node])]
        column = feature[node]
    return threshold[node]


@compiled
def credit(
    X: FloatArray,
    roots: Ints,
    feature: Ints,
    threshold: FloatArray,
    children: Ints,
    size: Ints,
    expected: FloatArray,
    spread: FloatArray,
    out: FloatArray,
) -> None:
    """Add to out[row, column] what the splits on that column did to set the row apart.

    See `axis.AxisForest.feature_parts`; `spread`, [2, columns], is half that of the column's thresholds below
    and above their median.
    """
    for row in range(X.shape[0]):
        for root in roots:
            length = path_length(X, row, root, feature, threshold, children)
            node = root
            column = feature[node]
            while column >= 0:
                value = X[row, column]
                side = int(value > threshold[node])
                child = children[node, side]
                saved = expected[size[node]] - expected[size[child]]
                if saved > 0.0:
                    # Halves, because the difference of two doubles may overflow.
                    margin = abs(value / 2.0 - threshold[node] / 2.0)
                    unit = spread[side, column]
                    apart = min(margin / unit, FARTHEST) if unit > 0.0 else 1.0
                    out[row, column] += apart * max(saved, LEAST_SAVED) / length
                node = child
                column = feature[node]
