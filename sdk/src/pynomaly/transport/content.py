"""The body of a request in the media type it already has."""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Content:
    """Bytes with their media type.

    Attributes:
        media_type: Such as `text/csv`.
        data: The bytes; a path is streamed from the file, an iterable is sent chunk by chunk. What can be
            read only once (an iterator) is sent only once, so such a request is not retried.
        length: Number of bytes where it is known and `data` does not say it.
        watch: Told how many bytes were sent, again and again; each attempt begins anew.
    """

    media_type: str
    data: bytes | Path | Iterable[bytes] | AsyncIterable[bytes] = field(repr=False)
    length: int | None = None
    watch: Callable[[int], None] | None = field(default=None, repr=False, compare=False)

    @property
    def replayable(self) -> bool:
        """Whether the bytes can be read again for another attempt."""
        return not isinstance(self.data, Iterator | AsyncIterator)

    def size(self) -> int | None:
        """Number of bytes, where it is known before sending."""
        if isinstance(self.data, bytes):
            return len(self.data)
        if self.length is None and isinstance(self.data, Path):
            return self.data.stat().st_size
        return self.length
