"""Recognises what the caller passed and makes the request of it."""

from __future__ import annotations

import importlib.util
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, cast

from pydantic import BaseModel

from pynomaly._generated.models import DetectionRequest
from pynomaly.errors import DataError
from pynomaly.frames.arrays import array_content, arrow_content, pandas_content, polars_content, table_library
from pynomaly.frames.files import CSV, JSON, find_file, json_request
from pynomaly.frames.local import CsvRows, LocalRows, SequenceRows, UnknownRows
from pynomaly.frames.options import DetectionOptions
from pynomaly.frames.rows import json_rows, rows_of_columns
from pynomaly.transport.content import Content

_TAKEN = (
    "a path, a list of rows (lists or dicts), a dict of columns, a NumPy array, a pandas or polars frame, an "
    "Arrow table, "
    "a DetectionRequest or a Content"
)
_BY_LIBRARY: dict[str, Callable[[Any], tuple[Content, LocalRows]]] = {
    "numpy": array_content,
    "pandas": pandas_content,
    "polars": polars_content,
    "pyarrow": arrow_content,
}


@dataclass(frozen=True, slots=True)
class Prepared:
    """A detection ready to be sent.

    Attributes:
        content: The body.
        query: The options, where the body cannot carry them.
        local: The caller's rows.
    """

    content: Content
    local: LocalRows
    query: Mapping[str, Any] = field(default_factory=dict[str, Any])


def prepare_detection(data: Any, options: DetectionOptions) -> Prepared:
    """Make the body and the query of a detection.

    Raises:
        DataError: `data` is nothing that can be sent.
        FileNotFoundError: It is a path without a file.
    """
    given = options.given()
    if isinstance(data, BaseModel):
        return _request(data, given)
    if isinstance(data, str | os.PathLike):
        path, media_type = find_file(cast("str | os.PathLike[str]", data))
        if media_type == JSON:
            return Prepared(json_request(path, given), UnknownRows())
        local = CsvRows(path) if media_type == CSV else UnknownRows()
        return Prepared(Content(media_type, path), local, given)
    content, local = _content(data)
    if content.media_type != JSON or isinstance(data, Content):
        return Prepared(content, local, given)
    return Prepared(_around(content, given), local)


def prepare_table(data: Any) -> Content:
    """Make the body of a dataset's upload: the table alone.

    Raises:
        DataError: `data` is nothing that can be sent.
        FileNotFoundError: It is a path without a file.
    """
    if isinstance(data, str | os.PathLike):
        path, media_type = find_file(cast("str | os.PathLike[str]", data))
        return Content(media_type, path)
    return _content(data)[0]


def _request(data: BaseModel, given: Mapping[str, Any]) -> Prepared:
    if not isinstance(data, DetectionRequest):
        raise DataError(f"A {type(data).__name__} is not data for a detection; give {_TAKEN}.")
    fields = data.model_dump(by_alias=True, exclude_unset=True, exclude_none=True)
    rows = fields.pop("data")
    parameters = {**fields.get("parameters", {}), **given.get("parameters", {})}
    merged = {**fields, **given, **({"parameters": parameters} if parameters else {})}
    return Prepared(_around(Content(JSON, json_rows(rows)), merged), SequenceRows(rows))


def _around(rows: Content, given: Mapping[str, Any]) -> Content:
    """The detection request around rows that are JSON already."""
    tail = json.dumps(given, separators=(",", ":")).encode()
    body = b'{"data":' + cast("bytes", rows.data) + (b"," + tail[1:] if given else b"}")
    return Content(JSON, body)


def _content(data: Any) -> tuple[Content, LocalRows]:
    if isinstance(data, Content):
        return data, UnknownRows()
    if (library := table_library(data)) is not None:
        return _BY_LIBRARY[library](data)
    if isinstance(data, Mapping):
        rows = rows_of_columns(cast("Mapping[Any, Any]", data))
        return Content(JSON, json_rows(rows)), SequenceRows(rows)
    if _holds_rows(data):
        return _sequence(data)
    if hasattr(data, "__arrow_c_stream__") and importlib.util.find_spec("pyarrow") is not None:
        return arrow_content(data)
    raise DataError(f"A {type(data).__name__} cannot be sent as data; give {_TAKEN}.")


def _holds_rows(data: Any) -> bool:
    return isinstance(data, Sequence) and not isinstance(data, str | bytes | bytearray | memoryview)


def _sequence(rows: Sequence[Any]) -> tuple[Content, LocalRows]:
    if rows and _is_scalar(rows[0]):
        rows = [[value] for value in rows]
    return Content(JSON, json_rows(rows)), SequenceRows(rows)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float) or getattr(value, "ndim", None) == 0
