"""SQL of models, their versions and aliases; every statement is for one tenant."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Session, defer

from pynomaly_server.db.tables import ModelAliasChangeRow, ModelAliasRow, ModelRow, ModelVersionRow
from pynomaly_server.db.tenants import of_tenant
from pynomaly_server.db.transactions import Transaction
from pynomaly_server.db.types import utc_now
from pynomaly_server.models.references import Reference
from pynomaly_server.models.traffic import Target


@dataclass(frozen=True, slots=True)
class KeptVersion:
    """What is needed to score with a version."""

    model_id: str
    name: str
    version: int
    label_column: str | None
    artefact_key: str
    artefact_sha256: str
    artefact_bytes: int


@dataclass(frozen=True, slots=True)
class Route:
    """The version that a reference means, and what else stands behind it where that is an alias."""

    kept: KeptVersion
    canary: KeptVersion | None = None
    canary_share: float = 0.0
    shadow: KeptVersion | None = None
    threshold: float | None = None


_KEPT = (
    ModelRow.id,
    ModelRow.name,
    ModelVersionRow.version,
    ModelVersionRow.label_column,
    ModelVersionRow.artefact_key,
    ModelVersionRow.artefact_sha256,
    ModelVersionRow.artefact_bytes,
)


_HOLD: Final = (
    sa.select(ModelVersionRow.version)
    .where(
        ModelVersionRow.tenant_id == sa.bindparam("of_tenant", type_=sa.String),
        ModelVersionRow.model_id == sa.bindparam("of_model", type_=sa.String),
        ModelVersionRow.version == sa.bindparam("wanted", type_=sa.Integer),
    )
    .with_for_update(read=True, key_share=True)
)


async def hold_version(transaction: Transaction, tenant_id: str, model_id: str, version: int) -> bool:
    """Whether a version is there; nobody deletes it before the transaction ends."""
    named = {"of_tenant": tenant_id, "of_model": model_id, "wanted": version}
    return bool(await transaction.rows(_HOLD, named))


@dataclass(frozen=True, slots=True)
class StoredVersion:
    """Where the file of a version lies, whoever's it is."""

    model_id: str
    version: int
    artefact_key: str
    artefact_sha256: str


async def every_stored(
    session: AsyncSession, *, after: tuple[str, int], limit: int
) -> Sequence[StoredVersion]:
    """Up to `limit` versions of all tenants behind the model and version `after`; for the operator."""
    row = ModelVersionRow
    statement = (
        sa.select(row.model_id, row.version, row.artefact_key, row.artefact_sha256)
        .where(sa.tuple_(row.model_id, row.version) > after)
        .order_by(row.model_id, row.version)
        .limit(limit)
    )
    return [StoredVersion(*found) for found in await session.execute(statement)]


async def count_every(session: AsyncSession) -> int:
    """How many versions all tenants have."""
    return await session.scalar(sa.select(sa.func.count()).select_from(ModelVersionRow)) or 0


def find_stored(session: Session, tenant_id: str, model_id: str, version: int) -> StoredVersion | None:
    """Where the file of a version lies now; None where it is deleted. For threads."""
    row = ModelVersionRow
    found = session.execute(
        sa.select(row.model_id, row.version, row.artefact_key, row.artefact_sha256).where(
            row.tenant_id == tenant_id, row.model_id == model_id, row.version == version
        )
    ).one_or_none()
    return None if found is None else StoredVersion(*found)


async def move_stored(session: AsyncSession, old: StoredVersion, key: str, sha256: str) -> bool:
    """Have a version lie elsewhere, the same size; False where it is not where it was, or is deleted."""
    row = ModelVersionRow
    moved = await session.scalars(
        sa.update(row)
        .where(row.model_id == old.model_id, row.version == old.version, row.artefact_key == old.artefact_key)
        .values(artefact_key=key, artefact_sha256=sha256)
        .returning(row.version)
        .execution_options(synchronize_session=False)
    )
    return moved.first() is not None


class ModelRepository:
    """Statements on one session for one tenant; commits nothing."""

    def __init__(self, session: AsyncSession, tenant_id: str) -> None:
        self._session = session
        self._tenant_id = tenant_id

    async def stored(self) -> int:
        """Bytes of the files of all versions."""
        size = await self._session.scalar(
            sa.select(sa.func.sum(ModelVersionRow.artefact_bytes)).where(
                ModelVersionRow.tenant_id == self._tenant_id
            )
        )
        return int(size or 0)

    async def find(self, name: str) -> ModelRow | None:
        """The model of this name or id."""
        return await self._session.scalar(of_tenant(ModelRow, self._tenant_id).where(_called(name)))

    async def hold(self, name: str) -> ModelRow | None:
        """As `find`; nobody else changes the model, its versions or aliases before the transaction ends."""
        # SQLite knows no locks of rows and needs none: its transactions that write come one after the other.
        statement = of_tenant(ModelRow, self._tenant_id).where(_called(name)).with_for_update()
        return await self._session.scalar(statement)

    async def newest(self, *, limit: int, before: str | None) -> Sequence[ModelRow]:
        """Up to `limit` models, newest first, older than the model with the id `before`."""
        statement = of_tenant(ModelRow, self._tenant_id).order_by(ModelRow.id.desc()).limit(limit)
        if before is not None:
            statement = statement.where(ModelRow.id < before)
        return (await self._session.scalars(statement)).all()

    async def latest_versions(self, model_ids: Collection[str]) -> dict[str, int]:
        """The newest version of each of these models that has one."""
        found = await self._session.execute(
            sa.select(ModelVersionRow.model_id, sa.func.max(ModelVersionRow.version))
            .where(ModelVersionRow.tenant_id == self._tenant_id, ModelVersionRow.model_id.in_(model_ids))
            .group_by(ModelVersionRow.model_id)
        )
        return {row[0]: row[1] for row in found}

    async def aliases(self, model_ids: Collection[str]) -> Sequence[ModelAliasRow]:
        """The aliases of these models in the order of their names."""
        statement = (
            of_tenant(ModelAliasRow, self._tenant_id)
            .where(ModelAliasRow.model_id.in_(model_ids))
            .order_by(ModelAliasRow.alias)
        )
        return (await self._session.scalars(statement)).all()

    async def version(self, model_id: str, version: int) -> ModelVersionRow | None:
        """A version with everything that is known of it."""
        return await self._session.scalar(self._versions(model_id).where(ModelVersionRow.version == version))

    async def hold_alone(self, model_id: str, version: int | None = None) -> set[int]:
        """The versions of a model, or one of them if it is there, that are held by nobody else from now on.

        Waits until nobody else holds them.
        """
        statement = self._numbers(model_id).order_by(ModelVersionRow.version)
        if version is not None:
            # No others, for which somebody might wait who holds this one.
            statement = statement.where(ModelVersionRow.version == version)
        return set(await self._session.scalars(statement.with_for_update()))

    async def numbers(self, model_id: str, versions: Collection[int]) -> set[int]:
        """Those of these versions that are there."""
        wanted = self._numbers(model_id).where(ModelVersionRow.version.in_(versions))
        return set(await self._session.scalars(wanted))

    async def is_kept(self, artefact_key: str) -> bool:
        """Whether this is the file of a version."""
        found = of_tenant(ModelVersionRow, self._tenant_id).where(
            ModelVersionRow.artefact_key == artefact_key
        )
        return await self._session.scalar(found) is not None

    async def with_artefact(self, model_id: str, sha256: str) -> Sequence[ModelVersionRow]:
        """The versions of a model that are kept as this file, oldest first."""
        statement = self._versions(model_id).where(ModelVersionRow.artefact_sha256 == sha256)
        return (await self._session.scalars(statement.order_by(ModelVersionRow.version))).all()

    async def versions(self, model_id: str, *, limit: int, before: int | None) -> Sequence[ModelVersionRow]:
        """Up to `limit` versions without their details, newest first, older than the version `before`."""
        statement = (
            self._versions(model_id)
            .options(defer(ModelVersionRow.details, raiseload=True))
            .order_by(ModelVersionRow.version.desc())
            .limit(limit)
        )
        if before is not None:
            statement = statement.where(ModelVersionRow.version < before)
        return (await self._session.scalars(statement)).all()

    async def resolve(self, reference: Reference) -> Route | None:
        """The versions that a reference means at this moment."""
        if reference.alias is not None:
            return await self._behind(reference.model, reference.alias)
        statement = self._kept(reference.model)
        if reference.version is not None:
            statement = statement.where(ModelVersionRow.version == reference.version)
        else:
            statement = statement.order_by(ModelVersionRow.version.desc()).limit(1)
        found = (await self._session.execute(statement)).one_or_none()
        return None if found is None else Route(KeptVersion(*found))

    async def _behind(self, model: str, alias: str) -> Route | None:
        """The versions behind an alias, in one statement, so that they are those of one moment."""
        named = (ModelAliasRow.version, ModelAliasRow.canary_version, ModelAliasRow.shadow_version)
        statement = (
            self._kept(model)
            .add_columns(*named, ModelAliasRow.canary_share, ModelAliasRow.threshold)
            .join(ModelAliasRow, ModelAliasRow.model_id == ModelVersionRow.model_id)
            .where(ModelAliasRow.alias == alias, ModelVersionRow.version.in_(named))
        )
        rows = (await self._session.execute(statement)).all()
        if not rows:
            return None
        version, canary, shadow, share, threshold = rows[0][len(_KEPT) :]
        kept = {row.version: KeptVersion(*row[: len(_KEPT)]) for row in rows}
        return Route(kept[version], kept.get(canary), share or 0.0, kept.get(shadow), threshold)

    async def earlier(self, model_id: str, alias: str) -> Sequence[KeptVersion]:
        """The versions that an alias pointed at before, the last one first; deleted ones are left out."""
        changes = await self.changes(model_id, alias, limit=1_000)
        found = await self._session.execute(
            self._kept(model_id).where(
                ModelVersionRow.version.in_({change.version for change in changes[1:]})
            )
        )
        kept = {row.version: KeptVersion(*row) for row in found}
        order = dict.fromkeys(
            change.version for change in changes[1:] if change.version != changes[0].version
        )
        return [kept[version] for version in order if version in kept]

    async def alias(self, model_id: str, alias: str) -> ModelAliasRow | None:
        """Where an alias points."""
        return await self._session.scalar(
            of_tenant(ModelAliasRow, self._tenant_id).where(*_alias_of(ModelAliasRow, model_id, alias))
        )

    async def changes(self, model_id: str, alias: str, *, limit: int) -> Sequence[ModelAliasChangeRow]:
        """The changes of an alias, newest first."""
        statement = (
            of_tenant(ModelAliasChangeRow, self._tenant_id)
            .where(*_alias_of(ModelAliasChangeRow, model_id, alias))
            .order_by(ModelAliasChangeRow.change.desc())
            .limit(limit)
        )
        return (await self._session.scalars(statement)).all()

    async def point(
        self,
        row: ModelAliasRow | None,
        target: Target,
        *,
        before: int | None,
        rollback: bool,
        reason: str | None = None,
        **values: Any,
    ) -> ModelAliasRow:
        """Point an alias (`model_id`, `alias`) at a `target` by `changed_by`; `row` is where it is now."""
        model_id, alias = values["model_id"], values["alias"]
        values |= {
            "version": target.version,
            "canary_version": target.canary,
            "canary_share": target.canary_share,
            "shadow_version": target.shadow,
            "threshold": target.threshold,
            "change": 1 if row is None else row.change + 1,
            "changed_at": utc_now(),
        }
        statement: sa.Insert | sa.Update
        if row is None:
            statement = sa.insert(ModelAliasRow).values(tenant_id=self._tenant_id, **values)
        else:
            statement = (
                sa.update(ModelAliasRow)
                .where(ModelAliasRow.tenant_id == self._tenant_id, *_alias_of(ModelAliasRow, model_id, alias))
                .values(**values)
            )
        await self._session.execute(statement)
        await self._session.execute(
            sa.insert(ModelAliasChangeRow).values(
                tenant_id=self._tenant_id, before=before, rollback=rollback, reason=reason, **values
            )
        )
        pointed = await self._session.scalars(
            of_tenant(ModelAliasRow, self._tenant_id)
            .where(*_alias_of(ModelAliasRow, model_id, alias))
            .execution_options(populate_existing=True)
        )
        return pointed.one()

    async def delete_alias(self, model_id: str, alias: str) -> bool:
        """Delete an alias with its history; False where it is not there."""
        deleted = await self._session.scalar(
            sa.delete(ModelAliasRow)
            .where(ModelAliasRow.tenant_id == self._tenant_id, *_alias_of(ModelAliasRow, model_id, alias))
            .returning(ModelAliasRow.alias)
        )
        return deleted is not None

    async def delete_version(self, model_id: str, version: int) -> str | None:
        """Delete a version and return the key of its artefact; None where it is not there."""
        return await self._session.scalar(
            sa.delete(ModelVersionRow)
            .where(
                ModelVersionRow.tenant_id == self._tenant_id,
                ModelVersionRow.model_id == model_id,
                ModelVersionRow.version == version,
            )
            .returning(ModelVersionRow.artefact_key)
        )

    async def delete_model(self, model_id: str) -> Sequence[str]:
        """Delete a model with all versions and return the keys of their artefacts."""
        keys = await self._session.scalars(
            sa.delete(ModelVersionRow)
            .where(ModelVersionRow.tenant_id == self._tenant_id, ModelVersionRow.model_id == model_id)
            .returning(ModelVersionRow.artefact_key)
        )
        found = keys.all()
        await self._session.execute(
            sa.delete(ModelRow).where(ModelRow.tenant_id == self._tenant_id, ModelRow.id == model_id)
        )
        return found

    def _versions(self, model_id: str) -> sa.Select[ModelVersionRow]:
        return of_tenant(ModelVersionRow, self._tenant_id).where(ModelVersionRow.model_id == model_id)

    def _numbers(self, model_id: str) -> sa.Select[int]:
        return sa.select(ModelVersionRow.version).where(
            ModelVersionRow.tenant_id == self._tenant_id, ModelVersionRow.model_id == model_id
        )

    def _kept(self, name: str) -> sa.Select[str, str, int, str | None, str, str, int]:
        return (
            sa.select(*_KEPT)
            .join(ModelVersionRow, ModelVersionRow.model_id == ModelRow.id)
            .where(ModelRow.tenant_id == self._tenant_id, _called(name))
        )


def _called(name: str) -> sa.ColumnElement[bool]:
    return sa.or_(ModelRow.name == name, ModelRow.id == name)


def _alias_of(
    table: type[ModelAliasRow | ModelAliasChangeRow], model_id: str, alias: str
) -> tuple[sa.ColumnElement[bool], ...]:
    return table.model_id == model_id, table.alias == alias
