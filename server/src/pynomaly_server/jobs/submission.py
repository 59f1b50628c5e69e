"""Stores submitted jobs, each once, and tells the workers."""

from __future__ import annotations

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Protocol

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import BatchDetectionRequest, DataSource, Job, TrainingRequest
from pynomaly_server.credentials.service import CredentialService
from pynomaly_server.datasets.service import DatasetService, StoredDataset
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import JobRow
from pynomaly_server.detection import fitting
from pynomaly_server.detection.faults import as_problems
from pynomaly_server.idempotency import KeyedRows
from pynomaly_server.ids import new_id
from pynomaly_server.jobs.described import as_submitted
from pynomaly_server.jobs.light.eligible import is_light
from pynomaly_server.jobs.limits import check_bytes, check_rows
from pynomaly_server.jobs.queues import JobQueue, queue_for
from pynomaly_server.jobs.repository import JobRepository
from pynomaly_server.problems import ProblemError
from pynomaly_server.quotas.quota import jobs_used_up
from pynomaly_server.quotas.service import Quotas
from pynomaly_server.settings import Settings
from pynomaly_server.sources.service import SourceService, credentials_of, is_dataset
from pynomaly_server.telemetry.tracing import traceparent

CountRows = Callable[[int], Awaitable[None]]
KIND_DETECTION: Final = "detection"
Elsewhere = dict[int, dict[str, Any]]


class Publisher(Protocol):
    """Tells the workers of a job; may fail in silence, since the sweeper tells them again."""

    def publish(self, job_id: str, queue: JobQueue, *, together: bool) -> None:
        """Tell the workers of `queue` that this job is in it, `together` with others where there are more."""


SubmittedOptions = BatchDetectionRequest | TrainingRequest


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be stored: its kind, what it was asked for, and what its workers will find as its request."""

    kind: str
    options: SubmittedOptions
    stored: dict[str, Any]
    request_hash: str


class Submissions:
    """Takes jobs in; a foreign dataset is answered as one that does not exist."""

    def __init__(
        self,
        sessions: AsyncSessions,
        datasets: DatasetService,
        credentials: CredentialService,
        publisher: Publisher,
        settings: Settings,
    ) -> None:
        self.publisher = publisher
        self.settings = settings
        self._keyed = KeyedRows(sessions, JobRow)
        self._quotas = Quotas(sessions, settings)
        self._datasets = datasets
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
            `quota-exceeded`, `rate-limited` or `validation`.
        """
        new = NewJob(KIND_DETECTION, request, msgspec.to_builtins(request), hash_of(request))
        return await self.add(principal, new, request.data_sources, idempotency_key, count_rows)

    async def earlier(self, principal: Principal, key: str | None, request_hash: str) -> Job | None:
        """The job that a submission with this key has stored; raises `idempotency-mismatch`."""
        found = None if key is None else await self._keyed.find(principal.tenant_id, key)
        return None if found is None else as_submitted(self._keyed.confirm(found, request_hash))

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
    ) -> tuple[JobRow, bool]:
        """Insert and commit, and say whether another submission with this key was faster."""
        with as_problems(""):
            fitting.check(new.options)
        elsewhere = await self._elsewhere_of(principal, named)
        quota = (await self._quotas.of(principal.tenant_id)).jobs

        async def add(session: AsyncSession) -> JobRow:
            jobs = JobRepository(session, principal.tenant_id)
            if quota is not None and await jobs.unfinished_for_adding() >= quota:
                raise jobs_used_up(quota)
            sources = await self._sources(session, principal, new.options, named, elsewhere)
            total = _total(sources)
            options = new.options
            row = await jobs.add(
                id=new_id("job"),
                kind=new.kind,
                request=new.stored,
                sources=sources,
                total=total,
                queue=queue_for(total, small_rows=self.settings.job_small_rows),
                light=isinstance(options, BatchDetectionRequest) and is_light(options, sources),
                idempotency_key=idempotency_key,
                request_hash=new.request_hash,
                traceparent=traceparent(),
            )
            if count_rows is not None:
                # Last, so that nobody pays for what is not stored. The rows of what lies elsewhere are not
                # known before a worker has fetched it.
                await count_rows(sum(int(source.get("n_rows") or 0) for source in sources))
            return row

        return await self._keyed.insert(principal.tenant_id, idempotency_key, new.request_hash, add)

    async def _elsewhere_of(self, principal: Principal, named: Sequence[DataSource]) -> Elsewhere:
        """The sources that are no datasets, by their places, as a job keeps them."""
        remote = {position: each for position, each in enumerate(named) if not is_dataset(each)}
        if not remote:
            return {}
        secrets = await self._credentials.opened(principal, credentials_of(remote.values()))
        return await self._elsewhere.check(remote, secrets)

    async def _sources(
        self,
        session: AsyncSession,
        principal: Principal,
        options: SubmittedOptions,
        named: Sequence[DataSource],
        elsewhere: Elsewhere,
    ) -> Sequence[dict[str, Any]]:
        """The sources as a job keeps them; those that lie elsewhere have no `n_rows` yet.

        Whoever deletes one of them finds this job, or deleted it before and there is no job.
        """
        datasets = [each for each in named if is_dataset(each)]
        stored = iter(await self._datasets.hold(session, principal, datasets))
        sources = [elsewhere.get(position) or _as_kept(next(stored)) for position in range(len(named))]
        check_bytes(sum(source.get("n_bytes", 0) for source in sources), self.settings)
        check_rows(sum(source.get("n_rows", 0) for source in sources), options, self.settings)
        credentials = [source["credential_id"] for source in sources if "credential_id" in source]
        await self._credentials.hold(session, principal, credentials)
        return sources


def _as_kept(dataset: StoredDataset) -> dict[str, Any]:
    return {
        "dataset_id": dataset.dataset_id,
        "object_key": dataset.object_key,
        "media_type": dataset.media_type,
        "n_rows": dataset.n_rows,
        "n_bytes": dataset.n_bytes,
    }


def _total(sources: Sequence[dict[str, Any]]) -> int | None:
    """Rows of all sources, None where a worker has to count them first."""
    counts = [source.get("n_rows") for source in sources]
    return None if None in counts else sum(int(count or 0) for count in counts)


def hash_of(request: msgspec.Struct) -> str:
    """Tells requests apart; leaving a field out and saying its default is the same request."""
    canonical = msgspec.json.encode(msgspec.structs.asdict(request), order="deterministic")
    return hashlib.sha256(canonical).hexdigest()
