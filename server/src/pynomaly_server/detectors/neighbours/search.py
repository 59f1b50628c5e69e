"""The k nearest reference rows: by tree or products where that spares measuring, else by measuring all."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import numpy as np

from pynomaly_server.detectors.compiled import as_read_only, compiled
from pynomaly_server.detectors.neighbours.distances import (
    BLOCK,
    EUCLIDEAN,
    TILE,
    blocked,
    measure,
    metric_code,
)
from pynomaly_server.detectors.neighbours.products import Products, products_of
from pynomaly_server.detectors.neighbours.ranking import gathered, guessed_cut, ranking
from pynomaly_server.detectors.neighbours.tree import Tree, grown, leaves_measured, nearest_in_tree
from pynomaly_server.detectors.spans import in_spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pynomaly_server.detectors.base import FloatArray

# With more columns the boxes of a k-d tree hardly ever part the rows; with fewer rows parting them gains
# nothing over measuring them all.
_TREE_COLUMNS: Final = 15
_TREE_ROWS: Final = 1024

# A tree is worth it where searches measure no more than this share of its leaves, as some of its own rows
# show: finding the way to a leaf costs about as much as measuring it.
_MOST_LEAVES: Final = 0.5
_SHOWN_ROWS: Final = 32
_SHOWN_NEIGHBOURS: Final = 20

# With fewer columns adding up differences is as quick as multiplying.
_PRODUCT_COLUMNS: Final = 4


@dataclass(frozen=True, slots=True)
class NeighbourSearch:
    """Nearest rows among `rows`, float64 [m, d], under one of the metrics."""

    rows: FloatArray
    metric: str
    _tree: Tree | None = field(init=False, repr=False, compare=False)
    _products: Products | None = field(init=False, repr=False, compare=False)
    _blocks: FloatArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        metric = metric_code(self.metric)
        tree = _worthwhile_tree(self.rows, metric)
        multiplied = tree is None and metric == EUCLIDEAN and self.rows.shape[1] >= _PRODUCT_COLUMNS
        products = products_of(self.rows) if multiplied else None
        blocks = blocked(self.rows if tree is None and products is None else self.rows[:0])
        object.__setattr__(self, "_tree", tree)
        object.__setattr__(self, "_products", products)
        object.__setattr__(self, "_blocks", blocks)

    def nearest(
        self, rows: FloatArray, k: int, itself: NDArray[np.int64]
    ) -> tuple[FloatArray, NDArray[np.int64]]:
        """Distances, float64 [n, k], and numbers, int64 [n, k], of the k nearest reference rows, in order.

        `itself`, int64 [n]: the reference row that does not count for a row, -1 for none. k must leave room
        for that: at most m - 1, or m where nothing is left out.
        """
        n = rows.shape[0]
        distances, neighbours = np.empty((n, k)), np.empty((n, k), dtype=np.int64)
        if n == 0:
            return distances, neighbours
        m, metric, asked = self.rows.shape[0], metric_code(self.metric), as_read_only(rows)

        def find(start: int, stop: int) -> None:
            if self._tree is not None:
                nearest_in_tree(self._tree, metric, asked, itself, start, stop, distances, neighbours)
            elif self._products is not None:
                self._products.nearest(asked, itself, start, stop, distances, neighbours)
            else:
                _nearest(self._blocks, m, metric, asked, itself, start, stop, distances, neighbours)

        in_spans(find, n)
        return distances, neighbours


def _worthwhile_tree(rows: FloatArray, metric: int) -> Tree | None:
    """The tree of the rows, or None where measuring all of them is quicker; depends on the rows alone."""
    m, d = rows.shape
    if d > _TREE_COLUMNS or m <= _TREE_ROWS:
        return None
    tree = grown(as_read_only(rows))
    shown = as_read_only(rows[:: -(-m // _SHOWN_ROWS)])
    measured = leaves_measured(tree, metric, shown, min(_SHOWN_NEIGHBOURS, m))
    return tree if measured <= _MOST_LEAVES * len(shown) * len(tree.leaves) else None


@compiled
def _nearest(
    blocks: FloatArray,
    m: int,
    metric: int,
    rows: FloatArray,
    itself: NDArray[np.int64],
    start: int,
    stop: int,
    distances: FloatArray,
    neighbours: NDArray[np.int64],
) -> None:
    k = distances.shape[1]
    measures = np.empty((TILE, blocks.shape[0] * BLOCK))
    order = ranking(m)
    for tile in range(start, stop, TILE):
        tile_stop = min(tile + TILE, stop)
        measure(blocks, rows, tile, tile_stop, metric, measures)
        for row in range(tile, tile_stop):
            of_row = measures[row - tile]
            left_out = itself[row]
            at_distances, at_rows = distances[row], neighbours[row]
            held, above, wanted = 0, -1.0, k + k // 2 + 8
            while held < k:
                cut = guessed_cut(of_row, m, wanted, order.least)
                for at in range(gathered(of_row, m, above, cut, order)):
                    near = order.found[at]
                    if near != left_out and held < k:
                        at_distances[held] = order.keys[at]
                        at_rows[held] = near
                        held += 1
                above, wanted = cut, 3 * wanted
            if metric == EUCLIDEAN:
                for rank in range(k):
                    at_distances[rank] = np.sqrt(at_distances[rank])
