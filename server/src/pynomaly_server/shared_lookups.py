"""One look-up for all who ask for the same at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
T = TypeVar("T")


class SharedLookups(Generic[K, T]):
    """What is being looked up at the moment, by what it is looked up for; for the event loop alone.

    What is remembered for a time runs out for all requests at once, and each of those that come then would
    ask the database the same.
    """

    def __init__(self) -> None:
        self._going: dict[K, asyncio.Future[T]] = {}

    async def get(self, key: K, look_up: Callable[[], Awaitable[T]]) -> T:
        """What `look_up` gives or raises: that of whoever asked first, where that has not ended yet.

        A caller that hangs up does not end it for the others.
        """
        going = self._going.get(key)
        if going is None:
            going = self._going[key] = asyncio.ensure_future(look_up())
            going.add_done_callback(lambda done: self._over(key, done))
        return await asyncio.shield(going)

    def _over(self, key: K, done: asyncio.Future[T]) -> None:
        del self._going[key]
        if not done.cancelled():
            done.exception()  # is told to whoever still waits, and no news to the log
