"""What a worker does when it is told that there is work."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass

import structlog

from pynomaly_server.jobs.attempts import Attempt, Attempts
from pynomaly_server.jobs.kinds import Work, kind_of
from pynomaly_server.jobs.lease import CancelRequestedError, LeaseKeeper, LeaseLostError, Shutdown
from pynomaly_server.jobs.limits import out_of_memory
from pynomaly_server.jobs.patience import patiently
from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.jobs.results import remove_result
from pynomaly_server.jobs.watch import Watch
from pynomaly_server.problems import ProblemError
from pynomaly_server.settings import Settings
from pynomaly_server.storage.objects import ObjectStore

_log = structlog.get_logger("pynomaly.jobs")


@dataclass(frozen=True, slots=True)
class JobTools:
    """What the work on a job needs, opened once per worker process.

    `leave` ends the process; without it nothing is done about work that exceeds its time or memory, or is
    cancelled, before it looks up by itself.
    """

    attempts: Attempts
    store: ObjectStore
    settings: Settings
    shutdown: Shutdown
    leave: Callable[[], None] | None = None


def run_next_job(queue: JobQueue, tools: JobTools) -> None:
    """Claim the job whose turn it is, and run the attempt.

    Where there is none, the message that said so came twice, or too late.
    """
    if tools.shutdown.requested():
        return
    attempt = tools.attempts.claim_next(queue)
    if attempt is None:
        _log.debug("no job is to be had", queue=str(queue))
        return
    run_attempt(attempt, tools)


def run_attempt(attempt: Attempt, tools: JobTools) -> None:
    """Work on a claimed job until it has ended, one way or another, or is given back."""
    with structlog.contextvars.bound_contextvars(job_id=attempt.job_id):
        _log.info("job claimed", attempt=attempt.number)
        _work(attempt, tools)


def _work(attempt: Attempt, tools: JobTools) -> None:
    attempts = tools.attempts
    leftovers = [attempt.result_key]
    try:
        with LeaseKeeper(attempts, attempt, tools.shutdown) as lease, _watch(attempt, tools):
            work = Work(attempt, tools.store, tools.settings, lease)
            result_key = kind_of(attempt).work_on(work)
            # Until the database has answered, the result may be the job's: better one too many than none.
            leftovers = []
            succeeded = patiently(lambda: attempts.succeed(attempt, result_key))
        leftovers = attempt.earlier_result_keys if succeeded else [result_key]
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
        _tidy(leftovers, tools.store)


def _watch(attempt: Attempt, tools: JobTools) -> AbstractContextManager[object]:
    if tools.leave is None:
        return nullcontext()
    return Watch(tools.attempts, attempt, tools.settings, tools.leave)


def _tidy(result_keys: Iterable[str], store: ObjectStore) -> None:
    """Remove results that nobody will ask for."""
    for key in result_keys:
        try:
            remove_result(store, key)
        except Exception:  # noqa: BLE001 - the job has ended; only space is lost
            _log.warning("result of a lost attempt was not removed", key=key, exc_info=True)
