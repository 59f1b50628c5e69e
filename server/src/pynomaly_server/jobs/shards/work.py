"""What a worker does with a shard that it has claimed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import structlog

from pynomaly_server.jobs.kinds import Joining, ShardWork, kind_of
from pynomaly_server.jobs.lease import LeaseKeeper, LeaseLostError
from pynomaly_server.jobs.limits import out_of_memory
from pynomaly_server.jobs.patience import patiently
from pynomaly_server.jobs.result_objects import remove_result
from pynomaly_server.jobs.shards.claims import ShardClaim, ShardEnd
from pynomaly_server.jobs.shards.cleaning import Cleaning
from pynomaly_server.jobs.watch import watched
from pynomaly_server.jobs.work import traced
from pynomaly_server.problems import ProblemError

if TYPE_CHECKING:
    from pynomaly_server.jobs.tasks import JobTools

_log = structlog.get_logger("pynomaly.jobs")


def run_shard(claim: ShardClaim, tools: JobTools) -> None:
    """Work on a claimed shard until it has ended, one way or another, or is given back.

    Whoever finishes the last of those that score goes on with the one that joins them.
    """
    with (
        structlog.contextvars.bound_contextvars(job_id=claim.job_id, shard=claim.number),
        traced(claim.attempt, claim.number),
    ):
        _log.info("shard claimed", attempt=claim.attempt.number)
        end = _work(claim, tools)
        if end == ShardEnd.LAST and not claim.joins and not tools.shutdown.requested():
            joining = tools.shards.claim_joining(claim.attempt)
            if joining is not None:
                run_shard(joining, tools)
        if claim.joins or end == ShardEnd.LOST:
            remove_parts(claim.job_id, tools)


def _work(claim: ShardClaim, tools: JobTools) -> ShardEnd:
    """How the shard has ended, as far as is known; what nobody will ask for is removed."""
    kept = ShardEnd.LOST
    try:
        with (
            LeaseKeeper(tools.shards, claim, tools.shutdown, tools.settings.progress_seconds) as lease,
            watched(tools.shards, claim, tools.settings, tools.leave),
        ):
            work = ShardWork(claim, tools.store, tools.settings, lease, tools.attempts)
            end = _joined(work, tools) if claim.joins else _scored(work, tools)
            # Until the database has answered, the output may be the job's: better one too many than none.
            kept = ShardEnd.SCORED
            kept = patiently(end)
        _log.info("shard ended elsewhere" if kept == ShardEnd.LOST else "shard done")
    except LeaseLostError:
        _log.info("shard lost or given back")
    except ProblemError as problem:
        fault = problem
        patiently(lambda: tools.shards.fail(claim, fault))
        _log.info("job failed", code=problem.code)
    except MemoryError:
        _log.exception("shard refused memory")
        refused = out_of_memory(None, tools.settings)
        patiently(lambda: tools.shards.fail(claim, refused))
    except Exception:  # noqa: BLE001 - whatever it was, the shard must not stay with us
        _log.exception("shard crashed")
        patiently(lambda: tools.shards.crash(claim))
    if kept == ShardEnd.LOST:
        _remove_output(claim, tools)
    return kept


def _scored(work: ShardWork, tools: JobTools) -> Callable[[], ShardEnd]:
    """Score a shard; what says so to the database."""
    n_anomalies = kind_of(work.claim.attempt).score_shard(work)
    return lambda: tools.shards.finish(work.claim, n_anomalies)


def _joined(work: ShardWork, tools: JobTools) -> Callable[[], ShardEnd]:
    """Join the shards of a job; what says so to the database."""
    attempt = work.claim.attempt
    parts, seconds = patiently(lambda: (tools.shards.scored(attempt), tools.shards.elapsed_seconds(attempt)))
    note = kind_of(attempt).join_shards(work, Joining(parts, seconds))
    return lambda: ShardEnd.LAST if tools.shards.succeed(work.claim, note) else ShardEnd.LOST


def _remove_output(claim: ShardClaim, tools: JobTools) -> None:
    try:
        if claim.joins:
            remove_result(tools.store, claim.result_key)
        else:
            tools.store.delete_now(claim.output_key)
    except Exception:  # noqa: BLE001 - the shard is not ours any more; only space is lost
        _log.warning("output of a lost shard was not removed", exc_info=True)


def remove_parts(job_id: str, tools: JobTools) -> None:
    """Remove what shards have read and made, where the job has ended; the sweeper does what fails here."""
    try:
        Cleaning(tools.attempts.sessions, tools.store).clean(job_id)
    except Exception:  # noqa: BLE001 - the job has ended; only space is lost for a while
        _log.warning("objects of shards were not removed", exc_info=True)
