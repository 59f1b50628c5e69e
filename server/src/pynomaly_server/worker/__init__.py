"""The processes that work on jobs: Celery workers, and the sweeper that finds what got lost.

What is done with a job is in `jobs`; here is only who does it, when.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pynomaly_server.settings import Settings


def run_worker(settings: Settings, concurrency: int) -> None:
    """Work on jobs in `concurrency` processes until SIGTERM or SIGINT."""
    from pynomaly_server.worker.processes import run

    run(settings, concurrency)


def run_sweeper(settings: Settings) -> None:
    """Look for lost jobs every `sweep_seconds` until SIGTERM or SIGINT."""
    from pynomaly_server.worker.sweeper import run

    run(settings)
