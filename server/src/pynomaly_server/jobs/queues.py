"""Which queue a job waits in, and whose turn it is there.

A message in a queue says no more than that there is work in it. Whoever takes one works on the oldest job of
the tenant whose turn it is, so that many jobs of one tenant do not stand before one job of another. A job
that has ended its worker lines up again at the end, so that it cannot keep all workers from its neighbours.
"""

from __future__ import annotations

from enum import StrEnum
from functools import cache
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import aliased

from pynomaly_server.db.tables import JobRow, JobShardRow, TenantRow
from pynomaly_server.db.types import utc_now
from pynomaly_server.jobs.shards.conditions import ready_shards
from pynomaly_server.jobs.state import JobState, ShardState

OF_TENANT: Final = sa.bindparam("of_tenant", type_=sa.String)
"""Stands for a tenant's id in statements that are made once: making them takes as long as running them."""
_TENANTS_TRIED: Final = 5


class JobQueue(StrEnum):
    """The queues; small jobs have their own, in which no large one stands before them."""

    SMALL = "small"
    LARGE = "large"


def queue_for(rows: int | None, *, small_rows: int) -> JobQueue:
    """The queue of a job with so many rows, None where a worker has to count them first.

    `small_rows` is the most that a small job has.
    """
    return JobQueue.SMALL if rows is not None and rows <= small_rows else JobQueue.LARGE


def ready() -> tuple[sa.ColumnElement[bool], ...]:
    """The conditions on a job that may be claimed now."""
    return (
        JobRow.state == JobState.QUEUED,
        sa.or_(JobRow.retry_at.is_(None), JobRow.retry_at <= utc_now()),
    )


@cache
def tenants_in_turn(queue: JobQueue) -> sa.Select[str, bool]:
    """The tenants with work in `queue`: least in hand first, then whose last claim is longest ago.

    Beside each stands whether shards are among its work. Work is whole jobs and shards. Costs a look into an
    index for each tenant, however many jobs they have.
    """
    jobs = (
        sa.select(sa.func.count())
        .where(JobRow.tenant_id == TenantRow.id, JobRow.state == JobState.RUNNING, JobRow.worker.is_not(None))
        .correlate(TenantRow)
        .scalar_subquery()
    )
    shards = (
        sa.select(sa.func.count())
        .where(
            JobShardRow.tenant_id == TenantRow.id,
            JobShardRow.state == ShardState.RUNNING,
            JobShardRow.lease_until > utc_now(),
        )
        .correlate(TenantRow)
        .scalar_subquery()
    )
    has_jobs = sa.exists().where(JobRow.tenant_id == TenantRow.id, JobRow.queue == queue, *ready())
    has_shards = sa.exists().where(
        JobShardRow.tenant_id == TenantRow.id, JobShardRow.queue == queue, *ready_shards()
    )
    return (
        sa.select(TenantRow.id, has_shards.correlate(TenantRow))
        .where(sa.or_(has_jobs.correlate(TenantRow), has_shards.correlate(TenantRow)))
        .order_by(jobs + shards, TenantRow.served_at.asc().nulls_first(), TenantRow.id)
        .limit(_TENANTS_TRIED)
    )


@cache
def first_in_line(queue: JobQueue) -> sa.ColumnElement[bool]:
    """The condition of being the next job of `OF_TENANT` in `queue` that nobody else is about to claim.

    It has waited longest: since it was submitted, or since it crashed. Costs two looks into an index.
    """
    waiting = (
        sa.select(JobRow.id)
        .where(JobRow.tenant_id == OF_TENANT, JobRow.queue == queue, *ready())
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    fresh = waiting.where(sa.or_(JobRow.crashes == 0, JobRow.retry_at.is_(None))).order_by(JobRow.id)
    crashed = waiting.where(JobRow.crashes > 0, JobRow.retry_at <= utc_now()).order_by(JobRow.retry_at)
    candidate = aliased(JobRow)
    rested = sa.func.coalesce(candidate.retry_at, candidate.created_at)
    since = sa.case((candidate.crashes == 0, candidate.created_at), else_=rested)
    first = (
        sa.select(candidate.id)
        .where(candidate.id.in_([fresh.scalar_subquery(), crashed.scalar_subquery()]))
        .order_by(since, candidate.id)
        .limit(1)
        .scalar_subquery()
    )
    return JobRow.id == first
