"""Quotas of tenants: exact when many race for the last place, in the database and in Valkey."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta, timezone

import pytest

from pynomaly_server.auth.principal import Principal
from pynomaly_server.auth.tenants import TenantService
from pynomaly_server.contract.operations import OPERATIONS
from pynomaly_server.contract.structs import BatchDetectionRequest
from pynomaly_server.datasets.service import DatasetService
from pynomaly_server.jobs.service import JobService
from pynomaly_server.problems import ProblemError
from pynomaly_server.quotas.quota import Quota, month_of, seconds_left
from pynomaly_server.quotas.service import Quotas
from pynomaly_server.ratelimit.limiter import RateLimiter
from pynomaly_server.ratelimit.limits import UNLIMITED, Charge, Limit, Limits, Tally
from pynomaly_server.ratelimit.shared import SharedBuckets
from pynomaly_server.worker.broker import connect

RACERS = 24
TABLE = b"a,b\n" + b"1,2\n" * 24


def with_quota(world, **quotas: int) -> tuple[DatasetService, JobService]:
    """The services as a process has them whose settings name these quotas."""
    settings = world.settings.model_copy(update={f"quota_{name}": value for name, value in quotas.items()})
    datasets = DatasetService(world.async_sessions, world.store, settings)
    return datasets, JobService(
        world.async_sessions, world.store, datasets, world.credentials, world.published, settings
    )


async def admitted(attempts) -> int:
    """How many succeed; every other one is refused for a quota."""
    answers = await asyncio.gather(*attempts, return_exceptions=True)
    refused = [answer for answer in answers if isinstance(answer, BaseException)]
    assert {getattr(answer, "code", repr(answer)) for answer in refused} <= {"quota-exceeded"}
    return len(answers) - len(refused)


async def one_chunk(data: bytes):
    yield data


async def test_of_jobs_that_race_as_many_are_stored_as_the_quota_has_places(world):
    dataset = await world.upload(30)
    request = BatchDetectionRequest(data_sources=[dataset.dataset_id])
    processes = [with_quota(world, jobs=5)[1] for _ in range(2)]
    takers = [jobs.submissions for jobs in processes]
    assert await admitted(takers[n % 2].submit(world.principal, request, None) for n in range(RACERS)) == 5
    assert await processes[0].unfinished(world.principal) == 5
    await processes[0].cancel(world.principal, world.published.job_ids[0])
    await takers[0].submit(world.principal, request, None)
    with pytest.raises(ProblemError) as refused:
        await takers[0].submit(world.principal, request, None)
    assert str(refused.value) == (
        "quota-exceeded: The tenant has 5 jobs that have not ended, as many as it may. Wait for the end of "
        "one, or ask the operator of the server for a higher quota."
    )


async def test_a_repeated_submission_is_answered_though_the_quota_is_used_up(world):
    dataset = await world.upload(30)
    request = BatchDetectionRequest(data_sources=[dataset.dataset_id])
    jobs = with_quota(world, jobs=1)[1]
    first, _ = await jobs.submissions.submit(world.principal, request, "once")
    assert await jobs.submissions.submit(world.principal, request, "once") == (first, True)


async def test_of_uploads_that_race_as_many_are_stored_as_the_quota_has_room_for(world):
    processes = [with_quota(world, stored_bytes=4 * len(TABLE) + 1)[0] for _ in range(2)]
    uploads = [
        processes[n % 2].upload(world.principal, "text/csv", None, one_chunk(TABLE)) for n in range(RACERS)
    ]
    assert await admitted(uploads) == 4
    assert await processes[0].stored_bytes(world.principal) == 4 * len(TABLE)
    objects = world.store.list_objects(f"tenants/{world.principal.tenant_id}/datasets")
    assert len(list(objects)) == 4, "a refused upload left an object behind"


async def test_a_tenant_may_have_quotas_of_its_own_and_lose_them(world):
    settings = world.settings.model_copy(update={"quota_jobs": 7, "quota_rows": 9})
    quotas = Quotas(world.async_sessions, settings)
    tenant = world.principal.tenant_id
    assert await quotas.of(tenant) == Quota(jobs=7, rows=9)
    await quotas.change(tenant, jobs=2, rows=0)
    assert await quotas.of(tenant) == Quota(jobs=2)
    assert await Quotas(world.async_sessions, settings).of(tenant) == Quota(jobs=2)
    await quotas.change(tenant, jobs=None, requests=3)
    assert await quotas.of(tenant) == Quota(jobs=7, requests=3)


async def test_a_new_tenant_begins_with_a_key_of_its_own(world):
    tenants = TenantService(world.async_sessions, world.auth)
    tenant_id, key = await tenants.create("northwind")
    principal = await world.auth.authenticate(key)
    assert (principal.tenant_id, principal.may("detect:run")) == (tenant_id, True)
    assert (await tenants.named("northwind")).id == tenant_id


class Given:
    """The same quota for every tenant."""

    def __init__(self, quota: Quota) -> None:
        self._quota = quota

    async def of(self, _tenant_id: str) -> Quota:
        return self._quota


def limiters(valkey: str, quota: Quota) -> list[RateLimiter]:
    """Those of two processes without any limit but the quota."""
    return [RateLimiter(SharedBuckets(valkey, 5.0), Limits(None, None, None), Given(quota)) for _ in range(2)]


@pytest.fixture
def tenant(valkey: str) -> Principal:
    with connect(valkey) as client:
        client.flushall()
    return Principal(tenant_id="ten_1", subject="key_1", scopes=frozenset())


async def test_of_requests_that_race_as_many_are_admitted_as_the_month_has_left(valkey, tenant):
    processes = limiters(valkey, Quota(requests=50))
    operation = OPERATIONS["whoAmI"]
    callers = [Principal(tenant.tenant_id, f"key_{n % 3}", frozenset()) for n in range(500)]
    requests = (processes[n % 2].of_caller(caller, operation).begin() for n, caller in enumerate(callers))
    assert await admitted(requests) == 50


async def test_of_rows_that_race_as_many_are_admitted_as_the_month_has_left(valkey, tenant):
    processes = limiters(valkey, Quota(rows=1_000))

    async def score(limiter: RateLimiter) -> None:
        allowance = limiter.of_caller(tenant, OPERATIONS["detectAnomalies"])
        await allowance.begin()
        await allowance.take_rows(90)

    assert await admitted(score(processes[n % 2]) for n in range(100)) == 11
    counted = await SharedBuckets(valkey, 5.0).counted(tenant.tenant_id, month_of(datetime.now(UTC)))
    assert counted == (100, 990)


async def test_what_is_refused_for_a_quota_draws_on_no_bucket(valkey, tenant):
    limits = Limits(Limit("principal", 10, 86_400), None, None)
    limiter = RateLimiter(SharedBuckets(valkey, 5.0), limits, Given(Quota(requests=1)))
    first = limiter.of_caller(tenant, OPERATIONS["whoAmI"])
    await first.begin()
    second = limiter.of_caller(tenant, OPERATIONS["whoAmI"])
    with pytest.raises(ProblemError, match="has used 1 of its 1 requests of this month"):
        await second.begin()
    assert dict(second.headers())[b"ratelimit"].startswith(b'"principal";r=9;')


async def test_a_month_counts_for_itself(valkey, tenant):
    buckets = SharedBuckets(valkey, 5.0)
    for month in ("2026-11", "2026-12"):
        charge = Charge(UNLIMITED, "a", 0, Tally(tenant.tenant_id, "rows", month, 8, 10))
        decisions = [await buckets.take(charge) for _ in range(2)]
        assert [(d.admitted, d.over_quota, d.counted) for d in decisions] == [
            (True, False, 8),
            (False, True, 8),
        ]


def test_a_month_is_named_by_universal_time():
    assert month_of(datetime(2026, 3, 1, 0, 30, tzinfo=timezone(timedelta(hours=1)))) == "2026-02"
    assert month_of(datetime(2026, 12, 31, 23, 59, tzinfo=UTC)) == "2026-12"


@pytest.mark.parametrize(
    ("moment", "seconds"),
    [
        (datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC), 2),
        (datetime(2026, 12, 31, 23, 0, tzinfo=UTC), 3601),
        (datetime(2028, 2, 1, tzinfo=UTC), 29 * 86_400 + 1),
    ],
)
def test_a_month_ends_when_the_next_begins(moment, seconds):
    assert seconds_left(moment) == seconds
