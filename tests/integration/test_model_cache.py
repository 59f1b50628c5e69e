"""Many models in rotation: within the budget of bytes, each loaded once however many wait for it."""

from __future__ import annotations

import asyncio
import hashlib

import polars as pl
import pytest
from tests.integration.registry import one_database

from pynomaly_server.detection.pipeline import dump_pipeline, fit_pipeline
from pynomaly_server.models import opening
from pynomaly_server.models.artefacts import put, signing_key
from pynomaly_server.models.cache import BYTES_PER_ARTEFACT_BYTE, ModelCache
from pynomaly_server.models.opening import OpenModels
from pynomaly_server.models.recording import record_version
from pynomaly_server.models.references import Reference

MODELS = 100
FRAME = pl.DataFrame(
    {"a": [float(n * 37 % 50) for n in range(40)], "b": [float(n * 11 % 7) for n in range(40)]}
)


@pytest.fixture
def many(world, tmp_path):
    """A hundred small forests, stored and recorded as trainings do it; their scores of one row, by name."""
    key, scores = signing_key(world.settings.secret), {}
    for seed in range(MODELS):
        pipeline = fit_pipeline(FRAME, parameters={"n_estimators": 5}, seed=seed)
        data, where = dump_pipeline(pipeline, key), f"tenants/{world.principal.tenant_id}/models/{seed}/1"
        put(world.store, where, data, tmp_path)
        with world.sessions.write() as session:
            record_version(
                session,
                world.principal.tenant_id,
                f"m{seed}",
                algorithm=pipeline.algorithm,
                contamination=0.1,
                n_rows=40,
                artefact_key=where,
                artefact_sha256=hashlib.sha256(data).hexdigest(),
                artefact_bytes=len(data),
                details={},
                job_id=f"job_{seed}",
                created_by="key_1",
            )
            session.commit()
        scores[f"m{seed}"] = pipeline.score(FRAME).scores.tolist()
    return scores, len(data)


@one_database
async def test_a_hundred_models_in_rotation_stay_within_the_budget_and_score_as_ever(
    world, many, monkeypatch
):
    scores, size = many
    budget = 10 * size * BYTES_PER_ARTEFACT_BYTE
    cache, loaded = ModelCache(budget), []
    load = opening.load

    def counted(store, key, *further):
        loaded.append(key)
        return load(store, key, *further)

    monkeypatch.setattr(opening, "load", counted)
    opens = OpenModels(world.async_sessions, world.store, cache, world.settings.secret)

    async def score(name):
        opened = await opens.open(world.principal.tenant_id, Reference(name))
        assert cache.used_bytes <= budget
        return opened.pipeline.score(FRAME).scores.tolist()

    for _ in range(2):
        for name, expected in scores.items():
            # Four at once, which share one loading.
            assert await asyncio.gather(*(score(name) for _ in range(4))) == [expected] * 4
    assert len(loaded) == 2 * MODELS
    assert 0 < cache.used_bytes <= budget
