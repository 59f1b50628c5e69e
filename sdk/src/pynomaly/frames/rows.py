"""Rows of Python values as JSON: what JSON cannot say is turned into what the contract says for it."""

from __future__ import annotations

import datetime as dt
import json
import math
import uuid
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from enum import Enum
from typing import Any, cast

from pynomaly.errors import DataError


def json_rows(rows: Sequence[Any]) -> bytes:
    """Encode rows as a JSON array.

    NaN, NaT and NA become null; dates and times RFC 3339 text, without a zone taken as UTC; NumPy's scalars
    and decimals numbers.

    Raises:
        DataError: A value cannot be sent; the message names row and column.
    """
    try:
        # Rows of plain values, which is most of them, are encoded in C without a look at each value here.
        return json.dumps(rows, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()
    except (TypeError, ValueError, RecursionError):
        cleaned = [_row(row, position) for position, row in enumerate(rows)]
        return json.dumps(cleaned, allow_nan=False, ensure_ascii=False, separators=(",", ":")).encode()


def rows_of_columns(columns: Mapping[Any, Any]) -> list[dict[str, Any]]:
    """Turn columns by name into rows.

    Raises:
        DataError: The columns differ in length.
    """
    lists = {str(name): list(values) for name, values in columns.items()}
    lengths = {name: len(values) for name, values in lists.items()}
    if len(set(lengths.values())) > 1:
        raise DataError(f"The columns differ in length: {lengths}; give every column one value per row.")
    return [dict(zip(lists, values, strict=True)) for values in zip(*lists.values(), strict=True)]


def _row(row: Any, position: int) -> Any:
    if isinstance(row, Mapping):
        named = cast("Mapping[Any, Any]", row)
        return {str(name): _value(value, position, name) for name, value in named.items()}
    if isinstance(row, Iterable) and not isinstance(row, str | bytes):
        values = cast("Iterable[Any]", row)
        return [_value(value, position, column) for column, value in enumerate(values)]
    raise DataError(
        f"Row {position} is a {type(row).__name__}; give each row as a list of values or as a dict from "
        f"column to value."
    )


def _value(value: Any, row: int, column: Any) -> Any:
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, row, column)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float | Decimal):
        return _number(float(value), row, column)
    if isinstance(value, Enum):
        return _value(value.value, row, column)
    if isinstance(value, uuid.UUID):
        return str(value)
    return _foreign(value, row, column)


def _text(value: str, row: int, column: Any) -> str:
    try:
        value.encode()
    except UnicodeEncodeError:
        raise DataError(
            f"Row {row}, column {column!r}: the text holds half of a surrogate pair, which is no character; "
            f"decode it "
            "with errors='replace'."
        ) from None
    return str(value)


def _number(value: float, row: int, column: Any) -> float | None:
    if math.isnan(value):
        return None
    if math.isinf(value):
        raise infinite(row, column)
    return value


def infinite(row: int, column: Any) -> DataError:
    """The error of an infinity in the data."""
    return DataError(
        f"Row {row}, column {column!r} is infinite; give a finite number, or None where the value is missing."
    )


def _foreign(value: Any, row: int, column: Any) -> Any:
    if type(value).__name__ in ("NAType", "NaTType"):
        return None
    if isinstance(value, dt.datetime):
        return value.isoformat() if value.tzinfo else f"{value.isoformat()}Z"
    if isinstance(value, dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    kind = getattr(getattr(value, "dtype", None), "kind", None)
    if kind == "M":
        # NumPy writes nanoseconds, which its conversion to Python would turn into a bare integer.
        return None if str(value) == "NaT" else f"{value}Z" if "T" in str(value) else str(value)
    if kind is not None and getattr(value, "ndim", None) == 0:
        item = value.item()
        if type(item) is not type(value):
            return _value(item, row, column)
    raise DataError(
        f"Row {row}, column {column!r} is a {type(value).__name__}, which has no form in JSON; give a "
        f"number, text, boolean, "
        "date, time or None."
    )
