"""Publishes jobs for the API without ever making it wait."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import structlog

from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.settings import Settings
from pynomaly_server.worker.celery_app import make_celery, publish

MOST_WAITING: Final = 1_000
_log = structlog.get_logger("pynomaly.jobs")


class BackgroundPublisher:
    """Publishes from a thread; what it cannot publish, or cannot keep, the sweeper publishes later."""

    def __init__(self, settings: Settings) -> None:
        self._app = make_celery(settings)
        self._threads = ThreadPoolExecutor(max_workers=2, thread_name_prefix="publish")
        self._waiting = 0

    def publish(self, job_id: str, queue: JobQueue) -> None:
        """Publish soon; call from the event loop's thread."""
        if self._waiting >= MOST_WAITING:
            _log.warning("job left to the sweeper: the broker is slow", job_id=job_id)
            return
        self._waiting += 1
        self._threads.submit(self._publish, job_id, queue)

    def _publish(self, job_id: str, queue: JobQueue) -> None:
        try:
            publish(self._app, job_id, queue)
        except Exception as error:  # noqa: BLE001 - the job is stored, and the sweeper will try again
            _log.warning(
                "job left to the sweeper: it could not be published", job_id=job_id, error=str(error)
            )
        finally:
            self._waiting -= 1

    def close(self) -> None:
        """Stop; what still waits is left to the sweeper."""
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._app.close()
