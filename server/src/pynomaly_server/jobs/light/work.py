"""What a worker does with light jobs that it has claimed together."""

from __future__ import annotations

import time
from collections.abc import Collection
from typing import TYPE_CHECKING

import structlog

from pynomaly_server.jobs.kinds import Noted, Work, kind_of
from pynomaly_server.jobs.lease import Lease, LeaseKeeper, LeaseLostError
from pynomaly_server.jobs.light.rules import TOGETHER_SECONDS
from pynomaly_server.jobs.limits import out_of_time
from pynomaly_server.jobs.patience import patiently
from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.jobs.result_objects import HeldResult
from pynomaly_server.jobs.watch import watched
from pynomaly_server.jobs.work import Leftovers, end_badly, end_well, tidy, traced
from pynomaly_server.telemetry.trace_context import parse
from pynomaly_server.telemetry.tracing import entered

if TYPE_CHECKING:
    from pynomaly_server.jobs.attempts import Attempt
    from pynomaly_server.jobs.light.claims import LightBatch
    from pynomaly_server.jobs.tasks import JobTools

_log = structlog.get_logger("pynomaly.jobs")


def run_light(batch: LightBatch, tools: JobTools) -> None:
    """Work on claimed light jobs one after the other, and end them together.

    Those that are not begun after `TOGETHER_SECONDS` are given back.
    """
    places = [parse(attempt.traceparent) for attempt in batch.attempts]
    trace_ids = [place.trace_id for place in places if place is not None]
    _log.info("jobs claimed together", job_ids=batch.job_ids, trace_ids=trace_ids)
    light = tools.light
    results: dict[str, HeldResult | Noted] = {}
    whole = False
    # How far a job is that takes milliseconds nobody asks, and a busy machine does not make it worth a write.
    pause = max(tools.settings.progress_seconds, TOGETHER_SECONDS)
    try:
        with (
            LeaseKeeper(light, batch, tools.shutdown, pause) as lease,
            watched(light, batch, tools.settings, tools.leave),
        ):
            whole = _work(batch, results, lease, tools)
            # Until the database has answered, results may be the jobs': so it may be asked again.
            succeeded = patiently(lambda: _end(batch, results, tools)) if results else []
        _log.info("jobs succeeded", job_ids=list(succeeded))
    except LeaseLostError:
        _log.info("jobs lost or given back", job_ids=batch.job_ids)
        return
    if not whole:
        _give_back(batch, tools)


def _end(batch: LightBatch, results: dict[str, HeldResult | Noted], tools: JobTools) -> Collection[str]:
    """End all at once; what is one transaction is told in the trace of the first."""
    first = next(attempt for attempt in batch.attempts if attempt.job_id in results)
    with entered(first.traceparent, "end jobs", "CONSUMER", {"pynomaly.job_id": first.job_id}):
        return tools.light.succeed(batch, results)


def _work(batch: LightBatch, results: dict[str, HeldResult | Noted], lease: Lease, tools: JobTools) -> bool:
    """Put results into `results`, and say whether all jobs have been worked on."""
    kind_of(batch.current)  # may have to load numeric libraries, which takes longer than all jobs
    until = time.monotonic() + TOGETHER_SECONDS
    for attempt in batch.in_turn():
        if batch.position > 0 and time.monotonic() > until:
            return False
        with structlog.contextvars.bound_contextvars(job_id=attempt.job_id), traced(attempt):
            # One line names all that were claimed together; one for each costs as much as claiming them.
            _log.debug("job begun", attempt=attempt.number)
            result = _result_of(attempt, lease, tools)
        if result is not None:
            results[attempt.job_id] = result
    return True


def _result_of(attempt: Attempt, lease: Lease, tools: JobTools) -> HeldResult | Noted | None:
    """The result of one job; None where it has ended already, or is another's."""
    if attempt.ran_seconds > tools.settings.job_max_seconds:
        end_badly(attempt, out_of_time(attempt.ran_seconds, tools.settings), tools)
        return None
    try:
        done = kind_of(attempt).work_on(Work(attempt, tools.store, tools.settings, lease, tools.attempts))
    except LeaseLostError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it was, the job must not stay with us
        end_badly(attempt, error, tools)
        tidy(Leftovers([attempt.result_key]), tools.store)
        return None
    if isinstance(done, HeldResult) or (isinstance(done, Noted) and isinstance(done.result, HeldResult)):
        return done
    tidy(end_well(attempt, done, None, tools), tools.store)
    return None


def _give_back(batch: LightBatch, tools: JobTools) -> None:
    released = patiently(lambda: tools.light.release(batch))
    _log.info("jobs given back, others have taken long", job_ids=list(released))
    tools.tell(released, JobQueue(batch.current.queue))
