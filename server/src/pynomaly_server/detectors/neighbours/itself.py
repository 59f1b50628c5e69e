"""Which reference row does not count for a row because it is the same one.

Searches take `itself`, int64 [n]: for each row the number of such a reference row, or -1 for none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pynomaly_server.detectors.compiled import as_read_only, compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pynomaly_server.detectors.base import FloatArray


def every_row(n: int) -> NDArray[np.int64]:
    """The rows are the n reference rows themselves, in order."""
    return np.arange(n, dtype=np.int64)


def no_row(n: int) -> NDArray[np.int64]:
    """None of n rows is a reference row."""
    return np.full(n, -1, dtype=np.int64)


def equal_rows(rows: FloatArray, reference: FloatArray) -> NDArray[np.int64]:
    """For each of the rows the first reference row that equals it, or -1; int64 [n]."""
    return _equal_rows(as_read_only(rows), as_read_only(reference))


@compiled
def _equal_rows(rows: FloatArray, reference: FloatArray) -> NDArray[np.int64]:
    n, d = rows.shape
    found = np.full(n, -1)
    for row in range(n):
        # Rows often come several times in a row: once for every feature that is probed.
        if row > 0 and (rows[row] == rows[row - 1]).all():
            found[row] = found[row - 1]
            continue
        for at in range(reference.shape[0]):
            column = 0
            while column < d and rows[row, column] == reference[at, column]:
                column += 1
            if column == d:
                found[row] = at
                break
    return found
