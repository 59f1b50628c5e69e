"""Models trained anew: validated on rows held out, put behind their alias, watched, and taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from tests.integration.registry import ROWS, one_database

from pynomaly_server.audit.chain import Chain
from pynomaly_server.contract.structs import RetrainingRule
from pynomaly_server.db.tables import AuditRow, ModelRetrainingRow
from pynomaly_server.features import Feature
from pynomaly_server.models.changes import Announcements
from pynomaly_server.models.retraining.service import RetrainingService
from pynomaly_server.models.retraining.sweep import RetrainingSweep
from pynomaly_server.problems import ProblemError
from pynomaly_server.worker.broker import connect_async

# Every tenth row is far outside, so that two versions agree on which those are.
TRAINED = [
    {"amount": 3_000.0 + n if n % 10 == 9 else float(n * 37 % 500), "country": "FR" if n % 3 else "DE"}
    for n in range(500)
]
SHIFTED = [{**row, "amount": row["amount"] + 200} for row in TRAINED]
FAR = [{**row, "amount": row["amount"] + 90_000} for row in TRAINED]


class Retraining:
    """A model with an alias, what trains it anew, and a worker at hand."""

    def __init__(self, registry):
        world = registry.world
        self.registry, self.world, self.principal = registry, world, world.principal
        self.service = RetrainingService(
            world.async_sessions,
            registry.training,
            world.datasets,
            Announcements(connect_async(world.settings.broker_url)),
            Chain(world.settings.secret),
        )
        self.sweep = RetrainingSweep(world.async_sessions, self.service, world.jobs, drift_seconds=0)

    async def rule(self, **options):
        rule = RetrainingRule(dataset_name="rows", **options)
        return await self.service.put(self.principal, "fraud", "production", rule)

    async def upload(self, rows, name="rows"):
        text = ",".join(rows[0]) + "\n" + "".join(",".join(map(str, row.values())) + "\n" for row in rows)

        async def chunks():
            yield text.encode()

        return await self.world.datasets.upload(self.principal, "text/csv", name, chunks())

    async def now(self):
        return await self.service.get(self.principal, "fraud", "production")

    async def alias(self):
        return await self.registry.models.alias(self.principal, "fraud", "production")

    async def run(self):
        """A training by call, worked on here and now, and the step after it."""
        job = await self.service.run(self.principal, "fraud", "production")
        self.registry.work(job.job_id)
        await self.sweep.sweep()
        return job

    async def predict(self, rows):
        await self.registry.predict("fraud@production", rows)
        await self.registry.observer.flush()

    def later(self, **values):
        with self.world.sessions.write() as session:
            session.execute(sa.update(ModelRetrainingRow).values(**values))
            session.commit()

    def audited(self):
        with self.world.sessions.read() as session:
            rows = session.scalars(sa.select(AuditRow).order_by(AuditRow.seq))
            return [(row.action, row.resource, str(row.outcome)) for row in rows]


@pytest.fixture
async def again(registry):
    await registry.train(data=TRAINED)
    await registry.point("production", 1)
    return Retraining(registry)


async def test_a_version_that_passes_takes_the_alias_and_stays_where_nothing_rises(again):
    await again.rule()
    await again.upload(TRAINED)
    await again.run()
    alias, now = await again.alias(), await again.now()
    assert (alias.version, now.state, now.watched_version) == (2, "watching", 2)
    assert alias.history[0].reason == now.last_outcome
    assert now.last_outcome.startswith("moved to version 2: agreement ")
    version = await again.registry.models.version(again.principal, "fraud", 2)
    assert (version.validation.version, version.validation.n_rows, version.validation.passed) == (
        1,
        100,
        True,
    )
    assert (version.data.n_rows, version.data.n_fitted_rows) == (500, 400)
    assert version.algorithm == "isolation_forest"

    await again.predict(TRAINED)
    await again.sweep.sweep()
    assert (await again.now()).state == "watching"
    again.later(watch_until=datetime.now(UTC) - timedelta(seconds=1))
    await again.sweep.sweep()
    now = await again.now()
    assert (now.state, now.last_outcome) == (
        "idle",
        "version 2 stays: 500 rows and no alarm while it was watched",
    )
    assert (await again.alias()).version == 2


async def test_the_version_before_is_found_where_it_lies_when_it_was_signed_anew_meanwhile(again):
    await again.rule()
    await again.upload(TRAINED)
    job = await again.service.run(again.principal, "fraud", "production")
    again.registry.work(job.job_id, **await again.registry.sign_anew())
    await again.sweep.sweep()
    assert (await again.alias()).version == 2


async def test_a_rise_of_alerts_takes_the_alias_back_and_says_why(again):
    await again.rule()
    await again.upload(TRAINED)
    await again.run()
    await again.predict(FAR)
    await again.sweep.sweep()
    alias, now = await again.alias(), await again.now()
    assert (alias.version, now.state) == (1, "idle")
    change = alias.history[0]
    assert change.rollback
    assert change.reason.startswith(
        "taken back: version 2 predicts 100.0% of 500 rows anomalous, where it was"
    )
    assert again.audited() == [
        ("setModelAlias", "fraud@production", "succeeded"),
        ("rollbackModelAlias", "fraud@production", "succeeded"),
    ]


@one_database
async def test_predictions_that_fail_take_the_alias_back(again):
    await again.rule(most_errors=2)
    await again.upload(TRAINED)
    await again.run()
    again.registry.artefact(2).write_bytes(b"damaged")
    for _ in range(2):
        await again.predict(TRAINED)
    await again.sweep.sweep()
    assert (await again.alias()).version == 1
    assert (await again.now()).last_outcome == "taken back: version 2 failed 2 predictions"


@one_database
async def test_a_version_that_does_not_pass_is_made_but_gets_no_alias(again):
    await again.rule(least_agreement=1.0)
    await again.upload(FAR)
    await again.run()
    now = await again.now()
    assert (now.state, (await again.alias()).version) == ("idle", 1)
    assert now.last_outcome.startswith("version 2 did not pass: agreement ")
    version = await again.registry.models.version(again.principal, "fraud", 2)
    assert not version.validation.passed
    assert again.audited() == [("retrainModel", "fraud@production", "failed")]


@one_database
async def test_labels_decide_where_there_are_some(registry):
    await registry.train(data=ROWS, label_column="fraud")
    await registry.point("production", 1)
    again = Retraining(registry)
    await again.rule(least_agreement=1.0, holdout_share=0.5)
    await again.upload([{**row, "fraud": str(row["fraud"]).lower()} for row in ROWS])
    await again.run()
    validation = (await registry.models.version(again.principal, "fraud", 2)).validation
    assert validation.passed
    assert validation.average_precision >= validation.average_precision_before - 0.02
    assert validation.detail.startswith("average precision ")


async def test_drift_over_the_value_has_a_training_made_and_the_log_says_so(again):
    await again.rule(when_psi_over=0.25, least_agreement=0.0)
    await again.predict(TRAINED)
    await again.sweep.sweep()
    assert (await again.now()).state == "idle"

    await again.upload(SHIFTED)
    await again.predict(SHIFTED)
    await again.sweep.sweep()
    now = await again.now()
    assert now.state == "training"
    assert now.last_outcome.startswith("training: the index of amount is ")
    again.registry.work(now.job_id)
    await again.sweep.sweep()
    assert ((await again.alias()).version, (await again.now()).state) == (2, "watching")
    assert again.audited() == [
        ("retrainModel", "fraud@production", "succeeded"),
        ("setModelAlias", "fraud@production", "succeeded"),
    ]


@one_database
async def test_time_that_has_passed_has_the_newest_dataset_of_the_name_trained_on(again):
    await again.rule(every_hours=24)
    await again.upload(FAR)
    newest = await again.upload(TRAINED)
    await again.upload(FAR, "others")
    await again.sweep.sweep()
    assert (await again.now()).state == "idle"
    again.later(changed_at=datetime.now(UTC) - timedelta(hours=25))
    await again.sweep.sweep()
    now = await again.now()
    assert (now.state, now.last_outcome) == ("training", "training: 24 hours have passed")
    again.registry.work(now.job_id)
    version = await again.registry.models.version(again.principal, "fraud", 2)
    assert version.data.sources == [newest.dataset_id]


@one_database
async def test_a_run_that_could_not_begin_says_why_and_rests(again):
    await again.rule(every_hours=1)
    again.later(changed_at=datetime.now(UTC) - timedelta(hours=2))
    await again.sweep.sweep()
    now = await again.now()
    assert (now.state, now.last_outcome) == (
        "idle",
        "could not begin: There is no dataset named 'rows'. Upload one of that name with uploadDataset.",
    )
    assert now.last_run_at is not None


@one_database
async def test_what_is_due_while_trainings_are_switched_off_begins_afterwards(again):
    await again.rule(every_hours=1)
    await again.upload(TRAINED)
    again.later(changed_at=datetime.now(UTC) - timedelta(hours=2))
    again.world.features.switch_off({Feature.TRAININGS})
    await again.sweep.sweep()
    now = await again.now()
    assert (now.state, now.last_outcome, now.last_run_at) == ("idle", None, None)
    again.world.features.switch_off(())
    await again.sweep.sweep()
    assert (await again.now()).state == "training"


@one_database
async def test_a_training_that_fails_leaves_the_alias_where_it_is(again):
    await again.rule()
    await again.upload([{"other": float(n)} for n in range(100)])
    await again.run()
    now = await again.now()
    assert (now.state, (await again.alias()).version) == ("idle", 1)
    assert now.last_outcome.startswith("the training failed: ")


@one_database
async def test_an_alias_that_was_moved_meanwhile_stays_where_it_was_put(again):
    await again.registry.train(data=TRAINED, random_state=1)
    await again.rule()
    await again.upload(TRAINED)
    job = await again.service.run(again.principal, "fraud", "production")
    await again.registry.point("production", 2)
    again.registry.work(job.job_id)
    await again.sweep.sweep()
    now = await again.now()
    assert ((await again.alias()).version, now.state) == (2, "idle")
    assert now.last_outcome == (
        "version 3 passed against version 1, but the alias has moved to version 2 meanwhile"
    )


@one_database
async def test_one_run_at_a_time_and_the_refusal_names_it(again):
    await again.rule()
    await again.upload(TRAINED)
    job = await again.service.run(again.principal, "fraud", "production")
    with pytest.raises(ProblemError, match=f"the job {job.job_id} trains a version for it") as refused:
        await again.service.run(again.principal, "fraud", "production")
    assert refused.value.code == "conflict"
    again.registry.work(job.job_id)
    await again.sweep.sweep()
    with pytest.raises(ProblemError, match="version 2 is watched until"):
        await again.service.run(again.principal, "fraud", "production")
    await again.service.delete(again.principal, "fraud", "production")
    with pytest.raises(ProblemError, match="has no rule to be trained anew by"):
        await again.service.run(again.principal, "fraud", "production")
