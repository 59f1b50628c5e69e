"""What a worker does when it is told that there is work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

import structlog

from pynomaly_server.jobs.attempts import Attempts
from pynomaly_server.jobs.lease import Shutdown
from pynomaly_server.jobs.light.claims import LightBatch
from pynomaly_server.jobs.light.rules import MOST_TOGETHER
from pynomaly_server.jobs.light.table import LightJobs
from pynomaly_server.jobs.light.work import run_light
from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.jobs.schedule import Schedule
from pynomaly_server.jobs.shards.claims import ShardClaim
from pynomaly_server.jobs.shards.table import Shards
from pynomaly_server.jobs.shards.work import run_shard
from pynomaly_server.jobs.work import run_attempt
from pynomaly_server.settings import Settings
from pynomaly_server.storage.objects import ObjectStore

GO_ON_SECONDS: Final = 0.5
"""How long a worker goes on with light jobs before it looks for a message of another queue."""
_log = structlog.get_logger("pynomaly.jobs")


@dataclass(frozen=True, slots=True)
class JobTools:
    """What the work on a job needs, opened once per worker process.

    `leave` ends the process; without it nothing is done about work that exceeds its time or memory, or is
    cancelled, before it looks up by itself. `publish` tells other workers of work; without it this waits for
    the sweeper.
    """

    attempts: Attempts
    store: ObjectStore
    settings: Settings
    shutdown: Shutdown
    leave: Callable[[], None] | None = None
    publish: Callable[[str, JobQueue], None] | None = None

    @property
    def shards(self) -> Shards:
        """Claims of shards, in the database of the attempts."""
        return Shards(self.attempts)

    @property
    def light(self) -> LightJobs:
        """Claims of light jobs, in the database of the attempts."""
        return LightJobs(self.attempts)

    def tell(self, job_ids: Iterable[str], queue: JobQueue) -> None:
        """Tell other workers, once for each of `job_ids`, that there is work in `queue`."""
        if self.publish is None:
            return
        try:
            for job_id in job_ids:
                self.publish(job_id, queue)
        except Exception as error:  # noqa: BLE001 - the work is stored, and the sweeper will tell of it
            _log.warning("work left to the sweeper: it could not be published", error=str(error))


def run_next_job(queue: JobQueue, tools: JobTools) -> None:
    """Claim the job or shard whose turn it is, or light jobs together, and work on what was claimed.

    Where there is nothing, the message that said so came twice, or too late. Where there were as many light
    jobs as go together, there may be more, and they are gone on with for a while.
    """
    until = time.monotonic() + GO_ON_SECONDS
    more = True
    while more and not tools.shutdown.requested():
        claim = Schedule(tools.attempts, tools.shards, tools.light).claim_next(queue)
        more = False
        match claim:
            case None:
                _log.debug("no work is to be had", queue=str(queue))
            case LightBatch():
                run_light(claim, tools)
                more = len(claim.attempts) == MOST_TOGETHER and time.monotonic() < until
            case ShardClaim():
                run_shard(claim, tools)
            case _:
                run_attempt(claim, tools)
