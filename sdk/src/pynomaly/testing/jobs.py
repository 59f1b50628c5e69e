"""Jobs of the fake server: queued, running and ended as its clock says."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from pynomaly._generated.models import DetectionResult
from pynomaly.testing.clock import VirtualClock
from pynomaly.testing.contract import Asked
from pynomaly.testing.problems import Refusal
from pynomaly.testing.replies import Ids, Reply, Work, page
from pynomaly.testing.results import FORMATS, media_type_of, rows_of, summary_of, written

_STAGES = {
    "detection": ("reading", "fitting", "scoring", "writing"),
    "scoring": ("scoring", "writing"),
    "training": ("reading", "fitting", "fitting", "writing"),
}


@dataclass
class FakeJob:
    """One job.

    Attributes:
        job_id: Its id.
        kind: What it does.
        request: The JSON it was submitted with.
        datasets: Ids of the datasets it reads.
        n_rows: How many rows it reads; None where it cannot read them.
        created: When it was submitted, in seconds of the clock, as are the next two.
        starts: When a worker takes it.
        ends: When it is over.
        result: Its result; None for a training.
        failure: Why it fails; None where it succeeds.
        recorded: Keeps what it makes at its end, and says what that is.
        model: The version that it has made.
        cancelled: When it was cancelled.
    """

    job_id: str
    kind: Literal["detection", "scoring", "training"]
    request: dict[str, Any]
    datasets: tuple[str, ...]
    n_rows: int | None
    created: float
    starts: float
    ends: float
    result: DetectionResult | None = None
    failure: Refusal | None = None
    recorded: Callable[[FakeJob], dict[str, Any]] | None = None
    model: dict[str, Any] | None = None
    cancelled: float | None = None

    def state(self, now: float) -> str:
        """Its state at `now`."""
        if self.cancelled is not None:
            return "cancelled"
        if now < self.starts:
            return "queued"
        if now < self.ends:
            return "running"
        return "succeeded" if self.failure is None else "failed"

    def has_ended(self, now: float) -> bool:
        """Whether it is over."""
        return self.state(now) not in ("queued", "running")

    def view(self, clock: VirtualClock, now: float) -> dict[str, Any]:
        """The job as the contract has it at `now`."""
        state = self.state(now)
        total = self.n_rows
        share = 0.0 if now < self.starts else min(1.0, (now - self.starts) / (self.ends - self.starts))
        stages = _STAGES[self.kind]
        at = min(int(share * len(stages)), len(stages) - 1)
        stage = {"queued": "queued", "succeeded": "done"}.get(state) or stages[at]
        started = self.starts if now >= self.starts and (self.cancelled or now) >= self.starts else None
        finished = self.cancelled if state == "cancelled" else self.ends if self.has_ended(now) else None
        done = total if state == "succeeded" else int(share * total) if total and stage != "reading" else 0
        # As at a real server, a rate is told only while rows are scored.
        rate = done / (now - self.starts) if stage == "scoring" and done else None
        left = None if rate is None or total is None or done is None else (total - done) / rate
        path = f"/api/v1/jobs/{self.job_id}"
        return {
            "job_id": self.job_id,
            "kind": self.kind,
            "state": state,
            "progress": {
                "done": done or 0,
                "total": None if stage == "queued" else total,
                "stage": stage,
                "rows_per_second": rate,
                "remaining_seconds": left,
            },
            "attempt": 0 if started is None else 1,
            "error": self.failure.document(f"req_{self.job_id[4:16]}")
            if state == "failed" and self.failure
            else None,
            "created_at": clock.moment(self.created).isoformat(),
            "started_at": None if started is None else clock.moment(started).isoformat(),
            "finished_at": None if finished is None else clock.moment(finished).isoformat(),
            "expires_at": None,
            "model": self.model,
            "trace_id": None,
            "links": {"self": path, "result": f"{path}/result", "events": f"{path}/events"},
        }

    def changes(self, now: float) -> list[float]:
        """The moments from `now` on at which it changes, its end the last."""
        if self.has_ended(now):
            return [now]
        return [moment for moment in (now, self.starts, self.ends) if moment >= now]


class Jobs:
    """Every job so far.

    Args:
        clock: Says how far a job has come.
        ids: Gives out ids.
        queue_seconds: How long a job waits for a worker.
        run_seconds: How long it is worked on.
    """

    def __init__(self, clock: VirtualClock, ids: Ids, *, queue_seconds: float, run_seconds: float) -> None:
        self._clock = clock
        self._ids = ids
        self._jobs: dict[str, FakeJob] = {}
        self._failures: list[Refusal] = []
        self.queue_seconds = queue_seconds
        self.run_seconds = run_seconds

    @property
    def operations(self) -> Mapping[str, Work]:
        """What it does, by `operationId`."""
        return {
            "listJobs": self._list,
            "getJobStatus": self._status,
            "cancelJob": self._cancel,
            "getJobResult": self._result,
            "streamJobEvents": self._events,
        }

    def fail(self, count: int, refusal: Refusal) -> None:
        """Let the next jobs that are submitted fail."""
        self._failures += [refusal] * count

    def submit(
        self,
        kind: Literal["detection", "scoring", "training"],
        asked: Asked,
        sources: Sequence[str],
        n_rows: int | None,
        *,
        result: DetectionResult | None = None,
        failure: Refusal | None = None,
        recorded: Callable[[FakeJob], dict[str, Any]] | None = None,
    ) -> Reply:
        """Store a job; the arguments are those of `FakeJob`, and a failure that a test ordered goes first."""
        now = self.now()
        job = FakeJob(
            job_id=self._ids("job"),
            kind=kind,
            request=json.loads(asked.content),
            datasets=tuple(source for source in sources if source.startswith("dts_")),
            n_rows=n_rows,
            created=now,
            starts=now + self.queue_seconds,
            ends=now + self.queue_seconds + self.run_seconds,
            result=result,
            failure=self._failures.pop(0) if self._failures else failure,
            recorded=recorded,
        )
        self._jobs[job.job_id] = job
        return Reply(job.view(self._clock, now), {"Location": f"/api/v1/jobs/{job.job_id}"})

    def now(self) -> float:
        """The time, at which every job that is over has left what it makes."""
        now = self._clock.monotonic()
        due = [job for job in self._jobs.values() if job.recorded is not None and job.has_ended(now)]
        for job in sorted(due, key=lambda job: job.ends):
            if job.state(now) == "succeeded" and job.recorded is not None:
                job.model = job.recorded(job)
            job.recorded = None
        return now

    def present(self, document: dict[str, Any]) -> dict[str, Any]:
        """A job that was answered before, as it is now; anything else as it is."""
        job = self._jobs.get(document.get("job_id", ""))
        return document if job is None else job.view(self._clock, self.now())

    def reader_of(self, dataset_id: str) -> str | None:
        """The job that reads a dataset and has not ended."""
        now = self.now()
        readers = (job for job in self._jobs.values() if dataset_id in job.datasets)
        return next((job.job_id for job in readers if not job.has_ended(now)), None)

    def scoring_with(self, model_id: str, version: int | None = None) -> list[str]:
        """The jobs that have not ended and score with a model, or with this version of it."""
        now = self.now()
        scoring = (job for job in self._jobs.values() if job.kind == "scoring" and not job.has_ended(now))
        return [
            job.job_id
            for job in scoring
            if job.result is not None
            and job.result.model is not None
            and job.result.model.model_id == model_id
            and version in (None, job.result.model.version)
        ]

    def _asked(self, asked: Asked) -> FakeJob:
        job_id = asked.parameters["job_id"]
        if job_id not in self._jobs:
            raise Refusal("not-found", f"There is no job {job_id}.")
        return self._jobs[job_id]

    def _list(self, asked: Asked) -> Reply:
        now = self.now()
        views = [job.view(self._clock, now) for job in reversed(list(self._jobs.values()))]
        wanted = asked.parameters.get("state")
        return Reply(page([view for view in views if wanted in (None, view["state"])], asked))

    def _status(self, asked: Asked) -> Reply:
        job = self._asked(asked)
        now = self.now()
        hold = asked.parameters.get("wait", 0.0)
        if hold and not job.has_ended(now):
            self._clock.advance(min(hold, max(0.0, job.ends - now)))
        return Reply(job.view(self._clock, self.now()))

    def _cancel(self, asked: Asked) -> Reply:
        job = self._asked(asked)
        now = self.now()
        if job.has_ended(now):
            raise Refusal(
                "conflict", f"The job {job.job_id} has ended ({job.state(now)}) and cannot be cancelled."
            )
        job.cancelled = now
        return Reply(job.view(self._clock, now))

    def _result(self, asked: Asked) -> Reply:
        job = self._asked(asked)
        result = self._result_of(job)
        only = asked.parameters.get("only", "all")
        rows = rows_of(result, lambda prediction: only == "all" or prediction == 1)
        media_type = media_type_of(asked, job.request.get("output_format", "json"))
        if media_type == FORMATS["json"]:
            return Reply({**page(rows, asked), "summary": summary_of(result, self.run_seconds * 1000)})
        return Reply(content=written(rows, media_type), media_type=media_type)

    def _result_of(self, job: FakeJob) -> DetectionResult:
        if job.kind == "training":
            raise Refusal(
                "conflict",
                f"The job {job.job_id} is of the kind {job.kind} and has no rows for a result. Once it has "
                "succeeded, its `model` names the version of a model that it has made.",
            )
        state = job.state(self.now())
        if state != "succeeded" or job.result is None:
            remedy = "Wait for its end." if state in ("queued", "running") else "Submit it again."
            raise Refusal("conflict", f"The job {job.job_id} is {state} and has no result. {remedy}")
        return job.result

    def _events(self, asked: Asked) -> Reply:
        job = self._asked(asked)
        events: list[str] = []
        for number, moment in enumerate(job.changes(self.now()), 1):
            self._clock.advance(max(0.0, moment - self._clock.monotonic()))
            data = json.dumps(job.view(self._clock, self.now()))
            events.append(f"id: {number}\nevent: job\ndata: {data}\n\n")
        return Reply(content="".join(events).encode(), media_type="text/event-stream")
