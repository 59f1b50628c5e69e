"""What an operator has switched off is refused, and everything that was accepted before goes on."""

from __future__ import annotations

import pytest
from tests.integration.conftest import one_chunk
from tests.integration.registry import UNLABELLED, free, one_database

from pynomaly_server.contract.structs import BatchDetectionRequest, DetectionRequest
from pynomaly_server.detection.service import DetectionService
from pynomaly_server.detection.workload import Workload
from pynomaly_server.features import Feature, Features
from pynomaly_server.models.changes import Announcements
from pynomaly_server.models.opening import OpenModels
from pynomaly_server.models.packages.service import PackageService
from pynomaly_server.models.packages.signatures import PackageKeys
from pynomaly_server.problems import ProblemError
from pynomaly_server.tabular.limits import UNLIMITED
from pynomaly_server.worker.broker import connect_async

pytestmark = one_database
ELSEWHERE = "https://93.184.216.34/a.csv"


async def refused(call, feature, what):
    with pytest.raises(ProblemError) as problem:
        await call
    assert (problem.value.code, problem.value.status, problem.value.headers) == ("switched-off", 403, {})
    assert problem.value.detail == (
        f"This server takes no new {what} now: its operator has switched off {feature}. What was accepted "
        "before goes on. Try again later, or ask the operator."
    )


async def test_a_job_that_was_accepted_goes_on_and_is_answered_again_while_batch_jobs_are_off(registry):
    world = registry.world
    request = BatchDetectionRequest(data_sources=[(await world.upload(30)).dataset_id])
    job, _ = await world.submissions.submit(world.principal, request, "once")
    world.features.switch_off({Feature.BATCH_JOBS})
    again, replayed = await world.submissions.submit(world.principal, request, "once")
    assert (again.job_id, replayed) == (job.job_id, True)
    await refused(world.submissions.submit(world.principal, request, None), "batch-jobs", "batch jobs")
    registry.work(job.job_id)
    assert await world.state(job.job_id) == "succeeded"
    await registry.train()
    world.features.switch_off(())
    await world.submissions.submit(world.principal, request, None)


async def test_models_answer_and_trainings_that_were_accepted_go_on_while_trainings_are_off(registry):
    job, _ = await registry.submit(key="once")
    registry.world.features.switch_off({Feature.TRAININGS})
    await refused(registry.submit(), "trainings", "trainings")
    assert await registry.submit(key="once") == (job, True)
    registry.work(job.job_id)
    assert (await registry.predict("fraud")).n_rows == len(UNLABELLED)


async def test_neither_uploads_nor_rows_of_trainings_nor_packages_are_taken_while_uploads_are_off(registry):
    world = registry.world
    version = await registry.train()
    dataset = await world.upload(30)
    world.features.switch_off({Feature.UPLOADS})
    packages = PackageService(
        world.async_sessions,
        world.store,
        OpenModels(world.async_sessions, world.store, registry.cache, world.settings.secret),
        world.datasets,
        Announcements(connect_async(world.settings.broker_url)),
        PackageKeys(world.settings.secret),
        world.settings.secret,
        features=world.features,
    )
    what = "datasets and imported models"
    await refused(world.upload(31), "uploads", what)
    await refused(registry.submit(data=UNLABELLED[1:]), "uploads", what)
    await refused(packages.take(world.principal, one_chunk(b"package"), None), "uploads", what)
    assert (await registry.submit(data=None, data_sources=[dataset.dataset_id]))[0].state == "queued"
    assert (await packages.export(world.principal, version.model_id))[0] == "fraud-1.pynomaly"


async def test_jobs_whose_sources_lie_elsewhere_are_refused_while_those_are_off(registry):
    world = registry.world
    elsewhere = BatchDetectionRequest(data_sources=[(await world.upload(30)).dataset_id, ELSEWHERE])
    here = BatchDetectionRequest(data_sources=elsewhere.data_sources[:1])
    what = "jobs whose data sources lie elsewhere"
    world.features.switch_off({Feature.REMOTE_SOURCES})
    await refused(world.submissions.submit(world.principal, elsewhere, None), "remote-sources", what)
    await refused(registry.submit(data=None, data_sources=[ELSEWHERE]), "remote-sources", what)
    await world.submissions.submit(world.principal, here, None)
    world.features.switch_off(())
    await world.submissions.submit(world.principal, elsewhere, None)


@pytest.mark.parametrize(
    "algorithm", [{"algorithm": "Deep_SVDD"}, {"ensemble_methods": ["knn", "autoencoder"]}]
)
async def test_algorithms_that_train_networks_are_refused_while_those_are_off(registry, algorithm):
    world = registry.world
    deep = Features({Feature.DEEP_ALGORITHMS})
    detection = DetectionService(Workload(), UNLIMITED, 60, deep)
    rows = [[float(n * 37 % 101), float(n % 7)] for n in range(40)]
    world.features.switch_off({Feature.DEEP_ALGORITHMS})
    what = "fits of algorithms that train networks"
    await refused(
        detection.detect_rows(DetectionRequest(data=rows, **algorithm), free), "deep-algorithms", what
    )
    await refused(world.submit(30, **algorithm), "deep-algorithms", what)
    await refused(registry.submit(**algorithm), "deep-algorithms", what)
    answer = await detection.detect_rows(DetectionRequest(data=rows, ensemble_methods=["knn", "iqr"]), free)
    assert answer.n_rows == 40


async def test_a_shadow_scores_nothing_while_shadow_traffic_is_off_and_the_answers_stay(registry):
    await registry.train()
    await registry.train(algorithm="iqr")
    await registry.point("live", 1, shadow=2)
    before = await registry.predict("fraud@live")
    assert (await registry.drifted("fraud@2")).n_rows == len(UNLABELLED)
    registry.world.features.switch_off({Feature.SHADOW_TRAFFIC})
    assert (await registry.predict("fraud@live")).scores == before.scores
    assert (await registry.drifted("fraud@2")).n_rows == len(UNLABELLED)
    assert (await registry.drifted("fraud@1")).n_rows == 2 * len(UNLABELLED)
