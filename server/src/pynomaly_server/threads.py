"""Blocking work beside the event loop."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Generator
from typing import ParamSpec, TypeVar

T = TypeVar("T")
P = ParamSpec("P")


async def in_thread(work: Callable[P, T], *arguments: P.args, **named: P.kwargs) -> T:
    """Run `work` in a thread.

    A cancelled caller still waits for its end: the work uses what the caller is about to close.
    """
    task = asyncio.ensure_future(asyncio.to_thread(work, *arguments, **named))
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise


async def drawn_in_threads(chunks: Generator[bytes]) -> AsyncIterator[bytes]:
    """What a blocking generator yields; it is closed when the reader stops, early or not."""
    try:
        while (chunk := await in_thread(_next, chunks)) is not None:
            yield chunk
    finally:
        await in_thread(chunks.close)


def _next(chunks: Generator[bytes]) -> bytes | None:
    return next(chunks, None)
