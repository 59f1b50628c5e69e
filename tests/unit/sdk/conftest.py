"""What the tests of the SDK share: both colours behind one interface, a clock that nobody waits for, a raw
server."""

import asyncio
import socket
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import suppress

import httpx
import pytest

from pynomaly import AsyncPynomalyClient, PynomalyClient
from pynomaly._generated.operations import Operation
from pynomaly.profile import Connection
from pynomaly.transport import AsyncDriver, Driver

KEY = "pyn_abcd1234_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGabc123"
ORIGIN = "http://127.0.0.1:9"
ROOT = f"{ORIGIN}/api/v1"


def operation(**fields) -> Operation:
    """An operation of the contract with the fields that matter to a test."""
    values = {
        "id": "getThing",
        "tag": "things",
        "method": "GET",
        "path": "/things/{name}",
        "retry": "safe",
        "timeout": "short",
        "breaker": "things",
        "fallback": None,
        "pagination": None,
        "job": False,
        "request_media": (),
        "response_media": ("application/json",),
    }
    return Operation(**{**values, **fields})


class VirtualClock:
    """A clock that only moves when somebody sleeps or a test moves it."""

    def __init__(self) -> None:
        self.now = 1000.0
        self.slept: list[float] = []

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return 1_700_000_000.0 + self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class AsyncVirtualClock(VirtualClock):
    """The same for the async driver."""

    async def sleep(self, seconds: float) -> None:
        VirtualClock.sleep(self, seconds)


class Awaited:
    """A synchronous object whose methods are awaited, so that one test serves both colours."""

    def __init__(self, inner) -> None:
        self._inner = inner

    def __getattr__(self, name):
        value = getattr(self._inner, name)
        if isinstance(value, str | int | float | None) or not callable(value):
            kind = type(value).__module__
            return Awaited(value) if kind.startswith("pynomaly") and "models" not in kind else value

        async def method(*args, **kwargs):
            result = await asyncio.to_thread(value, *args, **kwargs)
            return Awaited(result) if type(result).__name__ in ("JobHandle", "PynomalyClient") else result

        return method


async def collected(source) -> list:
    """Everything an iterator of either colour gives."""
    if isinstance(source, AsyncIterator):
        return [item async for item in source]
    source = await source
    return await asyncio.to_thread(list, source)


class Colour:
    """Makes clients and drivers of one colour."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.clock = AsyncVirtualClock() if name == "async" else VirtualClock()

    def driver(self, root: str = ROOT, **kwargs):
        """A driver on the virtual clock whose jitter is always the whole bound."""
        kwargs = {"clock": self.clock, "random": lambda: 1.0, **kwargs}
        if self.name == "async":
            return AsyncDriver(Connection(root, KEY), **kwargs)
        return Awaited(Driver(Connection(root, KEY), **kwargs))

    def client(self, base_url: str = ORIGIN, **kwargs):
        """A client on the virtual clock."""
        kind = AsyncPynomalyClient if self.name == "async" else PynomalyClient
        client = kind(api_key=KEY, base_url=base_url, **kwargs)
        driver = client._driver
        driver._clock, driver._random = self.clock, lambda: 1.0
        return client if self.name == "async" else Awaited(client)

    def http_client(self, handler: Callable[[httpx.Request], httpx.Response]):
        """An httpx client that asks a function instead of a server."""
        if self.name == "sync":
            return httpx.Client(transport=httpx.MockTransport(handler))
        return httpx.AsyncClient(transport=httpx.MockTransport(handler))


@pytest.fixture(params=["async", "sync"])
def colour(request) -> Colour:
    return Colour(request.param)


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch, tmp_path) -> None:
    """No test sees the configuration of the person who runs it."""
    monkeypatch.delenv("PYNOMALY_API_KEY", raising=False)
    monkeypatch.delenv("PYNOMALY_BASE_URL", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


class RawServer:
    """A server that answers each connection with bytes of the test's choice, whatever was asked.

    Attributes:
        script: What to do for each connection in turn, the last for all further ones; takes the connected
            socket after a whole request was read from it.
        connections: Number of connections so far.
    """

    def __init__(self, *script: Callable[[socket.socket], None]) -> None:
        self.script = script
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.root = f"http://127.0.0.1:{self._listener.getsockname()[1]}/api/v1"
        self._stopped = threading.Event()
        self._came = threading.Condition()
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self) -> None:
        with suppress(OSError):
            while not self._stopped.is_set():
                connection, _ = self._listener.accept()
                step = self.script[min(self.connections, len(self.script) - 1)]
                with self._came:
                    self.connections += 1
                    self._came.notify_all()
                threading.Thread(target=self._answer, args=(connection, step), daemon=True).start()

    def wait_for(self, connections: int) -> None:
        """Wait until there were so many connections."""
        with self._came:
            assert self._came.wait_for(lambda: self.connections >= connections, timeout=60.0)

    @staticmethod
    def _answer(connection: socket.socket, step: Callable[[socket.socket], None]) -> None:
        with connection, suppress(OSError):
            received = b""
            while b"\r\n\r\n" not in received:
                came = connection.recv(65536)
                if not came:
                    return
                received += came
            step(connection)

    def close(self) -> None:
        self._stopped.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@pytest.fixture
def raw_server() -> Iterator[Callable[..., RawServer]]:
    servers: list[RawServer] = []

    def start(*script: Callable[[socket.socket], None]) -> RawServer:
        servers.append(RawServer(*script))
        return servers[-1]

    yield start
    for server in servers:
        server.close()
