"""What a call of the Python client costs its caller beside the same request by bare httpx.

    python benchmarks/client.py [--pairs 40] [--calls 50]

Both ask one server, a process of its own that answers with bytes made beforehand, over one kept connection.
What counts is the CPU time of this process, so that neither the server nor a busy machine is in the figures.
Blocks of calls take turns, the client's and httpx's; the ratio is the median over the pairs.
"""

from __future__ import annotations

import argparse
import asyncio
import io
import multiprocessing
import platform
import socket
import statistics
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx
import numpy as np

from pynomaly import AsyncPynomalyClient, PynomalyClient
from pynomaly.testing import FakeServer

KEY = "pyn_abcd1234_0123456789abcdefghijklmnopqrstuvwxyzABCDEFGabc123"
HEADERS = {"Authorization": f"Bearer {KEY}"}
NPY = "application/x-npy"
TARGET = 1.25


@dataclass(frozen=True)
class Case:
    """One kind of call.

    Attributes:
        name: What it is.
        bare: The keyword arguments of the request by httpx, made anew for each call.
        verb: The call of the client.
        method: HTTP method.
        path: Path below `/api/v1`.
    """

    name: str
    bare: Callable[[], dict[str, Any]]
    verb: Callable[[Any], Any]
    method: str
    path: str


def cases() -> list[Case]:
    """The calls that are compared: a small answer, a hundred rows as JSON, a thousand times ten as NPY."""
    generator = np.random.default_rng(0)
    rows: list[list[float]] = generator.normal(size=(100, 5)).tolist()
    array = generator.normal(size=(1000, 10))

    def saved() -> bytes:
        buffer = io.BytesIO()
        np.save(buffer, array, allow_pickle=False)
        return buffer.getvalue()

    return [
        Case("health", dict, lambda client: client.health_check(), "GET", "/health"),
        Case(
            "detect, 100 x 5, JSON",
            lambda: {"json": {"data": rows}},
            lambda client: client.detect_anomalies(rows),
            "POST",
            "/detect",
        ),
        Case(
            "detect, 1,000 x 10, NPY",
            lambda: {"content": saved(), "headers": {"Content-Type": NPY}},
            lambda client: client.detect_anomalies(array),
            "POST",
            "/detect",
        ),
    ]


def answers() -> dict[tuple[str, int], bytes]:
    """What the server says, by path and number of bytes of the request."""
    fake = FakeServer()
    said: dict[tuple[str, int], bytes] = {}
    with httpx.Client(transport=fake, headers={"X-API-Key": fake.api_key}) as http:
        for case in cases():
            response = http.request(case.method, f"{fake.base_url}/api/v1{case.path}", **case.bare())
            response.raise_for_status()
            said[case.path, len(response.request.content)] = response.content
    return said


def serve(listener: socket.socket, said: dict[tuple[str, int], bytes]) -> None:
    """Answer every request of every connection."""
    while True:
        connection, _ = listener.accept()
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=_converse, args=(connection, said), daemon=True).start()


def _converse(connection: socket.socket, said: dict[tuple[str, int], bytes]) -> None:
    received = b""
    while True:
        while b"\r\n\r\n" not in received:
            chunk = connection.recv(262144)
            if not chunk:
                return
            received += chunk
        head, _, received = received.partition(b"\r\n\r\n")
        line, *fields = head.decode("latin-1").split("\r\n")
        pairs = (field.partition(":") for field in fields)
        headers = {name.lower(): value.strip() for name, _, value in pairs}
        length = int(headers.get("content-length", "0"))
        while len(received) < length:
            received += connection.recv(262144)
        received = received[length:]
        path = line.split(" ")[1].removeprefix("/api/v1").partition("?")[0]
        # The client may write other bytes for the same rows.
        body = said[min((key for key in said if key[0] == path), key=lambda key: abs(key[1] - length))]
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nX-Request-Id: req_1\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(body), body)
        )


def cpu(work: Callable[[], object]) -> float:
    """CPU seconds of this process that the work takes."""
    before = time.process_time()
    work()
    return time.process_time() - before


@dataclass(frozen=True)
class Figures:
    """What was measured of one case in one colour.

    Attributes:
        bare: CPU seconds of a call by httpx, median over the blocks.
        ours: Those of a call of the client.
        ratio: Median over the pairs of blocks.
    """

    bare: float
    ours: float
    ratio: float


def compare(bare: Callable[[], object], ours: Callable[[], object], pairs: int, calls: int) -> Figures:
    """Let blocks of calls take turns, after one of each that is not counted."""
    bare(), ours()
    measured = [(cpu(bare), cpu(ours)) for _ in range(pairs)]
    return Figures(
        statistics.median(each[0] for each in measured) / calls,
        statistics.median(each[1] for each in measured) / calls,
        statistics.median(each[1] / each[0] for each in measured),
    )


def measure_sync(case: Case, root: str, pairs: int, calls: int) -> Figures:
    """Both, one call after the other."""
    with (
        httpx.Client(headers=HEADERS, trust_env=False) as http,
        PynomalyClient(api_key=KEY, base_url=root) as client,
    ):

        def bare() -> None:
            for _ in range(calls):
                response = http.request(case.method, f"{root}/api/v1{case.path}", **case.bare())
                response.raise_for_status()
                response.json()

        def ours() -> None:
            for _ in range(calls):
                case.verb(client)

        return compare(bare, ours, pairs, calls)


def measure_async(case: Case, root: str, pairs: int, calls: int) -> Figures:
    """The same in an event loop, one call after the other."""
    with asyncio.Runner() as runner:
        http = httpx.AsyncClient(headers=HEADERS, trust_env=False)
        client = AsyncPynomalyClient(api_key=KEY, base_url=root)

        async def bare() -> None:
            for _ in range(calls):
                response = await http.request(case.method, f"{root}/api/v1{case.path}", **case.bare())
                response.raise_for_status()
                response.json()

        async def ours() -> None:
            for _ in range(calls):
                await case.verb(client)

        try:
            return compare(lambda: runner.run(bare()), lambda: runner.run(ours()), pairs, calls)
        finally:
            runner.run(http.aclose())
            runner.run(client.aclose())


def main(arguments: list[str] | None = None) -> int:
    """Print the figures; 1 where one is over the target."""
    parser = argparse.ArgumentParser(description="CPU time of the Python client against bare httpx.")
    parser.add_argument("--pairs", type=int, default=40, help="pairs of blocks")
    parser.add_argument("--calls", type=int, default=50, help="calls of a block")
    chosen = parser.parse_args(arguments)
    listener = socket.create_server(("127.0.0.1", 0))
    root = f"http://127.0.0.1:{listener.getsockname()[1]}"
    server = multiprocessing.get_context("fork").Process(
        target=serve, args=(listener, answers()), daemon=True
    )
    server.start()
    over = 0
    print(
        f"Python {platform.python_version()}, httpx {httpx.__version__}; CPU per call, {chosen.pairs} pairs"
    )
    try:
        for colour, measure in (("sync", measure_sync), ("async", measure_async)):
            for case in cases():
                figures = measure(case, root, chosen.pairs, chosen.calls)
                over += figures.ratio > TARGET
                print(
                    f"{colour:6}{case.name:26} httpx {figures.bare * 1e6:7.0f} us   client "
                    f"{figures.ours * 1e6:7.0f} us   {figures.ratio:.2f}x"
                )
    finally:
        server.terminate()
    return 1 if over else 0


if __name__ == "__main__":
    sys.exit(main())
