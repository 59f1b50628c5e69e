"""Rows from JSON text, one after the other in bounded memory: an array of rows, or one row per line."""

from __future__ import annotations

import codecs
import json
from typing import TYPE_CHECKING, Any, Final, NoReturn

from pynomaly_server.tabular.errors import BadTable, TableTooLarge, at_row, quoted
from pynomaly_server.tabular.rows_table import Row, RowsTable, open_rows

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pynomaly_server.tabular.limits import TableLimits

_PIECE_BYTES: Final = 2**20
_LONGEST_ROW: Final = 16 * 2**20
_BLANK: Final = " \t\n\r"
_BOM: Final = b"\xef\xbb\xbf"


def open_json(data: memoryview, limits: TableLimits) -> RowsTable:
    """The table of one JSON array of rows.

    Raises:
        BadTable: the text is no such array; the message names the row.
        TableTooLarge: it is over a limit.
    """
    return open_rows(lambda: _array_rows(data), None, limits)


def open_ndjson(data: memoryview, limits: TableLimits) -> RowsTable:
    """The table of one JSON row per line; blank lines are skipped.

    Raises:
        BadTable: a line is no JSON row; the message names the line.
        TableTooLarge: it is over a limit.
    """
    return open_rows(lambda: _line_rows(data), None, limits)


def _array_rows(data: memoryview) -> Iterator[Row]:
    text = _Text(data)
    if text.next_character() != "[":
        raise BadTable(
            "The JSON is not an array of rows. Send [row, row, …], each row an array or an object."
        )
    text.position += 1
    count = 0
    if text.next_character() == "]":
        text.position += 1
    else:
        while True:
            text.next_character()
            yield _row(text.value(count), at_row(count))
            count += 1
            separator = text.next_character()
            text.position += 1
            if separator == "]":
                break
            if separator != ",":
                raise BadTable(
                    f"The JSON breaks off or is malformed after {at_row(count - 1)}. Close the array with ]."
                )
    if text.next_character():
        raise BadTable("There is more text after the JSON array of rows. Send one array alone.")


def _line_rows(data: memoryview) -> Iterator[Row]:
    start, number = len(_BOM) if bytes(data[:3]) == _BOM else 0, 1
    pending = b""
    for offset in range(start, len(data), _PIECE_BYTES):
        *lines, pending = (pending + bytes(data[offset : offset + _PIECE_BYTES])).split(b"\n")
        for line in lines:
            if line.strip():
                yield _line_row(line, number)
            number += 1
        if len(pending) > _LONGEST_ROW:
            raise TableTooLarge("bytes or more", len(pending), _LONGEST_ROW, f"Line {number:,}")
    if pending.strip():
        yield _line_row(pending, number)


def _line_row(line: bytes, number: int) -> Row:
    place = f"line {number:,}"
    try:
        value = _DECODER.decode(str(line, "utf-8"))
    except _RefusedError as error:
        raise BadTable(f"{place.capitalize()} {error}.") from None
    except UnicodeDecodeError:
        raise BadTable(f"{place.capitalize()} is not UTF-8 text. Save the file as UTF-8.") from None
    except (ValueError, RecursionError):
        raise BadTable(
            f"{place.capitalize()} is not valid JSON. Write one array or object per line."
        ) from None
    return _row(value, place)


def _row(value: Any, place: str) -> Row:
    if isinstance(value, list | dict):
        return value
    raise BadTable(
        f'The row in {place} is neither an array nor an object. Send rows as [1, 2] or {{"a": 1, "b": 2}}.'
    )


class _RefusedError(ValueError):
    """JSON in a form that tables do not take; the message continues `Line n`."""


def _no_constant(name: str) -> NoReturn:
    raise _RefusedError(f"holds {name}, which is no JSON; write null for a missing value")


def _unique_pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    row = dict(pairs)
    if len(row) < len(pairs):
        names = [name for name, _ in pairs]
        double = next(name for name in names if names.count(name) > 1)
        raise _RefusedError(f"has the key {quoted(double)} twice; give each column a name of its own")
    return row


_DECODER: Final = json.JSONDecoder(parse_constant=_no_constant, object_pairs_hook=_unique_pairs)


class _Text:
    """JSON text decoded from UTF-8 piece by piece; `position` is the next character of `buffer`."""

    def __init__(self, data: memoryview) -> None:
        self._data = data
        self._offset = len(_BOM) if bytes(data[:3]) == _BOM else 0
        self._decoder = codecs.getincrementaldecoder("utf-8")()
        self.buffer = ""
        self.position = 0

    def next_character(self) -> str:
        """The next character that is not blank, which stays next; empty at the end."""
        while True:
            while self.position < len(self.buffer):
                if self.buffer[self.position] not in _BLANK:
                    return self.buffer[self.position]
                self.position += 1
            if not self._more():
                return ""

    def value(self, row: int) -> Any:
        """The JSON value that begins here."""
        while True:
            try:
                value, self.position = _DECODER.raw_decode(self.buffer, self.position)
            except _RefusedError as error:
                raise BadTable(f"{at_row(row).capitalize()} {error}.") from None
            except RecursionError:
                raise BadTable(f"{at_row(row).capitalize()} is nested too deeply. Send flat rows.") from None
            except ValueError:
                if len(self.buffer) - self.position > _LONGEST_ROW:
                    where = at_row(row).capitalize()
                    raise TableTooLarge("bytes or more", len(self.buffer), _LONGEST_ROW, where) from None
                if not self._more():
                    raise BadTable(
                        f"The JSON is malformed or breaks off in {at_row(row)}. Send a whole array."
                    ) from None
            else:
                return value

    def _more(self) -> bool:
        """Read on; false at the end of the text."""
        if self._offset >= len(self._data):
            return False
        # Twice as much where a row did not fit, so that long rows are not decoded over and over.
        size = max(_PIECE_BYTES, len(self.buffer) - self.position)
        piece = bytes(self._data[self._offset : self._offset + size])
        self._offset += len(piece)
        try:
            text = self._decoder.decode(piece, final=self._offset >= len(self._data))
        except UnicodeDecodeError:
            raise BadTable("The JSON is not UTF-8 text. Save the file as UTF-8.") from None
        self.buffer = self.buffer[self.position :] + text
        self.position = 0
        return True
