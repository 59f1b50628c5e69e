"""Stores submitted jobs, each once, and tells the workers."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import Final, Protocol

import msgspec

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import BatchDetectionRequest, DataSource, Job
from pynomaly_server.credentials.service import CredentialService
from pynomaly_server.datasets.service import DatasetService
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import JobRow
from pynomaly_server.detection import fitting
from pynomaly_server.detection.faults import as_problems
from pynomaly_server.features import Feature, Features
from pynomaly_server.jobs.described import SubmittedJob, as_submitted
from pynomaly_server.jobs.intake import CountRows, Elsewhere, Intake, NewJob, Submission
from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.problems import ProblemError
from pynomaly_server.quotas.service import Quotas
from pynomaly_server.settings import Settings
from pynomaly_server.sources.service import SourceService, credentials_of, is_dataset
from pynomaly_server.telemetry.tracing import traceparent

KIND_DETECTION: Final = "detection"
KIND_SCORING: Final = "scoring"
"""A detection by a trained model, which is submitted and worked on in the room of the models."""
WITH_ROWS: Final = (KIND_DETECTION, KIND_SCORING)
"""The kinds that have rows for a result."""


class Publisher(Protocol):
    """Tells the workers of a job; may fail in silence, since the sweeper tells them again."""

    def publish(self, job_id: str, queue: JobQueue, *, together: bool) -> None:
        """Tell the workers of `queue` that this job is in it, `together` with others where there are more."""


class Submissions:
    """Takes jobs in; a foreign dataset is answered as one that does not exist."""

    def __init__(
        self,
        sessions: AsyncSessions,
        datasets: DatasetService,
        credentials: CredentialService,
        publisher: Publisher,
        settings: Settings,
        quotas: Quotas | None = None,
        features: Features | None = None,
    ) -> None:
        self.publisher = publisher
        self.intake = Intake(sessions, datasets, credentials, settings)
        self._quotas = quotas or Quotas(sessions, settings)
        self._features = features or Features(settings.switched_off)
        self._credentials = credentials
        self._elsewhere = SourceService(settings)

    async def submit(
        self,
        principal: Principal,
        request: BatchDetectionRequest,
        idempotency_key: str | None,
        count_rows: CountRows | None = None,
    ) -> tuple[Job, bool]:
        """Store a job, then tell the workers.

        `count_rows` gets the rows of the job where they are known, and may refuse them. Most submissions are
        made once, so whether there is an earlier one with this key is looked up only where the job cannot be
        stored: then that one is the answer, whatever has become of its sources since.

        Returns:
            The job as it was when it was stored, and whether it was stored by an earlier submission with
            this key.

        Raises:
            ProblemError: `idempotency-mismatch`, `forbidden-source`, `not-found`, `job-limit-exceeded`,
            `quota-exceeded`, `rate-limited`, `switched-off` or `validation`.
        """
        new = NewJob(KIND_DETECTION, request, msgspec.to_builtins(request), hash_of(request))
        return await self.add(principal, new, request.data_sources, idempotency_key, count_rows)

    async def earlier(self, principal: Principal, key: str | None, request_hash: str) -> Job | None:
        """The job that a submission with this key has stored; raises `idempotency-mismatch`."""
        found = None if key is None else await self.intake.keyed.find(principal.tenant_id, key)
        return None if found is None else as_submitted(self.intake.keyed.confirm(found, request_hash))

    async def add(
        self,
        principal: Principal,
        new: NewJob,
        named: Sequence[DataSource],
        idempotency_key: str | None,
        count_rows: CountRows | None = None,
    ) -> tuple[Job, bool]:
        """Store a job of any kind that reads these data sources, then tell the workers; as `submit`."""
        try:
            row, replayed = await self._store(principal, new, named, idempotency_key, count_rows)
        except ProblemError:
            earlier = await self.earlier(principal, idempotency_key, new.request_hash)
            if earlier is None:
                raise
            return earlier, True
        if not replayed:
            self.publisher.publish(row.id, JobQueue(row.queue), together=row.light)
        return as_submitted(row), replayed

    async def _store(
        self,
        principal: Principal,
        new: NewJob,
        named: Sequence[DataSource],
        idempotency_key: str | None,
        count_rows: CountRows | None,
    ) -> tuple[JobRow | SubmittedJob, bool]:
        if new.kind in WITH_ROWS:
            self._features.check(Feature.BATCH_JOBS)
        with as_problems(""):
            fitting.check_switch(new.options, self._features)
            fitting.check(new.options)
        submission = Submission(
            principal=principal,
            new=new,
            named=named,
            elsewhere=await self._elsewhere_of(principal, named),
            quota=(await self._quotas.of(principal.tenant_id)).jobs,
            idempotency_key=idempotency_key,
            count_rows=count_rows,
            traceparent=traceparent(),
        )
        return await self.intake.store(submission)

    async def _elsewhere_of(self, principal: Principal, named: Sequence[DataSource]) -> Elsewhere:
        """The sources that are no datasets, by their places, as a job keeps them."""
        remote = {position: each for position, each in enumerate(named) if not is_dataset(each)}
        if not remote:
            return {}
        self._features.check(Feature.REMOTE_SOURCES)
        secrets = await self._credentials.opened(principal, credentials_of(remote.values()))
        return await self._elsewhere.check(remote, secrets)


def hash_of(request: msgspec.Struct) -> str:
    """Tells requests apart; leaving a field out and saying its default is the same request."""
    canonical = msgspec.json.encode(msgspec.structs.asdict(request), order="deterministic")
    return hashlib.sha256(canonical).hexdigest()
