"""What a reference means is remembered, and no process believes it any more once a change was answered."""

from __future__ import annotations

import asyncio

import pytest
import sqlalchemy as sa
from tests.integration.registry import UNLABELLED, free

from pynomaly_server.contract.operations import OPERATIONS
from pynomaly_server.contract.structs import PredictionRequest
from pynomaly_server.db.tables import ModelAliasRow
from pynomaly_server.detection.workload import Workload
from pynomaly_server.models import changes
from pynomaly_server.models.cache import ModelCache
from pynomaly_server.models.changes import Announcements, Remembered
from pynomaly_server.models.drift.observing import Observer
from pynomaly_server.models.opening import OpenModels
from pynomaly_server.models.prediction import PredictionService
from pynomaly_server.models.references import Reference
from pynomaly_server.quotas.service import Quotas
from pynomaly_server.ratelimit.limiter import RateLimiter
from pynomaly_server.ratelimit.limits import Limits, mark_name
from pynomaly_server.ratelimit.shared import SharedBuckets
from pynomaly_server.tabular.limits import UNLIMITED
from pynomaly_server.worker.broker import connect_async

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ROW = UNLABELLED[:1]
NOWHERE = "redis://127.0.0.1:1/0"


class Process:
    """What an API process has: its own memory, its own connection to Valkey."""

    def __init__(self, world, broker_url=None):
        self.world = world
        url = broker_url or world.settings.broker_url
        self.opens = OpenModels(world.async_sessions, world.store, ModelCache(2**26), world.settings.secret)
        self.lookups = 0
        self.predictions = PredictionService(
            self.opens, Observer(world.async_sessions, self.opens.load), Workload(), UNLIMITED
        )
        quotas = Quotas(world.async_sessions, world.settings)
        self.limiter = RateLimiter(SharedBuckets(url, 5.0), Limits(None, None, None), quotas)
        resolved = self.opens.resolved

        async def counted(*arguments):
            self.lookups += 1
            return await resolved(*arguments)

        self.opens.resolved = counted

    async def predict(self, model):
        """The version that scores, as one whole request finds it."""
        allowance = self.limiter.of_caller(self.world.principal, OPERATIONS["predictWithModel"])
        await allowance.begin()
        request = PredictionRequest(data=ROW)
        answer = await self.predictions.predict_rows(
            self.world.principal, model, request, free, allowance.mark
        )
        return answer.model.version


@pytest.fixture
async def settled(registry):
    """A registry with two versions and an alias, of which nothing is being changed any more."""
    await registry.train()
    await registry.train(random_state=1)
    await registry.point("production", 1)
    async with connect_async(registry.world.settings.broker_url) as broker:
        await broker.delete(mark_name(registry.world.principal.tenant_id))
    return registry


async def test_a_reference_is_looked_up_once_and_then_remembered(settled):
    process = Process(settled.world)
    for model, version in (("fraud", 2), ("fraud@1", 1), ("fraud@production", 1)):
        assert [await process.predict(model) for _ in range(5)] == [version] * 5
    assert process.lookups == 3


async def test_requests_at_once_look_a_reference_up_once(settled):
    process = Process(settled.world)
    assert await asyncio.gather(*(process.predict("fraud@production") for _ in range(8))) == [1] * 8
    assert process.lookups == 1


async def test_nothing_is_remembered_while_valkey_is_away(settled):
    process = Process(settled.world, NOWHERE)
    assert [await process.predict("fraud@production") for _ in range(3)] == [1] * 3
    assert process.lookups == 3


async def test_an_alias_that_was_moved_means_the_new_version_to_every_process_at_once(settled):
    processes = [Process(settled.world) for _ in range(2)]
    for version in (2, 1, 2):
        await settled.point("production", version)
        assert [await each.predict("fraud@production") for each in processes] == [version] * 2
    await settled.models.roll_back(settled.world.principal, "fraud", "production")
    assert [await each.predict("fraud@production") for each in processes] == [1] * 2


async def test_a_change_is_known_also_to_those_who_looked_up_between_its_announcement_and_its_commit(
    settled, monkeypatch
):
    monkeypatch.setattr(changes, "ANNOUNCED_SECONDS", 0.2)
    process, tenant_id = Process(settled.world), settled.world.principal.tenant_id
    assert await process.predict("fraud@production") == 1
    async with (
        Announcements(connect_async(settled.world.settings.broker_url)).of_change(tenant_id),
        settled.world.async_sessions.write() as session,
    ):
        await asyncio.sleep(0.3)  # so long that the announcement is over
        assert await process.predict("fraud@production") == 1
        await session.execute(sa.update(ModelAliasRow).values(version=2))
        await session.commit()
    assert await process.predict("fraud@production") == 2


async def test_a_training_makes_the_bare_name_mean_its_version_at_once(settled):
    process = Process(settled.world)
    assert await process.predict("fraud") == 2
    made = await settled.train(random_state=2)
    assert (made.version, await process.predict("fraud")) == (3, 3)


async def test_a_version_that_was_deleted_is_found_by_nobody(settled):
    process = Process(settled.world)
    assert await process.predict("fraud@2") == 2
    await settled.models.delete_version(settled.world.principal, "fraud", 2)
    with pytest.raises(Exception, match="has no version 2"):
        await process.predict("fraud@2")
    assert await process.predict("fraud") == 1


async def test_a_change_that_cannot_be_announced_ends_when_nobody_believes_the_old(settled, monkeypatch):
    monkeypatch.setattr(changes, "BELIEVED_SECONDS", 0.3)
    process = Process(settled.world)
    assert await process.predict("fraud@production") == 1
    settled.models._announcements = Announcements(connect_async(NOWHERE))
    await settled.point("production", 2)
    assert await process.predict("fraud@production") == 2


async def test_a_mark_is_new_after_each_change_and_none_while_it_is_made(settled):
    process, principal = Process(settled.world), settled.world.principal

    async def mark():
        allowance = process.limiter.of_caller(principal, OPERATIONS["predictWithModel"])
        await allowance.begin()
        return allowance.mark

    first = await mark()
    assert first is not None
    assert await mark() == first
    await settled.point("production", 2)
    assert await mark() is None
    async with connect_async(settled.world.settings.broker_url) as broker:
        assert 0 < await broker.pttl(mark_name(principal.tenant_id)) <= 2_000
        await broker.delete(mark_name(principal.tenant_id))
    assert await mark() not in (None, first)


def test_what_is_remembered_is_believed_for_a_while_and_under_its_mark_alone(database_url):
    now = [0.0]
    remembered, reference = Remembered(lambda: now[0]), Reference("fraud", alias="production")
    remembered.put("t1", reference, "m1", remembered.now(), 7)
    remembered.put("t1", Reference("fraud"), None, remembered.now(), 8)
    assert remembered.get("t1", reference, "m1") == 7
    assert remembered.get("t1", reference, "m2") is None
    assert remembered.get("t1", reference, None) is None
    assert remembered.get("t2", reference, "m1") is None
    assert remembered.get("t1", Reference("fraud"), None) is None
    now[0] = changes.BELIEVED_SECONDS + 0.1
    assert remembered.get("t1", reference, "m1") is None
