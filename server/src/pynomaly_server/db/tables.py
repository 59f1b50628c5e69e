"""The tables. Migrations under `db/migrations` make them; a test holds both equal."""

from __future__ import annotations

from datetime import datetime
from typing import Any, ClassVar

import sqlalchemy as sa
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from pynomaly_server.db.types import UtcDateTime

_ID = sa.String(40)


class Base(DeclarativeBase):
    """What all tables share: names of constraints, so that migrations can address them."""

    metadata = sa.MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[dict[Any, Any]] = {datetime: UtcDateTime(), str: sa.Text()}


class TenantRow(Base):
    """Whose data it is; everything below belongs to exactly one.

    `served_at` is when a worker last claimed a job of theirs.
    """

    __tablename__ = "tenants"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(255), unique=True)
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    served_at: Mapped[datetime | None]


class ApiKeyRow(Base):
    """An API key; the key itself is nowhere, only its HMAC."""

    __tablename__ = "api_keys"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("tenants.id"), index=True)
    name: Mapped[str] = mapped_column(sa.String(255))
    prefix: Mapped[str] = mapped_column(sa.String(16), unique=True)
    key_hash: Mapped[str] = mapped_column(sa.String(64))
    scopes: Mapped[list[str]] = mapped_column(sa.JSON)
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]


class UserRow(Base):
    """A person who logs in; of the password there is the argon2id hash alone."""

    __tablename__ = "users"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "username"),
        sa.CheckConstraint("role IN ('viewer', 'analyst', 'operator', 'admin')", name="role"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("tenants.id"))
    username: Mapped[str] = mapped_column(sa.String(128))
    password_hash: Mapped[str] = mapped_column(sa.String(255))
    role: Mapped[str] = mapped_column(sa.String(16))
    created_at: Mapped[datetime]
    disabled_at: Mapped[datetime | None]
    last_login_at: Mapped[datetime | None]


class LoginSessionRow(Base):
    """What began with a login and goes on as long as its refresh tokens are renewed.

    `prefix` is the public part of all its refresh tokens, `token_hash` the HMAC of the one that works, and
    `renewed_at` when that one was handed out, by the clock of the process that did so.
    """

    __tablename__ = "login_sessions"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("tenants.id"))
    user_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("users.id", ondelete="CASCADE"), index=True)
    prefix: Mapped[str] = mapped_column(sa.String(16), unique=True)
    token_hash: Mapped[str] = mapped_column(sa.String(64))
    created_at: Mapped[datetime]
    renewed_at: Mapped[datetime]
    expires_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]


class SigningKeyRow(Base):
    """A key that signs access tokens; the key itself follows from the server's secret key.

    It verifies until `expires_at`; the newest of an algorithm that has none signs.
    """

    __tablename__ = "signing_keys"

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    algorithm: Mapped[str] = mapped_column(sa.String(16))
    created_at: Mapped[datetime]
    expires_at: Mapped[datetime | None]


class DatasetRow(Base):
    """An uploaded table; the bytes are in object storage under `object_key`.

    `request_hash` is of the upload's media type, name and bytes, where it came with a key.
    """

    __tablename__ = "datasets"
    __table_args__ = (
        sa.Index("ix_datasets_tenant_id_idempotency_key", "tenant_id", "idempotency_key", unique=True),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("tenants.id"), index=True)
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

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("tenants.id"))
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

    job_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
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

    job_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("jobs.id", ondelete="CASCADE"), primary_key=True)
    attempt: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    number: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(_ID)
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


class ModelRow(Base):
    """A trained detector by its name; `last_version` is the highest number ever given to a version."""

    __tablename__ = "models"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "name"),
        sa.Index("ix_models_tenant_id_id", "tenant_id", "id"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(sa.String(48))
    last_version: Mapped[int] = mapped_column(sa.Integer)
    created_at: Mapped[datetime]


class ModelVersionRow(Base):
    """A version of a model; nothing changes one. The model itself is in object storage under `artefact_key`.

    `details` is what is only shown: the schema, profile and hash of the training data, parameters, libraries.
    """

    __tablename__ = "model_versions"
    __table_args__ = (sa.Index("ix_model_versions_artefact_key", "artefact_key", unique=True),)

    model_id: Mapped[str] = mapped_column(
        _ID, sa.ForeignKey("models.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("tenants.id"))
    algorithm: Mapped[str] = mapped_column(sa.String(64))
    contamination: Mapped[float] = mapped_column(sa.Float)
    n_rows: Mapped[int] = mapped_column(sa.BigInteger)
    label_column: Mapped[str | None] = mapped_column(sa.String(256))
    metrics: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    artefact_key: Mapped[str] = mapped_column(sa.String(512))
    artefact_sha256: Mapped[str] = mapped_column(sa.String(64))
    artefact_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    job_id: Mapped[str] = mapped_column(_ID)
    created_at: Mapped[datetime]
    created_by: Mapped[str] = mapped_column(sa.String(64))


class ModelAliasRow(Base):
    """Where an alias of a model points; `change` is the number of the change that pointed it there.

    `canary_version` scores `canary_share` of the requests, `shadow_version` all of them after the answer.
    Rows are anomalous whose score is at least `threshold`, where there is one.
    """

    __tablename__ = "model_aliases"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["model_id", "version"],
            ["model_versions.model_id", "model_versions.version"],
            name="fk_model_aliases_model_id_version_model_versions",
        ),
    )

    model_id: Mapped[str] = mapped_column(
        _ID, sa.ForeignKey("models.id", ondelete="CASCADE"), primary_key=True
    )
    alias: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("tenants.id"))
    version: Mapped[int] = mapped_column(sa.Integer)
    change: Mapped[int] = mapped_column(sa.Integer)
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(sa.String(64))
    canary_version: Mapped[int | None] = mapped_column(sa.Integer)
    canary_share: Mapped[float | None] = mapped_column(sa.Float)
    shadow_version: Mapped[int | None] = mapped_column(sa.Integer)
    threshold: Mapped[float | None] = mapped_column(sa.Float)


class ModelAliasChangeRow(Base):
    """One change of an alias; `before` is the number of the change that a rollback leads back to.

    `reason` says why where the server did it by itself.
    """

    __tablename__ = "model_alias_changes"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["model_id", "alias"],
            ["model_aliases.model_id", "model_aliases.alias"],
            name="fk_model_alias_changes_model_id_alias_model_aliases",
            ondelete="CASCADE",
        ),
    )

    model_id: Mapped[str] = mapped_column(_ID, primary_key=True)
    alias: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    change: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("tenants.id"))
    version: Mapped[int] = mapped_column(sa.Integer)
    before: Mapped[int | None] = mapped_column(sa.Integer)
    rollback: Mapped[bool]
    changed_at: Mapped[datetime]
    changed_by: Mapped[str] = mapped_column(sa.String(64))
    canary_version: Mapped[int | None] = mapped_column(sa.Integer)
    canary_share: Mapped[float | None] = mapped_column(sa.Float)
    shadow_version: Mapped[int | None] = mapped_column(sa.Integer)
    threshold: Mapped[float | None] = mapped_column(sa.Float)
    reason: Mapped[str | None] = mapped_column(sa.String(500))


class ModelObservationRow(Base):
    """What a version scored in an hour (UTC); `cells` counts the values of its features and its scores."""

    __tablename__ = "model_observations"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["model_id", "version"],
            ["model_versions.model_id", "model_versions.version"],
            name="fk_model_observations_model_id_version_model_versions",
            ondelete="CASCADE",
        ),
        sa.Index("ix_model_observations_hour", "hour"),
    )

    model_id: Mapped[str] = mapped_column(_ID, primary_key=True)
    version: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("tenants.id"))
    n_rows: Mapped[int] = mapped_column(sa.BigInteger)
    n_anomalies: Mapped[int] = mapped_column(sa.BigInteger)
    n_errors: Mapped[int] = mapped_column(sa.BigInteger)
    n_skipped: Mapped[int] = mapped_column(sa.BigInteger)
    cells: Mapped[list[list[int]]] = mapped_column(sa.JSON)


class ModelRetrainingRow(Base):
    """The rule by which an alias is trained anew, and what it is about; `runs` counts its trainings.

    `before_share` is the alert rate before the alias moved to `watched_version`.
    """

    __tablename__ = "model_retrainings"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["model_id", "alias"],
            ["model_aliases.model_id", "model_aliases.alias"],
            name="fk_model_retrainings_model_id_alias_model_aliases",
            ondelete="CASCADE",
        ),
    )

    model_id: Mapped[str] = mapped_column(_ID, primary_key=True)
    alias: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("tenants.id"))
    rule: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    state: Mapped[str] = mapped_column(sa.String(16))
    runs: Mapped[int] = mapped_column(sa.Integer)
    job_id: Mapped[str | None] = mapped_column(_ID)
    watched_version: Mapped[int | None] = mapped_column(sa.Integer)
    before_share: Mapped[float | None] = mapped_column(sa.Float)
    watch_until: Mapped[datetime | None]
    last_run_at: Mapped[datetime | None]
    last_outcome: Mapped[str | None] = mapped_column(sa.String(500))
    created_by: Mapped[str] = mapped_column(sa.String(64))
    changed_at: Mapped[datetime]


class ModelLabelRow(Base):
    """What turned out of a row that a version has scored; `row_key` is a hash of the row."""

    __tablename__ = "model_labels"
    __table_args__ = (
        sa.ForeignKeyConstraint(
            ["model_id", "version"],
            ["model_versions.model_id", "model_versions.version"],
            name="fk_model_labels_model_id_version_model_versions",
            ondelete="CASCADE",
        ),
    )

    model_id: Mapped[str] = mapped_column(_ID, primary_key=True)
    version: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    row_key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("tenants.id"))
    score: Mapped[float] = mapped_column(sa.Float)
    anomalous: Mapped[bool]
    given_at: Mapped[datetime]


class CredentialRow(Base):
    """What a tenant has stored to read its buckets and databases; the secrets are in `sealed`, encrypted."""

    __tablename__ = "credentials"
    __table_args__ = (sa.Index("ix_credentials_tenant_id_id", "tenant_id", "id"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("tenants.id"))
    name: Mapped[str] = mapped_column(sa.String(255))
    kind: Mapped[str] = mapped_column(sa.String(16))
    hint: Mapped[str] = mapped_column(sa.String(255))
    endpoint: Mapped[str] = mapped_column(sa.String(512))
    sealed: Mapped[bytes] = mapped_column(sa.LargeBinary)
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class WebhookEndpointRow(Base):
    """An address that is told when jobs end.

    Its secret is nowhere: it follows from the server's secret key, the id and `secret_version`. Until
    `previous_until` the version before signs, too. `failing_since` is when the first attempt failed after
    the last one that arrived.
    """

    __tablename__ = "webhook_endpoints"
    __table_args__ = (sa.Index("ix_webhook_endpoints_tenant_id_id", "tenant_id", "id"),)

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("tenants.id"))
    url: Mapped[str] = mapped_column(sa.String(2048))
    description: Mapped[str] = mapped_column(sa.String(255))
    event_types: Mapped[list[str]] = mapped_column(sa.JSON)
    disabled_reason: Mapped[str | None] = mapped_column(sa.String(16))
    disabled_at: Mapped[datetime | None]
    failing_since: Mapped[datetime | None]
    secret_version: Mapped[int] = mapped_column(sa.Integer)
    previous_until: Mapped[datetime | None]
    created_at: Mapped[datetime]


class WebhookDeliveryRow(Base):
    """A message for one endpoint, stored in the transaction that ended the job.

    `attempts` counts all attempts and fences the one under way; `tries` counts those of the present
    schedule, which a redelivery starts anew. While `lease_until` is not over, a sender has the delivery.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (
        sa.CheckConstraint("state IN ('pending', 'delivered', 'failed')", name="state"),
        sa.Index("ix_webhook_deliveries_state_next_at", "state", "next_at"),
        sa.Index("ix_webhook_deliveries_endpoint_id_id", "endpoint_id", "id"),
        sa.Index("ix_webhook_deliveries_created_at", "created_at"),
    )

    id: Mapped[str] = mapped_column(_ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("tenants.id"))
    endpoint_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("webhook_endpoints.id", ondelete="CASCADE"))
    event_type: Mapped[str] = mapped_column(sa.String(32))
    job_id: Mapped[str | None] = mapped_column(_ID)
    payload: Mapped[str]
    state: Mapped[str] = mapped_column(sa.String(16))
    attempts: Mapped[int] = mapped_column(sa.Integer)
    tries: Mapped[int] = mapped_column(sa.Integer)
    next_at: Mapped[datetime | None]
    lease_until: Mapped[datetime | None]
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class WebhookAttemptRow(Base):
    """One attempt to deliver a message; without `duration_ms` it is under way, or its sender was stopped."""

    __tablename__ = "webhook_attempts"

    delivery_id: Mapped[str] = mapped_column(
        _ID, sa.ForeignKey("webhook_deliveries.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(sa.Integer, primary_key=True)
    started_at: Mapped[datetime]
    duration_ms: Mapped[float | None] = mapped_column(sa.Float)
    status: Mapped[int | None] = mapped_column(sa.Integer)
    error: Mapped[str | None] = mapped_column(sa.String(500))


class AuditHeadRow(Base):
    """The end of a tenant's chain of audit entries; its row is locked to append."""

    __tablename__ = "audit_heads"

    tenant_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("tenants.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(sa.BigInteger)
    hash: Mapped[str] = mapped_column(sa.String(64))


class AuditRow(Base):
    """One entry of the audit log; nothing changes or deletes one."""

    __tablename__ = "audit_log"
    __table_args__ = (
        sa.CheckConstraint("outcome IN ('succeeded', 'refused', 'failed')", name="outcome"),
        sa.Index("ix_audit_log_tenant_id_actor_seq", "tenant_id", "actor", "seq"),
        sa.Index("ix_audit_log_tenant_id_resource_seq", "tenant_id", "resource", "seq"),
    )

    tenant_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("tenants.id"), primary_key=True)
    seq: Mapped[int] = mapped_column(sa.BigInteger, primary_key=True, autoincrement=False)
    time: Mapped[datetime]
    actor: Mapped[str] = mapped_column(sa.String(64))
    action: Mapped[str] = mapped_column(sa.String(64))
    resource: Mapped[str | None] = mapped_column(sa.String(80))
    outcome: Mapped[str] = mapped_column(sa.String(16))
    status: Mapped[int] = mapped_column(sa.Integer)
    address: Mapped[str | None] = mapped_column(sa.String(64))
    request_id: Mapped[str] = mapped_column(sa.String(128))
    previous_hash: Mapped[str] = mapped_column(sa.String(64))
    hash: Mapped[str] = mapped_column(sa.String(64))


class TenantQuotaRow(Base):
    """Quotas of one tenant; NULL leaves a quota to the settings, 0 is none."""

    __tablename__ = "tenant_quotas"

    tenant_id: Mapped[str] = mapped_column(_ID, sa.ForeignKey("tenants.id"), primary_key=True)
    requests: Mapped[int | None] = mapped_column(sa.BigInteger)
    rows: Mapped[int | None] = mapped_column(sa.BigInteger)
    stored_bytes: Mapped[int | None] = mapped_column(sa.BigInteger)
    jobs: Mapped[int | None] = mapped_column(sa.BigInteger)
