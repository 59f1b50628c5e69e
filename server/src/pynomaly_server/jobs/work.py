"""What a worker does with one job that it has claimed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import structlog

from pynomaly_server.jobs.kinds import Done, Note, Noted, Recorded, Work, kind_of
from pynomaly_server.jobs.lease import CancelRequestedError, LeaseKeeper, LeaseLostError
from pynomaly_server.jobs.limits import out_of_memory
from pynomaly_server.jobs.patience import patiently
from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.jobs.result_objects import HeldResult, keep, remove_result
from pynomaly_server.jobs.shards.staging import remove_staged
from pynomaly_server.jobs.watch import watched
from pynomaly_server.problems import ProblemError
from pynomaly_server.storage.objects import ObjectStore
from pynomaly_server.telemetry.tracing import Span, entered

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

    from pynomaly_server.jobs.attempts import Attempt
    from pynomaly_server.jobs.shards.claims import PlannedShard
    from pynomaly_server.jobs.tasks import JobTools

_log = structlog.get_logger("pynomaly.jobs")


def run_attempt(attempt: Attempt, tools: JobTools) -> None:
    """Work on a claimed job until it has ended, one way or another, or is given back."""
    with structlog.contextvars.bound_contextvars(job_id=attempt.job_id), traced(attempt):
        _log.info("job claimed", attempt=attempt.number)
        _work(attempt, tools)


def traced(attempt: Attempt, shard: int | None = None) -> AbstractContextManager[Span]:
    """Work on the attempt, or on a shard of it, in the trace of the request that submitted the job."""
    return entered(
        attempt.traceparent,
        f"work on {attempt.kind}",
        "CONSUMER",
        {
            "pynomaly.job_id": attempt.job_id,
            "pynomaly.job_kind": attempt.kind,
            "pynomaly.attempt": attempt.number,
            "pynomaly.shard": shard,
        },
    )


def _work(attempt: Attempt, tools: JobTools) -> None:
    leftovers = Leftovers([attempt.result_key])
    try:
        with (
            LeaseKeeper(tools.attempts, attempt, tools.shutdown, tools.settings.progress_seconds) as lease,
            watched(tools.attempts, attempt, tools.settings, tools.leave),
        ):
            work = Work(attempt, tools.store, tools.settings, lease, tools.attempts)
            done = kind_of(attempt).work_on(work)
            # Until the database has answered, the result may be the job's: better one too many than none.
            leftovers = Leftovers()
            leftovers = end_well(attempt, done, lease.total, tools)
    except Exception as error:  # noqa: BLE001 - whatever it was, the job must not stay with us
        end_badly(attempt, error, tools)
    finally:
        tidy(leftovers, tools.store)


@dataclass(frozen=True, slots=True)
class Leftovers:
    """Keys of results, and of other objects, that nobody will ask for."""

    results: Sequence[str] = ()
    objects: Sequence[str] = ()


def end_well(attempt: Attempt, done: Done, total: int | None, tools: JobTools) -> Leftovers:
    """End a job with what its work came to, and say what is left over."""
    result, note = (done.result, done.note) if isinstance(done, Noted) else (done, None)
    match result:
        case list():
            _hand_over(attempt, result, tools)
            return Leftovers()
        case Recorded():
            ended = partial(tools.attempts.succeed, attempt, None, total, result.record)
            lost = Leftovers([attempt.result_key], result.objects)
        case HeldResult():
            kept = partial(_keep, held={attempt.job_id: result}, note=note)
            ended = partial(tools.attempts.succeed, attempt, attempt.result_key, total, kept)
            lost = Leftovers()
        case _:
            ended = partial(tools.attempts.succeed, attempt, result, total, note)
            lost = Leftovers([result])
    try:
        succeeded = patiently(ended)
    except ProblemError:
        # What was to be recorded is refused, and the transaction undone.
        tidy(lost, tools.store)
        raise
    _log.info("job succeeded" if succeeded else "job ended elsewhere", attempt=attempt.number)
    return Leftovers(attempt.earlier_result_keys) if succeeded else lost


def _keep(session: Session, held: Mapping[str, HeldResult], note: Note | None) -> None:
    keep(session, held)
    if note is not None:
        note(session)


def end_badly(attempt: Attempt, error: Exception, tools: JobTools) -> None:
    """End a job, or give it back, as what its work has raised says."""
    attempts = tools.attempts
    match error:
        case LeaseLostError():
            _log.info("job lost or given back", attempt=attempt.number)
        case CancelRequestedError():
            patiently(lambda: attempts.cancel(attempt))
            _log.info("job cancelled", attempt=attempt.number)
        case ProblemError():
            patiently(lambda: attempts.fail(attempt, error))
            _log.info("job failed", attempt=attempt.number, code=error.code)
        case MemoryError():
            _log.error("job refused memory", attempt=attempt.number, exc_info=error)
            refused = out_of_memory(None, tools.settings)
            patiently(lambda: attempts.fail(attempt, refused))
        case _:
            _log.error("job crashed", attempt=attempt.number, exc_info=error)
            patiently(lambda: attempts.crash(attempt))


def _hand_over(attempt: Attempt, plan: Sequence[PlannedShard], tools: JobTools) -> None:
    """Leave the rest to shards, and tell the workers."""
    if not patiently(lambda: tools.shards.hand_over(attempt, plan)):
        patiently(lambda: tools.attempts.cancel(attempt))
        remove_staged(tools.store, attempt.parts_key, range(len(plan)))
        _log.info("job cancelled, lost or given back", attempt=attempt.number)
        return
    _log.info("job left to its shards", attempt=attempt.number, shards=len(plan))
    tools.tell([attempt.job_id] * len(plan), JobQueue(attempt.queue))


def tidy(leftovers: Leftovers, store: ObjectStore) -> None:
    """Remove what nobody will ask for."""
    removals = [
        *((key, partial(remove_result, store, key)) for key in leftovers.results),
        *((key, partial(store.delete_now, key)) for key in leftovers.objects),
    ]
    for key, remove in removals:
        try:
            remove()
        except Exception:  # noqa: BLE001 - the job has ended; only space is lost
            _log.warning("result of a lost attempt was not removed", key=key, exc_info=True)
