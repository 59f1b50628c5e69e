"""A TCP port before a database or a broker, where the network can be made to fail while everybody talks."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import struct
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from pathlib import Path
from typing import Any, Self

READ_BYTES = 64 * 1024
# Pieces on their way in one direction; beyond them the sender has to wait, as with any full pipe.
PIECES = 64
RESET = struct.pack("ii", 1, 0)


class FaultProxy:
    """Forwards connections to `upstream`, a (host, port) or the path of a unix socket.

    Every fault holds from its call until `heal`, for the connections there are and those that are made
    meanwhile. The methods are for the test's thread; the bytes move in a thread of the proxy's own.
    """

    host = "127.0.0.1"

    def __init__(self, upstream: tuple[str, int] | Path) -> None:
        self._upstream = upstream
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="fault proxy", daemon=True)
        self._connections: dict[asyncio.Task[None], _Connection] = {}
        self._delay = 0.0
        self._refusing = False
        self._silent = False
        self._flowing = asyncio.Event()
        self._flowing.set()
        self.port = 0

    def __enter__(self) -> Self:
        self._thread.start()
        self._call(self._listen())
        return self

    def __exit__(self, *_: object) -> None:
        self._call(self._close())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    @property
    def open_connections(self) -> int:
        """How many connections there are."""
        return len(self._connections)

    def latency(self, seconds: float) -> None:
        """Let every byte arrive that much later, in both directions."""
        self._call(self._set(_delay=seconds))

    def stall(self) -> None:
        """Hold all bytes back; they arrive with `heal`. A new connection is accepted and hears nothing."""
        self._call(self._hold())

    def half_open(self) -> None:
        """Swallow all bytes and say nothing, as if the other side had gone without a word.

        What was swallowed never arrives, so `heal` resets the connections that were open meanwhile.
        """
        self._call(self._set(_silent=True))

    def refuse(self) -> None:
        """Reset each new connection; those there are go on."""
        self._call(self._set(_refusing=True))

    def reset(self) -> int:
        """Reset all connections now, once, and say how many there were."""
        return self._call(self._reset_all())

    def heal(self) -> None:
        """End every fault."""
        self._call(self._heal())

    def _call(self, work: Coroutine[Any, Any, Any]) -> Any:
        asked: Future[Any] = asyncio.run_coroutine_threadsafe(work, self._loop)
        return asked.result(30)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._accept, self.host, 0)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _close(self) -> None:
        self._server.close()
        tasks = list(self._connections)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _set(self, **values: Any) -> None:
        vars(self).update(values)

    async def _hold(self) -> None:
        self._flowing.clear()

    async def _reset_all(self) -> int:
        connections = list(self._connections.values())
        for connection in connections:
            connection.reset()
        return len(connections)

    async def _heal(self) -> None:
        self._delay, self._refusing = 0.0, False
        if self._silent:
            self._silent = False
            await self._reset_all()
        self._flowing.set()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = _Connection(writer)
        if self._refusing:
            connection.reset()
            return
        task = asyncio.current_task()
        assert task is not None
        self._connections[task] = connection
        try:
            await self._forward(connection, reader)
        except (OSError, EOFError):
            connection.reset()
        except asyncio.CancelledError:
            connection.reset()  # the proxy closes, or the other direction has failed
        finally:
            del self._connections[task]
            connection.close()

    async def _forward(self, connection: _Connection, reader: asyncio.StreamReader) -> None:
        await self._flowing.wait()
        if self._silent:
            while await reader.read(READ_BYTES):
                pass
            return
        if isinstance(self._upstream, Path):
            back, forth = await asyncio.open_unix_connection(str(self._upstream))
        else:
            back, forth = await asyncio.open_connection(*self._upstream)
        connection.upstream = forth
        pumps = [
            asyncio.ensure_future(self._pump(reader, forth)),
            asyncio.ensure_future(self._pump(back, connection.downstream)),
        ]
        try:
            await asyncio.gather(*pumps)
        finally:
            for pump in pumps:
                pump.cancel()
            await asyncio.gather(*pumps, return_exceptions=True)

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Move bytes in one direction until its end; bytes are delayed, the stream is not slowed down."""
        pieces: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(PIECES)
        delivery = asyncio.ensure_future(self._deliver(pieces, writer))
        try:
            while True:
                data = await reader.read(READ_BYTES)
                await pieces.put((self._loop.time() + self._delay, data))
                if not data:
                    await delivery
                    return
                if delivery.done():
                    delivery.result()
        finally:
            delivery.cancel()

    async def _deliver(
        self, pieces: asyncio.Queue[tuple[float, bytes]], writer: asyncio.StreamWriter
    ) -> None:
        while True:
            due, data = await pieces.get()
            await asyncio.sleep(due - self._loop.time())
            await self._flowing.wait()
            if self._silent:
                continue
            if not data:
                with contextlib.suppress(OSError):  # the other side may have closed as well
                    writer.write_eof()
                return
            writer.write(data)
            await writer.drain()


class _Connection:
    """Both ends of one connection."""

    def __init__(self, downstream: asyncio.StreamWriter) -> None:
        self.downstream = downstream
        self.upstream: asyncio.StreamWriter | None = None

    def reset(self) -> None:
        """End it at once with a reset, bytes on their way or not."""
        for writer in self._ends():
            end = writer.get_extra_info("socket")
            if end is not None and end.family != socket.AF_UNIX and end.fileno() >= 0:
                end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET)
            writer.transport.abort()

    def close(self) -> None:
        """End it as usual."""
        for writer in self._ends():
            writer.close()

    def _ends(self) -> list[asyncio.StreamWriter]:
        return [end for end in (self.downstream, self.upstream) if end is not None]
