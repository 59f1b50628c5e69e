"""HTTP of the tag `jobs`."""

from __future__ import annotations

from collections.abc import AsyncIterator

import msgspec

from pynomaly_server.auth.principal import Principal
from pynomaly_server.binding import negotiation
from pynomaly_server.binding.body import JSON
from pynomaly_server.binding.operations import Reply, RequestInfo, handles
from pynomaly_server.contract.operations import (
    BatchDetectHeaders,
    CancelJobPath,
    GetJobResultPath,
    GetJobResultQuery,
    GetJobStatusPath,
    GetJobStatusQuery,
    ListJobsQuery,
    StreamJobEventsHeaders,
    StreamJobEventsPath,
)
from pynomaly_server.contract.structs import BatchDetectionRequest, Job, JobList
from pynomaly_server.jobs.service import JobService
from pynomaly_server.models.scoring import BatchDetections

MEDIA_OF_FORMAT = {
    "json": JSON,
    "ndjson": "application/x-ndjson",
    "csv": "text/csv",
    "parquet": "application/vnd.apache.parquet",
    "excel": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_SUFFIXES = {"excel": "xlsx"}


class JobsController:
    def __init__(self, service: JobService, detections: BatchDetections) -> None:
        self._service = service
        self._detections = detections

    @handles("batchDetect")
    async def batch_detect(
        self,
        principal: Principal,
        headers: BatchDetectHeaders,
        body: BatchDetectionRequest,
        info: RequestInfo,
    ) -> Reply:
        job, replayed = await self._detections.submit(
            principal, body, headers.idempotency_key, info.allowance.take_rows
        )
        location = {"Location": job.links.self}
        return Reply(job, headers={**location, "Idempotency-Replayed": "true"} if replayed else location)

    @handles("listJobs")
    async def list_jobs(self, principal: Principal, query: ListJobsQuery) -> JobList:
        return await self._service.list(principal, limit=query.limit, cursor=query.cursor, state=query.state)

    @handles("getJobStatus")
    async def get_job_status(
        self, principal: Principal, path: GetJobStatusPath, query: GetJobStatusQuery
    ) -> Job:
        return await self._service.get(principal, path.job_id, wait=query.wait)

    @handles("cancelJob")
    async def cancel_job(self, principal: Principal, path: CancelJobPath) -> Job:
        return await self._service.cancel(principal, path.job_id)

    @handles("getJobResult")
    async def get_job_result(
        self, principal: Principal, path: GetJobResultPath, query: GetJobResultQuery, info: RequestInfo
    ) -> Reply:
        media_type = await self._result_media_type(principal, path.job_id, query, info)
        if media_type == JSON:
            page = await self._service.result(
                principal, path.job_id, limit=query.limit, cursor=query.cursor, only=query.only
            )
            return Reply(page, media_type=JSON)
        chunks = await self._service.result_stream(principal, path.job_id, media_type, only=query.only)
        form = next(name for name, media in MEDIA_OF_FORMAT.items() if media == media_type)
        name = f"{path.job_id}.{_SUFFIXES.get(form, form)}"
        return Reply(
            chunks, media_type=media_type, headers={"Content-Disposition": f'attachment; filename="{name}"'}
        )

    @handles("streamJobEvents")
    async def stream_job_events(
        self, principal: Principal, path: StreamJobEventsPath, headers: StreamJobEventsHeaders
    ) -> Reply:
        events = await self._service.events(principal, path.job_id, headers.last_event_id)
        return Reply(_server_sent(events), headers={"x-accel-buffering": "no"})

    async def _result_media_type(
        self, principal: Principal, job_id: str, query: GetJobResultQuery, info: RequestInfo
    ) -> str:
        """By `format`, else by an `Accept` that names a type, else as the job was submitted."""
        if query.format:
            return MEDIA_OF_FORMAT[query.format]
        if negotiation.names_exactly(info.accept, info.media_type):
            return info.media_type
        return MEDIA_OF_FORMAT[await self._service.output_format(principal, job_id)]


async def _server_sent(events: AsyncIterator[tuple[str, str, msgspec.Struct] | None]) -> AsyncIterator[bytes]:
    """Events in the format of the HTML standard; None is a sign of life while nothing happens."""
    async for event in events:
        if event is None:
            yield b": waiting\n\n"
        else:
            event_id, name, data = event
            yield b"id: %s\nevent: %s\ndata: %s\n\n" % (
                event_id.encode(),
                name.encode(),
                msgspec.json.encode(data),
            )
