"""What the attempts of a client are sent over: connections of its own, or an httpx client of the caller's.

httpx's client does much for each request that comes out the same every time here: it merges headers, reads
the address, looks for cookies, redirects and hooks. Connections of one's own go without all that; a client of
the caller's is used as it is.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from pynomaly.address import is_loopback
from pynomaly.transport.colours import async_bound

if TYPE_CHECKING:
    import httpx

_MOST_ADDRESSES = 256
# What httpx reads with the standard library alone.
_ENCODINGS = "gzip, deflate"


class AsyncWire(Protocol):
    """Sends requests and gives the bytes of their answers."""

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be sent any more."""
        ...

    async def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | AsyncIterable[bytes] | None,
        timeouts: Mapping[str, float | None],
    ) -> httpx.Response:
        """Send a request and return its answer, whose body is still to be read.

        Args:
            method: HTTP method.
            url: The whole address.
            headers: Its headers.
            content: Its body.
            timeouts: Bounds of the steps in seconds, as httpx names them.
        """
        ...

    def body(self, response: httpx.Response) -> AsyncIterator[bytes]:
        """The body of an answer, decompressed, as it arrives."""
        ...

    async def aclose(self) -> None:
        """Close the connections."""
        ...


class AsyncPool:
    """Connections of a client's own.

    Args:
        transport: Carries the requests.
    """

    def __init__(self, transport: httpx.AsyncBaseTransport) -> None:
        import httpx

        self._httpx = httpx
        self._transport = transport
        self._addresses: dict[str, httpx.URL] = {}
        self.is_closed = False

    async def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | AsyncIterable[bytes] | None,
        timeouts: Mapping[str, float | None],
    ) -> httpx.Response:
        """Send a request and return its answer, whose body is still to be read.

        Raises:
            RuntimeError: The client was closed.
        """
        if self.is_closed:
            raise RuntimeError("Cannot send a request, as the client has been closed.")
        request = self._httpx.Request(
            method,
            self._address(url),
            headers={"Accept-Encoding": _ENCODINGS, **headers},
            content=content,
            extensions={"timeout": timeouts},
        )
        response = await self._transport.handle_async_request(request)
        response.request = request
        return response

    def body(self, response: httpx.Response) -> AsyncIterator[bytes]:
        """The body of an answer, decompressed, as it arrives."""
        if "content-encoding" in response.headers or response.is_stream_consumed:
            return response.aiter_bytes()
        # Past the layers that httpx puts around bytes which need no decoding.
        stream: Any = response.stream
        return aiter(stream)

    async def aclose(self) -> None:
        """Close the connections."""
        self.is_closed = True
        await self._transport.aclose()

    def _address(self, url: str) -> httpx.URL:
        """The address, read once: most calls of a client go to a handful of them."""
        address = self._addresses.get(url)
        if address is None:
            if len(self._addresses) >= _MOST_ADDRESSES:
                self._addresses.clear()
            address = self._addresses[url] = self._httpx.URL(url)
        return address


class AsyncGuest:
    """An httpx client, of the caller's or with the proxies of the environment.

    Args:
        http: The client.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self._http = http

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._http.is_closed

    async def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | AsyncIterable[bytes] | None,
        timeouts: Mapping[str, float | None],
    ) -> httpx.Response:
        """Send a request and return its answer, whose body is still to be read."""
        request = self._http.build_request(
            method, url, headers=headers, content=content, extensions={"timeout": timeouts}
        )
        return await self._http.send(request, stream=True, follow_redirects=False)

    def body(self, response: httpx.Response) -> AsyncIterator[bytes]:
        """The body of an answer, decompressed, as it arrives."""
        return response.aiter_bytes()

    async def aclose(self) -> None:
        """Close the client."""
        await self._http.aclose()


def async_open_wire(root: str, transport: httpx.AsyncBaseTransport | None = None) -> AsyncWire:
    """The connections to a server.

    Args:
        root: Address of the server up to and including `/api/v1`.
        transport: Carries the requests in place of the network.
    """
    import httpx

    if transport is not None:
        return AsyncPool(transport)
    # A proxy from the environment is for other machines: a server on this one is reached directly.
    if is_loopback(root) or not _proxies():
        return AsyncPool(async_bound(httpx.AsyncHTTPTransport()))
    client: Any = httpx.AsyncClient()
    for each in (client._transport, *client._mounts.values()):  # noqa: SLF001  httpx does not hand them out
        if each is not None:
            async_bound(each)
    return AsyncGuest(client)


def _proxies() -> bool:
    import urllib.request

    return bool({"http", "https", "all"} & urllib.request.getproxies().keys())
