"""Takes the steps of training an alias anew, each in one transaction with its entry in the audit log."""

from __future__ import annotations

from contextlib import nullcontext
from datetime import UTC, datetime, timedelta
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.audit.chain import Chain, Deed, Outcome
from pynomaly_server.audit.repository import AuditRepository
from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import (
    Job,
    ModelRetraining,
    ModelValidation,
    RetrainingRule,
    TrainingRequest,
)
from pynomaly_server.datasets.service import DatasetService
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import ModelAliasRow, ModelRetrainingRow, ModelRow, ModelVersionRow
from pynomaly_server.models.changes import Announcements
from pynomaly_server.models.drift.measures import LEAST_ROWS
from pynomaly_server.models.drift.repository import ObservationRepository
from pynomaly_server.models.drift.sketch import Sketch
from pynomaly_server.models.repository import ModelRepository
from pynomaly_server.models.retraining.order import Validation
from pynomaly_server.models.retraining.repository import RetrainingRepository
from pynomaly_server.models.retraining.rules import ASKED, Watched, alarming
from pynomaly_server.models.service import found_model, held_model, no_alias, rolled_back
from pynomaly_server.models.traffic import Target
from pynomaly_server.models.training import TrainingService
from pynomaly_server.problems import ProblemError

BEFORE_HOURS: Final = 168
"""How far back the alert rate of the version before is looked at."""
_LONGEST: Final = 500


class RetrainingService:
    """Rules, and the steps that they have taken; `name` is a model's name or its id."""

    def __init__(
        self,
        sessions: AsyncSessions,
        training: TrainingService,
        datasets: DatasetService,
        announcements: Announcements,
        chain: Chain,
    ) -> None:
        self._sessions = sessions
        self._training = training
        self._datasets = datasets
        self._announcements = announcements
        self._chain = chain

    async def get(self, principal: Principal, name: str, alias: str) -> ModelRetraining:
        """The rule of an alias; raises `ProblemError` `not-found`."""
        async with self._sessions.read() as session:
            model = await found_model(ModelRepository(session, principal.tenant_id), name)
            row = await RetrainingRepository(session, principal.tenant_id).find(model.id, alias)
        if row is None:
            raise _no_rule(model, alias)
        return _described(row)

    async def put(self, principal: Principal, name: str, alias: str, rule: RetrainingRule) -> ModelRetraining:
        """Make or change the rule of an alias; raises `ProblemError` `not-found` for the alias."""
        async with self._sessions.write() as session:
            models = ModelRepository(session, principal.tenant_id)
            model = await held_model(models, name)
            if await models.alias(model.id, alias) is None:
                raise no_alias(model, alias)
            rules = RetrainingRepository(session, principal.tenant_id)
            await rules.put(model.id, alias, msgspec.to_builtins(rule), principal.subject)
            row = await rules.find(model.id, alias)
            await session.commit()
        assert row is not None
        return _described(row)

    async def delete(self, principal: Principal, name: str, alias: str) -> None:
        """Delete the rule of an alias; raises `ProblemError` `not-found`."""
        async with self._sessions.write() as session:
            model = await held_model(ModelRepository(session, principal.tenant_id), name)
            if not await RetrainingRepository(session, principal.tenant_id).delete(model.id, alias):
                raise _no_rule(model, alias)
            await session.commit()

    async def run(
        self, principal: Principal, name: str, alias: str, reason: str = ASKED, *, noted: bool = False
    ) -> Job:
        """Submit the training of a version that is to replace the one behind an alias.

        Two who begin the same run make one job, by its key.

        Args:
            principal: Whose training it is.
            name: The model.
            alias: The alias.
            reason: Why.
            noted: Whether the audit log is to have it; a call over HTTP is noted as every call is.

        Raises:
            ProblemError: `not-found` for the rule or the dataset, `conflict` where a run has not ended, or
                what `TrainingService.train` raises.
        """
        tenant_id = principal.tenant_id
        async with self._sessions.read() as session:
            models = ModelRepository(session, tenant_id)
            model = await found_model(models, name)
            row = await RetrainingRepository(session, tenant_id).find(model.id, alias)
            if row is None:
                raise _no_rule(model, alias)
            _refuse_unless_idle(model, row)
            pointed = await models.alias(model.id, alias)
            version = None if pointed is None else await models.version(model.id, pointed.version)
        if version is None:
            raise no_alias(model, alias)
        rule = rule_of(row)
        dataset_id = await self._datasets.newest_named(principal, rule.dataset_name)
        validation = Validation(
            model.id,
            version.version,
            rule.holdout_share,
            rule.least_agreement,
        )
        key = f"retraining-{model.id}-{alias}-{row.runs + 1}"
        job, _ = await self._training.train(
            principal, _request(model, version, dataset_id), key, validation=validation
        )
        async with self._sessions.write() as session:
            rules = RetrainingRepository(session, tenant_id)
            await held_model(ModelRepository(session, tenant_id), model.id)
            now = await rules.find(model.id, alias)
            if now is not None and now.runs == row.runs:
                await rules.change(
                    model.id,
                    alias,
                    state="training",
                    job_id=job.job_id,
                    runs=row.runs + 1,
                    last_run_at=datetime.now(UTC),
                    last_outcome=f"training: {reason}"[:_LONGEST],
                )
                if noted:
                    await self._note(session, row, model, "retrainModel", job.job_id)
                await session.commit()
        return job

    async def after_training(self, row: ModelRetrainingRow, job: Job | None) -> None:
        """Move the alias to the version that a job has made, where it passed; nothing while the job runs."""
        if job is not None and job.state not in ("succeeded", "failed", "cancelled"):
            return
        tenant_id, alias = row.tenant_id, row.alias
        async with self._announcements.of_change(tenant_id), self._sessions.write() as session:
            models, rules = ModelRepository(session, tenant_id), RetrainingRepository(session, tenant_id)
            model = await held_model(models, row.model_id)
            now, pointed = await rules.find(model.id, alias), await models.alias(model.id, alias)
            if now is None or pointed is None or (now.state, now.job_id) != ("training", row.job_id):
                return
            made = (
                None
                if job is None or job.model is None
                else await models.version(model.id, job.model.version)
            )
            outcome = _refusal(job, made, pointed)
            if outcome is not None or made is None:
                await rules.change(model.id, alias, state="idle", last_outcome=(outcome or "")[:_LONGEST])
                await self._note(session, row, model, "retrainModel", row.job_id, failed=True)
                await session.commit()
                return
            reason = f"moved to version {made.version}: {_validation(made).detail}"[:_LONGEST]
            rule = rule_of(now)
            await models.point(
                pointed,
                Target(made.version, threshold=pointed.threshold),
                before=pointed.change,
                rollback=False,
                reason=reason,
                model_id=model.id,
                alias=alias,
                changed_by=row.created_by,
            )
            await rules.change(
                model.id,
                alias,
                state="watching",
                watched_version=made.version,
                before_share=await _share_before(session, models, row, pointed.version),
                watch_until=datetime.now(UTC) + timedelta(hours=rule.watch_hours),
                last_outcome=reason,
            )
            await self._note(session, row, model, "setModelAlias", row.job_id)
            await session.commit()

    async def watch(self, row: ModelRetrainingRow) -> None:
        """Take the alias back where errors or alerts have risen; end the watch where its time is over."""
        tenant_id, alias, version = row.tenant_id, row.alias, row.watched_version or 0
        async with self._sessions.read() as session:
            pointed = await ModelRepository(session, tenant_id).alias(row.model_id, alias)
            moved = pointed is None or pointed.version != version
            seen = await _seen(session, row, version, row.last_run_at or row.changed_at)
        watched = Watched(version, seen.n_rows, seen.n_anomalies, seen.n_errors)
        reason = None if moved else alarming(rule_of(row), row.before_share or 0.0, watched)
        over = row.watch_until is not None and datetime.now(UTC) >= row.watch_until
        if reason is None and not moved and not over:
            return
        # Whatever was found is looked at again under the lock; the alias' callers are told of a move alone.
        telling = nullcontext() if reason is None else self._announcements.of_change(tenant_id)
        async with telling, self._sessions.write() as session:
            models, rules = ModelRepository(session, tenant_id), RetrainingRepository(session, tenant_id)
            model = await held_model(models, row.model_id)
            now, pointed = await rules.find(model.id, alias), await models.alias(model.id, alias)
            if now is None or pointed is None or (now.state, now.watched_version) != ("watching", version):
                return
            if pointed.version != version:
                outcome = f"the alias has been pointed at version {pointed.version} by {pointed.changed_by}"
                await rules.change(model.id, alias, state="idle", watched_version=None, last_outcome=outcome)
                await session.commit()
                return
            if reason is not None:
                outcome = f"taken back: {reason}"[:_LONGEST]
                back = await rolled_back(models, pointed, row.created_by, outcome)
                if back is None:
                    outcome = f"cannot be taken back, as no earlier version is there: {reason}"[:_LONGEST]
                await rules.change(model.id, alias, state="idle", watched_version=None, last_outcome=outcome)
                await self._note(session, row, model, "rollbackModelAlias", row.job_id, failed=back is None)
            elif over:
                outcome = f"version {version} stays: {seen.n_rows:,} rows and no alarm while it was watched"
                await rules.change(model.id, alias, state="idle", watched_version=None, last_outcome=outcome)
            await session.commit()

    async def could_not_begin(self, row: ModelRetrainingRow, problem: ProblemError) -> None:
        """Remember why a run that was due has not begun."""
        async with self._sessions.write() as session:
            await RetrainingRepository(session, row.tenant_id).change(
                row.model_id,
                row.alias,
                last_run_at=datetime.now(UTC),
                last_outcome=f"could not begin: {problem.detail}"[:_LONGEST],
            )
            await session.commit()

    async def _note(
        self,
        session: AsyncSession,
        row: ModelRetrainingRow,
        model: ModelRow,
        action: str,
        job_id: str | None,
        *,
        failed: bool = False,
    ) -> None:
        deed = Deed(
            tenant_id=row.tenant_id,
            time=datetime.now(UTC),
            actor=row.created_by,
            action=action,
            resource=f"{model.name}@{row.alias}",
            outcome=Outcome.FAILED if failed else Outcome.SUCCEEDED,
            status=409 if failed else 200,
            address=None,
            request_id=job_id or row.model_id,
        )
        await AuditRepository(session, row.tenant_id).append(self._chain, [deed])


async def _seen(session: AsyncSession, row: ModelRetrainingRow, version: int, since: datetime) -> Sketch:
    hour = since.replace(minute=0, second=0, microsecond=0)
    found = await ObservationRepository(session, row.tenant_id).since(row.model_id, version, hour)
    return sum((sketch for _, sketch in found), Sketch())


async def _share_before(
    session: AsyncSession, models: ModelRepository, row: ModelRetrainingRow, version: int
) -> float:
    """The alert rate of the version before; that of its training where it has scored too few rows."""
    seen = await _seen(session, row, version, datetime.now(UTC) - timedelta(hours=BEFORE_HOURS))
    if seen.n_rows >= LEAST_ROWS:
        return seen.n_anomalies / seen.n_rows
    before = await models.version(row.model_id, version)
    return 0.0 if before is None else before.contamination


def _refusal(job: Job | None, made: ModelVersionRow | None, pointed: ModelAliasRow) -> str | None:
    """Why the alias does not move; None where it does."""
    if job is None:
        return "the job of the training is not there any more"
    if job.state != "succeeded":
        return f"the training {job.state}: {job.error.detail}" if job.error else f"the training {job.state}"
    if made is None:
        return "the version that was trained is not there any more"
    validation = _validation(made)
    if not validation.passed:
        return f"version {made.version} did not pass: {validation.detail}"
    if pointed.version != validation.version:
        return (
            f"version {made.version} passed against version {validation.version}, but the alias has moved to "
            f"version {pointed.version} meanwhile"
        )
    return None


def _validation(version: ModelVersionRow) -> ModelValidation:
    return msgspec.convert(version.details["validation"], ModelValidation)


def rule_of(row: ModelRetrainingRow) -> RetrainingRule:
    """What a row's rule says."""
    return msgspec.convert(row.rule, RetrainingRule)


def _described(row: ModelRetrainingRow) -> ModelRetraining:
    return ModelRetraining(
        alias=row.alias,
        rule=rule_of(row),
        state=row.state,
        job_id=row.job_id,
        watched_version=row.watched_version,
        watch_until=row.watch_until if row.state == "watching" else None,
        last_run_at=row.last_run_at,
        last_outcome=row.last_outcome,
        created_by=row.created_by,
        changed_at=row.changed_at,
    )


def _request(model: ModelRow, version: ModelVersionRow, dataset_id: str) -> TrainingRequest:
    """What trains a version as this one was trained, on other rows."""
    details = version.details
    return TrainingRequest(
        name=model.name,
        data_sources=[dataset_id],
        label_column=version.label_column,
        algorithm=version.algorithm,
        parameters=details["parameters"],
        # None of its training rows was anomalous: that is not what anybody can ask for.
        contamination=version.contamination if version.contamination > 0 else "auto",
        features=details["feature_names"],
        column_types={each["name"]: each["type"] for each in details["columns"] if each["used"]},
        random_state=details["random_state"],
    )


def _refuse_unless_idle(model: ModelRow, row: ModelRetrainingRow) -> None:
    if row.state == "idle":
        return
    what = (
        f"the job {row.job_id} trains a version for it"
        if row.state == "training"
        else f"version {row.watched_version} is watched until {row.watch_until:%Y-%m-%d %H:%M} UTC"
    )
    raise ProblemError(
        "conflict",
        f"The alias {row.alias} of the model {model.name} is being trained anew: {what}. Wait for the end, "
        "or delete the rule with deleteModelRetraining.",
    )


def _no_rule(model: ModelRow, alias: str) -> ProblemError:
    return ProblemError(
        "not-found",
        f"The alias {alias} of the model {model.name} has no rule to be trained anew by. Make one with "
        "setModelRetraining.",
    )
