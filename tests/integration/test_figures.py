"""Figures of several processes, in a real Valkey and on both databases."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import redis
from tests.integration.conftest import PATIENCE, Processes, World

from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.jobs.tasks import JobTools, run_next_job
from pynomaly_server.problems import ProblemError
from pynomaly_server.system.health import HealthService
from pynomaly_server.telemetry import totals as totals_module
from pynomaly_server.telemetry.figures import CELLS, LEASES_LOST, MISSING_CELLS, SHED
from pynomaly_server.telemetry.meters import take_all
from pynomaly_server.telemetry.service import FiguresService
from pynomaly_server.telemetry.totals import Reporter, Totals
from pynomaly_server.worker.broker import connect
from pynomaly_server.worker.shutdown import ShutdownFlag


@pytest.fixture
def client(valkey: str) -> Iterator[redis.Redis]:
    take_all()  # what other tests of this process have counted
    with connect(valkey) as client:
        client.flushall()
        yield client


class AnswerLost:
    """A broker that does what it is asked and whose answer does not arrive."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client

    def eval(self, *arguments: object) -> None:
        self._client.eval(*arguments)
        raise redis.ConnectionError("the answer was lost")


def test_what_several_processes_have_counted_is_added_up(client):
    processes = [Totals(client) for _ in range(3)]
    for process in processes:
        SHED.add("a lane", amount=2)
        process.add()
        process.add()
    assert processes[0].read() == {"pynomaly_shed_total\x1fa lane": 6}


def test_what_was_added_counts_once_though_the_answer_was_lost(client):
    totals = Totals(AnswerLost(client))
    SHED.add("a lane")
    with pytest.raises(redis.ConnectionError):
        totals.add()
    totals._client = client
    SHED.add("a lane", amount=4)
    totals.add()
    totals.add()
    assert totals.read() == {"pynomaly_shed_total\x1fa lane": 5}


def test_what_cannot_be_added_is_kept_until_the_broker_answers(client, tmp_path):
    totals = Totals(connect(f"unix://{tmp_path}/nobody"))
    for _ in range(3):
        SHED.add("a lane")
        with pytest.raises(redis.ConnectionError):
            totals.add()
    totals._client = client
    totals.add()
    totals.add()
    assert totals.read() == {"pynomaly_shed_total\x1fa lane": 3}


class FailsOnce:
    """A client whose first exchange fails in a way that none of its errors is."""

    def __init__(self, client: redis.Redis) -> None:
        self._client = client
        self.worked = threading.Event()
        self._failed = False

    def ping(self) -> None:
        raise LookupError("unknown encoding: idna")

    def eval(self, *arguments: object) -> None:
        if not self._failed:
            self._failed = True
            raise LookupError("unknown encoding: idna")
        self._client.eval(*arguments)
        self.worked.set()


def test_a_process_goes_on_telling_after_a_fault_that_nobody_foresaw(client, monkeypatch):
    monkeypatch.setattr(totals_module, "ADD_SECONDS", 0.01)
    once = FailsOnce(client)
    SHED.add("a lane")
    reporter = Reporter(Totals(once))
    reporter.start()
    assert once.worked.wait(PATIENCE)
    reporter.stop()
    assert Totals(client).read() == {"pynomaly_shed_total\x1fa lane": 1}


def test_only_what_is_about_the_present_is_counted_by_windows(client):
    totals = Totals(client)
    LEASES_LOST.add("job")
    CELLS.add("request", amount=10)
    totals.add()
    CELLS.add("request", amount=5)
    totals.add()
    assert totals.recent() == {"pynomaly_cells_total\x1frequest": 15}
    windows = list(client.scan_iter("pynomaly:figures:[0-9]*"))
    assert windows
    assert all(0 < client.ttl(window) <= 1_200 for window in windows)


class Figures:
    """The figures as Prometheus reads them, by name and labels."""

    def __init__(self, world: World) -> None:
        self._world = world
        health = HealthService({}, frozenset())
        self.service = FiguresService(world.async_sessions, world.auth, health, world.settings)

    async def read(self) -> dict[str, float]:
        text = await self.service.text(self._world.principal)
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@pytest.fixture
def figures(world: World) -> Figures:
    take_all()
    return Figures(world)


async def test_jobs_are_counted_where_they_are(world, figures):
    first = await world.submit()
    await world.submit()
    world.change(first.job_id, created_at=datetime.now(UTC) - timedelta(seconds=600))
    read = await figures.read()
    assert read['pynomaly_queue_depth{queue="small",state="queued"}'] == 2
    assert read['pynomaly_queue_depth{queue="large",state="queued"}'] == 0
    assert 600 <= read['pynomaly_oldest_job_age_seconds{queue="small",state="queued"}'] < 700
    assert read[f'pynomaly_tenant_unfinished_jobs{{tenant="{world.principal.tenant_id}"}}'] == 2
    assert read[f'pynomaly_tenant_dataset_bytes{{tenant="{world.principal.tenant_id}"}}'] > 1_000
    assert read["pynomaly_tenants"] == 1


async def test_the_end_of_a_job_is_counted_with_what_it_found(world, figures):
    done, cancelled = await world.submit(algorithm="ecod", contamination=0.1), await world.submit()
    await world.jobs.cancel(world.principal, cancelled.job_id)
    tools = JobTools(world.attempts, world.store, world.settings, ShutdownFlag())
    run_next_job(JobQueue.SMALL, tools)
    assert await world.state(done.job_id) == "succeeded"
    read = await figures.read()
    assert read['pynomaly_jobs_finished_total{kind="detection",state="succeeded"}'] == 1
    assert read['pynomaly_jobs_finished_total{kind="detection",state="cancelled"}'] == 1
    assert read['pynomaly_job_duration_seconds_count{kind="detection"}'] == 2
    assert read['pynomaly_job_wait_seconds_count{kind="detection"}'] == 1
    assert read['pynomaly_rows_scored_total{algorithm="ecod",dataset="dataset"}'] == 300
    assert read['pynomaly_anomalies_detected_total{algorithm="ecod",dataset="dataset"}'] == 30
    assert read['pynomaly_model_inference_seconds_count{algorithm="ecod",work="job"}'] == 1
    assert read['pynomaly_data_quality_score{dataset="dataset"}'] == 1


async def test_an_end_that_is_rolled_back_is_not_counted(world, figures):
    job = await world.submit()
    attempt = world.attempts.claim(job.job_id)

    def fail(_session: object) -> None:
        raise RuntimeError("the transaction ends here")

    with pytest.raises(RuntimeError):
        world.attempts.succeed(attempt, attempt.result_key, 300, fail)
    world.attempts.fail(attempt, ProblemError("bad-dataset", "No."))
    ended = {name: count for name, count in (await figures.read()).items() if "jobs_finished" in name}
    assert ended == {'pynomaly_jobs_finished_total{kind="detection",state="failed"}': 1}


async def test_quality_is_the_share_of_cells_that_hold_something(world, figures):
    CELLS.add("request", amount=200)
    MISSING_CELLS.add("request", amount=50)
    assert (await figures.read())['pynomaly_data_quality_score{dataset="request"}'] == 0.75


async def test_a_lost_lease_is_counted(world, figures):
    job = await world.submit()
    world.attempts.claim(job.job_id)
    world.change(job.job_id, lease_until=datetime.now(UTC) - timedelta(seconds=60))
    world.sweeper.sweep()
    assert (await figures.read())['pynomaly_lease_losses_total{work="job"}'] == 1


async def test_the_figures_are_for_the_operators_tenant_alone(world, figures):
    neighbour = replace(world.principal, tenant_id="ten_neighbour")
    with pytest.raises(ProblemError, match="read by the tenant 'default' alone") as refused:
        await figures.service.text(neighbour)
    assert refused.value.code == "forbidden"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_without_the_broker_counters_are_left_out_and_do_not_go_back(world, figures, tmp_path):
    nobody = world.settings.model_copy(update={"redis_url": f"unix://{tmp_path}/nobody"})
    SHED.add("a lane")
    alone = FiguresService(world.async_sessions, world.auth, HealthService({}, frozenset()), nobody)
    figures.service, there = alone, figures.service
    read = await figures.read()
    assert "pynomaly_tenants" in read
    assert not [name for name in read if "_total" in name]
    figures.service = there
    assert 'pynomaly_shed_total{lane="a lane"}' not in await figures.read()  # the other one has kept it
    alone.totals._client = there.totals._client
    alone.totals.add()
    assert (await figures.read())['pynomaly_shed_total{lane="a lane"}'] == 1


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_killed_workers_leave_their_counts_and_nothing_else(
    world: World, figures: Figures, processes: Processes
):
    finished = 'pynomaly_jobs_finished_total{kind="detection",state="succeeded"}'
    for done in (1, 2):
        worker = processes.worker()
        job = await world.submit(algorithm="ecod")
        async with asyncio.timeout(PATIENCE):
            while await world.state(job.job_id) != "succeeded":
                assert worker.popen.poll() is None, worker.said()
                world.sweeper.sweep()
            while (await figures.read()).get(finished) != done:
                assert worker.popen.poll() is None, worker.said()
        worker.signal_all(signal.SIGKILL)
        worker.popen.wait()
        assert (await figures.read())[finished] == done
