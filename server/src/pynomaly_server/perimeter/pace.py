"""Ends requests whose bodies come too slowly, so that nobody holds many open for nothing."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from pynomaly_server.problems import ProblemError

if TYPE_CHECKING:
    from litestar.types import Receive, ReceiveMessage

BYTES_PER_SECOND: Final = 1024


_LOOKS: Final = 20
"""How often it is looked, within the time in which something must come, whether it has."""


class _Wait:
    """A wait of the present task that can be ended, as `asyncio.timeout` ends one, without being one."""

    __slots__ = ("_cancelled_before", "_ended", "_task")

    def __init__(self) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._task = task
        self._cancelled_before = task.cancelling()
        self._ended = False

    def end(self) -> None:
        """End the wait."""
        self._ended = True
        self._task.cancel()

    def ended_itself(self) -> bool:
        """Whether the cancellation that has come was this one and no other came beside it; it is used up."""
        return self._ended and self._task.uncancel() <= self._cancelled_before


class Pace:
    """Holds bodies to a pace: nothing may come for `seconds`, then the request is ended.

    All waiting together may take `seconds` and one more for each KiB that came. Only time spent waiting for
    the caller counts. No body has a timer of its own, which would cost each request more than reading it:
    one for all of them looks now and then, so that a request may end a twentieth of its time late.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until: dict[_Wait, float] = {}
        self._timer: asyncio.TimerHandle | None = None

    def of(self, receive: Receive) -> Receive:
        """`receive`, but for a body that takes its time. The connection is closed behind the problem.

        Raises:
            ProblemError: `request-timeout`, by the function that is returned.
        """
        seconds = self._seconds
        waited = 0.0
        received = 0
        whole = False

        async def receive_in_time() -> ReceiveMessage:
            nonlocal waited, received, whole
            if whole:
                # What is waited for now is the end of the connection, and that may take as long as it will.
                return await receive()
            allowed = min(seconds, seconds + received / BYTES_PER_SECOND - waited)
            since = time.monotonic()
            wait = _Wait()
            self._watch(wait, since + allowed)
            try:
                message = await receive()
            except asyncio.CancelledError:
                if not wait.ended_itself():
                    raise
                raise ProblemError(
                    "request-timeout",
                    f"The body came too slowly: after {received:,} bytes and {waited + allowed:.0f} s of "
                    "waiting it is not complete. Send it again over a better connection, or in smaller "
                    "parts.",
                    headers={"Connection": "close"},
                ) from None
            finally:
                self._until.pop(wait, None)
            waited += time.monotonic() - since
            if message["type"] == "http.request":
                received += len(message.get("body", b""))
                whole = not message.get("more_body", False)
            return message

        return receive_in_time

    def _watch(self, wait: _Wait, until: float) -> None:
        self._until[wait] = until
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._seconds / _LOOKS, self._look)

    def _look(self) -> None:
        now, loop = time.monotonic(), asyncio.get_running_loop()
        for wait in [wait for wait, until in self._until.items() if until <= now]:
            del self._until[wait]
            wait.end()
        self._timer = loop.call_later(self._seconds / _LOOKS, self._look) if self._until else None
