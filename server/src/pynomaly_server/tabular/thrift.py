"""Thrift's compact protocol, read-only: what the metadata of Parquet needs, on bytes nobody vouches for.

Structs become dictionaries from field id to value, lists become lists; binary values stay bytes.
"""

from __future__ import annotations

from typing import Any, Final

_DEEPEST: Final = 16
_TRUE, _FALSE, _BYTE, _DOUBLE, _BINARY, _LIST, _SET, _MAP, _STRUCT = 1, 2, 3, 7, 8, 9, 10, 11, 12
_INTEGERS: Final = frozenset({4, 5, 6})

Struct = dict[int, Any]


class MalformedThrift(ValueError):  # noqa: N818 - named by what is wrong
    """The bytes are no compact Thrift, break off, or hold more values than were allowed."""


class ThriftReader:
    """Reads structs from `data` beginning at `position`, at most `budget` values of them."""

    def __init__(self, data: memoryview, position: int, budget: int) -> None:
        self._data = data
        self._budget = budget
        self.position = position

    def struct(self, depth: int = 0) -> Struct:
        """The struct that begins here."""
        if depth > _DEEPEST:
            raise MalformedThrift("nested too deeply")
        fields: Struct = {}
        number = 0
        while header := self._byte():
            kind, step = header & 0x0F, header >> 4
            number = number + step if step else self._zigzag()
            fields[number] = kind == _TRUE if kind in (_TRUE, _FALSE) else self._value(kind, depth)
        return fields

    def _value(self, kind: int, depth: int) -> Any:
        self._budget -= 1
        if self._budget < 0:
            raise MalformedThrift("too many values")
        if kind in _INTEGERS:
            return self._zigzag()
        if kind == _BINARY:
            return bytes(self._take(self._varint()))
        if kind == _STRUCT:
            return self.struct(depth + 1)
        if kind in (_LIST, _SET):
            return self._list(depth)
        if kind in (_TRUE, _FALSE, _BYTE):
            return self._byte()
        if kind == _DOUBLE:
            return bytes(self._take(8))
        if kind == _MAP:
            return self._map(depth)
        raise MalformedThrift("unknown type")

    def _list(self, depth: int) -> list[Any]:
        header = self._byte()
        size, kind = header >> 4, header & 0x0F
        if size == 0x0F:
            size = self._varint()
        return [self._value(kind, depth + 1) for _ in range(self._affordable(size))]

    def _map(self, depth: int) -> list[tuple[Any, Any]]:
        size = self._affordable(self._varint())
        if size == 0:
            return []
        kinds = self._byte()
        return [
            (self._value(kinds >> 4, depth + 1), self._value(kinds & 0x0F, depth + 1)) for _ in range(size)
        ]

    def _affordable(self, size: int) -> int:
        if size > self._budget:
            raise MalformedThrift("too many values")
        return size

    def _zigzag(self) -> int:
        value = self._varint()
        return (value >> 1) ^ -(value & 1)

    def _varint(self) -> int:
        value = shift = 0
        while True:
            byte = self._byte()
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value
            shift += 7
            if shift > 63:
                raise MalformedThrift("number too long")

    def _byte(self) -> int:
        try:
            byte = self._data[self.position]
        except IndexError:
            raise MalformedThrift("breaks off") from None
        self.position += 1
        return byte

    def _take(self, size: int) -> memoryview:
        taken = self._data[self.position : self.position + size]
        if len(taken) < size:
            raise MalformedThrift("breaks off")
        self.position += size
        return taken
