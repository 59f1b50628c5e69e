"""The messages of an Arrow IPC stream, found and measured before anything is decoded.

Reads just enough of the FlatBuffers metadata (Arrow columnar format, `Message.fbs`) to know the rows of
each batch and what its buffers expand to: a compressed buffer begins with the size it decodes to.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

_CONTINUATION: Final = 0xFFFFFFFF
SCHEMA, DICTIONARY, BATCH = 1, 2, 3
_RAW_BUFFER: Final = -1


class MalformedStream(ValueError):  # noqa: N818 - named by what is wrong
    """The bytes are no Arrow IPC stream, or break off."""


@dataclass(frozen=True, slots=True)
class Message:
    """One message: its kind, where it lies, the rows of its batch and the bytes its buffers expand to."""

    kind: int
    start: int
    stop: int
    rows: int
    expanded: int


def messages(data: memoryview) -> Iterator[Message]:
    """The messages of the stream in order.

    Raises:
        MalformedStream: the bytes are no such stream, or break off.
    """
    position = 0
    try:
        while position < len(data):
            start = position
            (length,) = struct.unpack_from("<I", data, position)
            position += 4
            if length == _CONTINUATION:
                (length,) = struct.unpack_from("<I", data, position)
                position += 4
            if length == 0:
                return
            metadata = data[position : position + length]
            position += length
            message = _Table.root(metadata)
            body = message.int64(3)
            if body < 0 or position + body > len(data):
                raise MalformedStream("breaks off")
            kind = message.uint8(1)
            rows, expanded = _measured(message, kind, data[position : position + body])
            position += body
            yield Message(kind, start, position, rows, expanded)
    except struct.error:
        raise MalformedStream("breaks off") from None


def _measured(message: _Table, kind: int, body: memoryview) -> tuple[int, int]:
    if kind not in (DICTIONARY, BATCH):
        return 0, 0
    batch = message.table(2)
    if kind == DICTIONARY:
        batch = batch.table(1)
    buffers = batch.structs(2, np.dtype([("offset", "<i8"), ("length", "<i8")]))
    offsets, lengths = buffers["offset"], buffers["length"]
    if (offsets < 0).any() or (lengths < 0).any() or (offsets > len(body)).any():
        raise MalformedStream("a buffer lies outside its message")
    if not batch.has(3):
        return batch.int64(0), int(lengths.sum())
    expanded = 0
    for offset, length in zip(offsets.tolist(), lengths.tolist(), strict=True):
        if length:
            (size,) = struct.unpack_from("<q", body, offset)
            expanded += length if size == _RAW_BUFFER else size
            if size < _RAW_BUFFER:
                raise MalformedStream("a buffer has a negative size")
    return batch.int64(0), expanded


class _Table:
    """A FlatBuffers table: fields by slot, absent ones zero."""

    def __init__(self, data: memoryview, position: int) -> None:
        self._data = data
        self._position = position
        (back,) = struct.unpack_from("<i", data, position)
        self._slots = position - back
        if self._slots < 0:
            raise MalformedStream("a table lies outside its message")
        (self._slots_size,) = struct.unpack_from("<H", data, self._slots)

    @classmethod
    def root(cls, data: memoryview) -> _Table:
        (position,) = struct.unpack_from("<I", data, 0)
        return cls(data, position)

    def has(self, slot: int) -> bool:
        return self._at(slot) != 0

    def uint8(self, slot: int) -> int:
        at = self._at(slot)
        return int(struct.unpack_from("<B", self._data, at)[0]) if at else 0

    def int64(self, slot: int) -> int:
        at = self._at(slot)
        return int(struct.unpack_from("<q", self._data, at)[0]) if at else 0

    def table(self, slot: int) -> _Table:
        return _Table(self._data, self._reference(slot))

    def structs(self, slot: int, dtype: np.dtype[np.void]) -> np.ndarray[tuple[int], np.dtype[np.void]]:
        if not self.has(slot):
            return np.empty(0, dtype)
        at = self._reference(slot)
        (count,) = struct.unpack_from("<I", self._data, at)
        raw = self._data[at + 4 : at + 4 + count * dtype.itemsize]
        if len(raw) < count * dtype.itemsize:
            raise MalformedStream("a vector breaks off")
        return np.frombuffer(raw, dtype)

    def _at(self, slot: int) -> int:
        entry = 4 + 2 * slot
        if entry + 2 > self._slots_size:
            return 0
        (offset,) = struct.unpack_from("<H", self._data, self._slots + entry)
        return self._position + int(offset) if offset else 0

    def _reference(self, slot: int) -> int:
        at = self._at(slot)
        if not at:
            raise MalformedStream("a field is missing")
        (offset,) = struct.unpack_from("<I", self._data, at)
        return at + int(offset)
