"""Addresses of and connections to the broker."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import parse_qsl, urlencode, urlsplit

import redis
import redis.asyncio

from pynomaly_server.jobs.queues import JobQueue

CONNECT_SECONDS: Final = 2.0
ANSWER_SECONDS: Final = 5.0
_SAME_PROTOCOL: Final = {"valkey": "redis", "valkeys": "rediss"}


def queue_name(queue: JobQueue) -> str:
    """What the broker calls a queue."""
    return f"jobs.{queue}"


def redis_url(url: str) -> str:
    """The address as redis-py takes it: `redis://`, `rediss://` or `unix://`."""
    scheme, separator, rest = url.partition("://")
    return _SAME_PROTOCOL.get(scheme, scheme) + separator + rest


def celery_url(url: str) -> str:
    """The address as Celery takes it: a socket is `redis+socket://`, and TLS checks certificates."""
    parts = urlsplit(redis_url(url))
    query = dict(parse_qsl(parts.query))
    if parts.scheme == "unix":
        if "db" in query:
            query["virtual_host"] = query.pop("db")
        return f"redis+socket://{parts.path}" + (f"?{urlencode(query)}" if query else "")
    if parts.scheme == "rediss":
        query.setdefault("ssl_cert_reqs", "required")
    return parts._replace(query=urlencode(query)).geturl()


def connect(url: str) -> redis.Redis:
    """A client for threads; connects with the first command."""
    return redis.Redis.from_url(redis_url(url), **_options(url))


def connect_async(url: str) -> redis.asyncio.Redis:
    """A client for coroutines; connects with the first command."""
    return redis.asyncio.Redis.from_url(redis_url(url), **_options(url))


def _options(url: str) -> dict[str, Any]:
    options: dict[str, Any] = {"socket_timeout": ANSWER_SECONDS}
    if not url.startswith("unix:"):
        options["socket_connect_timeout"] = CONNECT_SECONDS
    return options
