"""What the fake server keeps: datasets, jobs and the answers under idempotency keys; and the operations on
them."""

from __future__ import annotations

import base64
import binascii
import csv
import hashlib
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pynomaly._generated.models import RemoteSource
from pynomaly.frames import columns_of
from pynomaly.testing import algorithms
from pynomaly.testing.clock import VirtualClock
from pynomaly.testing.contract import Asked, UnknownBehaviourError
from pynomaly.testing.detection import Columns, detect, n_rows, options_of, read_columns
from pynomaly.testing.jobs import FakeJob
from pynomaly.testing.problems import Refusal

_FORMATS = {"json": "application/json", "ndjson": "application/x-ndjson", "csv": "text/csv"}
_PAGE = 100


class Reply:
    """What an operation answers beside its status.

    Attributes:
        document: The JSON, as a model or what JSON is made of; None for none.
        headers: Further headers.
        content: Bytes in a media type of their own, in place of JSON.
        media_type: That media type.
    """

    def __init__(
        self,
        document: Any = None,
        headers: Mapping[str, str] | None = None,
        *,
        content: bytes | None = None,
        media_type: str = "application/json",
    ) -> None:
        self.document = document
        self.headers = dict(headers or {})
        self.content = content
        self.media_type = media_type


class Store:
    """Datasets and jobs.

    Args:
        clock: Says how far a job has come.
        max_rows: Most rows of one request.
        queue_seconds: How long a job waits for a worker.
        run_seconds: How long it is worked on.
    """

    def __init__(
        self, clock: VirtualClock, *, max_rows: int, queue_seconds: float, run_seconds: float
    ) -> None:
        self._clock = clock
        self._ids = 0
        self._keys: dict[tuple[str, str], tuple[str, Reply]] = {}
        self._tables: dict[str, tuple[dict[str, Any], Columns]] = {}
        self._job_failures: list[Refusal] = []
        self.sources: dict[str, Any] = {}
        self.jobs: dict[str, FakeJob] = {}
        self.max_rows = max_rows
        self.queue_seconds = queue_seconds
        self.run_seconds = run_seconds
        self.operations: Mapping[str, Callable[[Asked], Reply]] = {
            "detectAnomalies": self._detect,
            "listAlgorithms": lambda _: Reply(algorithms.listed()),
            "getAlgorithm": lambda asked: Reply(
                algorithms.find(asked.parameters["name"], "not-found").described()
            ),
            "uploadDataset": lambda asked: self._once(asked, self._upload),
            "listDatasets": self._list_datasets,
            "getDataset": lambda asked: Reply(self._table(asked.parameters["dataset_id"])[0]),
            "deleteDataset": self._delete_dataset,
            "batchDetect": lambda asked: self._once(asked, self._submit),
            "listJobs": self._list_jobs,
            "getJobStatus": self._status,
            "cancelJob": self._cancel,
            "getJobResult": self._result,
            "streamJobEvents": self._events,
            "healthCheck": lambda _: Reply(_HEALTH),
            "checkLiveness": lambda _: Reply({"status": "ok"}),
            "checkReadiness": lambda _: Reply(_HEALTH),
            "whoAmI": lambda _: Reply(_CALLER),
        }

    def fail_jobs(self, count: int, refusal: Refusal) -> None:
        """Let the next jobs that are submitted fail."""
        self._job_failures += [refusal] * count

    def _id(self, prefix: str) -> str:
        self._ids += 1
        digest = hashlib.sha256(f"{prefix}{self._ids}".encode()).hexdigest()
        return f"{prefix}_{self._ids:012x}{digest[:20]}"

    def _once(self, asked: Asked, work: Callable[[Asked], Reply]) -> Reply:
        """Do the work, or give its first answer again where the key was seen before."""
        key = asked.parameters.get("Idempotency-Key")
        if key is None:
            return work(asked)
        named = f"{asked.media_type}\n{asked.parameters.get('name')}\n".encode()
        print_of = hashlib.sha256(named + asked.content).hexdigest()
        seen = self._keys.get((asked.operation.id, key))
        if seen is None:
            reply = work(asked)
            self._keys[asked.operation.id, key] = (print_of, reply)
            return reply
        if seen[0] != print_of:
            raise Refusal(
                "idempotency-mismatch",
                f"The Idempotency-Key {key!r} was used for another request within the last 24 hours. Repeat "
                "that request as it was, or take a new key.",
            )
        document = seen[1].document
        if "job_id" in document:
            document = self.jobs[document["job_id"]].view(self._clock, self._clock.monotonic())
        return Reply(document, {**seen[1].headers, "Idempotency-Replayed": "true"})

    def _detect(self, asked: Asked) -> Reply:
        given = options_of(asked)
        if "model_id" in given:
            # The rules would answer too, but not for the model that was asked for.
            raise UnknownBehaviourError(
                f"The fake server has no models, so nothing scores as {given['model_id']!r}; say what it "
                "answers with server.answer('detectAnomalies', …)."
            )
        columns = read_columns(asked.content, asked.media_type)
        if n_rows(columns) > self.max_rows:
            raise Refusal(
                "payload-too-large",
                f"The table has more than {self.max_rows:,} rows, the limit of one request. Upload the data "
                "with uploadDataset (POST /api/v1/datasets) and submit it with batchDetect (POST "
                "/api/v1/batch).",
            )
        return Reply(detect(columns, given))

    def _upload(self, asked: Asked) -> Reply:
        columns = read_columns(asked.content, asked.media_type)
        dataset_id = self._id("dts")
        dataset = {
            "dataset_id": dataset_id,
            "name": asked.parameters.get("name"),
            "media_type": asked.media_type,
            "size_bytes": len(asked.content),
            "n_rows": n_rows(columns),
            "n_columns": len(columns),
            "created_at": self._clock.moment(self._clock.monotonic()).isoformat(),
        }
        self._tables[dataset_id] = (dataset, columns)
        return Reply(dataset, {"Location": f"/api/v1/datasets/{dataset_id}"})

    def _table(self, dataset_id: str) -> tuple[dict[str, Any], Columns]:
        if dataset_id not in self._tables:
            raise Refusal(
                "not-found", f"There is no dataset {dataset_id}. Upload it with uploadDataset first."
            )
        return self._tables[dataset_id]

    def _list_datasets(self, asked: Asked) -> Reply:
        newest = [dataset for dataset, _ in reversed(list(self._tables.values()))]
        return Reply(_page(newest, asked))

    def _delete_dataset(self, asked: Asked) -> Reply:
        dataset_id = asked.parameters["dataset_id"]
        self._table(dataset_id)
        now = self._clock.monotonic()
        for job in self.jobs.values():
            if dataset_id in job.datasets and not job.has_ended(now):
                raise Refusal(
                    "conflict",
                    f"The job {job.job_id} has not ended and reads the dataset {dataset_id}. Cancel it or "
                    "wait for its end, then delete the dataset.",
                )
        del self._tables[dataset_id]
        return Reply()

    def _submit(self, asked: Asked) -> Reply:
        given = options_of(asked)
        algorithms.find("ensemble" if given.get("ensemble_methods") else given.get("algorithm", "auto"))
        columns = self._joined(asked.body.data_sources)
        failure, result = None, None
        try:
            result = detect(columns, given)
        except Refusal as refusal:
            failure = refusal
        if self._job_failures:
            failure = self._job_failures.pop(0)
        now = self._clock.monotonic()
        job = FakeJob(
            job_id=self._id("job"),
            request=json.loads(asked.content),
            datasets=tuple(source for source in asked.body.data_sources if isinstance(source, str)),
            created=now,
            starts=now + self.queue_seconds,
            ends=now + self.queue_seconds + self.run_seconds,
            result=result,
            failure=failure,
        )
        self.jobs[job.job_id] = job
        return Reply(job.view(self._clock, now), {"Location": f"/api/v1/jobs/{job.job_id}"})

    def _joined(self, sources: Sequence[str | RemoteSource]) -> Columns:
        tables = [self._source(source) for source in sources]
        first, *others = tables
        for table in others:
            if list(table) != list(first):
                detail = "The data sources differ in their columns; give tables of one kind."
                raise Refusal("bad-dataset", detail)
        return {name: [value for table in tables for value in table[name]] for name in first}

    def _source(self, source: str | RemoteSource) -> Columns:
        name = source if isinstance(source, str) else source.url
        if name.startswith("dts_"):
            return self._table(name)[1]
        if name not in self.sources:
            raise Refusal(
                "forbidden-address",
                f"The fake server reads nothing from {name!r}; set server.sources[{name!r}] to its rows.",
            )
        return columns_of(self.sources[name])

    def _job(self, asked: Asked) -> FakeJob:
        job_id = asked.parameters["job_id"]
        if job_id not in self.jobs:
            raise Refusal("not-found", f"There is no job {job_id}.")
        return self.jobs[job_id]

    def _list_jobs(self, asked: Asked) -> Reply:
        now = self._clock.monotonic()
        views = [job.view(self._clock, now) for job in reversed(list(self.jobs.values()))]
        wanted = asked.parameters.get("state")
        return Reply(_page([view for view in views if wanted in (None, view["state"])], asked))

    def _status(self, asked: Asked) -> Reply:
        job = self._job(asked)
        now = self._clock.monotonic()
        hold = asked.parameters.get("wait", 0.0)
        if hold and not job.has_ended(now):
            self._clock.advance(min(hold, max(0.0, job.ends - now)))
        return Reply(job.view(self._clock, self._clock.monotonic()))

    def _cancel(self, asked: Asked) -> Reply:
        job = self._job(asked)
        now = self._clock.monotonic()
        if job.has_ended(now):
            raise Refusal(
                "conflict", f"The job {job.job_id} has ended ({job.state(now)}) and cannot be cancelled."
            )
        job.cancelled = now
        return Reply(job.view(self._clock, now))

    def _result(self, asked: Asked) -> Reply:
        job = self._job(asked)
        state = job.state(self._clock.monotonic())
        if state != "succeeded" or job.result is None:
            remedy = "Wait for its end." if state in ("queued", "running") else "Submit it again."
            raise Refusal("conflict", f"The job {job.job_id} is {state} and has no result. {remedy}")
        only = asked.parameters.get("only", "all")
        rows = job.rows(lambda prediction: only == "all" or prediction == 1)
        media_type = self._result_type(asked, job)
        if media_type == _FORMATS["json"]:
            fields = job.result.model_dump(mode="json")
            named = ("algorithm", "threshold", "contamination", "n_rows", "n_anomalies", "feature_names")
            summary = {name: fields[name] for name in (*named, "columns", "warnings")}
            return Reply(
                {**_page(rows, asked), "summary": {**summary, "elapsed_ms": self.run_seconds * 1000}}
            )
        return Reply(content=_written(rows, media_type), media_type=media_type)

    def _result_type(self, asked: Asked, job: FakeJob) -> str:
        accepted = [each.partition(";")[0].strip() for each in asked.accept.split(",")]
        form = asked.parameters.get("format") or next(
            (form for form, media in _FORMATS.items() if media in accepted),
            job.request.get("output_format", "json") if "*/*" in accepted else "",
        )
        if form not in _FORMATS:
            raise Refusal("not-acceptable", "The fake server writes results as JSON, NDJSON and CSV alone.")
        return _FORMATS[form]

    def _events(self, asked: Asked) -> Reply:
        job = self._job(asked)
        events: list[str] = []
        for number, moment in enumerate(job.changes(self._clock.monotonic()), 1):
            self._clock.advance(max(0.0, moment - self._clock.monotonic()))
            data = json.dumps(job.view(self._clock, self._clock.monotonic()))
            events.append(f"id: {number}\nevent: job\ndata: {data}\n\n")
        return Reply(content="".join(events).encode(), media_type="text/event-stream")


_HEALTH = {
    "status": "ok",
    "version": "fake",
    "checks": [
        {"name": name, "status": "ok", "detail": "It is in memory.", "elapsed_ms": 0.0}
        for name in ("database", "broker", "workers")
    ],
}
_CALLER = {"tenant_id": "tnt_fake", "subject": "key_fake", "role": None, "scopes": ["*"]}


def _page(items: Sequence[Any], asked: Asked) -> dict[str, Any]:
    start = _start(asked.parameters.get("cursor"))
    end = start + asked.parameters.get("limit", _PAGE)
    cursor = base64.urlsafe_b64encode(f"from {end}".encode()).decode() if end < len(items) else None
    return {"items": list(items[start:end]), "next_cursor": cursor}


def _start(cursor: str | None) -> int:
    if cursor is None:
        return 0
    try:
        word, _, number = base64.urlsafe_b64decode(cursor).decode().partition(" ")
        if word == "from":
            return int(number)
    except (binascii.Error, ValueError):
        pass
    detail = "is not one that this server gave"
    raise Refusal(
        "validation", f"The request does not fit the contract: ?cursor {detail}.", [("?cursor", detail)]
    )


def _written(rows: Sequence[Mapping[str, Any]], media_type: str) -> bytes:
    flat = [
        {
            "row": row["row"],
            **row["identifiers"],
            "score": row["score"],
            "prediction": row["prediction"],
            **({} if row["confidence"] is None else {"confidence": row["confidence"]}),
        }
        for row in rows
    ]
    if media_type == _FORMATS["ndjson"]:
        return "".join(f"{json.dumps(row)}\n" for row in flat).encode()
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(flat[0]) if flat else ["row", "score", "prediction"])
    writer.writeheader()
    writer.writerows(flat)
    return text.getvalue().encode()
