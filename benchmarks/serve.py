"""Serving models: our server beside FastAPI + PyOD, BentoML and MLServer, all with two processes, turn about.

    make bench      (or: python benchmarks/serve.py [--seconds 10] [--peers fastapi bentoml mlserver])

Every peer gets an environment of its own under .data/bench, made from requirements/peers-*.txt; one that does
not install is left out, and the reason printed. All have a forest of 100 trees of 256 samples, trained on the
same 2,000 x 10 rows, and the same load: 8 connections. Beside requests per second stands the processors' time
that a request costs the server, all its processes together: it says more where the machine does other things.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import psutil
from load import CONNECTIONS, Request, Went, by_sockets, generator, load
from serving import (
    FEATURES,
    HERE,
    MODEL,
    PEERS,
    PROCESSES,
    TRAINED_ROWS,
    Running,
    free_port,
    peer,
    rows_of,
    started,
)
from sklearn.ensemble import IsolationForest

from pynomaly import PynomalyClient
from pynomaly.profile import read_profile
from pynomaly_server.runtime.embedded import EmbeddedServer

MIB = 2**20
# The machine's processors are what is measured, not a limit.
UNLIMITED = {"PYNOMALY_RATE_LIMIT_PRINCIPAL": "80000000/60", "PYNOMALY_WORKERS": str(PROCESSES)}


@dataclass(frozen=True)
class Figure:
    """What came of one load, and the processors' seconds of a request."""

    went: Went
    processor: float


@dataclass
class Ours:
    """Our server, a client of it, and its API processes."""

    server: EmbeddedServer
    client: PynomalyClient
    key: str

    @property
    def api(self) -> psutil.Process:
        """The process above the API's."""
        return next(
            child for child in psutil.Process(self.server.pid).children() if "api" in child.cmdline()[-1:]
        )

    def request(self, what: str, count: int) -> Request:
        """`predict` or `detect` of so many rows."""
        path = f"models/{MODEL}/predict" if what == "predict" else "detect"
        return self.to(path, json.dumps({"data": rows_of(count)}).encode())

    def to(self, path: str, body: bytes, media_type: str = "application/json") -> Request:
        """A request of the API."""
        headers = {"Content-Type": media_type, "X-API-Key": self.key}
        return Request(f"{self.server.url}/api/v1/{path}", body, headers)

    def train(self, name: str, rows: list[list[float]], **options: Any) -> None:
        """Train a model, and wait for it."""
        self.client.train_model(rows, model_name=name, **options)


@contextlib.contextmanager
def ours(processes: int = PROCESSES) -> Iterator[Ours]:
    """Our server, freshly started, with a trained forest."""
    with tempfile.TemporaryDirectory(prefix="pynomaly-bench-") as name, contextlib.ExitStack() as closing:
        folder = Path(name)
        env = {**UNLIMITED, "PYNOMALY_WORKERS": str(processes), "PYTHONPATH": os.pathsep.join(sys.path)}
        server = EmbeddedServer(folder / "data", config_home=folder / "config", env=env)
        closing.enter_context(server)
        profile = read_profile(server.profile)
        assert profile is not None
        client = PynomalyClient(api_key=profile.api_key, base_url=server.url, timeout=600)
        closing.enter_context(client)
        found = Ours(server, client, profile.api_key)
        found.train(MODEL, rows_of(TRAINED_ROWS, seed=0), random_state=0)
        yield found


@contextlib.contextmanager
def echo(beside: Ours, folder: Path) -> Iterator[Running]:
    """Our server with a prediction that sends the body back, on the database and Valkey of the other."""
    port = free_port()
    env = {**beside.api.environ(), "PYNOMALY_PORT": str(port), "PYTHONPATH": os.pathsep.join(sys.path)}
    argv = [sys.executable, str(HERE / "peers" / "echo.py")]
    with started(argv, env, port, folder / "echo.log") as process:

        def request(_what: str, count: int) -> Request:
            asked = beside.request("predict", count)
            return Request(
                asked.url.replace(beside.server.url, f"http://127.0.0.1:{port}"), asked.body, asked.headers
            )

        yield Running("echo", process, request)


def measured(server: Running, what: str, count: int, seconds: float) -> Figure | None:
    """Load a server, after a moment that is not counted; None where it does not do that."""
    request = server.request(what, count)
    if request is None:
        return None
    load(request, min(2.0, seconds))
    before = server.processor()
    went = load(request, seconds)
    return Figure(went, (server.processor() - before) / max(went.requests, 1))


def report(name: str, figure: Figure, against: Figure | None = None) -> None:
    """One line; with the ratios where there is something to compare it with."""
    went = figure.went
    line = (
        f"    {name:10} {went.per_second:9,.1f}/s   p50 {went.p50 * 1e3:8.2f} ms   p99 "
        f"{went.p99 * 1e3:8.2f} ms   processors {figure.processor * 1e3:8.2f} ms"
    )
    if not went.requests:
        line = f"    {name:10} answered nothing in time; load longer (--seconds)"
    elif against is not None and against.went.requests:
        line += (
            f"   ours: {against.went.per_second / went.per_second:.1f}x requests, "
            f"{went.p99 / against.went.p99:.1f}x shorter p99, "
            f"{figure.processor / against.processor:.1f}x less work"
        )
    print(line + (f"   {went.failed} FAILED" if went.failed else ""), flush=True)


def compare(servers: list[Running], what: str, count: int, seconds: float, title: str) -> None:
    """Load all of them in turn, ours first, and print a table."""
    print(f"{title}: {what} {count} x {FEATURES}, {CONNECTIONS} connections", flush=True)
    first: Figure | None = None
    for server in servers:
        figure = measured(server, what, count, seconds)
        if figure is None:
            print(f"    {server.name:10} does not do that")
            continue
        report(server.name, figure, first)
        first = first or figure


def in_process(on: Ours, times: int) -> None:
    """P3: the client's call of an array against scikit-learn in the caller's own process, in turn."""
    array = np.random.default_rng(2).normal(size=(1_000, FEATURES))
    ours_, theirs = [], []
    for _ in range(times + 1):
        began = time.perf_counter()
        on.client.detect_anomalies(array)
        between = time.perf_counter()
        IsolationForest(n_estimators=100, max_samples=256, random_state=0).fit(array).score_samples(array)
        ours_.append(between - began)
        theirs.append(time.perf_counter() - between)
    mine, other = statistics.median(ours_[1:]), statistics.median(theirs[1:])
    print(
        f"P3: client.detect_anomalies(1,000 x {FEATURES}) {mine * 1e3:.1f} ms, scikit-learn in the caller's "
        f"process {other * 1e3:.1f} ms: {other / mine:.1f}x"
    )


def memory(on: Ours, models: int, requests: int) -> list[list[float]]:
    """P7: MiB that each API process holds before and after each fifth of many mixed requests."""
    with ThreadPoolExecutor(CONNECTIONS) as threads:
        rows = rows_of(200, seed=0)
        list(threads.map(lambda n: on.train(f"m{n}", rows, random_state=n), range(models)))
    array = io.BytesIO()
    np.save(array, np.array(rows_of(100)))
    mixed: list[Request] = []
    for number in range(models):
        mixed += [
            on.to(f"models/m{number}/predict", json.dumps({"data": rows_of(1, seed=number)}).encode()),
            on.to(f"models/m{number}@1/predict", array.getvalue(), "application/x-npy"),
            on.to("detect", json.dumps({"data": rows_of(50, seed=number), "algorithm": "iqr"}).encode()),
            on.to("detect", json.dumps({"data": rows_of(50, seed=number), "contamination": 7}).encode()),
        ]
    held = [_resident(on)]
    for _ in range(5):
        by_sockets(mixed, count=requests // 5)
        held.append(_resident(on))
    for part, sizes in enumerate(zip(*held, strict=True)):
        told = " -> ".join(f"{size:.0f}" for size in sizes)
        print(f"P7: API process {part + 1} holds {told} MiB over {requests:,} requests to {models} models")
    return held


def _resident(on: Ours) -> list[float]:
    return [process.memory_info().rss / MIB for process in on.api.children(recursive=True)]


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=10.0, help="of each load")
    parser.add_argument("--peers", nargs="*", choices=PEERS, default=list(PEERS), help="which, in this order")
    parser.add_argument("--requests", type=int, default=10_000, help="of the measurement of memory")
    parser.add_argument("--models", type=int, default=50, help="of the measurement of memory")
    chosen = parser.parse_args(arguments)
    load_ = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load_:.1f} before the start; loaded by {generator()}", flush=True)
    with ours() as on, tempfile.TemporaryDirectory(prefix="pynomaly-peers-") as name:
        mine = Running("ours", on.api, on.request)
        with echo(on, Path(name)) as echoing:
            compare([mine, echoing], "predict", 1, chosen.seconds, "P5, beside an endpoint that echoes")
        for each in chosen.peers:
            try:
                with peer(each, Path(name) / each) as theirs:
                    compare([mine, theirs], "predict", 1, chosen.seconds, "P1")
                    compare([mine, theirs], "predict", 100, chosen.seconds, "predict")
                    compare([mine, theirs], "detect", 1_000, chosen.seconds, "P2")
            except (RuntimeError, OSError, subprocess.CalledProcessError) as fault:
                print(f"{each} is left out: {fault}", flush=True)
        in_process(on, max(3, round(chosen.seconds)))
        memory(on, chosen.models, chosen.requests)


if __name__ == "__main__":
    main()
