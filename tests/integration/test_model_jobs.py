"""A detection by a trained model as a job: one version scores all rows, as it scores them in a request."""

from __future__ import annotations

import asyncio

import msgspec
import pytest
from sqlalchemy.exc import OperationalError
from tests.integration.conftest import one_chunk
from tests.integration.registry import ROWS, UNLABELLED, one_database

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import BatchDetectionRequest
from pynomaly_server.jobs.attempts import Attempts
from pynomaly_server.jobs.queues import JobQueue
from pynomaly_server.jobs.results import ResultWriter
from pynomaly_server.jobs.shards.table import Shards
from pynomaly_server.jobs.shards.work import run_shard
from pynomaly_server.jobs.tasks import run_attempt, run_next_job
from pynomaly_server.models.opening import OpenModels
from pynomaly_server.models.scoring import BatchDetections
from pynomaly_server.problems import ProblemError

NDJSON = "application/x-ndjson"
FEW_TREES = {"algorithm": "isolation_forest", "parameters": {"n_estimators": 10}}
SHARDS = {"job_chunk_rows": 40, "job_shard_rows": 60, "progress_seconds": 60}


class Batch:
    """Submits and works on such jobs."""

    def __init__(self, registry):
        self.registry, self.world = registry, registry.world
        world = self.world
        models = OpenModels(world.async_sessions, world.store, registry.cache, world.settings.secret)
        self.detections = BatchDetections(world.submissions, models)

    async def upload(self, rows):
        data = b"".join(msgspec.json.encode(row) + b"\n" for row in rows)
        stored = await self.world.datasets.upload(self.world.principal, NDJSON, None, one_chunk(data))
        return stored.dataset_id

    async def submit(self, model="fraud", rows=UNLABELLED, key=None, principal=None, **options):
        request = BatchDetectionRequest(data_sources=[await self.upload(rows)], model_id=model, **options)
        return await self.detections.submit(principal or self.world.principal, request, key)

    def work(self, job, **changed):
        self.registry.work(job.job_id, **changed)

    async def result(self, job):
        ended = await self.world.jobs.get(self.world.principal, job.job_id)
        assert ended.state == "succeeded", ended.error
        return await self.world.jobs.result(self.world.principal, job.job_id, limit=1000)


@pytest.fixture
def batch(registry):
    return Batch(registry)


@one_database
async def test_it_scores_as_a_prediction_does_and_says_which_version_did(batch):
    made = await batch.registry.train()
    rows = [{**row, "country": "XX" if n < 3 else row["country"]} for n, row in enumerate(UNLABELLED)]
    rows[5]["amount"] = None
    job, _ = await batch.submit("fraud@latest", rows, include_explanations=True)
    assert job.kind == "scoring"
    batch.work(job)
    page = await batch.result(job)
    told = await batch.registry.predict("fraud", rows, include_explanations=True)
    assert [row.score for row in page.items] == told.scores
    assert [row.prediction for row in page.items] == told.predictions
    assert [row.identifiers for row in page.items[:2]] == [{"customer_id": "c0"}, {"customer_id": "c1"}]
    explained = [row.explanation for row in page.items if row.explanation]
    assert explained == [each.contributions for each in told.explanations]
    summary = page.summary
    assert summary.model == told.model
    assert summary.model.version == made.version
    assert (summary.columns, summary.warnings) == (told.columns, told.warnings)
    assert (summary.threshold, summary.n_anomalies) == (told.threshold, told.n_anomalies)


@one_database
async def test_the_version_is_settled_when_the_job_is_submitted_wherever_the_alias_points_then(batch):
    registry = batch.registry
    await registry.train()
    second = [{**row, "amount": row["amount"] * 3} for row in UNLABELLED]
    await registry.train(data=second)
    await registry.point("production", 1)
    job, _ = await batch.submit("fraud@production", key="once")
    await registry.point("production", 2)
    batch.work(job)
    page = await batch.result(job)
    assert (page.summary.model.version, page.summary.model.alias) == (1, "production")
    assert [row.score for row in page.items] == (await registry.predict("fraud@1")).scores
    assert [row.score for row in page.items] != (await registry.predict("fraud@2")).scores


@one_database
async def test_a_repeated_submission_is_the_earlier_one_wherever_the_alias_points_then(batch):
    await batch.registry.train()
    await batch.registry.train()
    await batch.registry.point("production", 1)
    request = BatchDetectionRequest(
        data_sources=[await batch.upload(UNLABELLED)], model_id="fraud@production"
    )
    job, _ = await batch.detections.submit(batch.world.principal, request, "once")
    await batch.registry.point("production", 2)
    assert await batch.detections.submit(batch.world.principal, request, "once") == (job, True)


@one_database
async def test_the_threshold_of_an_alias_holds_for_a_job_as_for_a_prediction(batch):
    await batch.registry.train(contamination=0.2)
    await batch.registry.point("strict", 1, threshold=0.9)
    job, _ = await batch.submit("fraud@strict")
    batch.work(job)
    page = await batch.result(job)
    told = await batch.registry.predict("fraud@strict")
    assert [row.score for row in page.items] == told.scores
    assert (page.summary.threshold, page.summary.contamination) == (told.threshold, told.contamination)
    assert (
        page.summary.n_anomalies == told.n_anomalies < (await batch.registry.predict("fraud@1")).n_anomalies
    )


@one_database
async def test_a_result_in_many_chunks_is_the_same_and_counts_over_all_of_them(batch):
    await batch.registry.train(
        **FEW_TREES, label_column="fraud", data=[{**row, "fraud": False} for row in UNLABELLED]
    )
    rows = [
        {**row, "country": "XX" if n % 50 == 0 else None, "fraud": True} for n, row in enumerate(UNLABELLED)
    ]
    job, _ = await batch.submit(rows=rows, return_confidence=True)
    batch.work(job, job_chunk_rows=64, result_held_rows=0)
    page = await batch.result(job)
    told = await batch.registry.predict("fraud", rows, return_confidence=True)
    assert [row.score for row in page.items] == told.scores
    assert [row.confidence for row in page.items] == told.confidence
    assert (page.summary.columns, page.summary.warnings) == (told.columns, told.warnings)


@one_database
async def test_rows_that_do_not_fit_the_model_end_the_job_with_what_a_prediction_would_say(batch):
    await batch.registry.train()
    job, _ = await batch.submit(rows=[{"customer_id": "c", "country": "DE", "more": 1}])
    batch.work(job)
    ended = await batch.world.jobs.get(batch.world.principal, job.job_id)
    assert (ended.state, ended.error.code) == ("failed", "bad-dataset")
    assert ended.error.detail == (
        "The rows do not fit the model. Column 'amount' is missing; null stands for unknown values. Column "
        "'more' is not one of the model's; leave it out. It was trained with the columns 'customer_id', "
        "'amount', 'country', 'fraud'."
    ).replace(", 'fraud'", "")


@one_database
async def test_a_version_whose_file_is_gone_fails_the_job_and_names_the_remedy(batch):
    await batch.registry.train()
    job, _ = await batch.submit("fraud@1")
    batch.registry.artefact(1).unlink()
    batch.work(job)
    ended = await batch.world.jobs.get(batch.world.principal, job.job_id)
    assert (ended.state, ended.error.code) == ("failed", "model-unreadable")
    assert ended.error.detail == (
        "Version 1 of the model fraud, which the job was submitted for, cannot be used: its file is not in "
        "the storage. Submit the job again with a version that is there."
    )


@one_database
async def test_a_version_that_was_signed_anew_after_the_submission_is_found_where_it_lies_now(batch):
    await batch.registry.train()
    job, _ = await batch.submit()
    told = await batch.registry.predict("fraud")
    batch.work(job, **await batch.registry.sign_anew())
    assert [row.score for row in (await batch.result(job)).items] == told.scores


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"model": "nobody"}, "not-found"),
        ({"algorithm": "lof"}, "validation"),
        ({"contamination": 0.2}, "validation"),
    ],
)
@one_database
async def test_what_no_prediction_would_take_is_refused_before_a_job_is_stored(batch, asked, code):
    await batch.registry.train()
    with pytest.raises(ProblemError) as problem:
        await batch.submit(**asked)
    assert problem.value.code == code
    assert (await batch.world.jobs.list(batch.world.principal, limit=10)).items[0].kind == "training"


@one_database
async def test_it_needs_the_scope_of_predictions_too(batch):
    await batch.registry.train()
    tenant = batch.world.principal.tenant_id
    caller = Principal(tenant, "key_1", frozenset({"jobs:write", "datasets:write"}))
    with pytest.raises(ProblemError) as problem:
        await batch.submit(principal=caller)
    assert problem.value.code == "forbidden"
    assert "models:use" in problem.value.detail


@one_database
async def test_its_rows_are_counted_as_those_of_a_prediction_by_the_threshold_of_the_version_itself(batch):
    registry = batch.registry
    for _ in range(2):
        await registry.train(contamination=0.2)
    await registry.point("strict", 1, threshold=0.9)
    rows = [{**row, "country": None if n % 7 == 0 else row["country"]} for n, row in enumerate(UNLABELLED)]
    for held in (0, 1_000):
        job, _ = await batch.submit("fraud@strict", rows)
        batch.work(job, job_chunk_rows=64, result_held_rows=held)
        told = await registry.predict("fraud@2", rows)
    counted, expected = await registry.drifted("fraud@1"), await registry.drifted("fraud@2")
    assert (counted.n_rows, counted.n_anomalies) == (2 * len(rows), 2 * told.n_anomalies)
    assert counted.scores.psi is not None
    assert (counted.scores, counted.features) == (expected.scores, expected.features)


@one_database
async def test_rows_are_counted_once_by_the_attempt_that_ends_the_job(batch, monkeypatch):
    await batch.registry.train()
    job, _ = await batch.submit()
    world, succeed = batch.world, Attempts.succeed
    lost = world.attempts.claim(job.job_id)
    world.attempts.release(lost)
    again = world.attempts.claim(job.job_id)

    heard = []

    def unheard(*said):
        heard.append(succeed(*said))
        if len(heard) == 1:
            raise OperationalError("", {}, Exception("the answer was lost"))
        return heard[-1]

    monkeypatch.setattr(Attempts, "succeed", unheard)
    run_attempt(again, batch.registry.tools())
    run_attempt(lost, batch.registry.tools(progress_seconds=60))
    assert heard == [True, True, False]
    assert (await batch.registry.drifted()).n_rows == len(UNLABELLED)


@one_database
async def test_a_job_that_is_cancelled_before_it_ends_is_not_counted(batch, monkeypatch):
    await batch.registry.train()
    job, _ = await batch.submit()
    stored = ResultWriter.held

    def cancelled_meanwhile(*said):
        batch.world.change(job.job_id, cancel_requested=True)
        return stored(*said)

    monkeypatch.setattr(ResultWriter, "held", cancelled_meanwhile)
    batch.work(job)
    assert await batch.world.state(job.job_id) == "cancelled"
    assert (await batch.registry.drifted()).n_rows == 0


@one_database
async def test_jobs_that_end_together_are_counted_with_the_versions_that_scored_them(batch):
    await batch.registry.train()
    await batch.registry.train()
    jobs = [(await batch.submit(model))[0] for model in ("fraud@2", "fraud@1", "fraud@2")]
    assert all(batch.world.row(job.job_id).light for job in jobs)
    run_next_job(JobQueue.SMALL, batch.registry.tools())
    assert [await batch.world.state(job.job_id) for job in jobs] == ["succeeded"] * 3
    counted = [(await batch.registry.drifted(model)).n_rows for model in ("fraud@1", "fraud@2")]
    assert counted == [len(UNLABELLED), 2 * len(UNLABELLED)]


async def test_a_version_that_a_job_will_score_with_is_not_deleted_before_the_job_has_ended(batch):
    world, models = batch.world, batch.registry.models
    await batch.registry.train()
    await batch.registry.train()
    first, _ = await batch.submit("fraud@1")
    second, _ = await batch.submit("fraud@1")
    with pytest.raises(ProblemError) as refused:
        await models.delete_version(world.principal, "fraud", 1)
    assert refused.value.code == "conflict"
    assert refused.value.detail == (
        f"Version 1 of the model fraud is in use: the jobs {first.job_id}, {second.job_id} have not ended "
        "and score with it. Wait for their end or cancel them with cancelJob, and try again."
    )
    await models.delete_version(world.principal, "fraud", 2)
    await world.jobs.cancel(world.principal, first.job_id)
    attempt = world.attempts.claim(second.job_id)
    for deletion in (
        models.delete_version(world.principal, "fraud", 1),
        models.delete(world.principal, "fraud"),
    ):
        with pytest.raises(
            ProblemError, match=f"is in use: the job {second.job_id} has not ended and scores"
        ):
            await deletion
    run_attempt(attempt, batch.registry.tools())
    await models.delete(world.principal, "fraud")


async def test_a_deletion_in_the_middle_of_a_submission_waits_for_it_and_then_finds_the_job(batch):
    await batch.registry.train()
    models, deletions = batch.registry.models, []

    async def delete_meanwhile(_rows):
        deletions.append(asyncio.create_task(models.delete_version(batch.world.principal, "fraud", 1)))
        await asyncio.wait(deletions, timeout=0.3)

    request = BatchDetectionRequest(data_sources=[await batch.upload(UNLABELLED)], model_id="fraud")
    job, _ = await batch.detections.submit(batch.world.principal, request, None, delete_meanwhile)
    with pytest.raises(ProblemError, match=f"is in use: the job {job.job_id}"):
        await deletions[0]
    batch.work(job)
    await batch.result(job)


async def test_a_version_that_is_deleted_just_before_a_submission_is_stored_refuses_it(batch, monkeypatch):
    await batch.registry.train()
    resolved = OpenModels.resolved

    async def then_deleted(models, *said):
        route = await resolved(models, *said)
        await batch.registry.models.delete(batch.world.principal, "fraud")
        return route

    monkeypatch.setattr(OpenModels, "resolved", then_deleted)
    with pytest.raises(ProblemError) as refused:
        await batch.submit("fraud")
    assert refused.value.code == "not-found"
    assert refused.value.detail == (
        "Version 1 of the model fraud has just been deleted. Name a version that is there; "
        "listModelVersions shows them."
    )
    assert (await batch.world.jobs.list(batch.world.principal, limit=10)).items[0].kind == "training"


@one_database
async def test_a_large_one_is_scored_in_shards_with_the_result_of_one_worker(batch):
    registry, world = batch.registry, batch.world
    for _ in range(2):
        await registry.train(**FEW_TREES, contamination=0.2, label_column="fraud", data=ROWS)
    for version in (1, 2):
        await registry.point(f"strict{version}", version, threshold=0.9)
    rows = [{**row, "country": ("XX", None)[n % 2] if n > 150 else "DE"} for n, row in enumerate(UNLABELLED)]
    options = {"rows": rows, "return_confidence": True, "include_explanations": True}
    large, _ = await batch.submit("fraud@strict1", **options)
    alone, _ = await batch.submit("fraud@strict2", **options)
    batch.work(alone, job_chunk_rows=40)
    batch.work(large, **SHARDS)
    while await world.state(large.job_id) == "running":
        assert (await registry.drifted("fraud@1")).n_rows == 0
        run_next_job(JobQueue.SMALL, batch.registry.tools(**SHARDS))
    found, expected = await batch.result(large), await batch.result(alone)
    assert found.items == expected.items
    for summary in (found.summary, expected.summary):
        summary.elapsed_ms, summary.model.version, summary.model.alias = 0, 0, None
    assert found.summary == expected.summary
    assert [warning.code for warning in found.summary.warnings] == ["unseen-category"]
    counted, other = await registry.drifted("fraud@1"), await registry.drifted("fraud@2")
    assert (counted.n_rows, counted.n_anomalies) == (len(rows), other.n_anomalies)
    assert (counted.scores, counted.features) == (other.scores, other.features)
    left = [path.name for path in world.store.root.rglob("*") if path.is_file() and large.job_id in str(path)]
    assert sorted(left) == ["rows.parquet", "summary.json"]


@one_database
async def test_a_shard_that_is_scored_twice_is_counted_once_and_so_is_an_end_that_is_told_twice(
    batch, monkeypatch
):
    world, succeed, heard = batch.world, Shards.succeed, []
    await batch.registry.train()
    job, _ = await batch.submit()
    batch.work(job, **SHARDS)
    tools = batch.registry.tools(**SHARDS)
    lost = world.shards.claim(job.job_id)
    world.shards.release(lost)
    run_shard(lost, tools)

    def unheard(*said):
        heard.append(succeed(*said))
        if len(heard) == 1:
            raise OperationalError("", {}, Exception("the answer was lost"))
        return heard[-1]

    monkeypatch.setattr(Shards, "succeed", unheard)
    while await world.state(job.job_id) == "running":
        run_next_job(JobQueue.SMALL, tools)
    assert heard == [True, True]
    assert await world.state(job.job_id) == "succeeded"
    assert (await batch.registry.drifted()).n_rows == len(UNLABELLED)


@one_database
async def test_columns_that_do_not_fit_end_a_large_one_before_it_is_shared_out(batch):
    await batch.registry.train()
    job, _ = await batch.submit(rows=[{**row, "more": 1} for row in UNLABELLED])
    batch.work(job, **SHARDS)
    ended = await batch.world.jobs.get(batch.world.principal, job.job_id)
    assert (ended.state, ended.error.code) == ("failed", "bad-dataset")
