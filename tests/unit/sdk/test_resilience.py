"""What a client does beside retrying: hooks, hedging, bounds on concurrency, in both colours."""

import asyncio
import threading
import time

import httpx
import pytest
from pydantic import BaseModel
from tests.unit.sdk.conftest import KEY, ORIGIN, operation

from pynomaly import (
    APITimeoutError,
    AsyncPynomalyClient,
    BreakerPolicy,
    BreakerState,
    CallOptions,
    CircuitOpenError,
    PynomalyClient,
    ResiliencePolicy,
    ServiceUnavailableError,
)
from pynomaly.resilience import Guards, Hooks

GET = operation()
POST = operation(id="makeThing", method="POST", path="/things", retry="idempotency-key")


class Thing(BaseModel):
    name: str


def http_client(colour, handler):
    """A client whose handler may take its time in either colour: it returns (seconds, response)."""
    if colour.name == "sync":

        def blocking(request):
            seconds, response = handler(request)
            time.sleep(seconds)
            return response

        return httpx.Client(transport=httpx.MockTransport(blocking))

    async def awaiting(request):
        seconds, response = handler(request)
        await asyncio.sleep(seconds)
        return response

    return httpx.AsyncClient(transport=httpx.MockTransport(awaiting))


def a_thing(name="a"):
    return httpx.Response(200, json={"name": name})


class Times:
    """Hands out one answer after another and counts."""

    def __init__(self, *answers) -> None:
        self.answers = answers
        self.asked = 0
        self._lock = threading.Lock()

    def __call__(self, _request):
        with self._lock:
            answer = self.answers[min(self.asked, len(self.answers) - 1)]
            self.asked += 1
        return answer


async def test_a_slow_read_is_sent_again_and_the_first_answer_counts(colour):
    server = Times((60, a_thing("slow")), (0, a_thing("quick")))
    if colour.name == "sync":
        server = Times((3, a_thing("slow")), (0, a_thing("quick")))
    guards = Guards(ResiliencePolicy(hedge_after=0.05))
    driver = colour.driver(guards=guards, http_client=http_client(colour, server))
    assert await driver.call(GET, Thing, path={"name": "a"}) == Thing(name="quick")
    assert server.asked == 2


async def test_a_read_answered_in_time_is_sent_once(colour):
    server = Times((0, a_thing()))
    guards = Guards(ResiliencePolicy(hedge_after=5))
    driver = colour.driver(guards=guards, http_client=http_client(colour, server))
    await driver.call(GET, Thing, path={"name": "a"})
    assert server.asked == 1


async def test_what_changes_something_is_never_sent_twice_at_once(colour):
    server = Times((0.2, a_thing()))
    guards = Guards(ResiliencePolicy(hedge_after=0.01))
    driver = colour.driver(guards=guards, http_client=http_client(colour, server))
    await driver.call(POST, Thing)
    assert server.asked == 1


async def test_both_halves_of_a_hedge_may_fail(colour):
    server = Times((0.1, httpx.Response(503)))
    guards = Guards(ResiliencePolicy(hedge_after=0.01))
    driver = colour.driver(guards=guards, http_client=http_client(colour, server))
    with pytest.raises(ServiceUnavailableError):
        await driver.call(GET, Thing, path={"name": "a"}, options=CallOptions(max_retries=0))


async def test_no_more_attempts_are_under_way_at_once_than_allowed(colour):
    lock, now, most = threading.Lock(), 0, 0

    def enter(by):
        nonlocal now, most
        with lock:
            now += by
            most = max(most, now)

    if colour.name == "sync":

        def handle(_request):
            enter(1)
            time.sleep(0.02)
            enter(-1)
            return a_thing()

        http = httpx.Client(transport=httpx.MockTransport(handle))
    else:

        async def handle(_request):
            enter(1)
            await asyncio.sleep(0.02)
            enter(-1)
            return a_thing()

        http = httpx.AsyncClient(transport=httpx.MockTransport(handle))
    driver = colour.driver(guards=Guards(ResiliencePolicy(max_concurrent=2)), http_client=http)
    await asyncio.gather(*(driver.call(GET, Thing, path={"name": "a"}) for _ in range(6)))
    assert most == 2


async def test_waiting_for_a_place_ends_at_the_deadline(colour):
    from pynomaly.transport.colours import AsyncSystemClock, SystemClock

    clock = AsyncSystemClock() if colour.name == "async" else SystemClock()
    driver = colour.driver(
        guards=Guards(ResiliencePolicy(max_concurrent=1)),
        http_client=http_client(colour, Times((1.0, a_thing()))),
        clock=clock,
    )
    first = asyncio.ensure_future(driver.call(GET, Thing, path={"name": "a"}))
    await asyncio.sleep(0.2)
    with pytest.raises(APITimeoutError):
        await driver.call(GET, Thing, path={"name": "a"}, options=CallOptions(timeout=0.1, max_retries=0))
    assert await first == Thing(name="a")


async def test_hooks_are_told_what_happens_and_harm_nothing(colour):
    told = []

    def tell(event):
        told.append(event)
        raise RuntimeError("a hook that fails")

    hooks = Hooks(on_request=tell, on_retry=tell, on_breaker=tell, on_fallback=tell)
    guards = Guards(ResiliencePolicy(breaker=BreakerPolicy(consecutive=2)), hooks)
    driver = colour.driver(
        guards=guards,
        further=["http://127.0.0.1:10/api/v1"],
        http_client=http_client(
            colour, Times((0, httpx.Response(503)), (0, httpx.Response(503)), (0, a_thing()))
        ),
    )
    await driver.call(GET, Thing, path={"name": "a"}, options=CallOptions(timeout=5))
    assert [type(event).__name__ for event in told] == [
        "RequestEvent",
        "RetryEvent",
        "RequestEvent",
        "BreakerEvent",
        "FallbackEvent",
        "RequestEvent",
    ]
    assert told[3].after is BreakerState.OPEN


async def test_an_open_breaker_says_when_to_come_back(colour):
    guards = Guards(ResiliencePolicy(breaker=BreakerPolicy(consecutive=1, open_seconds=7)))
    driver = colour.driver(guards=guards, http_client=http_client(colour, Times((0, httpx.Response(503)))))
    with pytest.raises(ServiceUnavailableError):
        await driver.call(GET, Thing, path={"name": "a"}, options=CallOptions(max_retries=0))
    with pytest.raises(CircuitOpenError, match=r"tried again in 7\.0 s") as caught:
        await driver.call(GET, Thing, path={"name": "a"})
    assert (caught.value.origin, caught.value.group, caught.value.retry_after) == (ORIGIN, "things", 7.0)


async def test_an_abandoned_probe_lets_the_next_one_through(colour):
    if colour.name == "sync":
        pytest.skip("a thread is not cancelled")
    guards = Guards(ResiliencePolicy(breaker=BreakerPolicy(consecutive=1, open_seconds=5)))
    server = Times((0, httpx.Response(503)), (60, a_thing()), (0, a_thing()))
    driver = colour.driver(guards=guards, http_client=http_client(colour, server))
    with pytest.raises(ServiceUnavailableError):
        await driver.call(GET, Thing, path={"name": "a"}, options=CallOptions(max_retries=0))
    colour.clock.now += 5
    probe = asyncio.ensure_future(driver.call(GET, Thing, path={"name": "a"}))
    await asyncio.sleep(0.05)
    probe.cancel()
    await asyncio.gather(probe, return_exceptions=True)
    assert await driver.call(GET, Thing, path={"name": "a"}) == Thing(name="a")


@pytest.mark.parametrize("kind", [PynomalyClient, AsyncPynomalyClient])
def test_breakers_are_readable_and_shared_with_copies_of_the_client(kind):
    client = kind(api_key=KEY, base_url=ORIGIN, resilience=ResiliencePolicy(breaker=BreakerPolicy(1)))
    guards = client._driver.guards
    permit = guards.acquire(ORIGIN, "detection", client._driver.clock.monotonic())
    guards.settle(ORIGIN, "detection", permit, "failure", client._driver.clock.monotonic())
    copy = client.with_options(timeout=5)
    assert copy.breakers == {(ORIGIN, "detection"): "open"}
    copy.reset_breakers()
    assert client.breakers == {(ORIGIN, "detection"): "closed"}


@pytest.mark.parametrize("backend", ["asyncio", "trio"])
def test_the_asynchronous_client_runs_on_either_event_loop(backend):
    import anyio

    async def call():
        server = Times((0, httpx.Response(503)), (0, a_thing()))
        http = httpx.AsyncClient(transport=httpx.MockTransport(lambda request: server(request)[1]))
        from pynomaly.profile import Connection
        from pynomaly.transport import AsyncDriver

        guards = Guards(ResiliencePolicy(max_concurrent=1, hedge_after=5))
        driver = AsyncDriver(
            Connection(f"{ORIGIN}/api/v1", KEY), guards=guards, http_client=http, random=lambda: 0.01
        )
        return await driver.call(GET, Thing, path={"name": "a"})

    assert anyio.run(call, backend=backend) == Thing(name="a")
