"""Excel workbooks: servers take none, so the first sheet is read on this machine and travels as a frame."""

from __future__ import annotations

import importlib
import importlib.util
import os
from typing import Any

from pynomaly import remedies
from pynomaly.errors import DataError
from pynomaly.frames.arrays import pandas_content, polars_content
from pynomaly.frames.files import existing_file
from pynomaly.frames.local import LocalRows
from pynomaly.transport.content import Content


def read_workbook(path: str | os.PathLike[str]) -> Any:
    """The first sheet of a workbook, its first row the names of the columns.

    Args:
        path: The workbook.

    Returns:
        A polars frame where polars and fastexcel are installed, else a pandas frame.

    Raises:
        MissingFileError: There is no such file.
        DataError: It cannot be read, or nothing that is installed reads it.
    """
    file = existing_file(path)
    try:
        if _installed("polars", "fastexcel"):
            return importlib.import_module("polars").read_excel(file)
        if _installed("pandas"):
            return importlib.import_module("pandas").read_excel(file)
    except ImportError as exc:
        raise _nothing_reads(file) from exc
    # What a damaged file makes these libraries raise is theirs to say, and has no class in common.
    except Exception as exc:
        reason = (str(exc).splitlines() or [type(exc).__name__])[0]
        raise DataError(
            f"{str(file)!r} cannot be read as an Excel workbook: {reason}.", remedy=remedies.SAVE_ANEW
        ) from exc
    raise _nothing_reads(file)


def workbook_content(path: str | os.PathLike[str]) -> tuple[Content, LocalRows]:
    """Return the first sheet of a workbook as a frame of its rows travels; raises as `read_workbook` does."""
    frame = read_workbook(path)
    return pandas_content(frame) if hasattr(frame, "iloc") else polars_content(frame)


def _installed(*names: str) -> bool:
    return all(importlib.util.find_spec(name) is not None for name in names)


def _nothing_reads(file: Any) -> DataError:
    return DataError(
        f"{str(file)!r} is an Excel workbook, and reading one needs polars with fastexcel, or pandas with "
        "openpyxl.",
        remedy=remedies.INSTALL_OR_CSV,
    )
