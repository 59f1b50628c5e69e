"""Jobs are submitted without a pause while everything they depend on fails, one thing after another."""

from __future__ import annotations

import io
import random
import signal
import threading
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

import polars as pl
import redis

from pynomaly import PynomalyClient
from pynomaly.errors import APIError
from pynomaly.transport.content import Content
from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.jobs.result_objects import rows_key
from pynomaly_server.settings import Settings
from pynomaly_server.storage.objects import ObjectStore
from pynomaly_server.worker.celery_app import make_celery, publish

from . import poison  # noqa: TID252 - the file beside this one
from .parts import (  # noqa: TID252
    DATABASE,
    PATIENCE,
    Postgres,
    Process,
    Server,
    SmallDisk,
    Valkey,
    free_port,
    until,
)
from .proxy import FaultProxy  # noqa: TID252
from .tally import Tally  # noqa: TID252

TINY_ROWS, LONG_ROWS, LARGE_ROWS = 30, 300, 600
# The large ones are fitted on so many rows and scored in shards of so many.
FIT_ROWS, SHARD_ROWS = LONG_ROWS, 150
LEASE_SECONDS = 2.0
MOST_CRASHES = 5
LONG_JOBS, LARGE_JOBS, DOUBLE_SUBMISSIONS = 0.1, 0.15, 0.2
DISK_BYTES = 64
STORAGE_BYTES = 256 * 1024 * 1024
CLOCK_SECONDS = 30.0
# So many jobs may wait for a worker when the next fault comes: it is to meet work, and workers killed
# faster than they can start would only heap up what is measured at the end.
BACKLOG = 40
HELD = (
    "SELECT id FROM jobs WHERE state = 'running' AND worker IS NOT NULL UNION ALL "
    "SELECT id FROM job_shards JOIN jobs ON id = job_id WHERE jobs.state = 'running' AND jobs.worker IS NULL "
    "AND jobs.attempt = job_shards.attempt AND job_shards.state = 'running'"
)
UNFINISHED = "SELECT id FROM jobs WHERE finished_at IS NULL"


@dataclass
class Programme:
    """A whole server behind proxies, and the faults it is put to; `seed` draws victims and jobs."""

    folder: Path
    workers: int = 2
    seed: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    accepted: dict[str, set[str]] = field(default_factory=dict)
    poisoned: list[str] = field(default_factory=list)
    rows_of: dict[str, int] = field(default_factory=dict)

    def __enter__(self) -> Self:
        self._stack = ExitStack()
        with self._stack as stack:
            self._open(stack)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def _open(self, stack: ExitStack) -> None:
        self.random = random.Random(self.seed)
        self.lock = threading.Lock()
        poison.install(self.folder / "plugins")
        self.disk = SmallDisk(self.folder / "data", STORAGE_BYTES)
        stack.callback(self.disk.unmount)
        self.postgres = Postgres(self.folder / "postgres")
        stack.callback(self.postgres.stop)
        self.valkey = Valkey(self.folder / "valkey")
        stack.callback(self.valkey.kill)
        self.to_database = stack.enter_context(FaultProxy(self.postgres.socket))
        self.to_broker = stack.enter_context(FaultProxy(("127.0.0.1", self.valkey.port)))
        self.server = Server(
            self.folder,
            f"postgresql://postgres@127.0.0.1:{self.to_database.port}/{DATABASE}",
            f"redis://127.0.0.1:{self.to_broker.port}/0",
            {
                "lease_seconds": LEASE_SECONDS,
                "sweep_seconds": 0.5,
                "job_chunk_rows": 10,
                "job_fit_rows": FIT_ROWS,
                "job_shard_rows": SHARD_ROWS,
                "job_max_attempts": MOST_CRASHES,
            },
        )
        stack.callback(self.server.stop)
        self.server.run("migrate")
        key = self.server.run("keys", "create", "chaos").strip()
        self.postgres.ask("CREATE TABLE endings (job_id text, state text, attempt int)")
        self.postgres.ask(
            "CREATE FUNCTION note_ending() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "INSERT INTO endings VALUES (NEW.id, NEW.state, NEW.attempt); RETURN NEW; END $$"
        )
        self.postgres.ask(
            "CREATE TRIGGER endings AFTER UPDATE OF state ON jobs FOR EACH ROW WHEN (NEW.state IN "
            "('succeeded', 'failed', 'cancelled')) EXECUTE FUNCTION note_ending()"
        )
        self.postgres.ask("CREATE TABLE crashes (job_id text)")
        for table, column in (("jobs", "id"), ("job_shards", "job_id")):
            self.postgres.ask(
                f"CREATE FUNCTION note_crash_in_{table}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
                f"INSERT INTO crashes VALUES (NEW.{column}); RETURN NEW; END $$"
            )
            self.postgres.ask(
                f"CREATE TRIGGER crashes AFTER UPDATE OF crashes ON {table} FOR EACH ROW "
                f"WHEN (NEW.crashes > OLD.crashes) EXECUTE FUNCTION note_crash_in_{table}()"
            )
        port = free_port()
        self.api = self.server.start("api", "--port", str(port))
        self.sweeper = self.server.start("sweeper")
        self.at_work = [self._worker() for _ in range(self.workers)]
        self.client = stack.enter_context(
            PynomalyClient(api_key=key, base_url=f"http://127.0.0.1:{port}", timeout=30, max_retries=6)
        )
        self.submitters = stack.enter_context(ThreadPoolExecutor(4))
        self.store = ObjectStore.from_url((self.folder / "data" / "objects").as_uri())
        self.datasets = [
            (self._insist(lambda rows=rows: self._upload(rows)), rows)
            for rows in (TINY_ROWS, LONG_ROWS, LARGE_ROWS)
        ]

    def _worker(self, **env: str) -> Process:
        return self.server.start("worker", "--concurrency", "1", **env)

    def _upload(self, rows: int, last: float = 1.0) -> str:
        lines = "\n".join(f"{(row * 37) % 101}.5,{(row * 17) % 13}" for row in range(rows - 1))
        table = Content("text/csv", f"amount,items\n{lines}\n{last},1\n".encode())
        return self.client.datasets.upload_dataset(table).dataset_id

    def _insist(self, call: Callable[[], str]) -> str:
        """Call as somebody does who must have an answer: again, with the same key, until there is one."""
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                return call()
            except APIError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.5)

    def submit(self, count: int) -> list[Future[None]]:
        """Submit jobs from several threads, some of them twice at the same time."""
        asked = []
        for _ in range(count):
            key = f"key-{self.random.getrandbits(64):x}"
            weights = (1 - LONG_JOBS - LARGE_JOBS, LONG_JOBS, LARGE_JOBS)
            source = self.random.choices(self.datasets, weights)[0]
            times = 1 + (self.random.random() < DOUBLE_SUBMISSIONS)
            asked += [self.submitters.submit(self._submit, key, *source) for _ in range(times)]
        return asked

    def _submit(self, key: str, dataset_id: str, rows: int, algorithm: str = "iqr") -> None:
        job_id = self._insist(
            lambda: (
                self.client.batch_detect(
                    data_sources=[dataset_id], algorithm=algorithm, idempotency_key=key
                ).job_id
            )
        )
        with self.lock:
            self.accepted.setdefault(key, set()).add(job_id)
            self.rows_of[job_id] = rows
            if algorithm == poison.NAME:
                self.poisoned.append(job_id)

    def submit_poison(self, count: int) -> None:
        """Submit jobs that end each worker process that takes them."""
        deadly = self._insist(lambda: self._upload(TINY_ROWS, last=poison.VALUE))
        for number in range(count):
            self._submit(f"poison-{number}", deadly, TINY_ROWS, algorithm=poison.NAME)
            self.faults["poison job"] += 1

    def run(self, faults: list[Callable[[], None]], jobs_each: int) -> None:
        """Before each fault submit jobs, so that it meets some; at the end all submissions have an answer."""
        asked = []
        for fault in faults:
            until(lambda: self._waiting() <= BACKLOG, "workers to catch up", 5 * PATIENCE)
            asked += self.submit(jobs_each)
            self._work_is_going_on()
            fault()
            self.faults[fault.__name__.replace("_", " ")] += 1
        for answer in asked:
            answer.result()

    def _work_is_going_on(self) -> None:
        started = time.monotonic()
        until(
            lambda: self._running() or (time.monotonic() - started > 20 and not self._count(UNFINISHED)),
            "a job at work",
        )

    def _waiting(self) -> int:
        self._running()
        return self._count(UNFINISHED)

    def _count(self, statement: str) -> int:
        return len(self.postgres.ask(statement))

    def _running(self) -> int:
        for process in (self.api, self.sweeper, *self.at_work):
            process.revive()
        return self._count("SELECT 1 FROM jobs WHERE state = 'running'")

    def _crashes(self) -> int:
        return self._count("SELECT job_id FROM crashes")

    # The faults, by the names they are reported under.

    def worker_killed(self) -> None:
        self.random.choice(self.at_work).kill_and_restart()

    def pool_process_killed(self) -> None:
        self.random.choice(self.at_work).kill_children()

    def every_worker_killed(self) -> None:
        for worker in self.at_work:
            worker.kill_and_restart()

    def workers_asleep_past_their_lease(self) -> None:
        """Others take over what they held; then they wake up and go on as if nothing had happened."""
        before = self._crashes()
        for worker in self.at_work:
            worker.signal_all(signal.SIGSTOP)
        held = self._count(HELD)
        until(lambda: self._crashes() > before or not held, "jobs of sleeping workers taken back")
        substitute = self._worker()
        self.submit(2)
        until(lambda: "claimed" in substitute.log.read_text(), "a substitute at work")
        for worker in self.at_work:
            worker.signal_all(signal.SIGCONT)
        substitute.kill()

    def sweeper_killed(self) -> None:
        self.sweeper.kill_and_restart()

    def api_killed(self) -> None:
        self.api.kill_and_restart()

    def valkey_killed_and_restarted(self) -> None:
        self.valkey.kill_and_restart()

    def valkey_flushed(self) -> None:
        self._at_valkey(lambda client: client.flushall())

    def database_restarted(self) -> None:
        self.postgres.restart("fast")

    def database_crashed_and_restarted(self) -> None:
        self.postgres.restart("immediate")

    def every_message_delivered_again(self) -> None:
        app = make_celery(
            Settings.load(redis_url=f"redis://127.0.0.1:{self.valkey.port}/0", secret_key="x" * 32)
        )
        for _ in range(2):
            for job_id, queue in self.postgres.ask("SELECT id, queue FROM jobs"):
                publish(app, job_id, JobQueue(queue))
        app.close()

    def disk_full(self) -> None:
        """No byte can be stored any more."""
        with self.disk.filled():
            self._nothing_can_be_stored()

    def file_size_limited(self) -> None:
        """For API and workers: no file may grow beyond some bytes."""
        everybody = [self.api, *self.at_work]
        for process in everybody:
            process.limit_files(DISK_BYTES)
        self._nothing_can_be_stored()
        for process in everybody:
            process.limit_files(-1)

    def _nothing_can_be_stored(self) -> None:
        """An upload is refused, and some job meets it too."""
        before = self._crashes()
        try:
            self._upload(TINY_ROWS)
            raise AssertionError("an upload was accepted that cannot have been stored")
        except APIError:
            pass
        until(
            lambda: self._crashes() > before or not self._count(UNFINISHED), "a job that finds the disk full"
        )

    def database_clock_stepped_to_and_fro(self) -> None:
        """All leases are over at once; a moment later they seem to hold for longer than they should."""
        self.postgres.set_clock(CLOCK_SECONDS)
        self._a_while(3 * LEASE_SECONDS)
        self.postgres.set_clock(0)

    def worker_with_a_jumping_clock(self) -> None:
        self.at_work.append(self._worker(CHAOS_CLOCK="1"))

    def database_far_away(self) -> None:
        self.to_database.latency(0.05)
        self._a_while(LEASE_SECONDS)
        self.to_database.heal()

    def connections_reset(self) -> None:
        self.to_database.reset()
        self.to_broker.reset()

    def database_stalls_past_the_lease(self) -> None:
        self.to_database.stall()
        self._a_while(2 * LEASE_SECONDS)
        self.to_database.heal()

    def database_connections_half_open(self) -> None:
        self.to_database.half_open()
        self._a_while(2 * LEASE_SECONDS)
        self.to_database.heal()

    def broker_connections_half_open(self) -> None:
        self.to_broker.half_open()
        self._a_while(2 * LEASE_SECONDS)
        self.to_broker.heal()

    def _a_while(self, seconds: float) -> None:
        time.sleep(seconds)

    def _at_valkey(self, command: Callable[[redis.Redis], object]) -> None:
        def answered() -> bool:
            try:
                with redis.Redis(port=self.valkey.port) as client:
                    command(client)
            except redis.RedisError:
                return False
            return True

        until(answered, "Valkey to answer")

    def settle(self, within: float) -> Tally:
        """Wait until every job has ended, and count."""
        started = time.monotonic()
        while (unfinished := self.postgres.ask(UNFINISHED)) and time.monotonic() - started < within:
            self._running()
            time.sleep(0.2)
        settled = time.monotonic() - started
        with suppress(AssertionError):
            until(lambda: not self._left_behind(), "the removal of shards")
        rows = self.postgres.ask(
            "SELECT id, idempotency_key, state, attempt, crashes, result_key, error->>'code', rows FROM jobs "
            "LEFT JOIN job_results ON job_id = id"
        )
        jobs = {row[0]: row for row in rows}
        answered = {job_id for ids in self.accepted.values() for job_id in ids}
        endings = Counter(job_id for (job_id,) in self.postgres.ask("SELECT job_id FROM endings"))
        duplicated = {job_id for job_id, count in endings.items() if count > 1}
        duplicated |= {key for key, ids in self.accepted.items() if len(ids) != 1}
        duplicated |= {row[1] for row in rows if row[0] not in answered}
        duplicated |= {job_id for job_id, *_ in rows if not self._result_is_right(jobs[job_id])}
        return Tally(
            submitted=len(self.accepted),
            lost=sorted(answered - jobs.keys()),
            duplicated=sorted(duplicated),
            unfinished=[job_id for (job_id,) in unfinished],
            states=dict(Counter(row[2] for row in rows)),
            given_up=[row[0] for row in rows if row[2] != "succeeded" and row[0] not in self.poisoned],
            poison=[(jobs[job_id][2], jobs[job_id][4], jobs[job_id][6]) for job_id in self.poisoned],
            sharded=sum(bool(row[5]) and "-" in row[5].rpartition("/")[2] for row in rows),
            left_behind=self._left_behind(),
            faults=dict(self.faults),
            settled_after=settled,
        )

    def _left_behind(self) -> list[str]:
        """Objects that shards have read or made; none is left some seconds after its job's end."""
        return sorted(str(path) for path in self.store.root.rglob("*.parts/*"))

    def _result_is_right(self, row: tuple) -> bool:
        """A result is of the attempt that ended the job and has each row once; nothing else has one."""
        job_id, _, state, attempt, _, result_key, _, held = row
        if state != "succeeded":
            return result_key is None and held is None
        if result_key.rpartition("/")[2].partition("-")[0] != str(attempt):
            return False
        if held is None:
            with self.store.local_path(rows_key(result_key)) as path:
                held = path.read_bytes()
        found = pl.read_parquet(io.BytesIO(held))["row"].to_list()
        return found == list(range(self.rows_of[job_id]))
