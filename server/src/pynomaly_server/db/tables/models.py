"""Models, their versions and aliases, and what is known of how they do."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from pynomaly_server.db.tables.base import ID, Base


class ModelRow(Base):
    """A trained detector by its name; `last_version` is the highest number ever given to a version."""

    __tablename__ = "models"
    __table_args__ = (
        sa.UniqueConstraint("tenant_id", "name"),
        sa.Index("ix_models_tenant_id_id", "tenant_id", "id"),
    )

    id: Mapped[str] = mapped_column(ID, primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("tenants.id"))
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
        ID, sa.ForeignKey("models.id", ondelete="CASCADE"), primary_key=True
    )
    version: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("tenants.id"))
    algorithm: Mapped[str] = mapped_column(sa.String(64))
    contamination: Mapped[float] = mapped_column(sa.Float)
    n_rows: Mapped[int] = mapped_column(sa.BigInteger)
    label_column: Mapped[str | None] = mapped_column(sa.String(256))
    metrics: Mapped[dict[str, Any] | None] = mapped_column(sa.JSON(none_as_null=True))
    details: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    artefact_key: Mapped[str] = mapped_column(sa.String(512))
    artefact_sha256: Mapped[str] = mapped_column(sa.String(64))
    artefact_bytes: Mapped[int] = mapped_column(sa.BigInteger)
    job_id: Mapped[str] = mapped_column(ID)
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
        ID, sa.ForeignKey("models.id", ondelete="CASCADE"), primary_key=True
    )
    alias: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("tenants.id"))
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

    model_id: Mapped[str] = mapped_column(ID, primary_key=True)
    alias: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    change: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    tenant_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("tenants.id"))
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

    model_id: Mapped[str] = mapped_column(ID, primary_key=True)
    version: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    hour: Mapped[datetime] = mapped_column(primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("tenants.id"))
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

    model_id: Mapped[str] = mapped_column(ID, primary_key=True)
    alias: Mapped[str] = mapped_column(sa.String(30), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("tenants.id"))
    rule: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    state: Mapped[str] = mapped_column(sa.String(16))
    runs: Mapped[int] = mapped_column(sa.Integer)
    job_id: Mapped[str | None] = mapped_column(ID)
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

    model_id: Mapped[str] = mapped_column(ID, primary_key=True)
    version: Mapped[int] = mapped_column(sa.Integer, primary_key=True, autoincrement=False)
    row_key: Mapped[str] = mapped_column(sa.String(64), primary_key=True)
    tenant_id: Mapped[str] = mapped_column(ID, sa.ForeignKey("tenants.id"))
    score: Mapped[float] = mapped_column(sa.Float)
    anomalous: Mapped[bool]
    given_at: Mapped[datetime]
