"""A Celery worker: a parent that talks to the broker, and child processes that do the work."""

from __future__ import annotations

import logging
import os
import signal
import socket
import threading
import warnings
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final

import structlog

from pynomaly_server.ids import new_id
from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.logs import configure_logging
from pynomaly_server.reloading import Reloads, reloaded
from pynomaly_server.settings import Settings
from pynomaly_server.worker.consumers import Consumer, ConsumerGroup, divide
from pynomaly_server.worker.containment import LEFT, TemporaryFolder, bound_memory, leave, most_kib_per_child
from pynomaly_server.worker.shutdown import ShutdownFlag
from pynomaly_server.worker.turns import FirstBeforeOthers

if TYPE_CHECKING:
    from pynomaly_server.jobs.tasks import JobTools
    from pynomaly_server.telemetry.totals import Reporter

_THREAD_VARIABLES: Final = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMBA_NUM_THREADS",
    "POLARS_MAX_THREADS",
)
_log = structlog.get_logger("pynomaly.worker")


def run(
    settings: Settings, concurrency: int, queues: Sequence[JobQueue], tie: Callable[[], None] | None
) -> None:
    """Work on jobs until SIGTERM or SIGINT; then give back what is not done.

    Args:
        settings: checked settings.
        concurrency: how many jobs at once.
        queues: where to take them from.
        tie: called in each process that is forked from this one, for it to end with this one.
    """
    configure_logging(settings.complete())
    if not _wait_for_tables(settings):
        return
    consumers = divide(queues, concurrency)
    if len(consumers) == 1:
        _consume(settings, consumers[0], tie)
        return

    def work(consumer: Consumer) -> None:
        if tie is not None:
            tie()
        _consume(settings, consumer, tie)

    ConsumerGroup(consumers, work).run()


def _wait_for_tables(settings: Settings) -> bool:
    """Whether the database is ready; SIGTERM, SIGQUIT and SIGINT end the waiting."""
    # Celery's parent has no use for it otherwise.
    from pynomaly_server.db.readiness import wait_for_tables

    stop = threading.Event()
    before = {
        number: signal.signal(number, lambda *_: stop.set())
        for number in (signal.SIGTERM, signal.SIGQUIT, signal.SIGINT)
    }
    before[signal.SIGHUP] = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    ready = wait_for_tables(settings, stop.wait)
    for number, handler in before.items():
        signal.signal(number, handler)
    return ready and not stop.is_set()


def _consume(settings: Settings, consumer: Consumer, tie: Callable[[], None] | None) -> None:
    """Be the Celery parent of one consumer.

    It never loads a numeric library and opens no database connection: both are for the children,
    after the fork, because neither thread pools nor connections survive one.
    """
    settings = settings.complete()
    for variable in _THREAD_VARIABLES:
        # Processes are the parallelism here. OpenMP's pool can also freeze in a process that was forked.
        os.environ[variable] = "1"
    configure_logging(settings)

    from celery import signals
    from celery.platforms import SecurityWarning as RunsAsRoot

    from pynomaly_server.worker.broker import connect, queue_name
    from pynomaly_server.worker.celery_app import TASK, make_celery
    from pynomaly_server.worker.heartbeat import Heartbeat

    # Celery warns of root because a pickle in a message could do anything; we accept nothing but JSON.
    warnings.filterwarnings("ignore", category=RunsAsRoot)
    app = make_celery(settings)
    app.conf.worker_max_memory_per_child = most_kib_per_child(settings.job_max_memory)
    app.conf.broker_transport_options = {
        **app.conf.broker_transport_options,
        "queue_order_strategy": FirstBeforeOthers if consumer.first_preferred else "round_robin",
    }
    shutdown = ShutdownFlag()
    reloads = Reloads()
    child = _Child(settings, shutdown, reloads)
    name = f"{socket.gethostname()}-{new_id('wrk')}"
    heartbeat = Heartbeat(connect(settings.broker_url), name)

    app.task(name=TASK, ignore_result=True)(child.run_next_job)
    # Celery would replace our logging by its own if nobody answered this signal.
    signals.setup_logging.connect(_keep_our_logging, weak=False)
    if tie is not None:
        signals.worker_process_init.connect(lambda **_: tie(), weak=False)
    signals.worker_process_init.connect(child.open, weak=False)
    signals.worker_process_shutdown.connect(child.close, weak=False)
    signals.worker_shutting_down.connect(lambda **_: shutdown.raise_flag(), weak=False)
    worker = app.Worker(
        hostname=name,
        pool="prefork",
        concurrency=consumer.processes,
        queues=[queue_name(queue) for queue in consumer.queues],
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
        loglevel=settings.log_level.upper(),
    )
    install_handlers = worker.install_platform_tweaks

    def install_ours_too(started: Any) -> None:
        # Those of SIGTERM, SIGINT and SIGQUIT are wanted; on SIGHUP, Celery would start itself anew.
        install_handlers(started)
        _reload_on_hangup(settings, reloads)

    worker.install_platform_tweaks = install_ours_too
    logging.getLogger("celery.worker.request").addFilter(_EndAfterLostAcknowledgement())
    logging.getLogger("celery.worker.request").addFilter(_says_more_than_that_a_process_left)
    heartbeat.start()
    _log.info(
        "worker started", concurrency=consumer.processes, queues=[str(queue) for queue in consumer.queues]
    )
    try:
        worker.start()
    finally:
        heartbeat.stop()
        _log.info("worker stopped")


def _keep_our_logging(**_: Any) -> None:
    """Answer Celery's question who sets up logging."""


def _reload_on_hangup(settings: Settings, reloads: Reloads) -> None:
    """Read settings anew on SIGHUP: here at once, in each child before its next job."""
    held = settings

    def work() -> None:
        nonlocal held
        held = reloaded(held)
        reloads.add()

    # Not in the handler itself, which may have interrupted a line that is being logged.
    signal.signal(signal.SIGHUP, lambda *_: threading.Thread(target=work, daemon=True).start())


class _EndAfterLostAcknowledgement(logging.Filter):
    """Ends the worker in order when the broker was lost between a message and its acknowledgement.

    Celery only logs that; the message stays counted as being worked on, and with one message at a time the
    worker would sit idle for ever. Whatever watches over the process starts it again.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        """Let every record pass."""
        if record.levelno >= logging.CRITICAL:
            os.kill(os.getpid(), signal.SIGTERM)
        return True


def _says_more_than_that_a_process_left(record: logging.LogRecord) -> bool:
    """False for Celery's error about a process that ended on purpose, which has logged why."""
    return f"exitcode {LEFT}" not in record.getMessage()


class _Child:
    """One child process: its connections, made after the fork, and the task."""

    def __init__(self, settings: Settings, shutdown: ShutdownFlag, reloads: Reloads) -> None:
        self._settings = settings
        self._shutdown = shutdown
        self._reloads = reloads
        self._reloaded = reloads.count()
        self._folder = TemporaryFolder()
        self._tools: JobTools | None = None
        self._figures: Reporter | None = None

    def open(self, **_: Any) -> None:
        """Open what the work needs."""
        from pynomaly_server.db.session import make_engine, make_sessions
        from pynomaly_server.jobs.attempts import Attempts
        from pynomaly_server.jobs.tasks import JobTools
        from pynomaly_server.storage.objects import ObjectStore
        from pynomaly_server.telemetry import tracing
        from pynomaly_server.telemetry.totals import reporter
        from pynomaly_server.worker.celery_app import make_celery, publish

        settings = self._settings
        bound_memory(settings.job_max_memory)
        self._folder.open()
        attempts = Attempts(
            make_sessions(make_engine(settings)),
            lease_seconds=settings.lease_seconds,
            max_attempts=settings.job_max_attempts,
            retention_days=settings.result_retention_days,
        )
        tracing.configure(settings, "worker")
        self._figures = reporter(settings.broker_url)
        self._figures.start()
        app = make_celery(settings)
        self._tools = JobTools(
            attempts,
            ObjectStore.from_url(settings.storage_url),
            settings,
            self._shutdown,
            leave=self._leave,
            publish=lambda job_id, queue: publish(app, job_id, queue),
        )

    def close(self, **_: Any) -> None:
        """Remove what the work has left behind, and tell what it came to."""
        self._folder.remove()
        self._tell()

    def _leave(self) -> None:
        """End on purpose, and have said what it came to, the job's end above all."""
        self._tell()
        leave(self._folder)

    def _tell(self) -> None:
        from pynomaly_server.telemetry import tracing

        if self._figures is not None:
            self._figures.stop()
            tracing.close()

    def run_next_job(self, queue: str, job_id: str) -> None:
        """The task: work on what there is, whatever the message is worth that named `job_id`."""
        from pynomaly_server.jobs.tasks import run_next_job

        if self._tools is None:
            self.open()
        assert self._tools is not None
        if (count := self._reloads.count()) != self._reloaded:
            self._reloaded = count
            self._settings = reloaded(self._settings)
        _log.debug("told of a job", queue=queue, job_id=job_id)
        run_next_job(JobQueue(queue), self._tools)
