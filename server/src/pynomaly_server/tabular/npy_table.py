"""Tables from NumPy's NPY format: one or two dimensions of numbers or booleans, never pickles."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import polars as pl

from pynomaly_server.tabular.errors import BadTable
from pynomaly_server.tabular.frames import check_not_empty, finished, unnamed_columns
from pynomaly_server.tabular.number_rows import NumberRows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pynomaly_server.tabular.limits import TableLimits

_MAGIC: Final = b"\x93NUMPY"
# The header is a Python literal; reading it field by field evaluates nothing that a caller wrote.
_TYPE: Final = re.compile(r"'descr'\s*:\s*'([<>|=]?)([A-Za-z?])(\d{0,3})'")
_ORDER: Final = re.compile(r"'fortran_order'\s*:\s*(True|False)")
_SHAPE: Final = re.compile(r"'shape'\s*:\s*\(([\d,\s]{0,60})\)")
_LONGEST_HEADER: Final = 65_536
_SIZES: Final = {"f": (2, 4, 8), "i": (1, 2, 4, 8), "u": (1, 2, 4, 8), "b": (1,)}


@dataclass
class NpyTable:
    """An array that lies in the caller's bytes, one column per column."""

    names: list[str]
    n_rows: int
    _array: NDArray[Any]
    _dtype: np.dtype[Any]
    _limits: TableLimits

    def numbers(self) -> NumberRows | None:
        """All rows as they lie there, where they are finite floats of 32 or 64 bits."""
        if self._dtype not in (np.float64, np.float32):
            return None
        matrix = np.ascontiguousarray(self._array, dtype=np.float64)
        return NumberRows(self.names, matrix) if np.isfinite(matrix).all() else None

    def batches(self, rows_per_batch: int) -> Iterator[pl.DataFrame]:
        """The rows in order."""
        for start in range(0, self.n_rows, rows_per_batch):
            part = self._array[start : start + rows_per_batch]
            columns = [
                pl.Series(name, np.ascontiguousarray(part[:, position], self._dtype))
                for position, name in enumerate(self.names)
            ]
            yield finished(pl.DataFrame(columns), self._limits, start)


def open_npy(data: memoryview, limits: TableLimits) -> NpyTable:
    """Check the header of an NPY file against its size and lay an array over its bytes.

    Raises:
        BadTable: it is no NPY file of numbers or booleans with one or two dimensions, or is cut short.
        TableTooLarge: it is over a limit.
    """
    header, body = _parts(data)
    kind, order, sizes = _TYPE.search(header), _ORDER.search(header), _SHAPE.search(header)
    if order is None or sizes is None:
        raise _not_npy()
    shape = [int(size) for size in re.findall(r"\d+", sizes[1])]
    if kind is None or int(kind[3] or 0) not in _SIZES.get(kind[2], ()):
        raise BadTable(
            "The NPY file holds pickled objects, text, records or numbers of an unusual size. Save integers "
            "or floats of at most 64 bits, or booleans; pickles are never loaded."
        )
    dtype = np.dtype("".join(kind.groups()))
    if len(shape) not in (1, 2):
        raise BadTable(
            f"The NPY array has {len(shape)} dimensions. Save one (a column) or two (rows and columns)."
        )
    rows, columns = shape if len(shape) == 2 else (shape[0], 1)
    limits.check_shape(rows, columns)
    check_not_empty(rows)
    if columns == 0:
        raise BadTable("The NPY array has no columns. Save at least one.")
    if len(body) != math.prod(shape) * dtype.itemsize:
        raise BadTable(
            "The NPY file has another size than its header says. Send the whole file as numpy.save wrote it."
        )
    # Bytes of a boolean array may be anything but 0 and 1; read as numbers they become truths when converted.
    stored = np.dtype(np.uint8) if dtype.kind == "b" else dtype
    array = np.frombuffer(body, stored).reshape((rows, columns), order="F" if order[1] == "True" else "C")
    return NpyTable(unnamed_columns(columns), rows, array, dtype.newbyteorder("="), limits)


def _parts(data: memoryview) -> tuple[str, memoryview]:
    """The header as text, and the bytes of the array."""
    if bytes(data[: len(_MAGIC)]) != _MAGIC or len(data) < 12:
        raise _not_npy()
    width = 2 if data[6] == 1 else 4
    length = int.from_bytes(data[8 : 8 + width], "little")
    if data[6] not in (1, 2, 3) or length > _LONGEST_HEADER:
        raise _not_npy()
    start = 8 + width + length
    return str(data[8 + width : start], "latin-1"), data[start:]


def _not_npy() -> BadTable:
    return BadTable("The data is no NPY file of version 1, 2 or 3. Write it with numpy.save.")
