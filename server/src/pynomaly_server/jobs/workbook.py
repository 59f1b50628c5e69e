"""A stored result as an Excel workbook, with the rows on one sheet and what holds for all on another.

A cell is what its column is: text is never read as a formula, a link or a number, and numbers stay numbers.
Text that would run as a formula once somebody edits its cell carries Excel's own mark for quoted text.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from pynomaly_server.formulas import runs_as_formula
from pynomaly_server.jobs.results import RESERVED, StoredSummary, read_summary
from pynomaly_server.jobs.stored_rows import Only, result_frames
from pynomaly_server.problems import ProblemError
from pynomaly_server.storage.objects import READ_BYTES, ObjectStore

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

MEDIA_TYPE: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
MOST_ROWS: Final = 1_048_576 - 1  # one is the header
MOST_COLUMNS: Final = 16_384
MOST_CHARACTERS: Final = 32_767
_EXACT_INTEGERS: Final = 10**15  # Excel keeps 15 digits of a number
_OUR_COLUMNS: Final = len(RESERVED)
_WIDTH: Final = 16
_ANOMALOUS: Final = "=$C2=1"


def excel_chunks(store: ObjectStore, result_key: str, only: Only) -> Generator[bytes]:
    """A workbook; it is written to a temporary file first, in memory of a few rows.

    Raises:
        ProblemError: `too-many-rows`, before anything is written.
    """
    stored = read_summary(store, result_key)
    check_fits(stored, only)
    return _chunks(store, result_key, only, stored)


def check_fits(stored: StoredSummary, only: Only) -> None:
    """Raise `too-many-rows` where a sheet of Excel does not hold the result."""
    rows = stored.summary.n_anomalies if only == "anomalies" else stored.summary.n_rows
    if rows > MOST_ROWS:
        remedy = "Take format=parquet or format=csv"
        if only != "anomalies" and stored.summary.n_anomalies <= MOST_ROWS:
            remedy += ", or the anomalies alone with only=anomalies"
        raise ProblemError(
            "too-many-rows",
            f"The result has {rows:,} rows, and a sheet of Excel holds {MOST_ROWS:,}. {remedy}.",
        )
    if len(stored.identifiers) + _OUR_COLUMNS > MOST_COLUMNS:
        raise ProblemError(
            "too-many-rows",
            f"The result has {len(stored.identifiers):,} identifier columns, and a sheet of Excel holds "
            f"{MOST_COLUMNS:,} columns. Take format=parquet or format=csv.",
        )


def _chunks(store: ObjectStore, result_key: str, only: Only, stored: StoredSummary) -> Generator[bytes]:
    from xlsxwriter import Workbook

    with tempfile.TemporaryDirectory(prefix="pynomaly-") as folder:
        path = Path(folder) / "result.xlsx"
        book = Workbook(path, {"constant_memory": True, "tmpdir": folder, "use_zip64": True})
        styles = _Styles(
            quoted=book.add_format({"quote_prefix": True}),
            header=book.add_format({"bold": True, "bottom": 1}),
            quoted_header=book.add_format({"bold": True, "bottom": 1, "quote_prefix": True}),
        )
        rows = _Sheet(book.add_worksheet("Results"), styles)
        described = _Sheet(book.add_worksheet("Summary"), styles)
        anomalous = book.add_format({"bg_color": "#FFC7CE", "font_color": "#9C0006"})
        for frame in result_frames(store, result_key, only):
            if rows.next_row == 0:
                rows.header(frame.columns)
            for row in frame.iter_rows():
                rows.add(row)
        rows.settle(highlight=anomalous)
        _describe(described, stored, only, cut=rows.cut)
        book.close()
        with path.open("rb") as file:
            while chunk := file.read(READ_BYTES):
                yield chunk


@dataclass(frozen=True, slots=True)
class _Styles:
    quoted: Format
    header: Format
    quoted_header: Format


class _Sheet:
    """Rows from the top to the bottom; a row that is done is on the disk."""

    def __init__(self, sheet: Worksheet, styles: _Styles) -> None:
        self._sheet = sheet
        self._styles = styles
        self._columns = 0
        self.next_row = 0
        self.cut = 0
        """Texts that were longer than a cell holds."""
        self._write: dict[type, Callable[[int, int, Any], None]] = {
            str: self._text,
            bool: sheet.write_boolean,
            int: self._integer,
            float: self._number,
            type(None): lambda _row, _column, _value: None,
        }

    def header(self, names: Iterable[str]) -> None:
        """The first row of a table."""
        for column, name in enumerate(names):
            style = self._styles.quoted_header if runs_as_formula(name) else self._styles.header
            self._sheet.write_string(self.next_row, column, self._bounded(name), style)
            self._columns = max(self._columns, column + 1)
        self.next_row += 1

    def add(self, values: Iterable[Any] = ()) -> None:
        """The next row; None is an empty cell."""
        for column, value in enumerate(values):
            self._write[type(value)](self.next_row, column, value)
        self.next_row += 1

    def settle(self, *, highlight: Format) -> None:
        """Freeze and filter the header, and mark the anomalies, also after the reader has sorted the rows."""
        last_row, last_column = max(self.next_row - 1, 1), self._columns - 1
        self._sheet.freeze_panes(1, 0)
        self._sheet.autofilter(0, 0, last_row, last_column)
        self._sheet.set_column(0, last_column, _WIDTH)
        rule = {"type": "formula", "criteria": _ANOMALOUS, "format": highlight}
        self._sheet.conditional_format(1, 0, last_row, last_column, rule)

    def widen(self, columns: int, width: float) -> None:
        """Give the first columns a width in characters."""
        self._sheet.set_column(0, columns - 1, width)

    def _text(self, row: int, column: int, value: str) -> None:
        style = self._styles.quoted if runs_as_formula(value) else None
        self._sheet.write_string(row, column, self._bounded(value), style)

    def _integer(self, row: int, column: int, value: int) -> None:
        if abs(value) < _EXACT_INTEGERS:
            self._sheet.write_number(row, column, value)
        else:
            self._sheet.write_string(row, column, str(value))

    def _number(self, row: int, column: int, value: float) -> None:
        if math.isfinite(value):  # Excel has no others; they stay empty, as they are null in JSON
            self._sheet.write_number(row, column, value)

    def _bounded(self, text: str) -> str:
        # Excel counts UTF-16 units.
        if len(text) <= MOST_CHARACTERS // 2 or len(text.encode("utf-16-le")) // 2 <= MOST_CHARACTERS:
            return text
        self.cut += 1
        kept = text.encode("utf-16-le")[: (MOST_CHARACTERS - 1) * 2].decode("utf-16-le", errors="ignore")
        return kept + "…"


def _describe(sheet: _Sheet, stored: StoredSummary, only: Only, *, cut: int) -> None:
    summary = stored.summary
    sheet.header(["About", "Value"])
    sheet.add(["algorithm", summary.algorithm])
    sheet.add(["threshold", summary.threshold])
    sheet.add(["contamination", summary.contamination])
    sheet.add(["rows", summary.n_rows])
    sheet.add(["anomalies", summary.n_anomalies])
    sheet.add(["rows on the sheet Results", "anomalies" if only == "anomalies" else "all"])
    sheet.add(["features", ", ".join(summary.feature_names)])
    sheet.add(["elapsed ms", summary.elapsed_ms])
    if cut:
        sheet.add(["texts cut", cut, f"A cell of Excel holds {MOST_CHARACTERS:,} characters."])
    sheet.add()
    sheet.header(["Column", "Type", "Missing", "Used", "Note"])
    for column in summary.columns:
        note = column.note if isinstance(column.note, str) else None
        sheet.add([column.name, str(column.type), column.missing, column.used, note])
    if summary.warnings:
        sheet.add()
        sheet.header(["Warning", "Detail"])
        for warning in summary.warnings:
            sheet.add([warning.code, warning.detail])
    sheet.widen(5, _WIDTH * 1.5)
