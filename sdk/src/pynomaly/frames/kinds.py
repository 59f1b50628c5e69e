"""Tells what kind of data a caller passed, for all that follows from it."""

from __future__ import annotations

import importlib.util
import os
from collections.abc import Mapping, Sequence
from enum import Enum
from typing import Any, cast

from pynomaly import remedies
from pynomaly.errors import DataError
from pynomaly.frames.files import WORKBOOKS
from pynomaly.transport.content import Content


class Kind(Enum):
    """What data can be."""

    PATH = "a path"
    WORKBOOK = "a path of an Excel workbook"
    REQUEST = "a DetectionRequest"
    CONTENT = "a Content"
    NUMPY = "a NumPy array"
    PANDAS = "a pandas frame or series"
    POLARS = "a polars frame, lazy frame or series"
    ARROW = "an Arrow table, or what speaks Arrow's C interface"
    COLUMNS = "a mapping from names to columns"
    ROWS = "a sequence of rows"


_TAKEN = (
    "a path, a list of rows (lists or dicts), a dict of columns, a NumPy array, a pandas or polars frame, an "
    "Arrow table, a DetectionRequest or a Content"
)
_OF_LIBRARY = {"numpy": Kind.NUMPY, "pandas": Kind.PANDAS, "polars": Kind.POLARS, "pyarrow": Kind.ARROW}


def kind_of(data: Any) -> Kind:
    """Tell what `data` is, subclasses included; no data library is imported for it.

    Raises:
        DataError: It is nothing that can be sent.
    """
    from pydantic import BaseModel

    from pynomaly._generated.models import DetectionRequest

    if isinstance(data, DetectionRequest):
        return Kind.REQUEST
    if isinstance(data, BaseModel):
        raise not_data(data)
    if isinstance(data, str | os.PathLike):
        path = os.fspath(cast("str | os.PathLike[str]", data))
        return Kind.WORKBOOK if path.lower().endswith(WORKBOOKS) else Kind.PATH
    if isinstance(data, Content):
        return Kind.CONTENT
    if (library := _library_of(data)) is not None:
        return _OF_LIBRARY[library]
    if isinstance(data, Mapping):
        return Kind.COLUMNS
    if _holds_rows(data):
        return Kind.ROWS
    if hasattr(data, "__arrow_c_stream__") or hasattr(data, "__arrow_c_array__"):
        if importlib.util.find_spec("pyarrow") is None:
            raise DataError(
                f"Sending a {type(data).__name__}, which speaks Arrow's C interface, needs pyarrow.",
                remedy=remedies.INSTALL_PYARROW,
            )
        return Kind.ARROW
    raise not_data(data)


def not_data(data: Any) -> DataError:
    """The error of something that cannot be sent."""
    return DataError(f"A {type(data).__name__} cannot be sent as data; give {_TAKEN}.")


def _holds_rows(data: Any) -> bool:
    return isinstance(data, Sequence) and not isinstance(data, bytes | bytearray | memoryview)


def _library_of(data: Any) -> str | None:
    """Name of the library whose table `data` is; None where it is no table."""
    # Asked of the class: a lazy frame would resolve its schema to answer.
    if not any(hasattr(data.__class__, name) for name in ("shape", "schema", "collect")):
        return None
    for cls in type(data).__mro__:
        if (library := cls.__module__.partition(".")[0]) in _OF_LIBRARY:
            return library
    return None
