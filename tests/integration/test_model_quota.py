"""What trainings that end together may store, and that a version once made never changes."""

from __future__ import annotations

import hashlib

import msgspec
from tests.integration.registry import ROWS, one_database

from pynomaly_server.quotas.service import Quotas


async def test_of_trainings_that_end_at_the_end_of_the_quota_only_those_that_fit_make_a_version(registry):
    world = registry.world
    await registry.train()
    size = registry.artefact(1).stat().st_size
    jobs = [(await registry.submit(random_state=seed))[0].job_id for seed in (1, 2)]
    stored = await world.datasets.stored_bytes(world.principal)
    quotas = Quotas(world.async_sessions, world.settings)
    await quotas.change(world.principal.tenant_id, stored_bytes=stored + size * 3 // 2)
    for job_id in jobs:
        registry.work(job_id)
    ended = [await world.jobs.get(world.principal, job_id) for job_id in jobs]
    assert [job.state for job in ended] == ["succeeded", "failed"]
    assert ended[1].error.code == "quota-exceeded"
    assert "and this model has" in ended[1].error.detail
    assert len(list(world.store.list_objects(f"tenants/{world.principal.tenant_id}/models"))) == 2
    assert await world.datasets.stored_bytes(world.principal) <= stored + size * 3 // 2


@one_database
async def test_a_version_once_made_never_changes_whatever_happens_to_its_model(registry):
    principal = registry.world.principal
    await registry.train(data=ROWS, label_column="fraud")

    async def hashes():
        version = await registry.models.version(principal, "fraud", 1)
        told = msgspec.structs.replace(version, aliases=[])
        file = hashlib.sha256(registry.artefact(1).read_bytes()).hexdigest()
        scores = msgspec.json.encode((await registry.predict("fraud@1")).scores)
        assert file == version.artefact.sha256
        return [file, *(hashlib.sha256(each).hexdigest() for each in (msgspec.json.encode(told), scores))]

    made = await hashes()
    await registry.train(data=ROWS, contamination=0.2, random_state=7)
    await registry.point("production", 1)
    await registry.point("production", 2, threshold=0.8)
    await registry.models.roll_back(principal, "fraud", "production")
    await registry.models.delete_version(principal, "fraud", 2)
    await registry.train(data=ROWS, random_state=9)
    assert await hashes() == made
