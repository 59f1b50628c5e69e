# ruff: noqa: ASYNC109  `timeout` is a promised argument, and bounds more than one block
"""A job in the caller's hand: wait for it, watch it, cancel it, fetch its result."""

from __future__ import annotations

import math
import os
from collections.abc import AsyncIterator, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from pynomaly import remedies
from pynomaly._generated import operations as ops
from pynomaly._generated.resources_async import AsyncJobsResource
from pynomaly.errors import APIConnectionError, APIError, CircuitOpenError
from pynomaly.jobs.collect import row_result, whole_result
from pynomaly.jobs.formats import ResultFormat, download_target
from pynomaly.jobs.progress_bar import ProgressBar
from pynomaly.jobs.states import has_ended, has_succeeded, still_running
from pynomaly.jobs.token import read_token, write_token
from pynomaly.resilience import Deadline, PollPolicy
from pynomaly.transport.async_driver import AsyncDriver
from pynomaly.transport.bodies import async_save
from pynomaly.transport.fault import may_pass
from pynomaly.transport.options import CallOptions

if TYPE_CHECKING:
    from pynomaly._generated.models import Job, JobProgress, JobResultPage
    from pynomaly.results import DetectionResult
    from pynomaly.rows import RowResult
    from pynomaly.transport.sse import ServerEvent

_PAGE = 1000
_UNDER_WAY = ("queued", "running")
_PATIENT = PollPolicy()
# Someone who watches wants to see it move.
_WATCHED = PollPolicy(hold=1.0, cap=1.0)


class AsyncJobHandle:
    """One job.

    Args:
        driver: Carries the calls.
        job_id: Id of the job.
        job: The job as last seen.
    """

    def __init__(self, driver: AsyncDriver, job_id: str, job: Job | None = None) -> None:
        self._driver = driver
        self._job = job
        self.job_id = job_id

    def __repr__(self) -> str:
        state = self._job.state if self._job else "not asked yet"
        return f"<{type(self).__name__} {self.job_id}: {state}>"

    @property
    def state(self) -> str | None:
        """State as last seen: `queued`, `running`, `succeeded`, `failed` or `cancelled`; None before the
        first look."""
        return self._job.state if self._job else None

    @property
    def progress(self) -> JobProgress | None:
        """Progress as last seen: `done`, `total` and `stage`; None before the first look."""
        return self._job.progress if self._job else None

    def to_token(self) -> str:
        """Return a line of text that takes the job up in another process: `client.jobs.resume(token)`. It
        holds no key."""
        return write_token(self.job_id, self._driver.root)

    async def status(self) -> Job:
        """Ask the server for the job."""
        return await self._look(0.0, None)

    async def cancel(self) -> Job:
        """Ask the server to stop the job; a running one stops within a second or two.

        Raises:
            ConflictError: The job has ended already.
        """
        from pynomaly._generated.models import Job

        self._job = await self._driver.call(ops.CANCEL_JOB, Job, path={"job_id": self.job_id})
        return self._job

    async def wait(self, timeout: float | None = None, *, progress: bool = False) -> Job:
        """Wait until the job has succeeded; a server that restarts meanwhile does no harm.

        Args:
            timeout: Seconds to wait at most; until the job ends where None, as long as the server does not
                stay away for more than two minutes.
            progress: Whether to show a progress bar: HTML in notebooks, a line on stderr elsewhere.

        Raises:
            JobFailedError: The job failed.
            JobCancelledError: It was cancelled.
            APITimeoutError: The time is up; the job goes on.
            UnknownJobStateError: The server names a state that this version does not know.
        """
        bar = ProgressBar() if progress else None
        try:
            return await self._wait(math.inf if timeout is None else timeout, bar)
        finally:
            if bar:
                bar.close()

    async def result(self, timeout: float | None = None, *, progress: bool = False) -> DetectionResult:
        """Wait for the job and return its whole result; see `wait` for the arguments and errors.

        For many rows `iter_results` needs less memory.
        """
        await self.wait(timeout, progress=progress)
        return whole_result([page async for page in self._pages("all")])

    async def download(
        self,
        path: str | os.PathLike[str],
        *,
        format: ResultFormat | None = None,  # noqa: A002  as the contract calls it
        only: Literal["all", "anomalies"] = "all",
        timeout: float | None = None,
    ) -> Path:
        """Write the whole result to a file, piece by piece: neither side holds it in memory.

        The file appears when it is whole; one of that name is replaced.

        Args:
            path: Where it goes.
            format: `ndjson`, `csv`, `parquet` or `excel`; by the file's suffix where None.
            only: `anomalies` for the rows predicted anomalous alone.
            timeout: Seconds until the download begins, and between two pieces of it.

        Returns:
            The file.

        Raises:
            ConflictError: The job has not succeeded yet; call `wait` first.
            DataError: Neither `format` nor the suffix names a format.
            OSError: The file cannot be written.
            UnprocessableEntityError: `too-many-rows`: a sheet of Excel does not hold the result.
        """
        target, media_type = download_target(path, format)
        async with self._driver.stream(
            ops.GET_JOB_RESULT,
            accept=media_type,
            path={"job_id": self.job_id},
            query={"only": only},
            options=CallOptions(timeout=timeout),
        ) as body:
            await async_save(body.iter_bytes(), target)
        return target

    async def iter_results(self, only: Literal["all", "anomalies"] = "all") -> AsyncIterator[RowResult]:
        """Give the rows of the result in the order of the data, fetched page by page.

        Args:
            only: `anomalies` for the rows predicted anomalous alone.

        Raises:
            ConflictError: The job has not succeeded yet; call `wait` first.
        """
        async for page in self._pages(only):
            for row in page.items:
                yield row_result(row)

    async def events(
        self, last_event_id: str | None = None, timeout: float | None = None
    ) -> AsyncIterator[ServerEvent[Job]]:
        """Follow the job as the server tells of it: each event's `data` is the job, as it is now and at each
        change until it has ended. `wait` is for those who want its end alone.

        Args:
            last_event_id: The `id` of the last event that came, to go on behind it after a lost connection.
            timeout: Seconds until the stream begins, and between two pieces of it; 120 where None.

        Raises:
            NotFoundError: There is no such job.
            APIConnectionError: The connection was lost, or the server stopped before the job had ended.
        """
        from pynomaly._generated.models import Job

        job = None
        async for event in self._driver.events(
            ops.STREAM_JOB_EVENTS,
            Job,
            path={"job_id": self.job_id},
            headers={"Last-Event-ID": last_event_id},
            options=CallOptions(timeout=timeout),
        ):
            job = event.data
            yield event
        # A server that is told to stop ends its streams in order.
        if (job or await self.status()).state in _UNDER_WAY:
            raise APIConnectionError(
                f"The stream of events ended before job {self.job_id} did.", remedy=remedies.GO_ON_BEHIND
            )

    async def _pages(self, only: str) -> AsyncIterator[JobResultPage]:
        from pynomaly._generated.models import JobResultPage

        cursor: str | None = None
        while True:
            page = await self._driver.call(
                ops.GET_JOB_RESULT,
                JobResultPage,
                path={"job_id": self.job_id},
                query={"limit": _PAGE, "cursor": cursor, "only": only},
            )
            yield page
            cursor = page.next_cursor
            if cursor is None:
                return

    async def _wait(self, seconds: float, bar: ProgressBar | None) -> Job:
        clock = self._driver.clock
        deadline = Deadline(clock.monotonic(), seconds)
        pace = _WATCHED if bar else _PATIENT
        reached = clock.monotonic()
        polls = 0
        error: APIError | None = None
        while True:
            began = clock.monotonic()
            if deadline.passed(began):
                raise still_running(self.job_id, self._job, seconds, error)
            remaining = deadline.remaining(began)
            hold = pace.wait(remaining)
            try:
                job = await self._look(hold, min(hold + 10.0, remaining))
                error = None
                reached = clock.monotonic()
                if bar:
                    bar.update(job, reached)
                if has_succeeded(job):
                    return job
            except APIError as caught:
                if not may_pass(caught) or (
                    math.isinf(seconds) and clock.monotonic() - reached > pace.patience
                ):
                    raise
                # That the breaker is open says less than what opened it.
                error = error or caught if isinstance(caught, CircuitOpenError) else caught
            took = clock.monotonic() - began
            polls = polls + 1 if error or took < hold / 2 else 1
            pause = pace.pause(polls, took, self._driver.random)
            await clock.sleep(min(pause, deadline.remaining(clock.monotonic())))

    async def _look(self, hold: float, timeout: float | None) -> Job:
        # While waiting the loop itself is the retry; elsewhere the client's own retries hold.
        from pynomaly._generated.models import Job

        options = None if timeout is None else CallOptions(timeout=timeout, max_retries=0)
        self._job = await self._driver.call(
            ops.GET_JOB_STATUS,
            Job,
            path={"job_id": self.job_id},
            query={"wait": hold or None},
            options=options,
        )
        return self._job


class AsyncJobs(AsyncJobsResource):
    """The jobs of this key."""

    def __init__(self, driver: AsyncDriver) -> None:
        super().__init__(driver)
        self._handles_driver = driver

    def resume(self, token: str) -> AsyncJobHandle:
        """Take up a job again.

        Args:
            token: What `to_token` returned, or a job id.

        Raises:
            ConfigurationError: It is no token, or the job is at another server.
        """
        return AsyncJobHandle(self._handles_driver, read_token(token, self._handles_driver.root))

    async def as_completed(
        self, handles: Iterable[AsyncJobHandle], timeout: float | None = None
    ) -> AsyncIterator[AsyncJobHandle]:
        """Give each job as it ends, whether it succeeded, failed or was cancelled.

        Args:
            handles: Jobs of this server.
            timeout: Seconds for all of them together; until the last has ended where None, as long as the
                server does not stay away for more than two minutes.

        Raises:
            APITimeoutError: The time is up; the jobs go on.
            UnknownJobStateError: The server names a state that this version does not know.
        """
        clock = self._handles_driver.clock
        seconds = math.inf if timeout is None else timeout
        deadline = Deadline(clock.monotonic(), seconds)
        pending = list(dict.fromkeys(handles))
        reached = clock.monotonic()
        rounds = 0
        error: APIError | None = None
        while pending:
            ended = 0
            for handle in tuple(pending):
                if deadline.passed(clock.monotonic()):
                    raise still_running(handle.job_id, None, seconds, error)
                try:
                    job = await handle.status()
                    reached = clock.monotonic()
                except APIError as caught:
                    if not may_pass(caught) or (
                        math.isinf(seconds) and clock.monotonic() - reached > _PATIENT.patience
                    ):
                        raise
                    error = caught
                    continue
                if has_ended(job):
                    pending.remove(handle)
                    ended += 1
                    yield handle
            rounds = 1 if ended else rounds + 1
            pause = _PATIENT.pause(rounds, 0.0, self._handles_driver.random)
            if pending:
                await clock.sleep(min(pause, deadline.remaining(clock.monotonic())))
