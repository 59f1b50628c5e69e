"""The processes that work on jobs: Celery workers, and the sweeper that finds what got lost.

What is done with a job is in `jobs`; here is only who does it, when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from pynomaly_server.jobs.queues import JobQueue
    from pynomaly_server.settings import Settings


def run_worker(
    settings: Settings,
    concurrency: int,
    queues: Sequence[JobQueue] | None = None,
    *,
    tie: Callable[[], None] | None = None,
) -> None:
    """Work on jobs of `queues` (of all) in `concurrency` processes until SIGTERM or SIGINT.

    `tie` is called in each process that is forked, for it to end with the one that forked it.
    """
    from pynomaly_server.jobs.queues import JobQueue
    from pynomaly_server.worker.processes import run

    run(settings, concurrency, list(JobQueue) if queues is None else queues, tie)


def run_sweeper(settings: Settings) -> None:
    """Look for lost jobs every `sweep_seconds` until SIGTERM or SIGINT."""
    from pynomaly_server.worker.sweeper import run

    run(settings)
