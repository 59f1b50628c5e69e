"""Publishes jobs for the API without ever making it wait."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import structlog

from pynomaly_server.jobs.light.rules import messages_for
from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.settings import Settings
from pynomaly_server.telemetry.tracing import traceparent
from pynomaly_server.worker.celery_app import make_celery, publish

MOST_WAITING: Final = 1_000
GATHERING_SECONDS: Final = 0.025
"""Light jobs that follow one another faster are told of together."""
_Told = tuple[str, str | None]
"""A job, and the place in a trace at which it was submitted."""
_log = structlog.get_logger("pynomaly.jobs")


class BackgroundPublisher:
    """Publishes from a thread; what it cannot publish, or cannot keep, the sweeper publishes later.

    Its methods are for the event loop's thread.
    """

    def __init__(self, settings: Settings) -> None:
        self._app = make_celery(settings)
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="publish")
        self._waiting = 0
        self._gathered: dict[JobQueue, list[_Told]] = {}

    def publish(self, job_id: str, queue: JobQueue, *, together: bool = False) -> None:
        """Publish soon.

        Of jobs that workers take `together`, the first is published at once, and those that follow within
        `GATHERING_SECONDS` have as few messages as they need.
        """
        told = (job_id, traceparent())
        if not together:
            self._publish_soon([told], queue)
        elif queue in self._gathered:
            self._gathered[queue].append(told)
        else:
            self._publish_soon([told], queue)
            self._gather(queue)

    def _gather(self, queue: JobQueue) -> None:
        self._gathered[queue] = []
        asyncio.get_running_loop().call_later(GATHERING_SECONDS, self._publish_gathered, queue)

    def _publish_gathered(self, queue: JobQueue) -> None:
        gathered = self._gathered.pop(queue, None)
        if gathered:
            self._publish_soon(gathered[: messages_for(len(gathered), 0)], queue)
            self._gather(queue)

    def _publish_soon(self, told: list[_Told], queue: JobQueue) -> None:
        if self._waiting >= MOST_WAITING:
            _log.warning("jobs left to the sweeper: the broker is slow", job_ids=[each for each, _ in told])
            return
        self._waiting += 1
        self._threads.submit(self._publish, told, queue)

    def _publish(self, told: list[_Told], queue: JobQueue) -> None:
        try:
            for job_id, place in told:
                publish(self._app, job_id, queue, place)
        except Exception as error:  # noqa: BLE001 - the jobs are stored, and the sweeper will try again
            _log.warning(
                "jobs left to the sweeper: they could not be published",
                job_ids=[each for each, _ in told],
                error=str(error),
            )
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Stop; what still waits is left to the sweeper."""
        self._gathered.clear()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._app.close()
