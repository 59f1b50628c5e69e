"""Tables from NumPy's NPY format: one or two dimensions of numbers or booleans, never pickles."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from pynomaly_server.tabular.errors import BadTable
from pynomaly_server.tabular.frames import check_not_empty, finished, unnamed_columns

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pynomaly_server.tabular.limits import TableLimits

_HEADER_BYTES: Final = 16_384
_READERS: Final = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


@dataclass
class NpyTable:
    """An array that lies in the caller's bytes, one column per column."""

    names: list[str]
    n_rows: int
    _array: NDArray[Any]
    _limits: TableLimits

    def batches(self, rows_per_batch: int) -> Iterator[pl.DataFrame]:
        """The rows in order."""
        for start in range(0, self.n_rows, rows_per_batch):
            part = self._array[start : start + rows_per_batch]
            columns = [
                pl.Series(name, np.ascontiguousarray(part[:, position]))
                for position, name in enumerate(self.names)
            ]
            yield finished(pl.DataFrame(columns), self._limits, start)


def open_npy(data: memoryview, limits: TableLimits) -> NpyTable:
    """Check the header of an NPY file against its size and lay an array over its bytes.

    Raises:
        BadTable: it is no NPY file of numbers or booleans with one or two dimensions, or is cut short.
        TableTooLarge: it is over a limit.
    """
    head = io.BytesIO(bytes(data[:_HEADER_BYTES]))
    try:
        shape, column_order, dtype = _READERS[np.lib.format.read_magic(head)](
            head, max_header_size=_HEADER_BYTES
        )
    except (ValueError, KeyError, SyntaxError, TypeError, RecursionError, MemoryError):
        raise BadTable("The data is no NPY file of version 1 or 2. Write it with numpy.save.") from None
    if dtype.hasobject:
        raise BadTable(
            "The NPY file holds pickled objects, which are never loaded. Save an array of numbers."
        )
    if dtype.kind not in "fiub" or dtype.itemsize > 8:
        raise BadTable(
            f"The NPY file holds {dtype.name} values. Save numbers of at most 64 bits, or booleans."
        )
    if len(shape) not in (1, 2):
        raise BadTable(
            f"The NPY array has {len(shape)} dimensions. Save one (a column) or two (rows and columns)."
        )
    rows, columns = shape if len(shape) == 2 else (shape[0], 1)
    limits.check_shape(rows, columns)
    check_not_empty(rows)
    if columns == 0:
        raise BadTable("The NPY array has no columns. Save at least one.")
    body = data[head.tell() :]
    if len(body) != math.prod(shape) * dtype.itemsize:
        raise BadTable(
            "The NPY file has another size than its header says. Send the whole file as numpy.save wrote it."
        )
    array = np.frombuffer(body, dtype).reshape((rows, columns), order="F" if column_order else "C")
    return NpyTable(unnamed_columns(columns), rows, array.astype(dtype.newbyteorder("="), copy=False), limits)
