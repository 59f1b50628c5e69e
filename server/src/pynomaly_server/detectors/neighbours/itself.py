"""Which reference row does not count for a row because it is the same one.

Searches take `itself`, int64 [n]: for each row the number of such a reference row, -1 for none, or `TWIN`
for the first reference row that equals the row, if there is one.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import numpy as np

from pynomaly_server.detectors.compiled import compiled

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from pynomaly_server.detectors.base import FloatArray

TWIN: Final = -2


def every_row(n: int) -> NDArray[np.int64]:
    """The rows are the n reference rows themselves, in order."""
    return np.arange(n, dtype=np.int64)


def no_row(n: int) -> NDArray[np.int64]:
    """None of n rows is a reference row."""
    return np.full(n, -1, dtype=np.int64)


def any_twin(n: int) -> NDArray[np.int64]:
    """For each of n rows a reference row that equals it counts as the row itself."""
    return np.full(n, TWIN, dtype=np.int64)


@compiled
def drawn_row_itself(itself: int, measures: FloatArray, m: int) -> int:
    """The number of the reference row that does not count, or -1; `measures` [m] are those to the row."""
    if itself != TWIN:
        return itself
    for at in range(m):
        if measures[at] == 0.0:
            return at
    return -1
