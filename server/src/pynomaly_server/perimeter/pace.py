"""Ends requests whose bodies come too slowly, so that nobody holds many open for nothing."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING, Final

from pynomaly_server.problems import ProblemError

if TYPE_CHECKING:
    from litestar.types import Receive, ReceiveMessage

BYTES_PER_SECOND: Final = 1024


def paced(receive: Receive, seconds: float) -> Receive:
    """`receive`, but for a body that takes its time.

    Nothing may come for `seconds`, and all waiting together may take `seconds` and one more for each KiB that
    came. Only time spent waiting for the caller counts. The connection is closed behind the problem.

    Raises:
        ProblemError: `request-timeout`, by the function that is returned.
    """
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
        try:
            async with asyncio.timeout(allowed):
                message = await receive()
        except TimeoutError:
            raise ProblemError(
                "request-timeout",
                f"The body came too slowly: after {received:,} bytes and {waited + allowed:.0f} s of waiting "
                "it is not complete. Send it again over a better connection, or in smaller parts.",
                headers={"Connection": "close"},
            ) from None
        waited += time.monotonic() - since
        if message["type"] == "http.request":
            received += len(message.get("body", b""))
            whole = not message.get("more_body", False)
        return message

    return receive_in_time
