"""Shows, names and deletes models and their versions."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from typing import Final

import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import (
    Model,
    ModelAlias,
    ModelAliasHistory,
    ModelAliasTarget,
    ModelList,
    ModelVersion,
    ModelVersionList,
)
from pynomaly_server.cursors import Cursors
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import ModelAliasRow, ModelRow
from pynomaly_server.jobs.service import scoring_jobs
from pynomaly_server.models.changes import Announcements
from pynomaly_server.models.described import alias_of, described, history_of, summary_of, version_of
from pynomaly_server.models.references import LATEST
from pynomaly_server.models.repository import ModelRepository
from pynomaly_server.models.traffic import Target
from pynomaly_server.problems import Fault, ProblemError, invalid
from pynomaly_server.storage.objects import ObjectStore

HISTORY: Final = 1_000
_NAMED: Final = 10
"""So many of those who use a model are named to whoever would delete it."""
_log = structlog.get_logger("pynomaly.models")


class ModelService:
    """Every method is for one principal, and a foreign model is answered as one that does not exist.

    `name` is a model's name or its id.
    """

    def __init__(
        self, sessions: AsyncSessions, store: ObjectStore, cursors: Cursors, announcements: Announcements
    ) -> None:
        self._sessions = sessions
        self._store = store
        self._cursors = cursors
        self._announcements = announcements

    async def list(self, principal: Principal, *, limit: int, cursor: str | None = None) -> ModelList:
        """A page of models, newest first; raises `ProblemError` `validation` for the cursor."""
        of_list = (principal.tenant_id, "listModels")
        before = self._cursors.position(cursor, *of_list)
        async with self._sessions.read() as session:
            models = ModelRepository(session, principal.tenant_id)
            rows = await models.newest(limit=limit + 1, before=before)
            page, more = self._cursors.page(rows, limit, *of_list)
            items = await described(models, page)
        return ModelList(items=items, next_cursor=more)

    async def get(self, principal: Principal, name: str) -> Model:
        """A model; raises `ProblemError` `not-found`."""
        async with self._sessions.read() as session:
            models = ModelRepository(session, principal.tenant_id)
            return (await described(models, [await found_model(models, name)]))[0]

    async def versions(
        self, principal: Principal, name: str, *, limit: int, cursor: str | None = None
    ) -> ModelVersionList:
        """A page of a model's versions, newest first.

        Raises:
            ProblemError: `not-found`, or `validation` for the cursor.
        """
        async with self._sessions.read() as session:
            models = ModelRepository(session, principal.tenant_id)
            model = await found_model(models, name)
            of_list = (principal.tenant_id, "listModelVersions", model.id)
            before = None if cursor is None else int(self._cursors.read(cursor, *of_list))
            rows = await models.versions(model.id, limit=limit + 1, before=before)
            aliases = await models.aliases([model.id])
        page = rows[:limit]
        more = self._cursors.sign(str(page[-1].version), *of_list) if len(rows) > limit else None
        return ModelVersionList(items=[summary_of(row, aliases) for row in page], next_cursor=more)

    async def version(self, principal: Principal, name: str, version: int) -> ModelVersion:
        """A version with all that is known of it; raises `ProblemError` `not-found`."""
        async with self._sessions.read() as session:
            models = ModelRepository(session, principal.tenant_id)
            model = await found_model(models, name)
            row = await models.version(model.id, version)
            aliases = await models.aliases([model.id])
        if row is None:
            raise _no_version(model, version)
        return version_of(model, row, aliases)

    async def alias(self, principal: Principal, name: str, alias: str) -> ModelAliasHistory:
        """Where an alias points and pointed; raises `ProblemError` `not-found`."""
        async with self._sessions.read() as session:
            models = ModelRepository(session, principal.tenant_id)
            model = await found_model(models, name)
            row = await models.alias(model.id, alias)
            changes = await models.changes(model.id, alias, limit=HISTORY)
        if row is None:
            raise no_alias(model, alias)
        return history_of(row, changes)

    async def set_alias(
        self, principal: Principal, name: str, alias: str, body: ModelAliasTarget
    ) -> ModelAlias:
        """Point an alias at a version, once for everybody; where it is so already, nothing changes.

        Raises:
            ProblemError: `not-found`, or `validation` for an alias that is not to be had.
        """
        if alias == LATEST:
            raise invalid(
                [Fault("alias", f"cannot be {LATEST!r}: the model's bare name means its newest version")]
            )
        target = Target.asked(body)
        async with self._changing(principal.tenant_id) as session:
            models = ModelRepository(session, principal.tenant_id)
            model = await held_model(models, name)
            there = await models.numbers(model.id, target.versions)
            for version in target.versions:
                if version not in there:
                    raise _no_version(model, version)
            row = await models.alias(model.id, alias)
            if row is None or Target.of(row) != target:
                before = None if row is None else row.change
                row = await models.point(
                    row,
                    target,
                    before=before,
                    rollback=False,
                    model_id=model.id,
                    alias=alias,
                    changed_by=principal.subject,
                )
            await session.commit()
        return alias_of(row)

    async def roll_back(self, principal: Principal, name: str, alias: str) -> ModelAlias:
        """Undo the last change of an alias that can be undone: its version must still be there.

        Raises:
            ProblemError: `not-found`, or `conflict` where there is none.
        """
        async with self._changing(principal.tenant_id) as session:
            models = ModelRepository(session, principal.tenant_id)
            model = await held_model(models, name)
            row = await models.alias(model.id, alias)
            if row is None:
                raise no_alias(model, alias)
            pointed = await rolled_back(models, row, principal.subject)
            if pointed is None:
                raise ProblemError(
                    "conflict",
                    f"There is no version that the alias {alias} of the model {model.name} could go back to: "
                    f"it has pointed at no other before version {row.version}, or those have been deleted. "
                    "Point it at a version with setModelAlias.",
                )
            await session.commit()
        return alias_of(pointed)

    async def delete_alias(self, principal: Principal, name: str, alias: str) -> None:
        """Delete an alias with its history; raises `ProblemError` `not-found`."""
        async with self._changing(principal.tenant_id) as session:
            models = ModelRepository(session, principal.tenant_id)
            model = await held_model(models, name)
            if not await models.delete_alias(model.id, alias):
                raise no_alias(model, alias)
            await session.commit()

    async def delete_version(self, principal: Principal, name: str, version: int) -> None:
        """Delete a version at which no alias points and with which no job will score.

        Whoever comes first wins: a job that is being submitted holds its version until it is stored, and
        this waits for it and then finds the job.

        Raises:
            ProblemError: `not-found`, or `conflict` naming the aliases or jobs.
        """
        async with self._changing(principal.tenant_id) as session:
            models = ModelRepository(session, principal.tenant_id)
            model = await held_model(models, name)
            if not await models.hold_alone(model.id, version):
                raise _no_version(model, version)
            using = [
                row.alias for row in await models.aliases([model.id]) if version in Target.of(row).versions
            ]
            _refuse_use(using, f"Version {version} of the model {model.name}")
            jobs = await scoring_jobs(session, principal.tenant_id, model.id, version, _NAMED + 1)
            _refuse_jobs(jobs, f"Version {version} of the model {model.name}")
            key = await models.delete_version(model.id, version)
            await session.commit()
        await self._remove([key] if key is not None else [])

    async def delete(self, principal: Principal, name: str) -> None:
        """Delete a model at no version of which an alias points and with none of which a job will score.

        Raises:
            ProblemError: `not-found`, or `conflict` naming the aliases or jobs.
        """
        async with self._changing(principal.tenant_id) as session:
            models = ModelRepository(session, principal.tenant_id)
            model = await held_model(models, name)
            await models.hold_alone(model.id)
            _refuse_use([row.alias for row in await models.aliases([model.id])], f"The model {model.name}")
            jobs = await scoring_jobs(session, principal.tenant_id, model.id, None, _NAMED + 1)
            _refuse_jobs(jobs, f"The model {model.name}")
            keys = await models.delete_model(model.id)
            await session.commit()
        await self._remove(keys)

    @asynccontextmanager
    async def _changing(self, tenant_id: str) -> AsyncIterator[AsyncSession]:
        """A session for a change that every process knows of when this ends."""
        async with self._announcements.of_change(tenant_id), self._sessions.write() as session:
            yield session

    async def _remove(self, keys: Iterable[str]) -> None:
        # Only after the rows: a version without its file would fail its callers, a file alone fails nobody.
        for key in keys:
            try:
                await self._store.delete(key)
            except Exception:  # noqa: BLE001 - the version is gone; the sweeper removes the file in time
                _log.warning("file of a deleted version was not removed", key=key, exc_info=True)


async def rolled_back(
    models: ModelRepository, row: ModelAliasRow, changed_by: str, reason: str | None = None
) -> ModelAliasRow | None:
    """Undo the last change of an alias whose model is held; None where there is none to go back to."""
    changes = {
        change.change: change for change in await models.changes(row.model_id, row.alias, limit=row.change)
    }
    there = await models.numbers(
        row.model_id, {version for change in changes.values() for version in Target.of(change).versions}
    )
    back = changes.get(changes[row.change].before or 0)
    while back is not None:
        target = Target.of(back).among(there)
        if target.version in there and target != Target.of(row):
            return await models.point(
                row,
                target,
                before=back.before,
                rollback=True,
                reason=reason,
                model_id=row.model_id,
                alias=row.alias,
                changed_by=changed_by,
            )
        back = changes.get(back.before or 0)
    return None


async def found_model(models: ModelRepository, name: str) -> ModelRow:
    """The model of this name or id; raises `ProblemError` `not-found`."""
    return _there(await models.find(name), name)


async def held_model(models: ModelRepository, name: str) -> ModelRow:
    """As `found_model`; nobody else changes it before the transaction ends."""
    return _there(await models.hold(name), name)


def _there(model: ModelRow | None, name: str) -> ModelRow:
    if model is None:
        raise ProblemError("not-found", f"There is no model {name}. Train it with trainModel first.")
    return model


def _no_version(model: ModelRow, version: int) -> ProblemError:
    return ProblemError(
        "not-found", f"The model {model.name} has no version {version}. listModelVersions shows those it has."
    )


def no_alias(model: ModelRow, alias: str) -> ProblemError:
    """What answers for an alias that is not there."""
    return ProblemError(
        "not-found", f"The model {model.name} has no alias {alias}. getModel shows those it has."
    )


def _refuse_use(aliases: Sequence[str], what: str) -> None:
    if aliases:
        one = len(aliases) == 1
        raise ProblemError(
            "conflict",
            f"{what} is in use: the alias{'' if one else 'es'} {_listed(aliases)} "
            f"point{'s' if one else ''} at it. "
            f"Point {'it' if one else 'them'} elsewhere with setModelAlias, or delete "
            f"{'it' if one else 'them'}, and try again.",
        )


def _refuse_jobs(jobs: Sequence[str], what: str) -> None:
    if jobs:
        one = len(jobs) == 1
        said = f"the job {jobs[0]} has" if one else f"the jobs {_listed(jobs)} have"
        raise ProblemError(
            "conflict",
            f"{what} is in use: {said} not ended and score{'s' if one else ''} with it. "
            f"Wait for {'its' if one else 'their'} end or cancel {'it' if one else 'them'} with cancelJob, "
            "and try again.",
        )


def _listed(names: Sequence[str]) -> str:
    return ", ".join(names[:_NAMED]) + (", …" if len(names) > _NAMED else "")
