"""The structure of CSV text (RFC 4180), checked before anything is parsed: lines, fields and quotes.

Works on whole pieces of bytes at a time: a byte lies inside quotes where an odd number of quotes came up to
it, which also holds for doubled quotes. What passes here has the same meaning for every reader of CSV.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NoReturn

import numpy as np

from pynomaly_server.tabular.errors import BadTable, TableTooLarge

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from pynomaly_server.tabular.limits import TableLimits

_PIECE_BYTES: Final = 4 * 2**20
_LONGEST_RECORD: Final = 16 * 2**20
_SEPARATORS: Final = b",;\t|"
_QUOTE, _LF, _CR = 34, 10, 13
_BOM: Final = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Piece:
    """Whole records without blank lines: their bytes, their number, the number of the first line."""

    data: bytes
    records: int
    line: int


class CsvScan:
    """The header of CSV text, and then its records piece by piece.

    `header` is the header line, `separator` what parts its fields, `n_columns` their number.

    Raises:
        BadTable: the text is no CSV in UTF-8, or a record has more or fewer fields than the header; names
        the line. TableTooLarge: there are too many columns, or a field or line is too long.
    """

    def __init__(self, data: memoryview, limits: TableLimits) -> None:
        self._data = data
        self._limits = limits
        header, self._body, self._body_line = self._find_header()
        self.separator = max(_SEPARATORS, key=lambda each: _outside_quotes(header, each).size)
        self.n_columns = int(_outside_quotes(header, self.separator).size) + 1
        limits.check_columns(self.n_columns)
        self.header = self._checked(header, self._body_line - header.count(b"\n")).data

    def pieces(self) -> Iterator[Piece]:
        """The records after the header, in order, a few megabytes at a time."""
        line, start = self._body_line, self._body
        while start < len(self._data):
            raw, start = self._whole_records(start, line)
            yield self._checked(raw, line)
            line += raw.count(b"\n")

    def _find_header(self) -> tuple[bytes, int, int]:
        """The first line that is not blank, where the text after it begins, the number of the line there."""
        line, start = 1, len(_BOM) if bytes(self._data[:3]) == _BOM else 0
        while start < len(self._data):
            raw, stop = self._whole_records(start, line)
            begin = 0
            for feed in _outside_quotes(raw, _LF).tolist():
                record = raw[begin : feed + 1]
                line += record.count(b"\n")
                begin = feed + 1
                if record.strip():
                    return record, start + begin, line
            start = stop
        raise BadTable("The CSV is empty. Send a header line and at least one row.")

    def _whole_records(self, start: int, line: int) -> tuple[bytes, int]:
        """Records from `start` on, ending in a line feed, and where the next one begins."""
        size = _PIECE_BYTES
        while True:
            raw = bytes(self._data[start : start + size])
            at_end = start + len(raw) == len(self._data)
            if at_end and raw[-1:] != b"\n":
                raw += b"\n"
            feeds = _outside_quotes(raw, _LF)
            end = int(feeds[-1]) + 1 if feeds.size else 0
            if at_end and end < len(raw):
                self._refuse_open_quote(raw, line)
            if end:
                return raw[:end], min(start + end, len(self._data))
            if size >= _LONGEST_RECORD:
                where = f"The record that begins in line {line:,} (is a quote left open there?)"
                raise TableTooLarge("bytes or more", len(raw), _LONGEST_RECORD, where)
            size *= 2

    def _refuse_open_quote(self, raw: bytes, line: int) -> NoReturn:
        opened = int(np.flatnonzero(np.frombuffer(raw, np.uint8) == _QUOTE)[-1])
        raise BadTable(
            f"The quote opened in line {_line_at(raw, opened, line):,} is never closed. Close it; a quote "
            "inside a quoted field is written twice."
        )

    def _checked(self, raw: bytes, line: int) -> Piece:
        _check_characters(raw, line)
        octets = np.frombuffer(raw, np.uint8)
        inside = _inside_quotes(octets)
        feeds = np.flatnonzero((octets == _LF) & ~inside)
        separators = np.flatnonzero((octets == self.separator) & ~inside)
        self._check_quotes(raw, octets, inside, line)

        starts = np.concatenate([[0], feeds[:-1] + 1])
        ends = feeds - (octets[np.maximum(feeds - 1, 0)] == _CR)
        filled = ends > starts
        fields = np.diff(np.searchsorted(separators, feeds), prepend=0) + 1
        uneven = filled & (fields != self.n_columns)
        if uneven.any():
            record = int(uneven.argmax())
            raise BadTable(
                f"Line {_line_at(raw, int(starts[record]), line):,} has {_counted(int(fields[record]))} "
                f"where the header has {_counted(self.n_columns)}. Give every line as many fields; quote "
                f"fields that hold {chr(self.separator)!r}."
            )
        bounds = np.sort(np.concatenate([separators, feeds]))
        lengths = np.diff(bounds, prepend=-1) - 1
        if lengths.max(initial=0) > self._limits.max_field_bytes:
            where = f"A field in line {_line_at(raw, int(bounds[lengths.argmax()]), line):,}"
            raise TableTooLarge("bytes", int(lengths.max()), self._limits.max_field_bytes, where)
        if not filled.all():
            raw = b"".join(raw[a:b] for a, b in zip(starts[filled], feeds[filled] + 1, strict=True))
        return Piece(raw, int(filled.sum()), line)

    def _check_quotes(
        self, raw: bytes, octets: NDArray[np.uint8], inside: NDArray[np.bool_], line: int
    ) -> None:
        quotes = np.flatnonzero(octets == _QUOTE)
        opening, closing = quotes[inside[quotes]], quotes[~inside[quotes]]
        # The byte before the first is a line feed; the last byte of a piece always is one.
        before = octets[opening - 1]
        after = octets[closing + 1]
        fitting = np.array([self.separator, _LF, _QUOTE], np.uint8)
        stray = np.concatenate(
            [opening[~np.isin(before, fitting) & (opening > 0)], closing[~np.isin(after, [*fitting, _CR])]]
        )
        if stray.size:
            raise BadTable(
                f"Line {_line_at(raw, int(stray.min()), line):,} has a quote inside an unquoted field, or "
                "text after a closing quote. Quote the whole field, without spaces around it, and double "
                "the quotes within."
            )
        returns = np.flatnonzero((octets == _CR) & ~inside)
        if (octets[returns + 1] != _LF).any():
            raise BadTable(
                f"Line {_line_at(raw, int(returns[0]), line):,} has a carriage return without a line feed. "
                "End lines with LF or CR LF."
            )


def _inside_quotes(octets: NDArray[np.uint8]) -> NDArray[np.bool_]:
    return np.bitwise_xor.accumulate((octets == _QUOTE).view(np.uint8)).view(np.bool_)


def _outside_quotes(raw: bytes, octet: int) -> NDArray[np.intp]:
    octets = np.frombuffer(raw, np.uint8)
    return np.flatnonzero((octets == octet) & ~_inside_quotes(octets))


def _check_characters(raw: bytes, line: int) -> None:
    if (nul := raw.find(b"\0")) >= 0:
        raise BadTable(
            f"Line {_line_at(raw, nul, line):,} holds a NUL byte: this is not CSV text. Send CSV in UTF-8, "
            "or name the media type the data really has."
        )
    try:
        str(raw, "utf-8")
    except UnicodeDecodeError as error:
        raise BadTable(
            f"Line {_line_at(raw, error.start, line):,} is not UTF-8 text. Save the CSV as UTF-8, or name "
            "the media type the data really has."
        ) from None


def _line_at(raw: bytes, position: int, first: int) -> int:
    return first + raw.count(b"\n", 0, position)


def _counted(fields: int) -> str:
    return f"{fields:,} field" if fields == 1 else f"{fields:,} fields"
