"""Tables from CSV text: names from the header, one type per column over the whole file."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Final

import polars as pl

from pynomaly_server.tabular.csv_scan import CsvScan, Piece
from pynomaly_server.tabular.errors import BadTable
from pynomaly_server.tabular.frames import Table, check_names, check_not_empty, finished, rebatched
from pynomaly_server.tabular.plain_csv import open_plain
from pynomaly_server.tabular.timestamps import parsed_times

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pynomaly_server.tabular.limits import TableLimits

_MISSING: Final = frozenset({"", "NA", "na", "N/A", "n/a", "null", "Null", "NULL", "NaN", "nan", "NAN"})
_TRUTHS: Final = {"true": True, "True": True, "TRUE": True, "false": False, "False": False, "FALSE": False}
# Digits with a leading zero, or more of them than an integer holds, are codes (postcodes, account numbers).
_CODE: Final = r"^[+-]?(?:0\d+|\d{19,})$"

# From the narrowest type to the widest; text is left where none fits.
_CANDIDATES: Final = (pl.Boolean(), pl.Int64(), pl.Float64(), pl.Date(), pl.Datetime("us"))


@dataclass
class CsvTable:
    """CSV text that is open for reading; its structure is checked, its values are not yet read."""

    names: list[str]
    n_rows: int
    _scan: CsvScan
    _limits: TableLimits

    def batches(self, rows_per_batch: int) -> Iterator[pl.DataFrame]:
        """The rows in order, typed as the whole file allows."""
        return rebatched(self._frames(), rows_per_batch)

    def _frames(self) -> Iterator[pl.DataFrame]:
        first_row = 0
        for piece in self._scan.pieces():
            text = self._text(piece)
            frame = pl.DataFrame(
                [_converted(text[name], dtype, first_row) for name, dtype in self._types.items()]
            )
            yield finished(frame, self._limits, first_row)
            first_row += piece.records

    @cached_property
    def _types(self) -> dict[str, pl.DataType]:
        possible = {name: list(_CANDIDATES) for name in self.names}
        empty = set(self.names)
        first_row = 0
        for piece in self._scan.pieces():
            text = self._text(piece)
            for name, candidates in possible.items():
                column = text[name]
                if column.null_count() < column.len():
                    empty.discard(name)
                    possible[name] = _fitting(column, candidates, first_row)
            first_row += piece.records
        return {
            name: candidates[0] if candidates and name not in empty else pl.String()
            for name, candidates in possible.items()
        }

    def _text(self, piece: Piece) -> pl.DataFrame:
        """The piece as columns of text, stripped, missing values as nulls."""
        frame = pl.read_csv(
            io.BytesIO(piece.data),
            has_header=False,
            separator=chr(self._scan.separator),
            schema=dict.fromkeys(self.names, pl.String),
        )
        if frame.height != piece.records:
            raise BadTable(
                f"The lines from {piece.line:,} on cannot be told apart. Quote every field that holds a "
                "line break."
            )
        text = pl.all().str.strip_chars()
        return frame.select(pl.when(text.is_in(list(_MISSING))).then(None).otherwise(text).name.keep())


def open_csv(data: memoryview, limits: TableLimits) -> Table:
    """Check the structure of CSV text in UTF-8, a byte order mark allowed.

    Raises:
        BadTable: the text is no CSV, or has no rows; the message names the line.
        TableTooLarge: it is over a limit.
    """
    return open_plain(data, limits, _MISSING, _TRUTHS) or open_any(data, limits)


def open_any(data: memoryview, limits: TableLimits) -> CsvTable:
    """As `open_csv`, in the way that takes any text."""
    scan = CsvScan(data, limits)
    header = io.StringIO(str(scan.header, "utf-8"), newline="")
    names = [name.strip() for name in next(csv.reader(header, delimiter=chr(scan.separator), strict=True))]
    check_names(names, limits)
    rows = 0
    for piece in scan.pieces():
        rows += piece.records
        limits.check_shape(rows, len(names))
    check_not_empty(rows)
    return CsvTable(names, rows, scan, limits)


def _fitting(column: pl.Series, candidates: list[pl.DataType], first_row: int) -> list[pl.DataType]:
    """The candidates that every value of the column fits, in the same order."""
    if not candidates:
        return candidates
    numeric = any(dtype.is_numeric() for dtype in candidates) and not column.str.contains(_CODE).any()
    fitting: list[pl.DataType] = []
    times: pl.Series | None = None
    if any(dtype.is_temporal() for dtype in candidates):
        times = parsed_times(column, first_row)
    for dtype in candidates:
        if dtype == pl.Boolean:
            fits = column.drop_nulls().is_in(list(_TRUTHS)).all()
        elif dtype.is_numeric():
            fits = numeric and column.cast(dtype, strict=False).null_count() == column.null_count()
        else:
            # A column of dates may still turn out to have times; never the other way round.
            fits = times is not None and (times.dtype == dtype or times.dtype == pl.Date)
        if fits:
            fitting.append(dtype)
    return fitting


def _converted(column: pl.Series, dtype: pl.DataType, first_row: int) -> pl.Series:
    if dtype == pl.String:
        return column
    if dtype == pl.Boolean:
        return column.replace_strict(_TRUTHS, default=None, return_dtype=pl.Boolean)
    if dtype.is_temporal():
        times = parsed_times(column, first_row)
        return pl.Series(column.name, [None] * column.len(), dtype) if times is None else times.cast(dtype)
    return column.cast(dtype)
