"""The k nearest reference rows: by measuring them all, or through a tree where few columns and many rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pynomaly_server.detectors.compiled import compiled
from pynomaly_server.detectors.neighbours.distances import (
    BLOCK,
    EUCLIDEAN,
    TILE,
    blocked,
    measure,
    metric_code,
)
from pynomaly_server.detectors.neighbours.itself import TWIN, drawn_row_itself
from pynomaly_server.detectors.neighbours.ranking import gathered, guessed_cut, ranking
from pynomaly_server.detectors.spans import in_spans

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pynomaly_server.detectors.base import FloatArray

# With more columns the boxes of a k-d tree no longer part the rows; with fewer rows parting them gains
# nothing over measuring them all, eight at a time, unless there are hardly any columns.
_TREE_COLUMNS: Final = 8
_TREE_ROWS: Final = 8192
_HARDLY_ANY_COLUMNS: Final = 3
_ROWS_OF_HARDLY_ANY: Final = 1536


@dataclass(frozen=True, slots=True)
class NeighbourSearch:
    """Nearest rows among `rows`, float64 [m, d], under one of the metrics."""

    rows: FloatArray
    metric: str
    _tree: Any = field(init=False, repr=False, compare=False)
    _blocks: FloatArray = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        m, d = self.rows.shape
        enough = min(_TREE_ROWS, _ROWS_OF_HARDLY_ANY) if d <= _HARDLY_ANY_COLUMNS else _TREE_ROWS
        by_tree = d <= _TREE_COLUMNS and m > enough
        object.__setattr__(self, "_tree", _tree_of(self.rows, self.metric) if by_tree else None)
        object.__setattr__(self, "_blocks", np.empty((0, d, BLOCK)) if by_tree else blocked(self.rows))

    def nearest(
        self, rows: FloatArray, k: int, itself: NDArray[np.int64]
    ) -> tuple[FloatArray, NDArray[np.int64]]:
        """Distances, float64 [n, k], and numbers, int64 [n, k], of the k nearest reference rows, in order.

        `itself`, int64 [n]: the reference row that does not count for a row, -1 for none, `TWIN` for one
        that equals it, if any. k must leave room for that: at most m - 1, or m where nothing is left out.
        """
        n = rows.shape[0]
        distances, neighbours = np.empty((n, k)), np.empty((n, k), dtype=np.int64)
        if n == 0:
            return distances, neighbours
        if self._tree is not None:
            return self._from_tree(rows, k, itself)
        m, metric = self.rows.shape[0], metric_code(self.metric)

        def find(start: int, stop: int) -> None:
            _nearest(self._blocks, m, metric, rows, itself, start, stop, distances, neighbours)

        in_spans(find, n)
        return distances, neighbours

    def _from_tree(
        self, rows: FloatArray, k: int, itself: NDArray[np.int64]
    ) -> tuple[FloatArray, NDArray[np.int64]]:
        if (itself == -1).all():
            distances, neighbours = self._tree.query(rows, k=k)
            return distances, neighbours.astype(np.int64)
        distances, neighbours = self._tree.query(rows, k=k + 1)
        twin = np.where(distances[:, 0] == 0, neighbours[:, 0], -1)
        counted = neighbours != np.where(itself == TWIN, twin, itself)[:, np.newaxis]
        # With more than k twins the row may not be among its own neighbours: then the farthest gives way.
        counted[counted.all(axis=1), -1] = False
        return distances[counted].reshape(-1, k), neighbours[counted].reshape(-1, k).astype(np.int64)


def _tree_of(rows: FloatArray, metric: str) -> Any:
    # Here, not above: scikit-learn takes seconds and a hundred megabytes to load, and few tables need a tree.
    from sklearn.neighbors import KDTree

    return KDTree(rows, metric=metric)


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
            left_out = drawn_row_itself(itself[row], of_row, m)
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
