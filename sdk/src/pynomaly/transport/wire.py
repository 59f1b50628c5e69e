# Made from async_wire.py by `python sdk/unasync.py`; edit that file instead of this one.

"""What the attempts of a client are sent over: connections of its own, or an httpx client of the caller's.

httpx's client does much for each request that comes out the same every time here: it merges headers, reads
the address, looks for cookies, redirects and hooks. Connections of one's own go without all that; a client of
the caller's is used as it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Protocol

from pynomaly.address import is_loopback
from pynomaly.transport.bounded import bound

if TYPE_CHECKING:
    import httpx

_MOST_ADDRESSES = 256
# What httpx reads with the standard library alone.
_ENCODINGS = "gzip, deflate"


class Wire(Protocol):
    """Sends requests and gives the bytes of their answers."""

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be sent any more."""
        ...

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | Iterable[bytes] | None,
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

    def body(self, response: httpx.Response) -> Iterator[bytes]:
        """The body of an answer, decompressed, as it arrives."""
        ...

    def close(self) -> None:
        """Close the connections."""
        ...


class Pool:
    """Connections of a client's own.

    Args:
        transport: Carries the requests.
    """

    def __init__(self, transport: httpx.BaseTransport) -> None:
        import httpx

        self._httpx = httpx
        self._transport = transport
        self._addresses: dict[str, httpx.URL] = {}
        self.is_closed = False

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | Iterable[bytes] | None,
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
        response = self._transport.handle_request(request)
        response.request = request
        return response

    def body(self, response: httpx.Response) -> Iterator[bytes]:
        """The body of an answer, decompressed, as it arrives."""
        if "content-encoding" in response.headers or response.is_stream_consumed:
            return response.iter_bytes()
        # Past the layers that httpx puts around bytes which need no decoding.
        stream: Any = response.stream
        return iter(stream)

    def close(self) -> None:
        """Close the connections."""
        self.is_closed = True
        self._transport.close()

    def _address(self, url: str) -> httpx.URL:
        """The address, read once: most calls of a client go to a handful of them."""
        address = self._addresses.get(url)
        if address is None:
            if len(self._addresses) >= _MOST_ADDRESSES:
                self._addresses.clear()
            address = self._addresses[url] = self._httpx.URL(url)
        return address


class Guest:
    """An httpx client, of the caller's or with the proxies of the environment.

    Args:
        http: The client.
    """

    def __init__(self, http: httpx.Client) -> None:
        self._http = http

    @property
    def is_closed(self) -> bool:
        """Whether nothing can be sent any more."""
        return self._http.is_closed

    def send(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | Iterable[bytes] | None,
        timeouts: Mapping[str, float | None],
    ) -> httpx.Response:
        """Send a request and return its answer, whose body is still to be read."""
        request = self._http.build_request(
            method, url, headers=headers, content=content, extensions={"timeout": timeouts}
        )
        return self._http.send(request, stream=True, follow_redirects=False)

    def body(self, response: httpx.Response) -> Iterator[bytes]:
        """The body of an answer, decompressed, as it arrives."""
        return response.iter_bytes()

    def close(self) -> None:
        """Close the client."""
        self._http.close()


def open_wire(root: str, transport: httpx.BaseTransport | None = None) -> Wire:
    """The connections to a server.

    Args:
        root: Address of the server up to and including `/api/v1`.
        transport: Carries the requests in place of the network.
    """
    import httpx

    if transport is not None:
        return Pool(transport)
    # A proxy from the environment is for other machines: a server on this one is reached directly.
    if is_loopback(root) or not _proxies():
        return Pool(bound(httpx.HTTPTransport()))
    client: Any = httpx.Client()
    for each in (client._transport, *client._mounts.values()):  # noqa: SLF001  httpx does not hand them out
        if each is not None:
            bound(each)
    return Guest(client)


def _proxies() -> bool:
    import urllib.request

    return bool({"http", "https", "all"} & urllib.request.getproxies().keys())
