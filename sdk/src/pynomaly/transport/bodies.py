"""The bytes of bodies in both colours: those of a request from wherever they are, and those of an answer into
a file.

The async names differ by their prefix; `sdk/unasync.py` exchanges them for the sync ones.
"""

from __future__ import annotations

import secrets
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from pynomaly.errors import DataError
from pynomaly.transport.colours import async_in_thread
from pynomaly.transport.content import Content

_CHUNK = 256 * 1024


def chunks(content: Content) -> bytes | Iterator[bytes]:
    """What httpx's sync client sends for a content."""
    data = _chunks(content)
    return data if content.watch is None else _watched(data, content.watch)


def _chunks(content: Content) -> bytes | Iterator[bytes]:
    if isinstance(content.data, bytes):
        return content.data
    if isinstance(content.data, Path):
        return _file_chunks(content.data)
    if isinstance(content.data, Iterable):
        return iter(content.data)
    raise DataError("An asynchronous source of bytes can only be sent by AsyncPynomalyClient.")


def _watched(data: bytes | Iterator[bytes], watch: Callable[[int], None]) -> Iterator[bytes]:
    sent = 0
    for chunk in _pieces(data) if isinstance(data, bytes) else data:
        yield chunk
        sent += len(chunk)
        watch(sent)


def _pieces(data: bytes) -> Iterator[bytes]:
    for start in range(0, len(data), _CHUNK):
        yield data[start : start + _CHUNK]


def _file_chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            yield chunk


def async_chunks(content: Content) -> bytes | AsyncIterator[bytes]:
    """What httpx's async client sends for a content; files are read in a thread."""
    data = _async_chunks(content)
    return data if content.watch is None else _async_watched(data, content.watch)


def _async_chunks(content: Content) -> bytes | AsyncIterator[bytes]:
    if isinstance(content.data, bytes):
        return content.data
    if isinstance(content.data, Path):
        return _async_file_chunks(content.data)
    if isinstance(content.data, Iterable):
        return _each(content.data)
    return aiter(content.data)


async def _async_watched(
    data: bytes | AsyncIterator[bytes], watch: Callable[[int], None]
) -> AsyncIterator[bytes]:
    sent = 0
    async for chunk in _each(_pieces(data)) if isinstance(data, bytes) else data:
        yield chunk
        sent += len(chunk)
        watch(sent)


async def _async_file_chunks(path: Path) -> AsyncIterator[bytes]:
    file: IO[bytes] = await async_in_thread(path.open, "rb")
    try:
        while chunk := await async_in_thread(file.read, _CHUNK):
            yield chunk
    finally:
        file.close()


async def _each(data: Iterable[bytes]) -> AsyncIterator[bytes]:
    for chunk in data:
        yield chunk


def save(chunks: Iterable[bytes], path: Path) -> None:
    """Write what `chunks` yields to a file that appears when it is whole."""
    with _appearing(path) as file:
        for chunk in chunks:
            file.write(chunk)


async def async_save(chunks: AsyncIterator[bytes], path: Path) -> None:
    """Write what `chunks` yields to a file that appears when it is whole; writing is done in a thread."""
    with _appearing(path) as file:
        async for chunk in chunks:
            await async_in_thread(file.write, chunk)


@contextmanager
def _appearing(path: Path) -> Generator[IO[bytes]]:
    """A file beside `path` that takes its name at the end, and is gone where the block fails."""
    part = path.with_name(f".{path.name[:50]}.{secrets.token_hex(4)}")
    try:
        with part.open("xb") as file:
            yield file
        part.replace(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
