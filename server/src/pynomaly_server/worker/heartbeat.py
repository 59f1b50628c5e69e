"""How many workers there are: each notes its name and the broker's time in one sorted set."""

from __future__ import annotations

import threading
from typing import Final

import redis
import redis.asyncio
import structlog

from pynomaly_server.outages import Outage

KEY: Final = "pynomaly:workers"
BEAT_SECONDS: Final = 2.0
SILENT_SECONDS: Final = 10
"""A worker that was silent for longer is not counted."""

# The broker's clock is the one that all share, so nobody's own clock decides who is alive.
_BEAT: Final = """
local now = tonumber(redis.call('TIME')[1])
redis.call('ZADD', KEYS[1], now, ARGV[1])
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - 6 * tonumber(ARGV[2]))
return now
"""
_COUNT: Final = """
return redis.call('ZCOUNT', KEYS[1], tonumber(redis.call('TIME')[1]) - tonumber(ARGV[1]), '+inf')
"""
_log = structlog.get_logger("pynomaly.worker")


async def count_workers(client: redis.asyncio.Redis) -> int:
    """Workers that were heard of within the last `SILENT_SECONDS`; raises redis-py's errors."""
    return int(await client.eval(_COUNT, 1, KEY, str(SILENT_SECONDS)))


class Heartbeat:
    """Notes from a thread that this worker is alive."""

    def __init__(self, client: redis.Redis, name: str) -> None:
        self._client = client
        self._name = name
        self._over = threading.Event()
        self._outage = Outage(
            _log, "the broker does not take this worker's heartbeat", "it takes heartbeats again"
        )
        self._thread = threading.Thread(target=self._run, name="heartbeat", daemon=True)

    def start(self) -> None:
        """Beat once, and begin to beat from a thread.

        The first beat is the caller's own, since it imports what a first connection needs: a process that is
        forked while another thread imports has half a module for good (`encodings.idna` above all, without
        which no name of a host is found).
        """
        self._try()
        self._thread.start()

    def stop(self) -> None:
        """Say goodbye."""
        self._over.set()
        self._thread.join()
        try:
            self._client.zrem(KEY, self._name)
        except redis.RedisError:
            _log.debug("worker could not sign off")

    def beat(self) -> None:
        """Note it once."""
        self._client.eval(_BEAT, 1, KEY, self._name, str(SILENT_SECONDS))

    def _try(self) -> None:
        try:
            self.beat()
        except Exception as error:  # noqa: BLE001 - no beat may be the last
            self._outage.failed(error)
        else:
            self._outage.succeeded()

    def _run(self) -> None:
        while not self._over.wait(BEAT_SECONDS):
            self._try()
