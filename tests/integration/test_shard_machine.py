"""Workers, callers, operators and the sweeper act on jobs in shards in any order; a model says what comes."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
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
from pynomaly_server.db.tables import JobRow, JobShardRow
from pynomaly_server.jobs.administration import JobAdministration
from pynomaly_server.jobs.attempts import Attempts
from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.jobs.shards.claims import PlannedShard, ShardClaim, ShardEnd
from pynomaly_server.jobs.shards.cleaning import Cleaning
from pynomaly_server.jobs.shards.table import Shards
from pynomaly_server.jobs.state import Stage
from pynomaly_server.problems import ProblemError

MOST_CRASHES = 2
HOUR = 3600.0
JOBS = 2
PLAN = (PlannedShard(0, (3, 2)), PlannedShard(5, (4,)))
LONG_AGO = datetime.now(UTC) - timedelta(days=1)
BAD_DATA = ProblemError("bad-dataset", "The table cannot be used.")
WHICH = st.integers(0, JOBS - 1)
OF_A_WORKER = ("advance", "renew", "end", "end", "end", "fail", "release", "crash")
OF_OTHERS = ("cancel", "retry", "a_lease_runs_out", "a_rest_is_over", "a_message_is_lost", "sweep", "clean")
STEPS = ("claim", "claim", "claim", *OF_A_WORKER, *OF_OTHERS)


@dataclass
class ShardModel:
    """What a shard must be."""

    state: str = "queued"
    crashes: int = 0
    holder: ShardClaim | None = None
    lease_over: bool = False
    resting: bool = False
    due: bool = True
    output: str | None = None

    @property
    def ready(self):
        return self.state == "queued" and not self.resting

    def back(self, *, resting=False):
        self.state, self.holder, self.lease_over, self.resting, self.due = (
            "queued",
            None,
            False,
            resting,
            True,
        )


@dataclass
class Model:
    """What a job must be; `shards` are by attempt, the last of each joins the others."""

    state: str = "running"
    attempt: int = 1
    shards: dict[int, list[ShardModel]] = field(default_factory=dict)
    result: str | None = None
    error: str | None = None

    def hand_over(self):
        self.state, self.error = "running", None
        self.shards[self.attempt] = [*(ShardModel() for _ in PLAN), ShardModel("waiting")]

    @property
    def now(self):
        return self.shards.get(self.attempt, []) if self.state == "running" else []

    def shard(self, claim):
        """The shard that is still this claim's."""
        if self.state != "running" or self.attempt != claim.attempt.number:
            return None
        shard = self.now[claim.number]
        return shard if shard.holder is claim else None

    def crash(self, shard, *, resting):
        shard.crashes += 1
        shard.back(resting=resting)
        if shard.crashes >= MOST_CRASHES:
            self.state, self.error = "failed", "job-crashed"
            return "crashed"
        return "requeued"

    @property
    def busy(self):
        return any(
            shard.state == "running" and not shard.lease_over
            for shards in self.shards.values()
            for shard in shards
        )


class ShardMachine(RuleBasedStateMachine):
    """Steps are what the parts of the server do; a claim is kept for ever, as a sleeper keeps it."""

    def __init__(self, world, loop, dataset_id):
        super().__init__()
        self.world, self.loop, self.dataset_id = world, loop, dataset_id
        self.attempts = Attempts(world.sessions, lease_seconds=HOUR, max_attempts=MOST_CRASHES)
        self.shards = Shards(self.attempts)
        self.administration = JobAdministration(world.sessions)
        self.cleaning = Cleaning(world.sessions, world.store)
        self.jobs: list[str] = []
        self.models: dict[str, Model] = {}
        self.claims: dict[str, list[ShardClaim]] = {}
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
        self.models[job.job_id], self.claims[job.job_id] = Model(), []
        self._hand_over(job.job_id)
        return job.job_id

    def _hand_over(self, job_id):
        attempt = self.attempts.claim(job_id)
        self.attempts.will_stage(attempt)
        assert attempt.number == self.models[job_id].attempt
        for _ in range(2):
            assert self.shards.hand_over(attempt, PLAN)
        self.models[job_id].hand_over()

    @rule(
        which=st.integers(0, JOBS - 1), step=st.sampled_from(STEPS), age=st.sampled_from([0, 0, 0, 1, 2, 4])
    )
    def step(self, which, step, age):
        """A worker's step is that of the newest claim or, with an age, of one of those before it."""
        job_id = self.jobs[which]
        claims = self.claims[job_id]
        if step not in OF_A_WORKER:
            getattr(self, step)(job_id)
        elif claims:
            getattr(self, step)(claims[-1 - min(age, len(claims) - 1)])

    def claim(self, job_id):
        model = self.models[job_id]
        ready = [(shard.crashes > 0, number) for number, shard in enumerate(model.now) if shard.ready]
        claim = self.shards.claim(job_id)
        assert (None if claim is None else claim.number) == (min(ready)[1] if ready else None)
        if claim is not None:
            shard = model.now[claim.number]
            assert (claim.crashes, claim.joins) == (shard.crashes, claim.number == len(PLAN))
            shard.state, shard.holder = "running", claim
            self.claims[job_id].append(claim)
        elif model.state == "succeeded":
            self.jobs[self.jobs.index(job_id)] = self._submitted()

    def advance(self, claim):
        self._renewed(claim, self.shards.advance(claim, Stage.SCORING, 1, None))

    def renew(self, claim):
        self._renewed(claim, self.shards.renew(claim))

    def _renewed(self, claim, told):
        shard = self.models[claim.job_id].shard(claim)
        assert told == (None if shard is None else False)
        if shard is not None:
            shard.lease_over = False

    def end(self, claim):
        """Whoever did end a shard may say so again when the answer was lost."""
        model = self.models[claim.job_id]
        shard = model.shard(claim)
        if claim.joins:
            told = self.shards.succeed(claim)
            if shard is not None:
                model.state, model.result = "succeeded", claim.result_key
            assert told == (model.result == claim.result_key)
        else:
            told = self.shards.finish(claim, 1)
            if shard is not None:
                shard.output = claim.output_key
            known = model.shards.get(claim.attempt.number)
            kept = known is not None and known[claim.number].output == claim.output_key
            others = [] if known is None else [each for each in known[:-1] if each is not known[claim.number]]
            last = all(each.state == "done" for each in others)
            assert told == ((ShardEnd.LAST if last else ShardEnd.SCORED) if kept else ShardEnd.LOST)
        if shard is not None:
            shard.state, shard.holder, shard.lease_over = "done", None, False
            *scoring, joining = model.shards[claim.attempt.number]
            if joining.state == "waiting" and all(each.state == "done" for each in scoring):
                joining.state = "queued"

    def fail(self, claim):
        model = self.models[claim.job_id]
        shard = model.shard(claim)
        assert self.shards.fail(claim, BAD_DATA) == (shard is not None)
        if shard is not None:
            model.state, model.error, shard.lease_over = "failed", "bad-dataset", True

    def release(self, claim):
        shard = self.models[claim.job_id].shard(claim)
        self.shards.release(claim)
        if shard is not None:
            shard.back()

    def crash(self, claim):
        model = self.models[claim.job_id]
        shard = model.shard(claim)
        self.shards.crash(claim)
        if shard is not None:
            model.crash(shard, resting=True)

    def cancel(self, job_id):
        model = self.models[job_id]
        cancelling = self.world.jobs.cancel(self.world.principal, job_id)
        if model.state == "running":
            assert self.loop.run_until_complete(cancelling).state == "cancelled"
            model.state = "cancelled"
            return
        with pytest.raises(ProblemError, match="has ended"):
            self.loop.run_until_complete(cancelling)

    def retry(self, job_id):
        model = self.models[job_id]
        can = model.state in {"failed", "cancelled"}
        assert self.administration.retry(job_id) == can
        if can:
            model.attempt += 1
            self._hand_over(job_id)

    def a_lease_runs_out(self, job_id):
        for number, shard in enumerate(self.models[job_id].now):
            if shard.state == "running":
                self._change(job_id, number, lease_until=LONG_AGO)
                shard.lease_over = True

    def a_rest_is_over(self, job_id):
        for number, shard in enumerate(self.models[job_id].now):
            if shard.resting:
                self._change(job_id, number, retry_at=LONG_AGO)
                shard.resting = False

    def a_message_is_lost(self, job_id):
        for number, shard in enumerate(self.models[job_id].now):
            self._change(job_id, number, published_at=LONG_AGO)
            shard.due = True

    def _change(self, job_id, number, **values):
        model = self.models[job_id]
        which = (
            JobShardRow.job_id == job_id,
            JobShardRow.attempt == model.attempt,
            JobShardRow.number == number,
        )
        with self.world.sessions.write() as session:
            session.execute(sa.update(JobShardRow).where(*which).values(**values))
            session.commit()

    def sweep(self, job_id):
        taken = self.shards.take_back()
        expected = {"requeued": [], "crashed": []}
        for each in sorted(self.models):
            for shard in self.models[each].now:
                # The crash of one shard may end the job, and with it what the others would have come to.
                if self.models[each].state == "running" and shard.lease_over:
                    expected[self.models[each].crash(shard, resting=False)].append(each)
        assert {kind: list(getattr(taken, kind)) for kind in expected} == expected
        self.publish_what_is_due(published=job_id == self.jobs[0])

    def publish_what_is_due(self, published):
        ready = {each: [shard for shard in model.now if shard.ready] for each, model in self.models.items()}
        waiting = sum(len(shards) for shards in ready.values())
        assert self.shards.waiting() == {JobQueue.SMALL: waiting, JobQueue.LARGE: 0}
        due = self.shards.due(waiting_seconds=HOUR, queue=JobQueue.SMALL, at_most=100)
        assert sorted(due) == sorted(each for each, shards in ready.items() for shard in shards if shard.due)
        for shards in ready.values():
            for shard in shards:
                shard.due = False
        if not published:
            self.shards.not_published(due)
            for each in due:
                for shard in self.models[each].now:
                    shard.due = shard.due or shard.state == "queued"

    def clean(self, _job_id):
        self.cleaning.sweep()
        for model in self.models.values():
            if model.state != "running" and not model.busy:
                model.shards = {}

    @invariant()
    def each_row_is_as_the_model_says(self):
        with self.world.sessions.read() as session:
            jobs = {row.id: row for row in session.scalars(sa.select(JobRow))}
            shards = session.scalars(sa.select(JobShardRow)).all()
        for job_id, model in self.models.items():
            row = jobs[job_id]
            assert (row.state, row.attempt, row.crashes) == (model.state, model.attempt, 0)
            assert (row.worker, row.lease_until) == (None, None)
            assert (row.finished_at is None) == (model.state == "running")
            assert (row.staged_at is not None) == bool(model.shards)
            assert row.result_key == model.result
            assert (row.error["code"] if row.error else None) == model.error
        found = {(row.job_id, row.attempt, row.number): row for row in shards}
        for job_id, model in self.models.items():
            if model.state == "running":
                done = [
                    row.done
                    for (of, attempt, _), row in found.items()
                    if (of, attempt) == (job_id, model.attempt)
                ]
                assert jobs[job_id].done == sum(done)
        expected = {
            (job_id, attempt, number): shard
            for job_id, model in self.models.items()
            for attempt, of_attempt in model.shards.items()
            for number, shard in enumerate(of_attempt)
        }
        assert found.keys() == expected.keys()
        for key, shard in expected.items():
            row = found[key]
            assert (row.state, row.crashes, row.output_key) == (shard.state, shard.crashes, shard.output)
            assert row.worker == (shard.holder.worker if shard.holder else None)


@pytest.mark.slow
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_shards_do_what_the_model_says(world):
    loop = asyncio.new_event_loop()
    try:
        dataset_id = loop.run_until_complete(world.upload(9)).dataset_id
        run_state_machine_as_test(
            lambda: ShardMachine(world, loop, dataset_id),
            settings=settings(
                max_examples=20,
                stateful_step_count=50,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        loop.close()
