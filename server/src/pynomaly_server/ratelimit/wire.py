"""One connection to Valkey or Redis that runs a script many times at once, with little work per call."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Sequence
from typing import Any, Final

import redis.asyncio
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as BrokenConnectionError
from redis.exceptions import NoScriptError, ResponseError

from pynomaly_server.worker.broker import redis_url

Words = Sequence[str | int]
Call = str
"""The keys and arguments of one run of the script, and how many there are, as they are sent."""
_TRIES: Final = 2
_TURNS: Final = 10
"""How often the event loop may look for what has come, once the time is over."""


class _IncompleteError(Exception):
    """An answer has not come as a whole yet."""


class Answers(asyncio.Protocol):
    """Reads the answers to one batch of commands after the other from a transport, without a task or stream.

    `transport` is one on which a client has said hello, and has read what was said to that.
    """

    def __init__(self, transport: asyncio.Transport) -> None:
        self._transport = transport
        self._buffer = b""
        self._wanted = 0
        self._read: list[Any] = []
        self._told: asyncio.Future[list[Any]] | None = None
        transport.set_protocol(self)

    def ask(self, packed: bytes, count: int) -> asyncio.Future[list[Any]]:
        """Send `count` commands; the future has their answers, or why there are none.

        Only once the future of the last batch is done.
        """
        told: asyncio.Future[list[Any]] = asyncio.get_running_loop().create_future()
        if self._transport.is_closing():
            told.set_exception(BrokenConnectionError("the connection is closed"))
            return told
        self._told, self._wanted, self._read = told, count, []
        self._transport.write(packed)
        return told

    def data_received(self, data: bytes) -> None:
        """As asyncio calls it."""
        buffer, at = self._buffer + data, 0
        try:
            while at < len(buffer):
                unasked = buffer[at : at + 1] == b">"
                answer, at = _answer(buffer, at)
                if not unasked:
                    self._read.append(answer)
        except _IncompleteError:
            self._buffer = buffer[at:]
            self._finish()
            return
        except ValueError:
            self.connection_lost(ResponseError("what Valkey answers cannot be read"))
            self._transport.close()
            return
        self._buffer = b""
        self._finish()

    def _finish(self) -> None:
        if len(self._read) >= self._wanted and self._told is not None and not self._told.done():
            self._told.set_result(self._read)

    def connection_lost(self, exc: Exception | None) -> None:
        """As asyncio calls it."""
        if self._told is not None and not self._told.done():
            self._told.set_exception(exc or BrokenConnectionError("the connection was closed"))


class ScriptConnection:
    """Runs one Lua script.

    redis-py makes the connection, with its addresses, TLS and authentication; its client, pool, pipeline and
    streams, which look after many kinds of commands and connections, are left out, since they cost a request
    more than the limit itself. One caller at a time.

    Args:
        url: Where Valkey or Redis is.
        script: What is run.
        patience: Seconds that a call may take.
    """

    def __init__(self, url: str, script: str, patience: float) -> None:
        # The time of a whole exchange is bounded here.
        pool = redis.asyncio.ConnectionPool.from_url(
            redis_url(url), socket_timeout=None, retry=Retry(NoBackoff(), 0)
        )
        self._connect: Callable[[], Any] = pool.make_connection
        self._patience = patience
        self._script = script
        sha = hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
        self._head = f"$7\r\nEVALSHA\r\n${len(sha)}\r\n{sha}\r\n"
        self._connection: Any = None
        self._answers: Answers | None = None

    async def run(self, calls: Sequence[Call]) -> list[Any]:
        """What the script returns for each of these `packed_call`s, in order.

        Raises:
            redis.RedisError, OSError: it could not be run; some of the calls may have been.
            TimeoutError: it took longer than the patience; the same.
        """
        until = asyncio.get_running_loop().time() + self._patience
        answers = await self._exchange([self._whole(call) for call in calls], until)
        unknown = [number for number, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if unknown:
            # Valkey was restarted, or asked for the first time.
            load = _packed(("SCRIPT", "LOAD", self._script))
            again = await self._exchange([load, *(self._whole(calls[number]) for number in unknown)], until)
            for number, answer in zip(unknown, again[1:], strict=True):
                answers[number] = answer
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers

    async def aclose(self) -> None:
        """Close the connection."""
        await self._drop()

    async def _exchange(self, commands: Sequence[str], until: float) -> list[Any]:
        packed = "".join(commands).encode()
        for tried in range(1, _TRIES + 1):
            kept = self._answers is not None
            try:
                return await self._once(packed, len(commands), until)
            except BrokenConnectionError:
                # A connection that broke while it was idle is replaced within the same call.
                if not kept or tried == _TRIES:
                    raise
        raise AssertionError("unreachable")

    async def _once(self, packed: bytes, count: int, until: float) -> list[Any]:
        whole = False
        try:
            if self._answers is None:
                await self._open(until)
                assert self._answers is not None
            answers: list[Any] = await _in_time(self._answers.ask(packed, count), until)
            whole = True
            return answers
        finally:
            if not whole:
                # Answers that still come would be taken for those of the next call.
                await self._drop()

    async def _open(self, until: float) -> None:
        connection = self._connection = self._connect()
        loop = asyncio.get_running_loop()
        told: asyncio.Future[None] = loop.create_future()
        connecting = loop.create_task(connection.connect())
        connecting.add_done_callback(lambda done: _tell(done, told))
        try:
            await _in_time(told, until)
        finally:
            connecting.cancel()
        self._answers = Answers(connection._writer.transport)  # noqa: SLF001 - redis-py has no other way to it

    async def _drop(self) -> None:
        connection, self._connection, self._answers = self._connection, None, None
        if connection is not None:
            await connection.disconnect(nowait=True)

    def _whole(self, call: Call) -> str:
        count, words = call.split(" ", 1)
        return f"*{count}\r\n{self._head}{words}"


def packed_call(keys: Words, arguments: Words) -> Call:
    """What `ScriptConnection.run` sends of these."""
    words = [len(keys), *keys, *arguments]
    return f"{2 + len(words)} {_bulk(words)}"


def _packed(words: Words) -> str:
    return f"*{len(words)}\r\n{_bulk(words)}"


def _bulk(words: Words) -> str:
    texts = [str(word) for word in words]
    return "".join(f"${len(text) if text.isascii() else len(text.encode())}\r\n{text}\r\n" for text in texts)


async def _in_time(told: asyncio.Future[Any], until: float) -> Any:
    """What a future holds, once it does.

    Raises:
        TimeoutError: it is not there by then. The time may have run out because this process was busy: what
            has come meanwhile counts, so the event loop looks for that first.
    """
    timer = asyncio.get_running_loop().call_at(until, _end, told, _TURNS)
    try:
        return await told
    finally:
        timer.cancel()


def _tell(done: asyncio.Future[None], told: asyncio.Future[None]) -> None:
    if done.cancelled() or told.done():
        return
    if (error := done.exception()) is not None:
        told.set_exception(error)
    else:
        told.set_result(None)


def _end(told: asyncio.Future[Any], turns: int) -> None:
    if told.done():
        return
    if turns:
        asyncio.get_running_loop().call_soon(_end, told, turns - 1)
    else:
        told.set_exception(TimeoutError())


def _answer(buffer: bytes, at: int) -> tuple[Any, int]:
    """The answer that begins at a place (RESP2 and, as far as scripts answer so, RESP3), and where it ends.

    An error is returned and not raised.

    Raises:
        _IncompleteError: its end has not come.
        ValueError: it is none.
    """
    end = buffer.find(b"\r\n", at)
    if end < 0:
        raise _IncompleteError
    kind, line, after = buffer[at : at + 1], buffer[at + 1 : end], end + 2
    if kind == b":":
        return int(line), after
    if kind == b"$":
        size = int(line)
        if size < 0:
            return None, after
        if len(buffer) < after + size + 2:
            raise _IncompleteError
        return buffer[after : after + size], after + size + 2
    if kind in (b"*", b">"):
        items = []
        for _ in range(int(line)):
            item, after = _answer(buffer, after)
            items.append(item)
        return items, after
    if kind == b"+":
        return line, after
    if kind == b"-":
        text = line.decode("utf-8", "replace")
        return (NoScriptError if text.startswith("NOSCRIPT") else ResponseError)(text), after
    if kind == b"_":
        return None, after
    raise ValueError(kind)
