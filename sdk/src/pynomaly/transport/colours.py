"""What truly differs between the two colours: sleeping, bounding a block in time, reading a body's source,
and the HTTP client underneath.

The async names come first in each pair; `sdk/unasync.py` exchanges them for the sync ones.
"""

from __future__ import annotations

import asyncio
import math
import secrets
import time
from collections.abc import AsyncIterator, Callable, Generator, Iterable, Iterator
from contextlib import AbstractAsyncContextManager, AbstractContextManager, contextmanager
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Protocol

from pynomaly.address import is_loopback
from pynomaly.errors import DataError
from pynomaly.transport.bounded import bound, bounded_attempt
from pynomaly.transport.content import Content

if TYPE_CHECKING:
    import httpx

_CHUNK = 256 * 1024


class AsyncClock(Protocol):
    """Time as the async driver sees it."""

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...

    def time(self) -> float:
        """Seconds since the epoch."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...


class Clock(Protocol):
    """Time as the sync driver sees it."""

    def monotonic(self) -> float:
        """Seconds that never go back."""
        ...

    def time(self) -> float:
        """Seconds since the epoch."""
        ...

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        ...


class AsyncSystemClock:
    """The machine's clock, sleeping in the event loop."""

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def time(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    async def sleep(self, seconds: float) -> None:
        """Let `seconds` pass while other tasks run."""
        await asyncio.sleep(seconds)


class SystemClock:
    """The machine's clock, sleeping in the thread."""

    def monotonic(self) -> float:
        """Seconds that never go back."""
        return time.monotonic()

    def time(self) -> float:
        """Seconds since the epoch."""
        return time.time()

    def sleep(self, seconds: float) -> None:
        """Let `seconds` pass."""
        time.sleep(seconds)


def async_within(seconds: float) -> AbstractAsyncContextManager[Any]:
    """Cancel the block after `seconds` and raise `TimeoutError`."""
    return asyncio.timeout(None if math.isinf(seconds) else seconds)


def within(seconds: float) -> AbstractContextManager[Any]:
    """Let no read or write of the block wait past `seconds`: a thread cannot be interrupted."""
    return bounded_attempt(seconds)


def async_open_http(root: str) -> httpx.AsyncClient:
    """Make the client for a server."""
    import httpx

    return httpx.AsyncClient(trust_env=_uses_proxies(root))


def open_http(root: str) -> httpx.Client:
    """Make the client for a server."""
    import httpx

    return bound(httpx.Client(trust_env=_uses_proxies(root)))


def _uses_proxies(root: str) -> bool:
    # A proxy from the environment is for other machines: a server on this one is reached directly.
    return not is_loopback(root)


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
    file = await asyncio.to_thread(path.open, "rb")
    try:
        while chunk := await asyncio.to_thread(file.read, _CHUNK):
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
            await asyncio.to_thread(file.write, chunk)


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
