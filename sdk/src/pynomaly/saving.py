"""Rows with their results as files: for spreadsheets, for programs, for a browser."""

from __future__ import annotations

import csv
import errno
import importlib
import importlib.util
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TextIO

from pynomaly.errors import DataError
from pynomaly.rows import RowTable

_FORMULA = tuple("=+-@\t\r\0")


def harmless(value: Any) -> Any:
    """A text that a spreadsheet would run as a formula, quoted."""
    return f"'{value}" if isinstance(value, str) and value[:1] in _FORMULA else value


def save_rows(rows: RowTable, path: Path) -> Path:
    """Write rows to a file whose suffix says the format; returns the file.

    Raises:
        DataError: The suffix is not known, or a library is missing.
        OSError: The file cannot be written.
    """
    check_target(path)
    _WRITERS[path.suffix.lower()](rows, path)
    return path


def check_target(path: str | Path) -> None:
    """See that a file's suffix says a format and that its folder is there, before any work is done for it.

    Raises:
        DataError: The suffix does not.
        OSError: There is no such folder, or the path is a folder's.
    """
    target = Path(path)
    suffix = target.suffix.lower()
    if suffix not in _WRITERS:
        known = ", ".join(sorted(_WRITERS))
        raise DataError(f"The suffix {suffix!r} of {str(path)!r} is not one of {known}.")
    check_place(target)


def check_place(target: Path) -> None:
    """See that a file can be where it is to go; raises `OSError`."""
    if target.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(target))
    if not target.parent.is_dir():
        # The folder is what is missing, and not the file of another name that is written first.
        raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(target.parent))


def records(rows: RowTable) -> list[dict[str, Any]]:
    """A flat record per row: identifiers and known values by column, then what was found."""
    found: list[dict[str, Any]] = []
    explained = any(row.explanation for row in rows)
    confident = any(row.confidence is not None for row in rows)
    for row in rows:
        own = {**row.identifiers, **(row.values or {})}
        result: dict[str, Any] = {"row": row.row, "score": row.score, "prediction": row.prediction}
        if confident:
            result["confidence"] = row.confidence
        if explained:
            result["why"] = row.reasons()
        names = {name: f"pynomaly_{name}" if name in own else name for name in result}
        found.append({**own, **{names[name]: value for name, value in result.items()}})
    return found


def _plain(value: Any) -> Any:
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)


def _columns(found: list[dict[str, Any]]) -> dict[str, list[Any]]:
    names = dict.fromkeys(name for record in found for name in record)
    return {name: [_plain(record.get(name)) for record in found] for name in names}


def _csv(rows: RowTable, path: Path) -> None:
    columns = _columns(records(rows))
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow([harmless(name) for name in columns])
        writer.writerows([harmless(value) for value in row] for row in zip(*columns.values(), strict=True))


def _xlsx(rows: RowTable, path: Path) -> None:
    if importlib.util.find_spec("xlsxwriter") is None:
        raise DataError("Excel files need xlsxwriter; install it with: pip install xlsxwriter")
    xlsxwriter: Any = importlib.import_module("xlsxwriter")
    columns = _columns(records(rows))
    options = {
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    # Opened here, so that a file that cannot be written is the same error in every format.
    with path.open("wb") as file, xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet("rows")
        bold, marked = book.add_format({"bold": True}), book.add_format({"bg_color": "#fde2e1"})
        for place, (name, values) in enumerate(columns.items()):
            sheet.write_string(0, place, name, bold)
            for line, value in enumerate(values, start=1):
                form = marked if rows[line - 1].prediction else None
                sheet.write(line, place, value, form)
        sheet.freeze_panes(1, 0)
        sheet.autofilter(0, 0, max(len(rows), 1), max(len(columns) - 1, 0))


def _json(rows: RowTable, path: Path) -> None:
    _text(path, lambda file: json.dump(_full(rows), file, indent=2))


def _ndjson(rows: RowTable, path: Path) -> None:
    _text(path, lambda file: file.writelines(f"{json.dumps(each)}\n" for each in _full(rows)))


def _full(rows: RowTable) -> list[dict[str, Any]]:
    """Records whose reasons are whole rather than in words."""
    found = [{name: _plain(value) for name, value in each.items()} for each in records(rows)]
    for row, record in zip(rows, found, strict=True):
        if "why" in record:
            record["why"] = [each.model_dump(mode="json") for each in row.explanation or []]
    return found


def _html(rows: RowTable, path: Path) -> None:
    head = '<!doctype html><meta charset="utf-8"><title>Anomalies</title>'
    _text(path, lambda file: file.write(head + rows.to_html(most=None)))


def _parquet(rows: RowTable, path: Path) -> None:
    columns = _columns(records(rows))
    if importlib.util.find_spec("polars") is not None:
        polars: Any = importlib.import_module("polars")
        with path.open("wb") as file:
            polars.DataFrame(columns, strict=False).write_parquet(file)
    elif importlib.util.find_spec("pandas") is not None and importlib.util.find_spec("pyarrow") is not None:
        with path.open("wb") as file:
            importlib.import_module("pandas").DataFrame(columns).to_parquet(file)
    else:
        raise DataError("Parquet needs polars, or pandas with pyarrow; install one: pip install polars")


def _text(path: Path, write: Callable[[TextIO], object]) -> None:
    with path.open("w", encoding="utf-8") as file:
        write(file)


_WRITERS: Mapping[str, Callable[[RowTable, Path], None]] = {
    ".csv": _csv,
    ".html": _html,
    ".json": _json,
    ".ndjson": _ndjson,
    ".parquet": _parquet,
    ".xlsx": _xlsx,
}
