"""Finds jobs that nobody works on: silent workers lose theirs, what the broker lost is published again."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import redis
import structlog

from pynomaly_server.db.readiness import wait_for_tables
from pynomaly_server.db.session import make_engine, make_sessions
from pynomaly_server.features import Features
from pynomaly_server.jobs.attempts import Attempts
from pynomaly_server.jobs.light.rules import messages_for
from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.jobs.retention import sweep_storage
from pynomaly_server.jobs.shards.table import Shards
from pynomaly_server.logs import configure_logging
from pynomaly_server.models.retraining.watch import retraining
from pynomaly_server.outages import Outage
from pynomaly_server.reloading import reloaded
from pynomaly_server.settings import Settings
from pynomaly_server.storage.objects import ObjectStore
from pynomaly_server.telemetry import tracing
from pynomaly_server.telemetry.figures import LEASES_LOST
from pynomaly_server.telemetry.totals import reporter
from pynomaly_server.webhooks.deliverer import delivering
from pynomaly_server.worker.broker import connect, queue_name
from pynomaly_server.worker.celery_app import make_celery, publish

LOST_SECONDS: Final = 5.0
"""How long a job waits at least before its message may be one of those that a queue lacks."""
DOUBTFUL_SECONDS: Final = 60.0
"""After this long it is published again although no message is lacking, as long as there are not twice as
many as are needed: a message too many does no harm."""
_log = structlog.get_logger("pynomaly.sweeper")


class Broker(Protocol):
    """The broker, as far as the sweeper needs it; both raise when it cannot be reached."""

    def length(self, queue: JobQueue) -> int:
        """Messages in `queue` that no worker has taken yet."""

    def publish(self, job_id: str, queue: JobQueue) -> None:
        """Tell the workers of `queue` that this job is in it."""


@dataclass(frozen=True, slots=True)
class Sweeper:
    """A sweep is harmless at any time and beside any number of others: each of its changes is conditional."""

    attempts: Attempts
    broker: Broker

    def sweep(self) -> None:
        """Take back what silent workers hold, then publish what waits and is in nobody's hands."""
        taken = self.attempts.take_back()
        if taken:
            LEASES_LOST.add("job", amount=len(taken.requeued) + len(taken.crashed) + len(taken.cancelled))
            _log.warning(
                "jobs taken back from silent workers",
                requeued=list(taken.requeued),
                crashed=list(taken.crashed),
                cancelled=list(taken.cancelled),
            )
        shards = self.shards.take_back()
        if shards:
            LEASES_LOST.add("shard", amount=len(shards.requeued) + len(shards.crashed))
            _log.warning(
                "shards taken back from silent workers",
                requeued=list(shards.requeued),
                crashed=list(shards.crashed),
            )
        of_jobs, of_shards = self.attempts.waiting(), self.shards.waiting()
        for queue in JobQueue:
            light = of_jobs[queue].light
            self._publish_lost(queue, messages_for(light, of_jobs[queue].jobs - light + of_shards[queue]))

    @property
    def shards(self) -> Shards:
        """Claims of shards, in the database of the attempts."""
        return Shards(self.attempts)

    def _publish_lost(self, queue: JobQueue, needed: int) -> None:
        """Bring as many messages into `queue` as its jobs and shards need; any will do for any."""
        messages = self.broker.length(queue)
        if messages < needed:
            due = self._due(queue, LOST_SECONDS, needed - messages)
        elif messages < 2 * needed:
            due = self._due(queue, DOUBTFUL_SECONDS, 2 * needed - messages)
        else:
            return
        for position, job_id in enumerate(due):
            try:
                self.broker.publish(job_id, queue)
            except Exception:
                self.attempts.not_published(due[position:])
                self.shards.not_published(due[position:])
                raise
        if due:
            _log.info("jobs published again", queue=str(queue), count=len(due))

    def _due(self, queue: JobQueue, seconds: float, at_most: int) -> Sequence[str]:
        jobs = self.attempts.due(queue=queue, waiting_seconds=seconds, at_most=at_most)
        left = at_most - len(jobs)
        shards = self.shards.due(queue=queue, waiting_seconds=seconds, at_most=left) if left > 0 else []
        return [*jobs, *shards]


class BrokerQueue:
    """The real queue."""

    def __init__(self, settings: Settings) -> None:
        self._client: redis.Redis = connect(settings.broker_url)
        self._app = make_celery(settings)

    def length(self, queue: JobQueue) -> int:
        """Messages in `queue` that no worker has taken yet."""
        return int(self._client.llen(queue_name(queue)))

    def publish(self, job_id: str, queue: JobQueue) -> None:
        """Tell the workers of `queue` that this job is in it."""
        publish(self._app, job_id, queue)


def run(settings: Settings) -> None:
    """Sweep at once and then every `sweep_seconds`, until SIGTERM or SIGINT; nothing that fails ends it."""
    settings = settings.complete()
    configure_logging(settings)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, _setter(stop))
    reload = threading.Event()
    signal.signal(signal.SIGHUP, _setter(reload))
    if not wait_for_tables(settings, stop.wait):
        return
    sessions = make_sessions(make_engine(settings))
    attempts = Attempts(
        sessions, lease_seconds=settings.lease_seconds, max_attempts=settings.job_max_attempts
    )
    sweeper = Sweeper(attempts, BrokerQueue(settings))
    features = Features(settings.switched_off)
    sweep_storage(sessions, ObjectStore.from_url(settings.storage_url), stop)
    tracing.configure(settings, "sweeper")
    figures = reporter(settings.broker_url)
    figures.start()
    outage = Outage(_log, "sweeps fail; lost jobs wait", "sweeps succeed again")
    _log.info("sweeper started")
    with delivering(settings), retraining(settings, features):
        while not stop.is_set():
            if reload.is_set():
                reload.clear()
                settings = reloaded(settings)
                features.switch_off(settings.switched_off)
            try:
                sweeper.sweep()
            except Exception as error:  # noqa: BLE001
                # Database or broker are away; the next sweep finds what this one did not.
                outage.failed(error)
            else:
                outage.succeeded()
            stop.wait(settings.sweep_seconds)
    figures.stop()
    tracing.close()
    _log.info("sweeper stopped")


def _setter(event: threading.Event) -> Callable[[int, Any], None]:
    def on_signal(_number: int, _frame: Any) -> None:
        event.set()

    return on_signal
