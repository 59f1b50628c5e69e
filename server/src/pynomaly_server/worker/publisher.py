"""Publishes jobs for the API without ever making it wait."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Final

import structlog

from pynomaly_server.jobs.light.rules import MOST_TOGETHER
from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.settings import Settings
from pynomaly_server.telemetry.tracing import traceparent
from pynomaly_server.worker.celery_app import make_celery, publish

MOST_WAITING: Final = 1_000
GATHERING_SECONDS: Final = 0.025
"""Light jobs that follow one another faster are told of together."""
CROWDED_SECONDS: Final = 0.1
"""So long where they come faster than `CROWDED_RATE`: workers take more at once then, for less each."""
CROWDED_RATE: Final = 80.0
"""Light jobs per second."""
_Told = tuple[str, str | None]
"""A job, and the place in a trace at which it was submitted."""
_log = structlog.get_logger("pynomaly.jobs")


@dataclass(slots=True)
class _Gathering:
    """Light jobs since the last message about some: those not told of yet, and how many there were."""

    told: list[_Told] = field(default_factory=list)
    count: int = 0


class BackgroundPublisher:
    """Publishes from a thread; what it cannot publish, or cannot keep, the sweeper publishes later.

    Its methods are for the event loop's thread.
    """

    def __init__(self, settings: Settings) -> None:
        self._app = make_celery(settings)
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="publish")
        self._waiting = 0
        self._gathered: dict[JobQueue, _Gathering] = {}

    def publish(self, job_id: str, queue: JobQueue, *, together: bool = False) -> None:
        """Publish soon.

        Of jobs that workers take `together`, the first is published at once, and those that follow have one
        message for as many as go together, or for as many as come within `GATHERING_SECONDS`.
        """
        told = (job_id, traceparent())
        gathering = self._gathered.get(queue)
        if not together:
            self._publish_soon(told, queue)
        elif gathering is None:
            self._publish_soon(told, queue)
            self._gather(queue, GATHERING_SECONDS)
        else:
            gathering.told.append(told)
            gathering.count += 1
            if len(gathering.told) == MOST_TOGETHER:
                self._publish_soon(gathering.told[0], queue)
                gathering.told.clear()

    def _gather(self, queue: JobQueue, seconds: float) -> None:
        self._gathered[queue] = _Gathering()
        asyncio.get_running_loop().call_later(seconds, self._publish_gathered, queue, seconds)

    def _publish_gathered(self, queue: JobQueue, seconds: float) -> None:
        gathering = self._gathered.pop(queue, None)
        if gathering is None or gathering.count == 0:
            return
        if gathering.told:
            self._publish_soon(gathering.told[0], queue)
        crowded = gathering.count >= CROWDED_RATE * seconds
        self._gather(queue, CROWDED_SECONDS if crowded else GATHERING_SECONDS)

    def _publish_soon(self, told: _Told, queue: JobQueue) -> None:
        if self._waiting >= MOST_WAITING:
            _log.warning("jobs left to the sweeper: the broker is slow", job_id=told[0])
            return
        self._waiting += 1
        self._threads.submit(self._publish, told, queue)

    def _publish(self, told: _Told, queue: JobQueue) -> None:
        job_id, place = told
        try:
            publish(self._app, job_id, queue, place)
        except Exception as error:  # noqa: BLE001 - the jobs are stored, and the sweeper will try again
            _log.warning(
                "jobs left to the sweeper: they could not be published", job_id=job_id, error=str(error)
            )
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Stop; what still waits is left to the sweeper."""
        self._gathered.clear()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._app.close()
