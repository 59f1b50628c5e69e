# ruff: noqa: N803 - X is the field's name for a matrix of rows
"""Kernels of trees that split by hyperplanes: grow, score, and credit the columns that decide a side."""

from __future__ import annotations

from typing import Any

import numpy as np

from pynomaly_server.detectors.base import FloatArray
from pynomaly_server.detectors.compiled import compiled
from pynomaly_server.detectors.forest.axis_kernels import (
    BLOCK_ROWS,
    BLOCK_VALUES,
    FEW_ROWS,
    LEAST_SAVED,
    Indices,
    Ints,
    Unsigned,
    longer,
    longer_pairs,
    wait,
)
from pynomaly_server.detectors.forest.draws import Seeds, below, between, draw_rows, normal, uniform

Nodes = tuple[Ints, Ints, FloatArray, Ints, Ints, Ints, FloatArray, int, int]


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
    """Trees, each on `samples` rows of X: roots, plane, threshold, children, size, columns, weights.

    See `hyperplane.HyperplaneForest` for the arrays, which are longer than what there is; the numbers of
    nodes and of planes come at the end. A plane has at most `width` columns. `order`, int64 [n], holds 0 to
    n - 1.
    """
    d = X.shape[1]
    largest = 2 ** (height + 1) - 1
    capacity = max(largest, min(seeds.size * samples, 1 << 20))
    plane = np.empty(capacity, np.int32)
    threshold = np.empty(capacity, np.float64)
    children = np.empty((capacity, 2), np.int32)
    size = np.empty(capacity, np.int32)
    room = max(largest, min(seeds.size * samples // 2, (1 << 20) // width))
    columns = np.empty((room, width), np.int32)
    weights = np.empty((room, width), np.float64)
    roots = np.empty(seeds.size, np.int32)

    undo = np.empty(samples, np.int64)
    rows = np.empty(samples, np.int64)
    candidates = np.empty(d, np.int64)
    # start, stop, depth, columns known to be constant, parent, side
    waiting = np.empty((height + 2, 6), np.int64)
    state = np.empty(1, np.uint64)
    used = planes = 0

    for tree in range(seeds.size):
        if used + largest > capacity:
            capacity = 2 * capacity + largest
            plane, size = longer(plane, used, capacity), longer(size, used, capacity)
            threshold, children = longer(threshold, used, capacity), longer_pairs(children, used, capacity)
        if planes + largest > room:
            room = 2 * room + largest
            columns, weights = longer_pairs(columns, planes, room), longer_pairs(weights, planes, room)
        state[0] = seeds[tree]
        draw_rows(state, order, undo, rows)
        for column in range(d):
            candidates[column] = column
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

            drawn, cut = 0, 0.0
            if depth < height and stop - start > 1:
                drawn, cut, constant = _drawn_plane(
                    X, rows[start:stop], candidates, constant, state, columns[planes], weights[planes]
                )
            if drawn == 0:
                plane[node] = -1
                threshold[node] = depth + expected[stop - start]
                children[node, 0] = children[node, 1] = node
                continue
            middle = start + _parted(X, rows[start:stop], columns, weights, planes, cut)
            plane[node] = planes
            threshold[node] = cut
            planes += 1
            top = wait(waiting, top, middle, stop, depth + 1, constant, node, 1)
            top = wait(waiting, top, start, middle, depth + 1, constant, node, 0)
    return roots, plane, threshold, children, size, columns, weights, used, planes


@compiled
def _drawn_plane(
    X: FloatArray,
    rows: Indices,
    candidates: Indices,
    constant: int,
    state: Seeds,
    columns: Ints,
    weights: FloatArray,
) -> tuple[int, float, int]:
    """Fill one plane: how many columns it has (0 if none varies), its offset, the columns known as constant.

    A plane has columns drawn evenly among those that vary among these rows, normal weights, and goes
    through a point drawn evenly from the box around the rows. Columns left over keep the weight 0.
    """
    drawn, cut = 0, 0.0
    for i in range(columns.size):
        columns[i] = 0
        weights[i] = 0.0
    while drawn < columns.size and constant + drawn < candidates.size:
        first = constant + drawn
        at = first + below(state, candidates.size - first)
        column = candidates[at]
        low = high = X[rows[0], column]
        for row in rows[1:]:
            value = X[row, column]
            low = value if value < low else low  # noqa: FURB136 - min compiles longer and runs no faster
            high = value if value > high else high  # noqa: FURB136
        candidates[at] = candidates[first]
        if low < high:
            candidates[first] = column
            columns[drawn] = column
            weights[drawn] = normal(state)
            cut += weights[drawn] * between(low, high, uniform(state))
            drawn += 1
        else:
            candidates[first] = candidates[constant]
            candidates[constant] = column
            constant += 1
    return drawn, cut, constant


@compiled
def _side(X: FloatArray, row: int, columns: Ints, weights: FloatArray, plane: int) -> float:
    """Where a row lies along a plane's normal; summed in the order of the columns, always."""
    total = 0.0
    for i in range(columns.shape[1]):
        total += weights[plane, i] * X[row, columns[plane, i]]
    return total


@compiled
def _parted(X: FloatArray, rows: Indices, columns: Ints, weights: FloatArray, plane: int, cut: float) -> int:
    """Reorder `rows` so that those on the near side of the plane come first; how many these are, maybe 0."""
    middle = 0
    for i in range(rows.size):
        row = rows[i]
        rows[i] = rows[middle]
        rows[middle] = row
        middle += int(_side(X, row, columns, weights, plane) <= cut)
    return middle


@compiled
def score(
    X: FloatArray,
    roots: Unsigned,
    plane: Unsigned,
    threshold: FloatArray,
    children: Unsigned,
    columns: Unsigned,
    weights: FloatArray,
    depth: int,
    scale: float,
    out: FloatArray,
) -> None:
    """2^(-total path length / scale) of each row into `out`, as `axis_kernels.score`."""
    at = np.empty(roots.size, np.uint32)
    for row in range(X.shape[0]):
        for tree in range(roots.size):
            at[tree] = roots[tree]
        for _ in range(depth):
            for tree in range(roots.size):
                node = at[tree]
                split = plane[node]
                side = 0.0
                for i in range(columns.shape[1]):
                    side += weights[split, i] * X[row, columns[split, i]]
                at[tree] = children[node, np.uint32(side > threshold[node])]
        total = 0.0
        for tree in range(roots.size):
            total += threshold[at[tree]]
        out[row] = 2.0 ** (-total / scale)


@compiled
def score_pairs(
    X: FloatArray,
    roots: Unsigned,
    columns: Unsigned,
    weights: FloatArray,
    threshold: FloatArray,
    children: Unsigned,
    depth: int,
    scale: float,
    out: FloatArray,
) -> None:
    """As `score` where planes have two columns at most: [nodes, 2], each node with its own.

    Many steps are under way at once, as in `axis_kernels.score`.
    """
    if X.shape[0] < FEW_ROWS:
        _add_pairs_across_trees(X, roots, columns, weights, threshold, children, depth, out)
    else:
        _add_pairs_across_rows(X, roots, columns, weights, threshold, children, depth, out)
    for row in range(X.shape[0]):
        out[row] = 2.0 ** (-out[row] / scale)


@compiled
def _add_pairs_across_trees(
    X: FloatArray,
    roots: Unsigned,
    columns: Unsigned,
    weights: FloatArray,
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
                side = (
                    weights[node, 0] * X[row, columns[node, 0]] + weights[node, 1] * X[row, columns[node, 1]]
                )
                at[tree] = children[node, np.uint32(side > threshold[node])]
        total = 0.0
        for tree in range(roots.size):
            total += threshold[at[tree]]
        totals[row] = total


@compiled
def _add_pairs_across_rows(
    X: FloatArray,
    roots: Unsigned,
    columns: Unsigned,
    weights: FloatArray,
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
                    side = (
                        weights[node, 0] * rows[row, columns[node, 0]]
                        + weights[node, 1] * rows[row, columns[node, 1]]
                    )
                    at[row] = children[node, np.uint32(side > threshold[node])]
            for row in range(rows.shape[0]):
                total[row] += threshold[at[row]]


@compiled
def _path_length(
    X: FloatArray,
    row: int,
    root: int,
    plane: Ints,
    threshold: FloatArray,
    children: Ints,
    columns: Ints,
    weights: FloatArray,
) -> Any:
    """As `axis_kernels.path_length`."""
    node = root
    at = plane[node]
    while at >= 0:
        node = children[node, int(_side(X, row, columns, weights, at) > threshold[node])]
        at = plane[node]
    return threshold[node]


@compiled
def credit(
    X: FloatArray,
    roots: Ints,
    plane: Ints,
    threshold: FloatArray,
    children: Ints,
    size: Ints,
    columns: Ints,
    weights: FloatArray,
    expected: FloatArray,
    out: FloatArray,
) -> None:
    """Add to out[row, column] what the splits that the column decided did to set the row apart.

    See `hyperplane.HyperplaneForest.feature_parts`.
    """
    for row in range(X.shape[0]):
        for root in roots:
            length = _path_length(X, row, root, plane, threshold, children, columns, weights)
            node = root
            at = plane[node]
            while at >= 0:
                right = _side(X, row, columns, weights, at) > threshold[node]
                child = children[node, int(right)]
                saved = expected[size[node]] - expected[size[child]]
                if saved > 0.0:
                    sign = 1.0 if right else -1.0
                    steepness = 0.0
                    for i in range(columns.shape[1]):
                        steepness += abs(weights[at, i])
                    for i in range(columns.shape[1]):
                        carried = sign * weights[at, i] * X[row, columns[at, i]]
                        if carried > 0.0:
                            share = carried / steepness
                            out[row, columns[at, i]] += max(saved, LEAST_SAVED) / length * share
                node = child
                at = plane[node]
