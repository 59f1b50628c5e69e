"""Workers, callers and the sweeper act on several jobs in any order; a model says what each must be told."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    rule,
    run_state_machine_as_test,
)

from pynomaly_server.contract.structs import BatchDetectionRequest
from pynomaly_server.db.tables import JobRow
from pynomaly_server.jobs.attempts import Attempt, Attempts
from pynomaly_server.jobs.state import Stage
from pynomaly_server.problems import ProblemError

MOST_CRASHES = 2
HOUR = 3600.0
JOBS = 2
WHICH = st.integers(0, JOBS - 1)
# Where Hypothesis chooses among rules, it leaves most of them out of most runs; here each step needs another.
OF_A_WORKER = ("advance", "renew", "succeed", "fail", "give_in_to_a_cancel", "release", "crash")
OF_OTHERS = ("ask_to_cancel", "a_lease_runs_out", "a_rest_is_over", "a_message_is_lost", "sweep")
STEPS = ("claim", "claim", "claim", *OF_A_WORKER, *OF_OTHERS)
LONG_AGO = datetime.now(UTC) - timedelta(days=1)
BAD_DATA = ProblemError("bad-dataset", "The table cannot be used.")


@dataclass
class Model:
    """What a job must be, by the rules in words: no SQL, and time only as far as somebody lets it pass."""

    state: str = "queued"
    attempts: int = 0
    crashes: int = 0
    holder: Attempt | None = None
    cancel_requested: bool = False
    lease_over: bool = False
    resting: bool = False
    due: bool = False
    result_key: str | None = None
    error: str | None = None

    def end(self, state, *, error=None, result_key=None):
        self.state, self.error, self.result_key = state, error, result_key
        self.holder, self.lease_over = None, False

    def back(self, *, resting):
        self.state, self.holder, self.lease_over = "queued", None, False
        self.resting, self.due = resting, not resting

    def crash(self, *, resting):
        """A cancel is honoured first, then the count of crashes."""
        if self.cancel_requested:
            self.end("cancelled")
            return "cancelled"
        self.crashes += 1
        if self.crashes >= MOST_CRASHES:
            self.end("failed", error="job-crashed")
            return "crashed"
        self.back(resting=resting)
        return "requeued"


class JobMachine(RuleBasedStateMachine):
    """Steps are what the parts of the server do; an attempt is kept for ever, as a sleeper keeps it."""

    def __init__(self, world, loop, dataset_id):
        super().__init__()
        self.world, self.loop, self.dataset_id = world, loop, dataset_id
        self.jobs: list[str] = []
        self.claims: dict[str, list[Attempt]] = {}
        self.attempts = Attempts(world.sessions, lease_seconds=HOUR, max_attempts=MOST_CRASHES)
        self.models: dict[str, Model] = {}
        with world.sessions.write() as session:
            session.execute(sa.delete(JobRow))
            session.commit()

    @initialize()
    def begin(self):
        self.jobs = [self._submitted() for _ in range(JOBS)]

    def _submitted(self):
        request = BatchDetectionRequest(data_sources=[self.dataset_id])
        job, _ = self.loop.run_until_complete(
            self.world.submissions.submit(self.world.principal, request, None)
        )
        self.models[job.job_id] = Model()
        self.claims[job.job_id] = []
        return job.job_id

    @rule(which=WHICH, step=st.sampled_from(STEPS), age=st.sampled_from([0, 0, 0, 1, 2]))
    def step(self, which, step, age):
        """A worker's step is the newest attempt's or, with an age, of one that lost the job long ago."""
        job_id = self.jobs[which]
        claims = self.claims[job_id]
        if step not in OF_A_WORKER:
            getattr(self, step)(job_id)
        elif claims:
            getattr(self, step)(claims[-1 - min(age, len(claims) - 1)])

    def claim(self, job_id):
        model = self.models[job_id]
        attempt = self.attempts.claim(job_id)
        assert (attempt is not None) == (model.state == "queued" and not model.resting)
        if attempt is None:
            if model.state not in {"queued", "running"}:
                self.jobs[self.jobs.index(job_id)] = self._submitted()
            return
        model.attempts += 1
        assert attempt.number == model.attempts
        model.state, model.holder, model.due = "running", attempt, False
        self.claims[job_id].append(attempt)

    def advance(self, attempt):
        self._renewed(attempt, self.attempts.advance(attempt, Stage.SCORING, 3, 5))

    def renew(self, attempt):
        self._renewed(attempt, self.attempts.renew(attempt))

    def _renewed(self, attempt, told):
        model = self.models[attempt.job_id]
        held = model.holder is attempt
        assert told == (model.cancel_requested if held else None)
        if held:
            model.lease_over = False

    def succeed(self, attempt):
        model = self.models[attempt.job_id]
        told = self.attempts.succeed(attempt, attempt.result_key)
        if model.holder is attempt:
            if model.cancel_requested:
                model.end("cancelled")
            else:
                model.end("succeeded", result_key=attempt.result_key)
        # Whoever did succeed may ask again when the answer was lost.
        assert told == (model.result_key == attempt.result_key)

    def fail(self, attempt):
        self.attempts.fail(attempt, BAD_DATA)
        model = self.models[attempt.job_id]
        if model.holder is attempt:
            if model.cancel_requested:
                model.end("cancelled")
            else:
                model.end("failed", error="bad-dataset")

    def give_in_to_a_cancel(self, attempt):
        self.attempts.cancel(attempt)
        model = self.models[attempt.job_id]
        if model.holder is attempt and model.cancel_requested:
            model.end("cancelled")

    def release(self, attempt):
        self.attempts.release(attempt)
        model = self.models[attempt.job_id]
        if model.holder is attempt:
            if model.cancel_requested:
                model.end("cancelled")
            else:
                model.back(resting=False)

    def crash(self, attempt):
        self.attempts.crash(attempt)
        model = self.models[attempt.job_id]
        if model.holder is attempt:
            model.crash(resting=True)

    def ask_to_cancel(self, job_id):
        model = self.models[job_id]
        cancelling = self.world.jobs.cancel(self.world.principal, job_id)
        if model.state not in {"queued", "running"}:
            with pytest.raises(ProblemError, match="has ended"):
                self.loop.run_until_complete(cancelling)
            return
        answer = self.loop.run_until_complete(cancelling)
        model.cancel_requested = True
        if model.state == "queued":
            model.end("cancelled")
        assert answer.state == model.state

    def a_lease_runs_out(self, job_id):
        model = self.models[job_id]
        if model.state == "running":
            self.world.change(job_id, lease_until=LONG_AGO)
            model.lease_over = True

    def a_rest_is_over(self, job_id):
        model = self.models[job_id]
        if model.state == "queued" and model.resting:
            # Now, not long ago: a job is published again when its rest ended after it was last published.
            self.world.change(job_id, retry_at=datetime.now(UTC))
            model.resting, model.due = False, True

    def a_message_is_lost(self, job_id):
        model = self.models[job_id]
        if model.state == "queued" and not model.resting:
            self.world.change(job_id, created_at=LONG_AGO, published_at=LONG_AGO)
            model.due = True

    def sweep(self, job_id):
        self.take_back()
        self.publish_what_is_due(published=job_id == self.jobs[0])

    def take_back(self):
        taken = self.attempts.take_back()
        expected = {"requeued": set(), "crashed": set(), "cancelled": set()}
        for job_id, model in self.models.items():
            if model.lease_over:
                expected[model.crash(resting=False)].add(job_id)
        assert {kind: set(getattr(taken, kind)) for kind in expected} == expected

    def publish_what_is_due(self, published):
        due = self.attempts.due(waiting_seconds=HOUR)
        assert set(due) == {job_id for job_id, model in self.models.items() if self._is_due(model)}
        if not published:
            self.attempts.not_published(due)
        for job_id in due:
            self.models[job_id].due = not published

    @staticmethod
    def _is_due(model):
        return model.state == "queued" and model.due

    @invariant()
    def each_row_is_as_the_model_says(self):
        with self.world.sessions.read() as session:
            rows = {row.id: row for row in session.scalars(sa.select(JobRow))}
        assert rows.keys() == self.models.keys()
        for job_id, model in self.models.items():
            row = rows[job_id]
            assert (row.state, row.attempt, row.crashes) == (model.state, model.attempts, model.crashes)
            assert row.worker == (model.holder.worker if model.holder else None)
            assert (row.lease_until is None) == (model.holder is None)
            assert (row.finished_at is None) == (model.state in {"queued", "running"})
            assert row.result_key == model.result_key
            assert (row.error["code"] if row.error else None) == model.error


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_jobs_do_what_the_model_says(world):
    loop = asyncio.new_event_loop()
    try:
        dataset_id = loop.run_until_complete(world.upload(5)).dataset_id
        run_state_machine_as_test(
            lambda: JobMachine(world, loop, dataset_id),
            settings=settings(
                max_examples=40,
                stateful_step_count=50,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        loop.close()
