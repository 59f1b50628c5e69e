"""Bounds every single read and write of httpx's sync client by what is left of the attempt.

httpx bounds each read by the same timeout, so a server that sends a byte now and then could hold a thread for
ever. A task of the event loop is simply cancelled; a thread cannot be, so its socket must never wait past
the end.
"""

from __future__ import annotations

import math
import time
from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx

_SLICE = 256 * 1024
_end: ContextVar[float] = ContextVar("pynomaly_attempt_end", default=math.inf)


@contextmanager
def bounded_attempt(seconds: float) -> Generator[None, None, None]:
    """Let no read or write of this thread wait past `seconds` from now, nor past a bound around this one."""
    token = _end.set(min(_end.get(), time.monotonic() + seconds))
    try:
        yield
    finally:
        _end.reset(token)


def time_left() -> float | None:
    """Seconds left of this thread's attempt; None where nothing bounds it.

    Raises:
        TimeoutError: Nothing is left.
    """
    return _left(None)


def _left(timeout: float | None) -> float | None:
    left = _end.get() - time.monotonic()
    if left <= 0:
        raise TimeoutError
    bound = left if timeout is None else min(left, timeout)
    return None if math.isinf(bound) else bound


class _Stream:
    """A network stream of httpcore with the bound."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._inner.read(max_bytes, timeout=_left(timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        if len(buffer) <= _SLICE:
            self._inner.write(buffer, timeout=_left(timeout))
            return
        for start in range(0, len(buffer), _SLICE):
            self._inner.write(buffer[start : start + _SLICE], timeout=_left(timeout))

    def close(self) -> None:
        self._inner.close()

    def start_tls(
        self, ssl_context: Any, server_hostname: Any = None, timeout: float | None = None
    ) -> _Stream:
        return _Stream(self._inner.start_tls(ssl_context, server_hostname, timeout=_left(timeout)))

    def get_extra_info(self, info: str) -> Any:
        return self._inner.get_extra_info(info)


class _Backend:
    """A network backend of httpcore whose streams have the bound."""

    def __init__(self, inner: Any) -> None:
        self._inner = inner

    def connect_tcp(self, *args: Any, timeout: float | None = None, **kwargs: Any) -> _Stream:
        return _Stream(self._inner.connect_tcp(*args, timeout=_left(timeout), **kwargs))

    def connect_unix_socket(self, *args: Any, timeout: float | None = None, **kwargs: Any) -> _Stream:
        return _Stream(self._inner.connect_unix_socket(*args, timeout=_left(timeout), **kwargs))

    def sleep(self, seconds: float) -> None:
        self._inner.sleep(seconds)


def bound(transport: httpx.HTTPTransport) -> httpx.HTTPTransport:
    """Give the connections of a transport of httpx the bound; returns the transport."""
    # Network backends are a public part of httpcore, but httpx does not hand one on; hence the private name.
    pool: Any = getattr(transport, "_pool", None)
    if pool is not None:
        pool._network_backend = _Backend(pool._network_backend)  # noqa: SLF001
    return transport
