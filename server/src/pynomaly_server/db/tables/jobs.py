"""Datasets, and the jobs that work on them."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pynomaly_server.db.tables.base import ID, Base


class DatasetRow(Base):
    """An uploaded table; the bytes are in object storage under `object_key`.

    `request_hash` is of the upload's media type, name and bytes, where it came with a key.
    """

    __tablename__ = "datasets"
    __table_args__ = (
        sa.Index("ix_datasets_tenant_id_idempotency_key", "tenant_id", "idempotency_key", unique=True),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("tenants.id"), index=True)
    name: Mapped[str | None] = mapped_column(sa.String(255))
    media_type: Mapped[str] = mapped_column(sa.String(100))
    size_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    n_rows: Mapped[int] = mapped_column(sa.BigInteger)
    n_columns: Mapped[int] = mapped_column(sa.Integer)
    object_key: Mapped[str] = mapped_column(sa.String(512))
    idempotency_key: Mapped[str | None] = mapped_column(sa.String(255))
    request_hash: Mapped[str | None] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]


class JobRow(Base):
    """A job, and the truth about it.

    `attempt` counts claims and fences them together with `worker`; `crashes` counts the claims that ended
    without a word. `version` grows with each change. `retry_at` keeps a job back for a while after a crash.
    A succeeded job without `result_key` had a result that has expired.
    `scoring_since` is when the current attempt began to score, and `done_at` when `done` last changed. A
    running job without `worker` is in the hands of those who work on its shards. `staged_at` is there as
    long as objects of shards may have to be removed. `outcome` is what a succeeded job without a result of
    its own has made elsewhere. `light` jobs are so little work that several are claimed at once.
    `traceparent` is the request that submitted the job, as a place in its trace.
    """

    __tablename__ = "jobs"
    __table_args__ = (
        sa.CheckConstraint(
            "state IN ('queued', 'running', 'succeeded', 'failed', 'cancelled')", name="state"
        ),
        sa.UniqueConstraint("tenant_id", "idempotency_key"),
        sa.Index("ix_jobs_tenant_id_id", "tenant_id", "id"),
        sa.Index("ix_jobs_tenant_id_state_queue_id", "tenant_id", "state", "queue", "id"),
        sa.Index(
            "ix_jobs_tenant_id_queue_retry_at",
            *("tenant_id", "queue", "retry_at"),
            postgresql_where=sa.text("retry_at IS NOT NULL"),
            sqlite_where=sa.text("retry_at IS NOT NULL"),
        ),
        sa.Index(
            "ix_jobs_light",
            *("tenant_id", "queue", "id"),
            postgresql_where=sa.text("light AND state = 'queued'"),
            sqlite_where=sa.text("light AND state = 'queued'"),
        ),
        sa.Index("ix_jobs_state_published_at", "state", "published_at"),
        sa.Index("ix_jobs_state_lease_until", "state", "lease_until"),
        sa.Index("ix_jobs_expires_at", "expires_at"),
        sa.Index("ix_jobs_staged_at", "staged_at"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("tenants.id"))
    kind: Mapped[str] = mapped_column(sa.String(32))
    state: Mapped[str] = mapped_column(sa.String(16))
    queue: Mapped[str] = mapped_column(sa.String(16), server_default="small")
    version: Mapped[int] = mapped_column(sa.BigInteger)
    request: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    sources: Mapped[list[dict[str, Any]]] = mapped_column(sa.JSON)
    idempotency_key: Mapped[str | None] = mapped_column(sa.String(255))
    request_hash: Mapped[str] = mapped_column(sa.String(64))
    attempt: Mapped[int] = mapped_column(sa.Integer)
    crashes: Mapped[int] = mapped_column(sa.Integer)
    worker: Mapped[str | None] = mapped_column(sa.String(255))
    lease_until: Mapped[datetime | None]
    cancel_requested: Mapped[bool]
    done: Mapped[int] = mapped_column(sa.BigInteger)
    total: Mapped[int | None] = mapped_column(sa.BigInteger)
    stage: Mapped[str] = mapped_column(sa.String(16))
    error: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    result_key: Mapped[str | None] = mapped_column(sa.String(512))
    expires_at: Mapped[datetime | None]
    created_at: Mapped[datetime]
    started_at: Mapped[datetime | None]
    finished_at: Mapped[datetime | None]
    updated_at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
    scoring_since: Mapped[datetime | None]
    done_at: Mapped[datetime | None]
    claimed_at: Mapped[datetime | None]
    staged_at: Mapped[datetime | None]
    outcome: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    light: Mapped[bool] = mapped_column(server_default=sa.false())
    traceparent: Mapped[str | None] = mapped_column(sa.String(55))


class JobResultRow(Base):
    """A result so small that it is kept here: the bytes of what would be two objects in the storage."""

    __tablename__ = "job_results"

    job_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    rows: Mapped[bytes] = mapped_column(sa.LargeBinary)
    summary: Mapped[bytes] = mapped_column(sa.LargeBinary)


class JobShardRow(Base):
    """A part of one attempt of a job that a worker claims by itself.

    `batches` are the rows of each piece that is scored at once. The last of a job's shards has none: it joins
    what the others made, and is `waiting` until they are done. `crashes` counts the claims of this shard that
    ended without a word.
    """

    __tablename__ = "job_shards"
    __table_args__ = (
        sa.CheckConstraint("state IN ('waiting', 'queued', 'running', 'done')", name="state"),
        sa.Index("ix_job_shards_tenant_id_state_queue_job_id", "tenant_id", "state", "queue", "job_id"),
        sa.Index("ix_job_shards_state_lease_until", "state", "lease_until"),
    )

    job_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    attempt: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    number: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ID)
    queue: Mapped[str] = mapped_column(sa.String(16))
    state: Mapped[str] = mapped_column(sa.String(16))
    worker: Mapped[str | None] = mapped_column(sa.String(255))
    lease_until: Mapped[datetime | None]
    crashes: Mapped[int] = mapped_column(sa.Integer)
    first_row: Mapped[int] = mapped_column(sa.BigInteger)
    batches: Mapped[list[int]] = mapped_column(sa.JSON)
    done: Mapped[int] = mapped_column(sa.BigInteger)
    n_anomalies: Mapped[int | None] = mapped_column(sa.BigInteger)
    output_key: Mapped[str | None] = mapped_column(sa.String(512))
    published_at: Mapped[datetime | None]
    retry_at: Mapped[datetime | None]
