"""Models, versions and aliases in the contract's words."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from pynomaly_server.contract.structs import (
    Model,
    ModelAlias,
    ModelAliasChange,
    ModelAliasHistory,
    ModelArtefact,
    ModelCanary,
    ModelMetrics,
    ModelVersion,
    ModelVersionSummary,
)
from pynomaly_server.db.tables import ModelAliasChangeRow, ModelAliasRow, ModelRow, ModelVersionRow
from pynomaly_server.models.repository import ModelRepository


async def described(models: ModelRepository, rows: Sequence[ModelRow]) -> list[Model]:
    """Models with their newest versions and aliases."""
    ids = [row.id for row in rows]
    latest = await models.latest_versions(ids)
    aliases = await models.aliases(ids)
    return [
        Model(
            model_id=row.id,
            name=row.name,
            latest_version=latest.get(row.id),
            aliases=[alias_of(alias) for alias in aliases if alias.model_id == row.id],
            created_at=row.created_at,
        )
        for row in rows
    ]


def alias_of(row: ModelAliasRow) -> ModelAlias:
    """An alias."""
    return ModelAlias(
        alias=row.alias,
        version=row.version,
        canary=_canary(row),
        shadow=row.shadow_version,
        threshold=row.threshold,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )


def history_of(row: ModelAliasRow, changes: Sequence[ModelAliasChangeRow]) -> ModelAliasHistory:
    """An alias with its changes."""
    return ModelAliasHistory(
        alias=row.alias,
        version=row.version,
        canary=_canary(row),
        shadow=row.shadow_version,
        threshold=row.threshold,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
        history=[change_of(change) for change in changes],
    )


def change_of(row: ModelAliasChangeRow) -> ModelAliasChange:
    """One change of an alias."""
    return ModelAliasChange(
        version=row.version,
        canary=_canary(row),
        shadow=row.shadow_version,
        threshold=row.threshold,
        rollback=row.rollback,
        reason=row.reason,
        changed_at=row.changed_at,
        changed_by=row.changed_by,
    )


def _canary(row: ModelAliasRow | ModelAliasChangeRow) -> ModelCanary | None:
    if row.canary_version is None or row.canary_share is None:
        return None
    return ModelCanary(version=row.canary_version, share=row.canary_share)


def summary_of(row: ModelVersionRow, aliases: Sequence[ModelAliasRow]) -> ModelVersionSummary:
    """A version in short; `aliases` are those of its model."""
    return ModelVersionSummary(
        version=row.version,
        algorithm=row.algorithm,
        contamination=row.contamination,
        n_rows=row.n_rows,
        metrics=_metrics(row),
        aliases=_pointing(row, aliases),
        artefact=_artefact(row),
        job_id=row.job_id,
        created_at=row.created_at,
        created_by=row.created_by,
    )


def version_of(model: ModelRow, row: ModelVersionRow, aliases: Sequence[ModelAliasRow]) -> ModelVersion:
    """A version with all that is known of it; `aliases` are those of its model."""
    known = {
        **row.details,
        "model_id": model.id,
        "name": model.name,
        "version": row.version,
        "algorithm": row.algorithm,
        "contamination": row.contamination,
        "label_column": row.label_column,
        "metrics": row.metrics,
        "artefact": _artefact(row),
        "aliases": _pointing(row, aliases),
        "job_id": row.job_id,
        "created_at": row.created_at,
        "created_by": row.created_by,
    }
    return msgspec.convert(known, ModelVersion, from_attributes=True)


def _metrics(row: ModelVersionRow) -> ModelMetrics | None:
    return None if row.metrics is None else msgspec.convert(row.metrics, ModelMetrics)


def _artefact(row: ModelVersionRow) -> ModelArtefact:
    return ModelArtefact(sha256=row.artefact_sha256, size_bytes=row.artefact_bytes)


def _pointing(row: ModelVersionRow, aliases: Sequence[ModelAliasRow]) -> list[str]:
    return [alias.alias for alias in aliases if alias.version == row.version]
