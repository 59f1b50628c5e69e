"""A k-d tree (Friedman, Bentley, Finkel 1977) whose leaves are measured as a whole.

Rows are halved along the column in which they spread the most, until few are left. Every node knows the box
around its rows; a search takes the nearer half first and passes over boxes that are no nearer than the rows
it has. The leaves lie column after column, so that the processor measures several rows at once, and every
measure is added up in the order of the columns, as in `distances`: a search by tree finds the same distances,
bit for bit. Which of equally near rows it finds is another matter, and depends on the row and the tree alone.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from pynomaly_server.detectors.base import FloatArray
from pynomaly_server.detectors.compiled import compiled
from pynomaly_server.detectors.neighbours.distances import EUCLIDEAN, MANHATTAN

# Rows of a leaf at most: few boxes to look at against few rows measured in vain.
_LEAF: Final = 64


class Tree(NamedTuple):
    """The children of node i are 2 i + 1 and 2 i + 2; the last nodes are the leaves, in order.

    `low` and `high`, float64 [nodes, d], are the corners of the boxes; `leaves`, float64 [leaves, d, 64],
    holds the rows and `numbers`, int64 [leaves, 64], their places among the rows that the tree was grown
    from. Places that are left over lie infinitely far away.
    """

    leaves: NDArray[np.float64]
    numbers: NDArray[np.int64]
    low: NDArray[np.float64]
    high: NDArray[np.float64]


@compiled
def grown(rows: FloatArray) -> Tree:
    """The tree of rows, float64 [m, d], m >= 1; takes time m log m."""
    m, d = rows.shape
    first_leaf = 0
    while (first_leaf + 1) * _LEAF < m:
        first_leaf = 2 * first_leaf + 1
    nodes = 2 * first_leaf + 1
    low, high = np.empty((nodes, d)), np.empty((nodes, d))
    leaves = np.full((first_leaf + 1, d, _LEAF), np.inf)
    numbers = np.full((first_leaf + 1, _LEAF), -1)
    order = np.arange(m)
    starts, stops = np.zeros(nodes, dtype=np.int64), np.zeros(nodes, dtype=np.int64)
    stops[0] = m
    for node in range(nodes):
        start, stop = starts[node], stops[node]
        for column in range(d):
            least, most = np.inf, -np.inf
            for at in range(start, stop):
                value = rows[order[at], column]
                least = value if value < least else least  # noqa: FURB136 - min also minds NaN, which costs
                most = value if value > most else most  # noqa: FURB136
            low[node, column], high[node, column] = least, most
        if node < first_leaf:
            widest = 0
            for column in range(1, d):
                if high[node, column] - low[node, column] > high[node, widest] - low[node, widest]:
                    widest = column
            middle = (start + stop) // 2
            _halve(rows[:, widest], order, start, stop, middle)
            starts[2 * node + 1], stops[2 * node + 1] = start, middle
            starts[2 * node + 2], stops[2 * node + 2] = middle, stop
        else:
            for at in range(start, stop):
                numbers[node - first_leaf, at - start] = order[at]
                for column in range(d):
                    leaves[node - first_leaf, column, at - start] = rows[order[at], column]
    return Tree(leaves, numbers, low, high)


@compiled
def _halve(values: FloatArray, order: NDArray[np.int64], start: int, stop: int, middle: int) -> None:
    """Put order[start:stop] so that no value before `middle` is above one from there on (Hoare 1961)."""
    first, last = start, stop - 1
    while first < last:
        pivot = values[order[(first + last) // 2]]
        left, right = first, last
        while left <= right:
            while values[order[left]] < pivot:
                left += 1
            while values[order[right]] > pivot:
                right -= 1
            if left <= right:
                order[left], order[right] = order[right], order[left]
                left += 1
                right -= 1
        if middle <= right:
            last = right
        elif middle >= left:
            first = left
        else:
            return


@compiled
def nearest_in_tree(
    tree: Tree,
    metric: int,
    rows: FloatArray,
    itself: NDArray[np.int64],
    start: int,
    stop: int,
    distances: FloatArray,
    neighbours: NDArray[np.int64],
) -> None:
    """Write the rows nearest to rows[start:stop] to `distances` and `neighbours`, [n, k], nearest first.

    `itself` says what does not count, as the module of that name has it.
    """
    k = distances.shape[1]
    nodes, bounds = _stack(tree)
    measures = np.empty(_LEAF)
    for row in range(start, stop):
        near, numbers = distances[row], neighbours[row]
        _descend(tree, metric, rows[row], itself[row], near, numbers, nodes, bounds, measures)
        if metric == EUCLIDEAN:
            for rank in range(k):
                near[rank] = np.sqrt(near[rank])


@compiled
def _descend(
    tree: Tree,
    metric: int,
    row: FloatArray,
    left_out: int,
    near: FloatArray,
    numbers: NDArray[np.int64],
    nodes: NDArray[np.int64],
    bounds: FloatArray,
    measures: FloatArray,
) -> int:
    """Fill `near` and `numbers` with the nearest rows but `left_out`; how many leaves that took.

    The last three are room to work in.
    """
    measured_leaves = 0
    first_leaf = tree.leaves.shape[0] - 1
    near[:] = np.inf
    wanted = near.size
    worst = np.inf
    waiting = 1
    nodes[0], bounds[0] = 0, 0.0
    while waiting > 0:
        waiting -= 1
        if bounds[waiting] >= worst:
            continue
        node = nodes[waiting]
        while node < first_leaf:
            nearer, farther = 2 * node + 1, 2 * node + 2
            bound, other = _to_box(tree, nearer, row, metric), _to_box(tree, farther, row, metric)
            if other < bound:
                nearer, farther, bound, other = farther, nearer, other, bound
            if other < worst:
                nodes[waiting], bounds[waiting] = farther, other
                waiting += 1
            if bound >= worst:
                break
            node = nearer
        if node < first_leaf:
            continue
        leaf = node - first_leaf
        _measure_leaf(tree.leaves[leaf], row, metric, measures)
        measured_leaves += 1
        _offer(measures, tree.numbers[leaf], left_out, near, numbers)
        worst = near[wanted - 1]
    return measured_leaves


@compiled
def _offer(
    measures: FloatArray,
    offered: NDArray[np.int64],
    left_out: int,
    near: FloatArray,
    numbers: NDArray[np.int64],
) -> None:
    """Take the rows of a leaf that are nearer than the farthest in `near`, which stays in order."""
    last = near.size - 1
    # Most leaves have nothing nearer, which is soon known of all their rows together.
    nearer = 0
    for at in range(_LEAF):
        nearer += int(measures[at] < near[last])
    if nearer == 0:
        return
    for at in range(_LEAF):
        measured = measures[at]
        if measured < near[last] and offered[at] != left_out:
            to = last
            while to > 0 and near[to - 1] > measured:
                near[to], numbers[to] = near[to - 1], numbers[to - 1]
                to -= 1
            near[to], numbers[to] = measured, offered[at]


@compiled
def leaves_measured(tree: Tree, metric: int, rows: FloatArray, k: int) -> int:
    """How many leaves the searches for the k rows nearest to each of these rows measure."""
    nodes, bounds = _stack(tree)
    measures, near, numbers = np.empty(_LEAF), np.empty(k), np.empty(k, dtype=np.int64)
    total = 0
    for row in range(rows.shape[0]):
        total += _descend(tree, metric, rows[row], -1, near, numbers, nodes, bounds, measures)
    return total


@compiled
def _stack(tree: Tree) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    levels = 2
    while 1 << levels < tree.low.shape[0] + 1:
        levels += 1
    return np.empty(levels, dtype=np.int64), np.empty(levels)


@compiled
def _to_box(tree: Tree, node: int, row: FloatArray, metric: int) -> float:
    """The measure from a row to the nearest place in a node's box, no more than that to any row in it."""
    low, high = tree.low[node], tree.high[node]
    total = 0.0
    for column in range(row.size):
        value = row[column]
        below, above = low[column] - value, value - high[column]
        off = below if below > above else above  # noqa: FURB136 - max also minds NaN, which costs
        off = off if off > 0.0 else 0.0  # noqa: FURB136
        if metric == EUCLIDEAN:
            total += off * off
        elif metric == MANHATTAN:
            total += off
        else:
            total = off if off > total else total  # noqa: FURB136
    return total


@compiled
def _measure_leaf(leaf: FloatArray, row: FloatArray, metric: int, measures: FloatArray) -> None:
    for at in range(_LEAF):
        measures[at] = 0.0
    for column in range(row.size):
        value, others = row[column], leaf[column]
        if metric == EUCLIDEAN:
            for at in range(_LEAF):
                off = value - others[at]
                measures[at] += off * off
        elif metric == MANHATTAN:
            for at in range(_LEAF):
                measures[at] += abs(value - others[at])
        else:
            for at in range(_LEAF):
                measures[at] = max(measures[at], abs(value - others[at]))
