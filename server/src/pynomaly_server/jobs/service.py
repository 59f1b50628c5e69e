"""Shows, follows and cancels jobs, and hands out their results."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator, Sequence
from contextlib import suppress
from typing import Final

import msgspec
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import (
    BatchDetectionRequest,
    Job,
    JobList,
    JobResultPage,
)
from pynomaly_server.credentials.service import CredentialService
from pynomaly_server.cursors import Cursors
from pynomaly_server.datasets.service import DatasetService
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import JobRow
from pynomaly_server.features import Features
from pynomaly_server.jobs.described import described
from pynomaly_server.jobs.endings import announce
from pynomaly_server.jobs.rendering import RENDERERS, read_page
from pynomaly_server.jobs.repository import JobRepository
from pynomaly_server.jobs.result_objects import HeldResult
from pynomaly_server.jobs.state import FINAL, JobState
from pynomaly_server.jobs.stored_rows import Only
from pynomaly_server.jobs.submission import KIND_SCORING, WITH_ROWS, Publisher, Submissions
from pynomaly_server.problems import ProblemError
from pynomaly_server.quotas.service import Quotas
from pynomaly_server.settings import Settings
from pynomaly_server.storage.objects import ObjectMissingError, ObjectStore
from pynomaly_server.threads import drawn_in_threads, in_thread

HEARTBEAT_SECONDS: Final = 15.0
_FIRST_POLL: Final = 0.05
_LONGEST_POLL: Final = 0.5

Event = tuple[str, str, Job]


class JobService:
    """Every method is for one principal, and a foreign job is answered as one that does not exist.

    `quotas` and `features` are those that a process holds for all its services, where settings are reloaded.
    Once `stopping` is set nobody waits here any longer. `submissions` takes jobs in.
    """

    def __init__(
        self,
        sessions: AsyncSessions,
        store: ObjectStore,
        datasets: DatasetService,
        credentials: CredentialService,
        publisher: Publisher,
        settings: Settings,
        quotas: Quotas | None = None,
        features: Features | None = None,
        stopping: asyncio.Event | None = None,
    ) -> None:
        self._stopping = stopping or asyncio.Event()
        self._sessions = sessions
        self._store = store
        self.submissions = Submissions(sessions, datasets, credentials, publisher, settings, quotas, features)
        self._longest_wait = settings.wait_max_seconds
        self._cursors = Cursors(settings.secret, settings.former_secrets)
        datasets.keep_for(_job_reading)
        credentials.keep_for(_job_reading)

    async def unfinished(self, principal: Principal) -> int:
        """How many jobs of the tenant are queued or running."""
        async with self._sessions.read() as session:
            return await JobRepository(session, principal.tenant_id).unfinished()

    async def get(self, principal: Principal, job_id: str, wait: float = 0.0) -> Job:
        """The job, at once or as soon as it has ended, but after `wait` seconds or a stop at the latest."""
        loop = asyncio.get_running_loop()
        until = loop.time() + min(wait, self._longest_wait)
        pause = _FIRST_POLL
        while True:
            row = await self._row(principal, job_id)
            left = until - loop.time()
            if row.state in FINAL or left <= 0 or self._stopping.is_set():
                return described(row)
            await self._rest(min(pause, left))
            pause = min(pause * 1.5, _LONGEST_POLL)

    async def list(
        self, principal: Principal, *, limit: int, cursor: str | None = None, state: str | None = None
    ) -> JobList:
        """A page of jobs, newest first."""
        of_list = (principal.tenant_id, "listJobs", state or "")
        before = self._cursors.position(cursor, *of_list)
        async with self._sessions.read() as session:
            rows = await JobRepository(session, principal.tenant_id).newest(
                limit=limit + 1, before=before, state=state
            )
        page, more = self._cursors.page(rows, limit, *of_list)
        return JobList(items=[described(row) for row in page], next_cursor=more)

    async def cancel(self, principal: Principal, job_id: str) -> Job:
        """End a queued job at once; a running one ends within a second or two.

        Raises:
            ProblemError: `not-found`, or `conflict` where it has ended.
        """
        async with self._sessions.write() as session:
            row = await JobRepository(session, principal.tenant_id).cancel(job_id)
            await session.run_sync(announce, [job_id] if row and row.state == JobState.CANCELLED else [])
            await session.commit()
        if row is not None:
            return described(row)
        ended = await self._row(principal, job_id)
        raise ProblemError("conflict", f"The job {job_id} has ended ({ended.state}) and cannot be cancelled.")

    async def output_format(self, principal: Principal, job_id: str) -> str:
        """The format that the job was submitted with; raises as `result` does."""
        row = await self._with_result(principal, job_id)
        return msgspec.convert(row.request, BatchDetectionRequest).output_format

    async def result(
        self, principal: Principal, job_id: str, *, limit: int, cursor: str | None = None, only: Only = "all"
    ) -> JobResultPage:
        """A page of the result.

        Raises:
            ProblemError: `not-found`, `conflict` where the job has not succeeded, or `validation` for the
            cursor.
        """
        of_list = (principal.tenant_id, "getJobResult", job_id, only)
        after = -1 if cursor is None else int(self._cursors.read(cursor, *of_list))
        store, key = await self._result_of(principal, job_id)
        try:
            rows, more, stored = await in_thread(read_page, store, key, after=after, limit=limit, only=only)
        except ObjectMissingError:
            await self._with_result(principal, job_id)  # which says so where it has expired meanwhile
            raise
        next_cursor = self._cursors.sign(str(rows[-1].row), *of_list) if more else None
        return JobResultPage(items=rows, next_cursor=next_cursor, summary=stored.summary)

    async def result_stream(
        self, principal: Principal, job_id: str, media_type: str, *, only: Only = "all"
    ) -> AsyncIterator[bytes]:
        """The whole result in a media type of `RENDERERS`, piece by piece.

        Raises:
            ProblemError: as `result` does, or `too-many-rows` where the format does not hold the result.
        """
        store, key = await self._result_of(principal, job_id)
        return drawn_in_threads(await in_thread(RENDERERS[media_type], store, key, only))

    async def events(
        self, principal: Principal, job_id: str, last_event_id: str | None = None
    ) -> AsyncIterator[Event | None]:
        """One `job` event per change seen, from now or from behind `last_event_id`, until the job has ended
        or the process is about to stop.

        Yields:
            `(id, "job", job)`, and None as a sign of life while nothing happens.

        Raises:
            ProblemError: `not-found`, before the first event.
        """
        row = await self._row(principal, job_id)
        # An id that is not ours is what a browser sends after talking to somebody else; it means "from the
        # start".
        known = int(last_event_id) if last_event_id and re.fullmatch(r"[0-9]{1,18}", last_event_id) else 0
        return self._follow(principal, row, known)

    async def _follow(self, principal: Principal, row: JobRow, known: int) -> AsyncIterator[Event | None]:
        quiet = 0.0
        pause = _FIRST_POLL
        while True:
            if row.version > known:
                known = row.version
                quiet, pause = 0.0, _FIRST_POLL
                yield str(known), "job", described(row)
            if row.state in FINAL or self._stopping.is_set():
                return
            if quiet >= HEARTBEAT_SECONDS:
                quiet = 0.0
                yield None
            await self._rest(pause)
            quiet += pause
            pause = min(pause * 1.5, _LONGEST_POLL)
            row = await self._row(principal, row.id)

    async def _rest(self, seconds: float) -> None:
        with suppress(TimeoutError):
            await asyncio.wait_for(self._stopping.wait(), seconds)

    async def _row(self, principal: Principal, job_id: str) -> JobRow:
        async with self._sessions.read() as session:
            row = await JobRepository(session, principal.tenant_id).find(job_id)
        if row is None:
            raise ProblemError("not-found", f"There is no job {job_id}.")
        return row

    async def _result_of(self, principal: Principal, job_id: str) -> tuple[ObjectStore, str]:
        """Where the result is, and its key there; raises as `result` does."""
        key = _result_key(await self._with_result(principal, job_id))
        async with self._sessions.read() as session:
            held = await JobRepository(session, principal.tenant_id).held_result(job_id)
        if held is None:
            return self._store, key
        return await in_thread(HeldResult(held.rows, held.summary).as_objects, key), key

    async def _with_result(self, principal: Principal, job_id: str) -> JobRow:
        row = await self._row(principal, job_id)
        if row.kind not in WITH_ROWS:
            raise ProblemError(
                "conflict",
                f"The job {job_id} is of the kind {row.kind} and has no rows for a result. Once it has "
                "succeeded, its `model` names the version of a model that it has made.",
            )
        if row.state == JobState.SUCCEEDED:
            if row.result_key is None:
                raise ProblemError(
                    "result-expired",
                    f"The result of the job {job_id} was kept until {row.expires_at:%Y-%m-%d %H:%M} UTC and "
                    "has been removed. Submit the job again, and download the result while it is there.",
                )
            return row
        remedy = "Its error says why." if row.state == JobState.FAILED else "It will have none."
        if row.state not in FINAL:
            remedy = "Wait for its end with `?wait=` or the job's events."
        raise ProblemError("conflict", f"The job {job_id} is {row.state} and has no result. {remedy}")


async def _job_reading(session: AsyncSession, tenant_id: str, needed: str) -> str | None:
    job_id = await JobRepository(session, tenant_id).reading(needed)
    return None if job_id is None else f"job {job_id}"


async def scoring_jobs(
    session: AsyncSession, tenant_id: str, model_id: str, version: int | None, limit: int
) -> Sequence[str]:
    """Up to `limit` jobs, oldest first, that have not ended and score with a model, or with this version."""
    jobs = JobRepository(session, tenant_id)
    return await jobs.for_model(KIND_SCORING, model_id, version, limit=limit)


def _result_key(row: JobRow) -> str:
    assert row.result_key is not None
    return row.result_key
