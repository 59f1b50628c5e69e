"""One connection to Valkey or Redis that runs a script many times at once, with little work per call."""

from __future__ import annotations

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
_TRIES: Final = 2


class ScriptConnection:
    """Runs one Lua script.

    redis-py makes the connection, with its addresses, TLS and authentication, and reads the answers; its
    client, pool and pipeline, which look after many kinds of commands and connections, are left out, since
    they cost a request more than the limit itself. One caller at a time.
    """

    def __init__(self, url: str, script: str) -> None:
        # The caller bounds the time of a whole exchange.
        pool = redis.asyncio.ConnectionPool.from_url(
            redis_url(url), socket_timeout=None, retry=Retry(NoBackoff(), 0)
        )
        self._connect: Callable[[], Any] = pool.make_connection
        self._script = script
        sha = hashlib.sha1(script.encode(), usedforsecurity=False).hexdigest()
        self._head = f"$7\r\nEVALSHA\r\n${len(sha)}\r\n{sha}\r\n"
        self._connection: Any = None

    async def run(self, calls: Sequence[tuple[Words, Words]]) -> list[Any]:
        """What the script returns for each of these keys and arguments, in order.

        Raises:
            redis.RedisError, OSError: it could not be run; some of the calls may have been.
        """
        answers = await self._exchange([self._packed(keys, arguments) for keys, arguments in calls])
        unknown = [number for number, answer in enumerate(answers) if isinstance(answer, NoScriptError)]
        if unknown:
            # Valkey was restarted, or asked for the first time.
            load = _packed(("SCRIPT", "LOAD", self._script))
            again = await self._exchange([load, *(self._packed(*calls[number]) for number in unknown)])
            for number, answer in zip(unknown, again[1:], strict=True):
                answers[number] = answer
        for answer in answers:
            if isinstance(answer, Exception):
                raise answer
        return answers

    async def aclose(self) -> None:
        """Close the connection."""
        await self._drop()

    async def _exchange(self, commands: Sequence[str]) -> list[Any]:
        packed = "".join(commands).encode()
        for tried in range(1, _TRIES + 1):
            kept = self._connection is not None
            try:
                return await self._once(packed, len(commands))
            except BrokenConnectionError:
                # A connection that broke while it was idle is replaced within the same call.
                if not kept or tried == _TRIES:
                    raise
        raise AssertionError("unreachable")

    async def _once(self, packed: bytes, count: int) -> list[Any]:
        if self._connection is None:
            self._connection = self._connect()
        connection, whole = self._connection, False
        try:
            await connection.connect()
            await connection.send_packed_command(packed, check_health=False)
            answers = [await _answer(connection) for _ in range(count)]
            whole = True
            return answers
        finally:
            if not whole:
                # Answers that still come would be taken for those of the next call.
                await self._drop()

    async def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.disconnect(nowait=True)

    def _packed(self, keys: Words, arguments: Words) -> str:
        words = [len(keys), *keys, *arguments]
        return f"*{2 + len(words)}\r\n{self._head}{_bulk(words)}"


def _packed(words: Words) -> str:
    return f"*{len(words)}\r\n{_bulk(words)}"


def _bulk(words: Words) -> str:
    texts = [str(word) for word in words]
    return "".join(f"${len(text) if text.isascii() else len(text.encode())}\r\n{text}\r\n" for text in texts)


async def _answer(connection: Any) -> Any:
    try:
        return await connection.read_response(disconnect_on_error=False)
    except ResponseError as error:
        return error
