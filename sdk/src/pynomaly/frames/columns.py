"""The caller's data as columns of Python values, for what is computed on this machine."""

from __future__ import annotations

import csv
import importlib
import importlib.util
import io
import json
import os
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from pynomaly.errors import DataError
from pynomaly.frames.arrays import arrow_table
from pynomaly.frames.files import ARROW, CSV, JSON, NDJSON, NPY, PARQUET, find_file
from pynomaly.frames.kinds import Kind, kind_of
from pynomaly.frames.local import separator
from pynomaly.frames.workbooks import read_workbook
from pynomaly.transport.content import Content

if TYPE_CHECKING:
    from pynomaly._generated.models import DetectionRequest


def columns_of(data: Any) -> dict[str, list[Any]]:
    """Read whatever `detect_anomalies` takes into columns; columns without names are `x0`, `x1` and so on,
    as at the server.

    Raises:
        DataError: The data can be sent, but not read on this machine: it was an iterator, or its format
            needs a library that is not installed.
    """
    return _READERS[kind_of(data)](data)


def _of_workbook(path: str | os.PathLike[str]) -> dict[str, list[Any]]:
    frame = read_workbook(path)
    return _of_pandas(frame) if hasattr(frame, "iloc") else _of_polars(frame)


def _of_request(request: DetectionRequest) -> dict[str, list[Any]]:
    fields = request.model_dump(by_alias=True, exclude_unset=True)
    return _of_rows(fields["data"], fields.get("column_names") or ())


def _of_path(path: str | os.PathLike[str]) -> dict[str, list[Any]]:
    file, media_type = find_file(path)
    return _of_bytes(file.read_bytes(), media_type)


def _of_content(content: Content) -> dict[str, list[Any]]:
    if isinstance(content.data, bytes):
        return _of_bytes(content.data, content.media_type)
    if isinstance(content.data, Path):
        return _of_bytes(content.data.read_bytes(), content.media_type)
    raise DataError("A stream of bytes can be sent, but not read again on this machine.")


def _of_array(array: Any) -> dict[str, list[Any]]:
    if array.dtype.names is not None:
        return {name: array[name].ravel().tolist() for name in array.dtype.names}
    return _of_rows(array.tolist())


def _of_pandas(data: Any) -> dict[str, list[Any]]:
    frame = data.to_frame() if hasattr(data, "to_frame") else data
    return {str(name): frame[name].tolist() for name in frame.columns}


def _of_polars(data: Any) -> dict[str, list[Any]]:
    frame = data.collect() if hasattr(data, "collect") else data
    return (frame.to_frame() if hasattr(frame, "to_frame") else frame).to_dict(as_series=False)


def _of_mapping(columns: Mapping[Any, Any]) -> dict[str, list[Any]]:
    return {str(name): list(values) for name, values in columns.items()}


def _of_arrow(data: Any) -> dict[str, list[Any]]:
    return arrow_table(data).to_pydict()


def _of_rows(rows: Sequence[Any], names: Sequence[str] = ()) -> dict[str, list[Any]]:
    if rows and isinstance(rows[0], Mapping):
        named = cast("Sequence[Mapping[Any, Any]]", rows)
        texts = [{str(name): value for name, value in row.items()} for row in named]
        seen = dict.fromkeys(name for row in texts for name in row)
        return {name: [row.get(name) for row in texts] for name in seen}
    listed = [list(row) if hasattr(row, "__len__") and not isinstance(row, str) else [row] for row in rows]
    width = max(map(len, listed), default=0)
    if any(len(row) != width for row in listed):
        raise DataError("The rows differ in length; give every row one value per column.")
    names = names or [f"x{place}" for place in range(width)]
    return {name: [row[place] for row in listed] for place, name in enumerate(names[:width])}


def _of_bytes(body: bytes, media_type: str) -> dict[str, list[Any]]:
    kind = media_type.partition(";")[0].strip().lower()
    try:
        if kind == CSV:
            return _of_csv(body.decode("utf-8-sig"))
        if kind == NDJSON:
            return _of_rows([json.loads(line) for line in body.decode("utf-8-sig").splitlines() if line])
        if kind == JSON:
            document = json.loads(body.decode("utf-8-sig"))
            if isinstance(document, Mapping):
                request = cast("Mapping[str, Any]", document)
                return _of_rows(request["data"], request.get("column_names") or ())
            return _of_rows(document)
    except (ValueError, KeyError, RecursionError) as exc:
        raise DataError(f"The data are not {kind}: {exc}") from None
    return _of_binary(body, kind)


def _of_csv(text: str) -> dict[str, list[Any]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator(text))
    rows = [row for row in reader if row]
    if not rows:
        return {}
    names, *rows = rows
    if any(len(row) != len(names) for row in rows):
        raise ValueError("the rows differ in length")
    return {name: [row[place] for row in rows] for place, name in enumerate(names)}


def _of_binary(body: bytes, kind: str) -> dict[str, list[Any]]:
    if kind == NPY and importlib.util.find_spec("numpy") is not None:
        numpy: Any = importlib.import_module("numpy")
        array = numpy.load(io.BytesIO(body), allow_pickle=False)
        return _of_rows(array.tolist())
    if kind in (PARQUET, ARROW):
        if importlib.util.find_spec("polars") is not None:
            polars: Any = importlib.import_module("polars")
            read = polars.read_parquet if kind == PARQUET else polars.read_ipc_stream
            return read(io.BytesIO(body)).to_dict(as_series=False)
        if importlib.util.find_spec("pyarrow") is not None:
            return _of_arrow(_arrow_table(body, kind))
    raise DataError(f"Reading {kind} on this machine needs a library; install polars, pyarrow or numpy.")


def _arrow_table(body: bytes, kind: str) -> Any:
    if kind == PARQUET:
        return importlib.import_module("pyarrow.parquet").read_table(io.BytesIO(body))
    return importlib.import_module("pyarrow.ipc").open_stream(body).read_all()


_READERS: Mapping[Kind, Callable[[Any], dict[str, list[Any]]]] = {
    Kind.PATH: _of_path,
    Kind.WORKBOOK: _of_workbook,
    Kind.REQUEST: _of_request,
    Kind.CONTENT: _of_content,
    Kind.NUMPY: _of_array,
    Kind.PANDAS: _of_pandas,
    Kind.POLARS: _of_polars,
    Kind.ARROW: _of_arrow,
    Kind.COLUMNS: _of_mapping,
    Kind.ROWS: _of_rows,
}
