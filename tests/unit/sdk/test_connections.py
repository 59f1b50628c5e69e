"""No call keeps a connection: after errors, time-outs, cancellations and broken-off streams the pool is free.

The pool has two places, and each fault happens more often than that: places that are kept would hold up the
call that follows.
"""

import asyncio
import contextlib
import math
import threading

import httpx
import pytest
from tests.unit.sdk.conftest import ORIGIN, Awaited, operation

from pynomaly import APIError, APITimeoutError, CallOptions, PynomalyClient, ResiliencePolicy
from pynomaly.profile import Connection
from pynomaly.resilience import Guards
from pynomaly.testing import FakeServer
from pynomaly.transport import AsyncDriver, Driver
from pynomaly.transport.wire import Guest, Pool, open_wire

OP = operation(path="/things")
PLACES, FAULTS = 2, 5
ONCE = CallOptions(max_retries=0, timeout=20.0)
HEAD = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nconnection: close\r\n"


def say(text):
    return lambda connection: connection.sendall(text.encode())


def silent(connection):
    with contextlib.suppress(OSError):
        connection.recv(1)  # until the client goes


def endless(connection):
    connection.sendall(f"{HEAD}transfer-encoding: chunked\r\n\r\n".encode())
    with contextlib.suppress(OSError):
        while True:
            connection.sendall(b"400\r\n" + b"x" * 1024 + b"\r\n")


GOOD = say(f'{HEAD}content-length: 8\r\n\r\n{{"a": 1}}')
CUT_OFF = say(f'{HEAD}content-length: 80\r\n\r\n{{"a": 1}}')
REFUSED = say("HTTP/1.1 503 No\r\nconnection: close\r\ncontent-length: 2\r\n\r\nno")
NOT_JSON = say(f"{HEAD}content-length: 2\r\n\r\nno")


@pytest.fixture
def narrow(colour):
    """A driver on the real clock with two connections at most."""

    def make(server):
        shared = {"guards": Guards(ResiliencePolicy(breaker=None, budget=None))}
        connection, limits = Connection(server.root, "k"), httpx.Limits(max_connections=PLACES)
        if colour.name == "async":
            return AsyncDriver(connection, transport=httpx.AsyncHTTPTransport(limits=limits), **shared)
        return Awaited(Driver(connection, transport=httpx.HTTPTransport(limits=limits), **shared))

    return make


@pytest.mark.parametrize("fault", [CUT_OFF, REFUSED, NOT_JSON, say("")], ids=["cut", "503", "no JSON", "end"])
async def test_a_call_that_fails_gives_its_connection_back(narrow, raw_server, fault):
    driver = narrow(raw_server(*[fault] * FAULTS, GOOD))
    for _ in range(FAULTS):
        with pytest.raises(APIError):
            await driver.call(OP, dict, options=ONCE)
    assert await driver.call(OP, dict, options=ONCE) == {"a": 1}


async def test_a_call_that_waited_in_vain_gives_its_connection_back(narrow, raw_server):
    driver = narrow(raw_server(*[silent] * FAULTS, GOOD))
    for _ in range(FAULTS):
        with pytest.raises(APITimeoutError):
            await driver.call(OP, dict, options=CallOptions(max_retries=0, timeout=0.05))
    assert await driver.call(OP, dict, options=ONCE) == {"a": 1}


async def test_a_call_that_is_cancelled_gives_its_connection_back(colour, narrow, raw_server):
    if colour.name == "sync":
        pytest.skip("a thread is not cancelled")
    server = raw_server(*[silent] * FAULTS, GOOD)
    driver = narrow(server)
    for number in range(1, FAULTS + 1):
        task = asyncio.create_task(driver.call(OP, dict, options=ONCE))
        await asyncio.to_thread(server.wait_for, number)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    assert await driver.call(OP, dict, options=ONCE) == {"a": 1}


async def test_a_stream_that_is_broken_off_gives_its_connection_back(colour, narrow, raw_server):
    driver = narrow(raw_server(*[endless] * FAULTS, GOOD))
    for _ in range(FAULTS):
        if colour.name == "async":
            async with driver.stream(OP, accept="*/*", options=ONCE) as body:
                async for _chunk in body.iter_bytes():
                    break
        else:
            with driver._inner.stream(OP, accept="*/*", options=ONCE) as body:
                next(iter(body.iter_bytes()))
    assert await driver.call(OP, dict, options=ONCE) == {"a": 1}


async def test_the_same_holds_where_ones_own_error_ends_a_stream(colour, narrow, raw_server):
    driver = narrow(raw_server(*[endless] * FAULTS, GOOD))
    for _ in range(FAULTS):
        with contextlib.suppress(LookupError):
            if colour.name == "async":
                async with driver.stream(OP, accept="*/*", options=ONCE):
                    raise LookupError
            else:
                with driver._inner.stream(OP, accept="*/*", options=ONCE):
                    raise LookupError
    assert await driver.call(OP, dict, options=ONCE) == {"a": 1}


async def test_a_closed_client_opens_no_connection_any_more(colour):
    driver = colour.driver()
    inner = driver if colour.name == "async" else driver._inner
    closed = inner.aclose() if colour.name == "async" else asyncio.to_thread(inner.close)
    await closed
    assert inner._wire.is_closed
    with pytest.raises(RuntimeError, match="has been closed"):
        await driver.call(OP, dict, options=ONCE)


def test_a_proxy_of_the_environment_is_for_other_machines(monkeypatch):
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    assert isinstance(open_wire("https://pynomaly.example.com/api/v1"), Pool)
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    assert isinstance(open_wire("https://pynomaly.example.com/api/v1"), Guest)
    assert isinstance(open_wire(f"{ORIGIN}/api/v1"), Pool)


def test_threads_share_a_client_and_each_gets_its_own_answer():
    server = FakeServer()
    answers: dict[int, int] = {}
    failures: list[BaseException] = []
    begin = threading.Barrier(8)

    def work(client: PynomalyClient, first: int) -> None:
        begin.wait()
        try:
            for n_rows in range(first, first + 10):
                answers[n_rows] = client.detect_anomalies([[float(row)] for row in range(n_rows)]).n_rows
        except BaseException as error:  # noqa: BLE001 - told below
            failures.append(error)

    server.fail_next(20, "reset")
    # The threads share the virtual clock, so each one's waits count for all: hence no deadline.
    options = {"resilience": ResiliencePolicy(breaker=None, budget=None), "max_retries": 20}
    with server.client(timeout=math.inf, **options) as client:
        threads = [threading.Thread(target=work, args=(client, first)) for first in range(10, 90, 10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    assert answers == {n_rows: n_rows for n_rows in range(10, 90)}
    assert len(server.calls) == 80 + 20
