"""What holds for the rows of jobs and shards, in SQL."""

from __future__ import annotations

import sqlalchemy as sa

from pynomaly_server.db.tables import JobRow, JobShardRow
from pynomaly_server.db.types import utc_now
from pynomaly_server.jobs.state import JobState, ShardState


def left_to_shards() -> tuple[sa.ColumnElement[bool], ...]:
    """The job is in the hands of those who work on its shards."""
    return (JobRow.state == JobState.RUNNING, JobRow.worker.is_(None))


def of_a_job_left_to_it() -> sa.ColumnElement[bool]:
    """The shard is of its job's present attempt, and the job has not ended."""
    return (
        sa.exists()
        .where(JobRow.id == JobShardRow.job_id, JobRow.attempt == JobShardRow.attempt, *left_to_shards())
        .correlate(JobShardRow)
    )


def ready_shards() -> tuple[sa.ColumnElement[bool], ...]:
    """The shard may be claimed now."""
    return (
        JobShardRow.state == ShardState.QUEUED,
        sa.or_(JobShardRow.retry_at.is_(None), JobShardRow.retry_at <= utc_now()),
        of_a_job_left_to_it(),
    )
