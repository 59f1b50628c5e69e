"""Stores what is submitted: the jobs of a tenant that come while a transaction runs, in the next together."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.exc import IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import BatchDetectionRequest, DataSource, TrainingRequest
from pynomaly_server.credentials.service import CredentialService
from pynomaly_server.datasets.service import DatasetService, StoredDataset, missing
from pynomaly_server.db.group_commit import GroupCommit
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import JobRow
from pynomaly_server.db.transactions import OfSession, Transaction, transaction
from pynomaly_server.idempotency import KeyedRows
from pynomaly_server.ids import new_id
from pynomaly_server.jobs.described import SubmittedJob
from pynomaly_server.jobs.light.eligible import is_light
from pynomaly_server.jobs.limits import check_bytes, check_rows
from pynomaly_server.jobs.queues import queue_for
from pynomaly_server.jobs.repository import JobAdditions
from pynomaly_server.problems import ProblemError
from pynomaly_server.quotas.quota import jobs_used_up
from pynomaly_server.settings import Settings

CountRows = Callable[[int], Awaitable[None]]
SubmittedOptions = BatchDetectionRequest | TrainingRequest
Elsewhere = Mapping[int, dict[str, Any]]
Hold = Callable[[Transaction], Awaitable[None]]
_Stored = tuple[JobRow | SubmittedJob, bool]


@dataclass(frozen=True, slots=True)
class NewJob:
    """A job to be stored: its kind, what it was asked for, and what its workers will find as its request.

    `hold` has nobody delete what the job needs besides its sources before the transaction ends that stores
    it, and raises `ProblemError` where somebody has.
    """

    kind: str
    options: SubmittedOptions
    stored: dict[str, Any]
    request_hash: str
    hold: Hold | None = None


@dataclass(frozen=True, slots=True)
class Submission:
    """A checked job and who wants it.

    Attributes:
        named: Its data sources as they were named.
        elsewhere: Those of them that are no datasets, by their places, as a job keeps them.
        quota: How many unfinished jobs its tenant may have; None is any number.
        idempotency_key: Under which it is stored once.
        count_rows: Is told of its rows where it is stored, and may refuse them.
        traceparent: The request that submits it, as a place in its trace.
    """

    principal: Principal
    new: NewJob
    named: Sequence[DataSource]
    elsewhere: Elsewhere
    quota: int | None
    idempotency_key: str | None
    count_rows: CountRows | None
    traceparent: str | None

    @property
    def dataset_ids(self) -> list[str]:
        """The datasets among its sources."""
        return [str(each) for place, each in enumerate(self.named) if place not in self.elsewhere]


class Intake:
    """The only way by which jobs come into the database."""

    def __init__(
        self,
        sessions: AsyncSessions,
        datasets: DatasetService,
        credentials: CredentialService,
        settings: Settings,
    ) -> None:
        self.keyed = KeyedRows(sessions, JobRow)
        self._sessions = sessions
        self._datasets = datasets
        self._credentials = credentials
        self.settings = settings
        self._submissions: GroupCommit[Submission, _Stored] = GroupCommit(self._store)

    async def store(self, submission: Submission) -> tuple[JobRow | SubmittedJob, bool]:
        """Insert and commit, and say whether another submission with this key was faster.

        Raises:
            ProblemError: as `Submissions.submit`.
        """
        return await self._submissions.hand_in(submission, submission.principal.tenant_id)

    async def _store(self, submissions: Sequence[Submission]) -> Sequence[_Stored | Exception]:
        try:
            async with transaction(self._sessions) as adding:
                outcomes = await self._insert(adding, submissions)
                await adding.commit()
        except IntegrityError:
            # A key that is in use undoes all of it; then each is stored by itself.
            if len(submissions) > 1:
                raise
            return [await self._store_alone(submissions[0])]
        return [each if isinstance(each, Exception) else (each, False) for each in outcomes]

    async def _store_alone(self, submission: Submission) -> _Stored:
        async def add(session: AsyncSession) -> SubmittedJob:
            [outcome] = await self._insert(OfSession(session), [submission])
            if isinstance(outcome, Exception):
                raise outcome
            return outcome

        tenant_id, key = submission.principal.tenant_id, submission.idempotency_key
        return await self.keyed.insert(tenant_id, key, submission.new.request_hash, add)

    async def _insert(
        self, adding: Transaction, submissions: Sequence[Submission]
    ) -> list[SubmittedJob | ProblemError]:
        """Insert the jobs of one tenant; each one, or why it is none."""
        principal = submissions[0].principal
        jobs = JobAdditions(adding, principal.tenant_id)
        quotas = [each.quota for each in submissions if each.quota is not None]
        left = min(quotas) - await jobs.unfinished() if quotas else len(submissions)
        held = await self._datasets.hold(
            adding, principal, sorted({name for each in submissions for name in each.dataset_ids})
        )
        faults: dict[int, ProblemError] = {}
        rows: dict[int, dict[str, Any]] = {}
        for place, submission in enumerate(submissions):
            try:
                if left <= 0:
                    raise jobs_used_up(min(quotas))
                rows[place] = await self._row_of(adding, submission, held)
            except ProblemError as problem:
                faults[place] = problem
                continue
            left -= 1
        created = await jobs.add(list(rows.values())) if rows else {}
        refused = await self._count_rows([(submissions[place], row) for place, row in rows.items()])
        if refused:
            await jobs.remove(list(refused))
        return [
            faults.get(place) or refused.get(rows[place]["id"]) or _stored(rows[place], created)
            for place in range(len(submissions))
        ]

    async def _row_of(
        self, adding: Transaction, submission: Submission, held: Mapping[str, StoredDataset]
    ) -> dict[str, Any]:
        sources = await self._sources(adding, submission, held)
        counts = [source.get("n_rows") for source in sources]
        # Unknown where a worker has to count them first.
        total = None if None in counts else sum(int(count or 0) for count in counts)
        new, options = submission.new, submission.new.options
        if new.hold is not None:
            await new.hold(adding)
        return {
            "id": new_id("job"),
            "kind": new.kind,
            "request": new.stored,
            "sources": sources,
            "total": total,
            "queue": queue_for(total, small_rows=self.settings.job_small_rows).value,
            "light": isinstance(options, BatchDetectionRequest) and is_light(options, sources),
            "idempotency_key": submission.idempotency_key,
            "request_hash": new.request_hash,
            "traceparent": submission.traceparent,
        }

    async def _sources(
        self, adding: Transaction, submission: Submission, held: Mapping[str, StoredDataset]
    ) -> Sequence[dict[str, Any]]:
        """The sources as a job keeps them; those that lie elsewhere have no `n_rows` yet.

        Whoever deletes one of them finds this job, or deleted it before and there is no job.
        """
        for dataset_id in submission.dataset_ids:
            if dataset_id not in held:
                raise missing(dataset_id)
        sources = [
            submission.elsewhere.get(place) or _as_kept(held[str(each)])
            for place, each in enumerate(submission.named)
        ]
        check_bytes(sum(source.get("n_bytes", 0) for source in sources), self.settings)
        check_rows(sum(source.get("n_rows", 0) for source in sources), submission.new.options, self.settings)
        credentials = [source["credential_id"] for source in sources if "credential_id" in source]
        if credentials:
            await self._credentials.hold(adding, submission.principal, credentials)
        return sources

    @staticmethod
    async def _count_rows(
        stored: Sequence[tuple[Submission, Mapping[str, Any]]],
    ) -> dict[str, ProblemError]:
        """Tell of the rows of jobs; why some are refused, by the jobs' ids.

        Last, so that nobody pays for what is not stored. The rows of what lies elsewhere are not known before
        a worker has fetched it.
        """
        counting = [
            (row["id"], submission.count_rows(sum(int(each.get("n_rows") or 0) for each in row["sources"])))
            for submission, row in stored
            if submission.count_rows is not None
        ]
        said = await asyncio.gather(*(counted for _, counted in counting), return_exceptions=True)
        refused: dict[str, ProblemError] = {}
        for (job_id, _), error in zip(counting, said, strict=True):
            if isinstance(error, ProblemError):
                refused[job_id] = error
            elif error is not None:
                raise error
        return refused


def _stored(row: Mapping[str, Any], created: Mapping[str, datetime]) -> SubmittedJob:
    return SubmittedJob(
        id=row["id"],
        kind=row["kind"],
        queue=row["queue"],
        light=row["light"],
        total=row["total"],
        traceparent=row["traceparent"],
        created_at=created[row["id"]],
    )


def _as_kept(dataset: StoredDataset) -> dict[str, Any]:
    return {
        "dataset_id": dataset.dataset_id,
        "object_key": dataset.object_key,
        "media_type": dataset.media_type,
        "n_rows": dataset.n_rows,
        "n_bytes": dataset.n_bytes,
    }
