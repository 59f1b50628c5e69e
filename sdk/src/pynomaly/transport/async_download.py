"""An answer that is given as it arrives."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import TYPE_CHECKING

from pynomaly.transport.answer import media_type, plain_headers
from pynomaly.transport.call import Call
from pynomaly.transport.colours import AsyncClock

if TYPE_CHECKING:
    import httpx


class AsyncBody:
    """The body of an answer as it arrives.

    Attributes:
        media_type: Its media type.
        headers: Headers of the answer by lower-case name.
    """

    def __init__(
        self, response: httpx.Response, chunks: AsyncIterator[bytes], call: Call, clock: AsyncClock
    ) -> None:
        self.headers = plain_headers(response.headers)
        self.media_type = media_type(self.headers)
        self._chunks = chunks
        self._call = call
        self._clock = clock

    async def iter_bytes(self) -> AsyncIterator[bytes]:
        """Give the bytes, decompressed, chunk by chunk.

        Raises:
            APIConnectionError: The connection broke before the end.
            APITimeoutError: Nothing came for as long as the call's timeout.
        """
        try:
            async for chunk in self._chunks:
                yield chunk
        except Exception as exc:  # noqa: BLE001  raised again, explained
            self._call.broke(exc, self._clock.time())
