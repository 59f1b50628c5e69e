"""Takes the steps that are due; its libraries are large, so `watch` imports it with the first rule."""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Final

import structlog

from pynomaly_server.audit.chain import Chain
from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import Job, ModelDrift
from pynomaly_server.credentials.service import CredentialService
from pynomaly_server.datasets.service import DatasetService
from pynomaly_server.db.session import AsyncSessions, make_async_engine, make_async_sessions
from pynomaly_server.db.tables import ModelRetrainingRow
from pynomaly_server.features import SWITCHED_OFF, Features
from pynomaly_server.jobs.service import JobService
from pynomaly_server.models.changes import Announcements
from pynomaly_server.models.drift.service import drift_of
from pynomaly_server.models.references import Reference
from pynomaly_server.models.repository import ModelRepository
from pynomaly_server.models.retraining.repository import all_rules
from pynomaly_server.models.retraining.rules import due
from pynomaly_server.models.retraining.service import RetrainingService, rule_of
from pynomaly_server.models.training import TrainingService
from pynomaly_server.outbound.guard import Guard
from pynomaly_server.outbound.networks import Allowances
from pynomaly_server.problems import ProblemError
from pynomaly_server.quotas.service import Quotas
from pynomaly_server.settings import Settings
from pynomaly_server.storage.objects import ObjectStore
from pynomaly_server.tabular.limits import UNLIMITED
from pynomaly_server.worker.broker import connect_async
from pynomaly_server.worker.publisher import BackgroundPublisher

DRIFT_HOURS: Final = 24
DRIFT_SECONDS: Final = 60.0
"""Time between two looks at the drift, which costs more than to look whether a job has ended."""
_log = structlog.get_logger("pynomaly.models")


class RetrainingSweep:
    """One pass at a time; several do no harm to each other, since each step looks again under a lock."""

    def __init__(
        self,
        sessions: AsyncSessions,
        service: RetrainingService,
        jobs: JobService,
        drift_seconds: float = DRIFT_SECONDS,
    ) -> None:
        self._sessions = sessions
        self._service = service
        self._jobs = jobs
        self._drift_seconds = drift_seconds
        self._drift_at = 0.0

    async def sweep(self) -> None:
        """Take each rule a step on, where one is due."""
        async with self._sessions.read() as session:
            rows = await all_rules(session)
        with_drift = time.monotonic() >= self._drift_at
        if with_drift:
            self._drift_at = time.monotonic() + self._drift_seconds
        for row in rows:
            try:
                await self._step(row, with_drift=with_drift)
            except Exception:  # noqa: BLE001 - one that fails keeps no other from its step
                _log.warning(
                    "a model could not be trained anew", model=row.model_id, alias=row.alias, exc_info=True
                )

    async def _step(self, row: ModelRetrainingRow, *, with_drift: bool) -> None:
        if row.state == "training":
            await self._service.after_training(row, await self._job(row))
        elif row.state == "watching":
            await self._service.watch(row)
        else:
            await self._begin(row, with_drift=with_drift)

    async def _begin(self, row: ModelRetrainingRow, *, with_drift: bool) -> None:
        rule = rule_of(row)
        drift = await self._drift(row) if with_drift and rule.when_psi_over is not None else None
        reason = due(rule, row.changed_at, row.last_run_at, datetime.now(UTC), drift)
        if reason is None:
            return
        try:
            await self._service.run(_owner(row), row.model_id, row.alias, reason, noted=True)
        except ProblemError as problem:
            if problem.code == SWITCHED_OFF:
                return  # what is due stays due, and begins once it is switched on again
            await self._service.could_not_begin(row, problem)

    async def _drift(self, row: ModelRetrainingRow) -> ModelDrift | None:
        async with self._sessions.read() as session:
            route = await ModelRepository(session, row.tenant_id).resolve(
                Reference(row.model_id, alias=row.alias)
            )
            return None if route is None else await drift_of(session, row.tenant_id, route.kept, DRIFT_HOURS)

    async def _job(self, row: ModelRetrainingRow) -> Job | None:
        try:
            return await self._jobs.get(_owner(row), row.job_id or "")
        except ProblemError:
            return None


def _owner(row: ModelRetrainingRow) -> Principal:
    """Whoever made the rule, for what the rule does alone."""
    return Principal(row.tenant_id, row.created_by, frozenset({"models:write"}))


@contextlib.asynccontextmanager
async def opened(settings: Settings, features: Features) -> AsyncIterator[RetrainingSweep]:
    """A sweep with the parts that the settings name, and the switches of its process."""
    engine, broker = make_async_engine(settings), connect_async(settings.broker_url)
    sessions = make_async_sessions(engine)
    quotas = Quotas(sessions, settings)
    store = ObjectStore.from_url(settings.storage_url)
    datasets = DatasetService(sessions, store, settings, quotas, features)
    guard = Guard(Allowances.parse(settings.outbound_allow))
    credentials = CredentialService(sessions, guard, settings.secret, settings.former_secrets)
    publisher = BackgroundPublisher(settings)
    jobs = JobService(sessions, store, datasets, credentials, publisher, settings, quotas, features)
    training = TrainingService(jobs.submissions, datasets, quotas, UNLIMITED, features)
    service = RetrainingService(sessions, training, datasets, Announcements(broker), Chain(settings.secret))
    try:
        yield RetrainingSweep(sessions, service, jobs)
    finally:
        publisher.close()
        await broker.aclose()
        await engine.dispose()
