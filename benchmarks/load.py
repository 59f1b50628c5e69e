"""Loads a server with one request, or several in turn, over kept connections, and says how it went.

`wrk` is used where it is installed. Where it is not, a client of our own on bare sockets does the same; it
takes more of the processors, so figures of the two are not to be compared.
"""

from __future__ import annotations

import json
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

CONNECTIONS = 8
_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_SCRIPT = """
wrk.method = "POST"
wrk.body = io.open({body}, "rb"):read("*a")
{headers}
done = function(summary, latency, requests)
  local errors = summary.errors
  io.write(string.format('{{"requests": %d, "seconds": %f, "p50": %f, "p99": %f, "failed": %d}}\\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50) / 1e6, latency:percentile(99) / 1e6,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end
"""


@dataclass(frozen=True)
class Request:
    """A POST.

    Attributes:
        url: Where to.
        body: What.
        headers: With what, the content type among them.
    """

    url: str
    body: bytes
    headers: dict[str, str] = field(default_factory=dict)

    def raw(self) -> bytes:
        """It as bytes of HTTP/1.1."""
        parts = urlsplit(self.url)
        lines = [f"POST {parts.path} HTTP/1.1", f"Host: {parts.netloc}"]
        lines += [f"{name}: {value}" for name, value in self.headers.items()]
        lines += [f"Content-Length: {len(self.body)}", "", ""]
        return "\r\n".join(lines).encode() + self.body


@dataclass(frozen=True)
class Went:
    """What came of it: answers, seconds in all, seconds of the median and of 99 in 100, failures."""

    requests: int
    seconds: float
    p50: float
    p99: float
    failed: int

    @property
    def per_second(self) -> float:
        """Requests per second."""
        return self.requests / self.seconds


def generator() -> str:
    """The name of what loads."""
    return "wrk" if shutil.which("wrk") else "sockets"


def load(request: Request, seconds: float) -> Went:
    """Load with one request over `CONNECTIONS` connections for so long, by `wrk` where it is installed."""
    if generator() == "wrk":
        return by_wrk(request, seconds)
    return by_sockets([request], seconds=seconds)


def by_wrk(request: Request, seconds: float) -> Went:
    """By `wrk`, with one thread."""
    with tempfile.TemporaryDirectory(prefix="pynomaly-load-") as name:
        body, script = Path(name) / "body", Path(name) / "load.lua"
        body.write_bytes(request.body)
        headers = "\n".join(
            f"wrk.headers[{json.dumps(k)}] = {json.dumps(v)}" for k, v in request.headers.items()
        )
        script.write_text(_SCRIPT.format(body=json.dumps(str(body)), headers=headers))
        argv = [shutil.which("wrk") or "wrk", "-t1", f"-c{CONNECTIONS}", f"-d{max(1, round(seconds))}s"]
        argv += ["--timeout", "30s", "-s", str(script), request.url]
        done = subprocess.run(argv, check=True, capture_output=True, text=True)  # noqa: S603
    return Went(**json.loads(done.stdout.splitlines()[-1]))


def by_sockets(requests: Sequence[Request], *, seconds: float = 3_600.0, count: int | None = None) -> Went:
    """By threads that send the requests in turn, until the time is over or `count` are sent."""
    raw = [request.raw() for request in requests]
    place = urlsplit(requests[0].url)
    taken, lock = iter(range(count if count is not None else 10**12)), threading.Lock()
    times: list[float] = []
    failed: list[str] = []
    until = time.perf_counter() + seconds

    def work() -> None:
        with socket.create_connection((place.hostname or "", place.port or 80), timeout=60) as connection:
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while time.perf_counter() < until:
                with lock:
                    number = next(taken, None)
                if number is None:
                    return
                began = time.perf_counter()
                connection.sendall(raw[number % len(raw)])
                status = _answer(connection)
                times.append(time.perf_counter() - began)
                if not status.startswith("2"):
                    failed.append(status)

    began = time.perf_counter()
    threads = [threading.Thread(target=work) for _ in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - began
    ordered = sorted(times) or [0.0]
    return Went(len(times), took, ordered[len(ordered) // 2], ordered[int(len(ordered) * 0.99)], len(failed))


def _answer(connection: socket.socket) -> str:
    """Read one answer; its status."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += _chunk(connection)
    head, _, rest = received.partition(b"\r\n\r\n")
    length = _LENGTH.search(head)
    missing = int(length[1] if length else 0) - len(rest)
    while missing > 0:
        missing -= len(_chunk(connection))
    return head.split(b" ", 2)[1].decode()


def _chunk(connection: socket.socket) -> bytes:
    chunk = connection.recv(262_144)
    if not chunk:
        raise ConnectionError("the server closed the connection")
    return chunk
