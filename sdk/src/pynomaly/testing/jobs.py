"""Jobs of the fake server: queued, running and ended as its clock says."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pynomaly._generated.models import DetectionResult
from pynomaly.testing.clock import VirtualClock
from pynomaly.testing.problems import Refusal

_STAGES = ("reading", "fitting", "scoring", "writing")


@dataclass
class FakeJob:
    """One job.

    Attributes:
        job_id: Its id.
        request: The JSON it was submitted with.
        datasets: Ids of the datasets it reads.
        created: When it was submitted, in seconds of the clock, as are the next two.
        starts: When a worker takes it.
        ends: When it is over.
        result: Its result.
        failure: Why it fails; None where it succeeds.
        cancelled: When it was cancelled.
    """

    job_id: str
    request: dict[str, Any]
    datasets: tuple[str, ...]
    created: float
    starts: float
    ends: float
    result: DetectionResult | None
    failure: Refusal | None = None
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
        total = None if self.result is None else self.result.n_rows
        share = 0.0 if now < self.starts else min(1.0, (now - self.starts) / (self.ends - self.starts))
        stage = {"queued": "queued", "succeeded": "done"}.get(state) or _STAGES[min(int(share * 4), 3)]
        started = self.starts if now >= self.starts and (self.cancelled or now) >= self.starts else None
        finished = self.cancelled if state == "cancelled" else self.ends if self.has_ended(now) else None
        done = total if state == "succeeded" else int(share * total) if total and stage != "reading" else 0
        # As at a real server, a rate is told only while rows are scored.
        rate = done / (now - self.starts) if stage == "scoring" and done else None
        left = None if rate is None or total is None or done is None else (total - done) / rate
        path = f"/api/v1/jobs/{self.job_id}"
        return {
            "job_id": self.job_id,
            "kind": "detection",
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
            "model": None,
            "trace_id": None,
            "links": {"self": path, "result": f"{path}/result", "events": f"{path}/events"},
        }

    def changes(self, now: float) -> list[float]:
        """The moments from `now` on at which it changes, its end the last."""
        if self.has_ended(now):
            return [now]
        return [moment for moment in (now, self.starts, self.ends) if moment >= now]

    def rows(self, wanted: Callable[[int], bool]) -> list[dict[str, Any]]:
        """The rows of the result whose prediction is wanted."""
        result = self.result
        if result is None:
            return []
        reasons = {each.row: each.contributions for each in result.explanations or ()}
        return [
            {
                "row": place,
                "score": score,
                "prediction": prediction,
                "confidence": result.confidence[place] if result.confidence else None,
                "identifiers": {name: values[place] for name, values in result.identifiers.items()},
                "series": None,
                "explanation": [each.model_dump() for each in reasons[place]] if place in reasons else None,
            }
            for place, (score, prediction) in enumerate(zip(result.scores, result.predictions, strict=True))
            if wanted(prediction)
        ]
