"""Tables from an Arrow IPC stream, a few record batches at a time."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import polars as pl

from pynomaly_server.tabular.arrow_messages import (
    BATCH,
    DICTIONARY,
    SCHEMA,
    MalformedStream,
    Message,
    messages,
)
from pynomaly_server.tabular.errors import BadTable
from pynomaly_server.tabular.frames import check_names, check_not_empty, finished, rebatched

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pynomaly_server.tabular.limits import TableLimits

_RUN_ROWS: Final = 500_000
_RUN_BYTES: Final = 32 * 2**20
_END: Final = b"\xff\xff\xff\xff\x00\x00\x00\x00"


@dataclass
class ArrowTable:
    """An Arrow stream whose messages are measured and whose batches are not yet decoded."""

    names: list[str]
    n_rows: int
    _data: memoryview
    _schema: Message
    _messages: list[Message]
    _limits: TableLimits

    def batches(self, rows_per_batch: int) -> Iterator[pl.DataFrame]:
        """The rows in order."""
        return rebatched(self._frames(), rows_per_batch)

    def _frames(self) -> Iterator[pl.DataFrame]:
        dictionaries: list[Message] = []
        first_row = 0
        for run in self._runs():
            rows = sum(message.rows for message in run if message.kind == BATCH)
            if rows:
                frame = _decoded(self._data, [self._schema, *dictionaries, *run])
                if frame.height != rows:
                    raise _damaged("a batch holds other rows than it says")
                yield finished(frame, self._limits, first_row)
                first_row += rows
            dictionaries += [message for message in run if message.kind == DICTIONARY]

    def _runs(self) -> Iterator[list[Message]]:
        """Messages that are decoded together: many small batches at once, large ones alone."""
        run: list[Message] = []
        rows = expanded = 0
        for message in self._messages:
            run.append(message)
            rows += message.rows
            expanded += message.expanded
            if rows >= _RUN_ROWS or expanded >= _RUN_BYTES:
                yield run
                run, rows, expanded = [], 0, 0
        yield run


def open_arrow(data: memoryview, limits: TableLimits) -> ArrowTable:
    """Find and measure the messages of an Arrow IPC stream.

    Raises:
        BadTable: it is no such stream, is cut short, or has no rows.
        TableTooLarge: it is over a limit, decompressed sizes included.
    """
    found: list[Message] = []
    rows = expanded = 0
    try:
        for message in messages(data):
            found.append(message)
            rows += message.rows if message.kind == BATCH else 0
            expanded += message.expanded
            if message.rows < 0:
                raise _damaged("a batch has a negative number of rows")
            limits.check_shape(max(rows, message.rows), 1)
            limits.check_expanded(expanded)
    except MalformedStream as error:
        raise _damaged(str(error)) from None
    if (
        not found
        or found[0].kind != SCHEMA
        or any(each.kind not in (DICTIONARY, BATCH) for each in found[1:])
    ):
        raise _damaged("it does not begin with a schema and go on with batches")
    check_not_empty(rows)
    names = _decoded(data, found[:1]).columns
    check_names(names, limits)
    limits.check_shape(rows, len(names))
    return ArrowTable(names, rows, data, found[0], found[1:], limits)


def _decoded(data: memoryview, chosen: list[Message]) -> pl.DataFrame:
    stream = io.BytesIO(b"".join([*(data[each.start : each.stop] for each in chosen), _END]))
    try:
        return pl.read_ipc_stream(stream)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError):
        raise _damaged("its batches cannot be decoded") from None


def _damaged(fault: str) -> BadTable:
    return BadTable(
        f"The data is no whole Arrow IPC stream: {fault}. Write it again in Arrow's stream format (not the "
        "file format)."
    )
