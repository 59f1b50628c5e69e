"""Makes the request of whatever the caller passed."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

from pynomaly.frames.arrays import array_content, arrow_content, pandas_content, polars_content
from pynomaly.frames.files import CSV, JSON, find_file, json_request
from pynomaly.frames.kinds import Kind, kind_of, not_data
from pynomaly.frames.local import CsvRows, LocalRows, SequenceRows, UnknownRows
from pynomaly.frames.options import DetectionOptions
from pynomaly.frames.rows import json_rows, rows_of_columns
from pynomaly.frames.workbooks import workbook_content
from pynomaly.transport.content import Content

if TYPE_CHECKING:
    from pynomaly._generated.models import DetectionRequest


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
    given, kind = options.given(), kind_of(data)
    if kind is Kind.REQUEST:
        return _request(data, given)
    if kind is Kind.PATH:
        path, media_type = find_file(data)
        if media_type == JSON:
            return Prepared(json_request(path, given), UnknownRows())
        local = CsvRows(path) if media_type == CSV else UnknownRows()
        return Prepared(Content(media_type, path), local, given)
    content, local = _CONTENTS[kind](data)
    if content.media_type != JSON or kind is Kind.CONTENT:
        return Prepared(content, local, given)
    return Prepared(_around(content, given), local)


def prepare_table(data: Any) -> Content:
    """Make the body of a dataset's upload: the table alone.

    Raises:
        DataError: `data` is nothing that can be sent.
        FileNotFoundError: It is a path without a file.
    """
    kind = kind_of(data)
    if kind is Kind.REQUEST:
        raise not_data(data)
    if kind is Kind.PATH:
        path, media_type = find_file(data)
        return Content(media_type, path)
    return _CONTENTS[kind](data)[0]


def _request(data: DetectionRequest, given: Mapping[str, Any]) -> Prepared:
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


def _ready(data: Content) -> tuple[Content, LocalRows]:
    return data, UnknownRows()


def _of_columns(columns: Mapping[Any, Any]) -> tuple[Content, LocalRows]:
    rows = rows_of_columns(columns)
    return Content(JSON, json_rows(rows)), SequenceRows(rows)


def _of_rows(rows: Sequence[Any]) -> tuple[Content, LocalRows]:
    if rows and _is_scalar(rows[0]):
        rows = [[value] for value in rows]
    return Content(JSON, json_rows(rows)), SequenceRows(rows)


def _is_scalar(value: Any) -> bool:
    return value is None or isinstance(value, bool | int | float) or getattr(value, "ndim", None) == 0


_CONTENTS: Mapping[Kind, Callable[[Any], tuple[Content, LocalRows]]] = {
    Kind.CONTENT: _ready,
    Kind.WORKBOOK: workbook_content,
    Kind.NUMPY: array_content,
    Kind.PANDAS: pandas_content,
    Kind.POLARS: polars_content,
    Kind.ARROW: arrow_content,
    Kind.COLUMNS: _of_columns,
    Kind.ROWS: _of_rows,
}
