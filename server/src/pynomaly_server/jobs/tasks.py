"""What a worker does when it is told that there is work."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial

import structlog

from pynomaly_server.jobs.attempts import Attempt, Attempts
from pynomaly_server.jobs.kinds import Recorded, Work, kind_of
from pynomaly_server.jobs.lease import CancelRequestedError, LeaseKeeper, LeaseLostError, Shutdown
from pynomaly_server.jobs.limits import out_of_memory
from pynomaly_server.jobs.patience import patiently
from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.jobs.results import remove_result
from pynomaly_server.jobs.schedule import Schedule
from pynomaly_server.jobs.shards.claims import PlannedShard, ShardClaim
from pynomaly_server.jobs.shards.staging import remove_staged
from pynomaly_server.jobs.shards.table import Shards
from pynomaly_server.jobs.shards.work import run_shard
from pynomaly_server.jobs.watch import watched
from pynomaly_server.problems import ProblemError
from pynomaly_server.settings import Settings
from pynomaly_server.storage.objects import ObjectStore

_log = structlog.get_logger("pynomaly.jobs")


@dataclass(frozen=True, slots=True)
class JobTools:
    """What the work on a job needs, opened once per worker process.

    `leave` ends the process; without it nothing is done about work that exceeds its time or memory, or is
    cancelled, before it looks up by itself. `publish` tells other workers of shards; without it these wait
    for the sweeper.
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


def run_next_job(queue: JobQueue, tools: JobTools) -> None:
    """Claim the job or shard whose turn it is, and work on it.

    Where there is none, the message that said so came twice, or too late.
    """
    if tools.shutdown.requested():
        return
    claim = Schedule(tools.attempts, tools.shards).claim_next(queue)
    if claim is None:
        _log.debug("no work is to be had", queue=str(queue))
    elif isinstance(claim, ShardClaim):
        run_shard(claim, tools)
    else:
        run_attempt(claim, tools)


def run_attempt(attempt: Attempt, tools: JobTools) -> None:
    """Work on a claimed job until it has ended, one way or another, or is given back."""
    with structlog.contextvars.bound_contextvars(job_id=attempt.job_id):
        _log.info("job claimed", attempt=attempt.number)
        _work(attempt, tools)


def _work(attempt: Attempt, tools: JobTools) -> None:
    attempts = tools.attempts
    leftovers = [attempt.result_key]
    objects: Sequence[str] = ()
    try:
        with (
            LeaseKeeper(attempts, attempt, tools.shutdown, tools.settings.progress_seconds) as lease,
            watched(attempts, attempt, tools.settings, tools.leave),
        ):
            work = Work(attempt, tools.store, tools.settings, lease, attempts)
            done = kind_of(attempt).work_on(work)
            # Until the database has answered, the result may be the job's: better one too many than none.
            leftovers = []
            if isinstance(done, list):
                _hand_over(attempt, done, tools)
                return
            succeeded = patiently(lambda: _succeed(attempt, done, tools, lease.total))
        leftovers = attempt.earlier_result_keys if succeeded else [attempt.result_key]
        if isinstance(done, Recorded) and not succeeded:
            objects = done.objects
        _log.info("job succeeded" if succeeded else "job ended elsewhere", attempt=attempt.number)
    except LeaseLostError:
        _log.info("job lost or given back", attempt=attempt.number)
    except CancelRequestedError:
        patiently(lambda: attempts.cancel(attempt))
        _log.info("job cancelled", attempt=attempt.number)
    except ProblemError as problem:
        fault = problem
        patiently(lambda: attempts.fail(attempt, fault))
        _log.info("job failed", attempt=attempt.number, code=problem.code)
    except MemoryError:
        _log.exception("job refused memory", attempt=attempt.number)
        refused = out_of_memory(None, tools.settings)
        patiently(lambda: attempts.fail(attempt, refused))
    except Exception:  # noqa: BLE001 - whatever it was, the job must not stay with us
        _log.exception("job crashed", attempt=attempt.number)
        patiently(lambda: attempts.crash(attempt))
    finally:
        _tidy(leftovers, objects, tools.store)


def _succeed(attempt: Attempt, done: str | Recorded, tools: JobTools, total: int | None) -> bool:
    if isinstance(done, Recorded):
        return tools.attempts.succeed(attempt, None, total, done.record)
    return tools.attempts.succeed(attempt, done, total)


def _hand_over(attempt: Attempt, plan: Sequence[PlannedShard], tools: JobTools) -> None:
    """Leave the rest to shards, and tell the workers."""
    if not patiently(lambda: tools.shards.hand_over(attempt, plan)):
        patiently(lambda: tools.attempts.cancel(attempt))
        remove_staged(tools.store, attempt.parts_key, range(len(plan)))
        _log.info("job cancelled, lost or given back", attempt=attempt.number)
        return
    _log.info("job left to its shards", attempt=attempt.number, shards=len(plan))
    if tools.publish is None:
        return
    try:
        for _ in plan:
            tools.publish(attempt.job_id, JobQueue(attempt.queue))
    except Exception as error:  # noqa: BLE001 - the shards are stored, and the sweeper will tell of them
        _log.warning("shards left to the sweeper: they could not be published", error=str(error))


def _tidy(result_keys: Iterable[str], objects: Iterable[str], store: ObjectStore) -> None:
    """Remove results and objects that nobody will ask for."""
    removals = [
        *((key, partial(remove_result, store, key)) for key in result_keys),
        *((key, partial(store.delete_now, key)) for key in objects),
    ]
    for key, remove in removals:
        try:
            remove()
        except Exception:  # noqa: BLE001 - the job has ended; only space is lost
            _log.warning("result of a lost attempt was not removed", key=key, exc_info=True)
