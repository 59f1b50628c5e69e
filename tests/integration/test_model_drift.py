"""What models have scored is counted behind the requests, and says how far the rows have moved."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from tests.integration.registry import one_database

from pynomaly_server.contract.structs import ModelCanary
from pynomaly_server.db.tables import ModelObservationRow
from pynomaly_server.models.drift.observing import Observer
from pynomaly_server.models.drift.service import DriftScores
from pynomaly_server.models.references import Reference
from pynomaly_server.system.health import HealthService
from pynomaly_server.tabular.limits import UNLIMITED
from pynomaly_server.tabular.reading import frame_from_rows
from pynomaly_server.telemetry.service import FiguresService

TRAINED = [{"amount": float(n * 37 % 500), "country": "FR" if n % 3 else "DE"} for n in range(500)]
SHIFTED = [{**row, "amount": row["amount"] + 200} for row in TRAINED]


@pytest.fixture
async def model(registry):
    await registry.train(data=TRAINED)
    return registry


def reference():
    return Reference("fraud")


def frame_of(rows):
    return frame_from_rows(rows, None, UNLIMITED)


def by_name(drift):
    return {each.name: each for each in drift.features}


async def test_rows_as_in_training_are_stable_and_a_shift_is_found_where_it_is(model):
    await model.predict("fraud", TRAINED)
    drift = await model.drifted()
    assert (drift.n_rows, drift.verdict) == (500, "stable")
    assert drift.psi < 0.01
    assert drift.anomaly_share == pytest.approx(drift.n_anomalies / 500)
    assert drift.first_hour == drift.last_hour is not None

    for _ in range(3):
        await model.predict("fraud", SHIFTED)
    drift = await model.drifted()
    assert (drift.n_rows, drift.verdict, drift.psi_column) == (2_000, "large", "amount")
    features = by_name(drift)
    assert features["country"].verdict == "stable"
    assert features["country"].ks is None
    # Three quarters of the rows are 200 of 500 further up, and a value of 500 or more was never seen.
    assert features["amount"].ks == pytest.approx(0.3, abs=0.02)
    assert drift.scores.n_rows == 2_000


@one_database
async def test_few_rows_are_told_and_not_judged(model):
    drift = await model.drifted()
    assert (drift.n_rows, drift.psi, drift.anomaly_share, drift.verdict) == (0, None, None, "too-few-rows")
    await model.predict("fraud", SHIFTED[:199])
    drift = await model.drifted()
    assert (drift.n_rows, drift.psi, drift.ks, drift.verdict) == (199, None, None, "too-few-rows")
    assert {each.verdict for each in drift.features} == {"too-few-rows"}


async def test_processes_that_count_at_once_count_every_row(model):
    world = model.world
    others = [Observer(world.async_sessions, model.observer._load) for _ in range(3)]
    opened = await model.predictions._models.open(world.principal.tenant_id, reference())
    frame = frame_of(TRAINED)
    scored = opened.pipeline.score(frame)
    for observer in others:
        observer.scored(world.principal.tenant_id, opened.kept, frame, scored)
    await asyncio.gather(*(observer.flush() for observer in others))
    drift = await model.drifted()
    assert drift.n_rows == 1_500
    assert drift.psi < 0.01
    with world.sessions.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(ModelObservationRow)) == 1


@one_database
async def test_what_could_not_be_stored_is_stored_the_next_time(model, monkeypatch):
    await model.predict("fraud", TRAINED)

    async def away(*_):
        raise OSError("away")

    with monkeypatch.context() as patched:
        patched.setattr(model.observer, "_store", away)
        with pytest.raises(OSError, match="away"):
            await model.observer.flush()
    await model.predict("fraud", TRAINED)
    assert (await model.drifted()).n_rows == 1_000


@one_database
async def test_rows_that_come_too_fast_are_skipped_and_counted_as_such(model):
    world = model.world
    observer = Observer(world.async_sessions, model.observer._load, most_cells=1_500)
    opened = await model.predictions._models.open(world.principal.tenant_id, reference())
    frame = frame_of(TRAINED)
    for _ in range(3):
        observer.scored(world.principal.tenant_id, opened.kept, frame, opened.pipeline.score(frame))
    await observer.aclose()
    drift = await model.drifted()
    assert (drift.n_rows, drift.n_skipped) == (500, 1_000)


async def test_a_shadow_scores_after_the_answer_and_its_figures_are_its_own(model):
    await model.train(data=TRAINED, random_state=1)
    await model.point("production", 1, shadow=2)
    alone = await model.predict("fraud@1", TRAINED)
    answer = await model.predict("fraud@production", TRAINED)
    assert (answer.model.version, answer.scores) == (1, alone.scores)
    shadow = await model.drifted("fraud@2")
    assert shadow.n_rows == len(TRAINED)
    own = await model.predict("fraud@2", TRAINED)
    assert shadow.n_anomalies == own.n_anomalies
    assert (await model.drifted("fraud@production")).n_rows == 2 * len(TRAINED)


@one_database
async def test_a_shadow_that_cannot_score_the_rows_fails_by_itself(model):
    await model.train(data=[{"other": float(n)} for n in range(100)])
    await model.point("production", 1, shadow=2)
    answer = await model.predict("fraud@production", TRAINED)
    assert answer.model.version == 1
    assert not answer.warnings
    shadow = await model.drifted("fraud@2")
    assert (shadow.n_rows, shadow.n_errors, shadow.n_skipped) == (0, 1, 500)


@one_database
async def test_a_version_that_cannot_be_read_counts_the_predictions_that_it_failed(model):
    await model.train(data=TRAINED, random_state=1)
    await model.point("production", 1)
    await model.point("production", 2)
    model.artefact(2).write_bytes(b"damaged")
    for _ in range(2):
        assert (await model.predict("fraud@production", TRAINED)).model.version == 1
    assert (await model.drifted("fraud@2")).n_errors == 2
    assert (await model.drifted("fraud@1")).n_rows == 1_000


@one_database
async def test_a_canary_and_the_version_beside_it_are_counted_apart(model):
    await model.train(data=TRAINED, random_state=1)
    await model.point("production", 1, canary=ModelCanary(version=2, share=0.5))
    answers = [await model.predict("fraud@production", [row]) for row in TRAINED[:40]]
    second = sum(answer.model.version == 2 for answer in answers)
    assert (await model.drifted("fraud@2")).n_rows == second
    assert (await model.drifted("fraud@1")).n_rows == 40 - second


@one_database
async def test_a_version_deleted_before_its_rows_are_counted_leaves_nothing(model):
    await model.predict("fraud", TRAINED)
    await model.models.delete(model.world.principal, "fraud")
    await model.observer.flush()
    with model.world.sessions.read() as session:
        assert session.scalars(sa.select(ModelObservationRow)).all() == []


@one_database
async def test_the_newest_score_of_each_version_is_there_for_metrics(model):
    await model.predict("fraud", SHIFTED)
    drift = await model.drifted()
    (score,) = await DriftScores(model.world.async_sessions).newest()
    assert (score.model, score.version, score.psi) == ("fraud", 1, drift.psi)
    world = model.world
    assert score.tenant_id == world.principal.tenant_id
    figures = FiguresService(world.async_sessions, world.auth, HealthService({}, frozenset()), world.settings)
    labels = f'tenant="{score.tenant_id}",model="fraud",version="1"'
    text = await figures.text(world.principal)
    assert f"pynomaly_model_drift_score{{{labels}}} {score.psi!r}\n" in text
