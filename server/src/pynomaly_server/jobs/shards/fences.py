"""The fences of claims of shards, in SQL: whose a row still is."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy import orm

from pynomaly_server.db.tables import JobRow, JobShardRow
from pynomaly_server.db.types import utc_now
from pynomaly_server.jobs.attempts import Attempt
from pynomaly_server.jobs.shards.claims import ShardClaim
from pynomaly_server.jobs.shards.conditions import left_to_shards
from pynomaly_server.jobs.state import ShardState


def of_attempt(attempt: Attempt) -> tuple[sa.ColumnElement[bool], ...]:
    """The shard is of this attempt."""
    return (JobShardRow.job_id == attempt.job_id, JobShardRow.attempt == attempt.number)


def joins_those_of(attempt: Attempt) -> sa.ColumnElement[bool]:
    """The shard has the last number, as has the one that joins the others."""
    every = orm.aliased(JobShardRow)
    last = sa.select(sa.func.max(every.number)).where(
        every.job_id == attempt.job_id, every.attempt == attempt.number
    )
    return JobShardRow.number == last.scalar_subquery()


def left_to(claim: ShardClaim) -> tuple[sa.ColumnElement[bool], ...]:
    """The job is left to the shards that the claimed one is of."""
    return (JobRow.id == claim.job_id, JobRow.attempt == claim.attempt.number, *left_to_shards())


def shard_change(claim: ShardClaim, *still: sa.ColumnElement[bool], **values: Any) -> sa.Update:
    """An UPDATE of the shard's row where it is still this claim's."""
    return (
        sa.update(JobShardRow)
        .where(
            *of_attempt(claim.attempt),
            JobShardRow.number == claim.number,
            JobShardRow.state == ShardState.RUNNING,
            JobShardRow.worker == claim.worker,
            *still,
        )
        .values(**values)
        .execution_options(synchronize_session=False)
    )


def queued_again(rest_seconds: float) -> dict[str, Any]:
    """The values of a shard that is to be taken again, after a rest."""
    return {
        "state": ShardState.QUEUED,
        "worker": None,
        "lease_until": None,
        "published_at": None,
        "done": 0,
        "retry_at": utc_now(rest_seconds),
    }
