"""NumPy arrays, pandas and polars frames and Arrow tables as binary bodies that keep their types."""

from __future__ import annotations

import importlib
import importlib.util
import io
import sys
from typing import Any

from pynomaly.errors import DataError
from pynomaly.frames.files import ARROW, JSON, NPY
from pynomaly.frames.local import ArrowRows, FrameRows, LocalRows, SequenceRows
from pynomaly.frames.rows import infinite, json_rows
from pynomaly.transport.content import Content


def array_content(array: Any) -> tuple[Content, LocalRows]:
    """Return a NumPy array as NPY, or as JSON where its type has no place in NPY without pickling.

    Args:
        array: Shape (rows, columns), or (rows,) for a single column.

    Raises:
        DataError: Wrong shape, complex numbers or infinities.
    """
    numpy: Any = sys.modules["numpy"]
    if array.ndim == 1 and array.dtype.names is None:
        array = array.reshape(-1, 1)
    if array.dtype.names is not None:
        rows = [dict(zip(array.dtype.names, row.tolist(), strict=True)) for row in array.ravel()]
        return Content(JSON, json_rows(rows)), SequenceRows(rows)
    if array.ndim != 2:
        raise DataError(
            f"The array has {array.ndim} dimensions; give one of shape (rows, columns), or (rows,) for a "
            f"single column."
        )
    kind = array.dtype.kind
    if kind == "c":
        raise DataError("The array holds complex numbers; give real ones, for example their absolute values.")
    if kind not in "biuf":
        # Element by element: tolist() would turn nanosecond times into integers.
        return Content(JSON, json_rows([list(row) for row in array])), SequenceRows(array)
    if kind == "f":
        places = numpy.argwhere(numpy.isinf(array))
        if len(places):
            raise infinite(int(places[0][0]), int(places[0][1]))
    buffer = io.BytesIO()
    numpy.save(buffer, array, allow_pickle=False)
    return Content(NPY, buffer.getvalue()), SequenceRows(array)


def pandas_content(frame: Any) -> tuple[Content, LocalRows]:
    """Return a pandas frame (or series) as an Arrow stream, or as JSON without pyarrow and polars.

    The index is the caller's name for the rows and is not sent.

    Raises:
        DataError: Two columns have the same name.
    """
    if hasattr(frame, "to_frame"):
        frame = frame.to_frame()
    local = FrameRows(frame)
    named = frame.set_axis(_column_names(frame.columns), axis=1).reset_index(drop=True)
    body = _with_pyarrow(named) or _with_polars(named)
    if body is not None:
        return Content(ARROW, body), local
    return Content(JSON, json_rows(named.to_dict("records"))), local


def _column_names(columns: Any) -> list[str]:
    names = [str(name) for name in columns]
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise DataError(f"The frame has several columns named {', '.join(map(repr, twice))}; rename them.")
    return names


def _with_pyarrow(frame: Any) -> bytes | None:
    if "pyarrow" not in sys.modules and importlib.util.find_spec("pyarrow") is None:
        return None
    arrow: Any = importlib.import_module("pyarrow")
    try:
        table = arrow.Table.from_pandas(frame, preserve_index=False)
    except (arrow.ArrowInvalid, arrow.ArrowTypeError, arrow.ArrowNotImplementedError):
        return None  # a column of mixed objects
    return _arrow_stream(table.replace_schema_metadata(None))


def _with_polars(frame: Any) -> bytes | None:
    if "polars" not in sys.modules and importlib.util.find_spec("polars") is None:
        return None
    polars: Any = importlib.import_module("polars")
    try:
        return _polars_stream(polars.from_pandas(frame))
    except (ImportError, TypeError, ValueError, polars.exceptions.PolarsError):
        return None  # polars needs pyarrow for many types, and takes no mixed columns either


def polars_content(frame: Any) -> tuple[Content, LocalRows]:
    """Return a polars frame (lazy frame, series) as an Arrow stream."""
    if hasattr(frame, "collect"):
        frame = frame.collect()
    if hasattr(frame, "to_frame"):
        frame = frame.to_frame()
    return Content(ARROW, _polars_stream(frame)), FrameRows(frame)


def _polars_stream(frame: Any) -> bytes:
    buffer = io.BytesIO()
    frame.write_ipc_stream(buffer)
    return buffer.getvalue()


def arrow_content(data: Any) -> tuple[Content, LocalRows]:
    """Return an Arrow table, record batch or reader, or anything that speaks Arrow's C interface, as an Arrow
    stream.

    Raises:
        DataError: It is no table.
    """
    table = arrow_table(data)
    return Content(ARROW, _arrow_stream(table)), ArrowRows(table)


def arrow_table(data: Any) -> Any:
    """Return what speaks Arrow's C interface as a table; raises `DataError` where it is none."""
    arrow: Any = importlib.import_module("pyarrow")
    try:
        return data if isinstance(data, arrow.Table) else arrow.table(data)
    except (TypeError, ValueError) as exc:
        raise DataError(f"The {type(data).__name__} is no table of Arrow's: {exc}") from exc


def _arrow_stream(table: Any) -> bytes:
    arrow: Any = importlib.import_module("pyarrow")
    sink = arrow.BufferOutputStream()
    with importlib.import_module("pyarrow.ipc").new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()
