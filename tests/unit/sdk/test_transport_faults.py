"""Real sockets that misbehave: a cut-off answer, a reset, a drip. Nothing here waits for a real timeout of
seconds."""

import socket
import struct
import time

import pytest
from tests.unit.sdk.conftest import collected, operation

from pynomaly import APIConnectionError, APIResponseError, APITimeoutError, CallOptions
from pynomaly.transport.colours import AsyncSystemClock, SystemClock

OP = operation(path="/things")
ONCE = CallOptions(max_retries=0)


def say(text: str):
    def step(connection: socket.socket) -> None:
        connection.sendall(text.replace("\n", "\r\n").encode())

    return step


def reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def drip(before: str):
    """Sends a byte now and then, each well within the timeout of a single read."""

    def step(connection: socket.socket) -> None:
        connection.sendall(before.replace("\n", "\r\n").encode())
        while True:
            connection.sendall(b"x")
            time.sleep(0.05)

    return step


GOOD = say('HTTP/1.1 200 OK\ncontent-type: application/json\ncontent-length: 8\n\n{"a": 1}')
CUT_OFF = say('HTTP/1.1 200 OK\ncontent-type: application/json\ncontent-length: 80\n\n{"a": 1}')
NO_HTTP = say("220 smtp.example.com ESMTP\n\n")
BAD_GZIP = say("HTTP/1.1 200 OK\ncontent-encoding: gzip\ncontent-length: 4\n\nnope")


def driver_of(colour, server):
    return colour.driver(server.root, clock=AsyncSystemClock() if colour.name == "async" else SystemClock())


@pytest.mark.parametrize(
    "fault", [CUT_OFF, reset, NO_HTTP, say("")], ids=["cut off", "reset", "no HTTP", "silence"]
)
async def test_a_broken_answer_is_a_connection_error(colour, raw_server, fault):
    with pytest.raises(APIConnectionError, match="broke before the whole answer was there"):
        await driver_of(colour, raw_server(fault)).call(OP, dict, options=ONCE)


@pytest.mark.parametrize("fault", [CUT_OFF, reset], ids=["cut off", "reset"])
async def test_a_broken_answer_is_tried_again(colour, raw_server, fault):
    server = raw_server(fault, GOOD)
    assert await colour.driver(server.root).call(OP, dict) == {"a": 1}
    assert server.connections == 2


async def test_nobody_listening_is_a_connection_error_that_says_what_to_do(colour, raw_server):
    server = raw_server(GOOD)
    server.close()
    with pytest.raises(
        APIConnectionError, match=r"Check base_url and that the server runs \(`pynomaly serve`"
    ):
        await driver_of(colour, server).call(OP, dict, options=ONCE)


async def test_a_body_that_cannot_be_decompressed_is_a_response_error(colour, raw_server):
    with pytest.raises(APIResponseError, match="cannot be decompressed"):
        await driver_of(colour, raw_server(BAD_GZIP)).call(OP, dict)


@pytest.mark.parametrize(
    "before",
    [
        "HTTP/1.1 200 OK\nx-slow: ",
        "HTTP/1.1 200 OK\ncontent-length: 100000\n\n",
        "HTTP/1.1 503 No\ncontent-length: 99999\n\n",
    ],
    ids=["headers", "body", "refusal"],
)
async def test_a_server_that_drips_bytes_cannot_hold_a_call_past_its_timeout(colour, raw_server, before):
    """Without the bound on the whole attempt this test would never end."""
    with pytest.raises(APITimeoutError):
        await driver_of(colour, raw_server(drip(before))).call(OP, dict, options=CallOptions(timeout=0.4))


async def streamed(colour, driver):
    """The bytes of a stream and the stream itself."""
    if colour.name == "async":
        async with driver.stream(OP, accept="text/csv") as body:
            return b"".join(await collected(body.iter_bytes())), body
    with driver._inner.stream(OP, accept="text/csv") as body:
        return b"".join(body.iter_bytes()), body


async def test_a_stream_that_breaks_under_way_is_a_connection_error(colour, raw_server):
    with pytest.raises(APIConnectionError):
        await streamed(colour, driver_of(colour, raw_server(CUT_OFF)))


async def test_a_stream_gives_headers_media_type_and_bytes(colour, raw_server):
    head = "HTTP/1.1 200 OK\nContent-Type: text/csv; charset=utf-8\nX-Request-Id: req_1\ncontent-length: 3"
    data, body = await streamed(colour, driver_of(colour, raw_server(say(f"{head}\n\na,b"))))
    assert (data, body.media_type, body.headers["x-request-id"]) == (b"a,b", "text/csv", "req_1")


async def test_an_endless_answer_is_cut_at_its_bound(colour, raw_server, monkeypatch):
    module = "async_driver" if colour.name == "async" else "driver"
    monkeypatch.setattr(f"pynomaly.transport.{module}._ANSWER_BYTES", 1000)

    def flood(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n")
        while True:
            connection.sendall(b" " * 65536)

    with pytest.raises(APIResponseError, match="larger than 1000 bytes"):
        await driver_of(colour, raw_server(flood)).call(OP, dict)
