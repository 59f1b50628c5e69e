"""Framing, pace and other origins, without a server around them."""

from __future__ import annotations

import asyncio

import pytest

from pynomaly_server.perimeter.cors import Cors, parse_origins
from pynomaly_server.perimeter.framing import refuse_ambiguous
from pynomaly_server.perimeter.pace import Pace
from pynomaly_server.problems import ProblemError

HOST = (b"host", b"localhost")
LENGTH = (b"content-length", b"5")
CHUNKED = (b"transfer-encoding", b"chunked")

AMBIGUOUS = {
    "a length and a coding": [HOST, LENGTH, CHUNKED],
    "two lengths": [HOST, LENGTH, (b"content-length", b"6")],
    "a negative length": [HOST, (b"content-length", b"-5")],
    "a signed length": [HOST, (b"content-length", b"+5")],
    "a list of lengths": [HOST, (b"content-length", b"5, 5")],
    "another coding": [HOST, (b"transfer-encoding", b"gzip")],
    "a coding before chunked": [HOST, (b"transfer-encoding", b"gzip, chunked")],
    "chunked twice": [HOST, CHUNKED, CHUNKED],
    "two hosts": [HOST, (b"host", b"elsewhere")],
    "the same host twice": [HOST, HOST],
    "an empty host": [(b"host", b"")],
    "no host": [],
    "a host with characters that no host has": [(b"host", b"local host")],
}


@pytest.mark.parametrize("headers", AMBIGUOUS.values(), ids=AMBIGUOUS)
def test_headers_that_can_be_read_in_two_ways_are_refused_and_the_connection_closed(headers):
    with pytest.raises(ProblemError) as raised:
        refuse_ambiguous(headers, "1.1")
    assert raised.value.code == "bad-request"
    assert raised.value.headers["Connection"] == "close"


@pytest.mark.parametrize(
    ("headers", "version"),
    [
        ([HOST, LENGTH], "1.1"),
        ([HOST, CHUNKED], "1.1"),
        ([HOST, LENGTH, LENGTH], "1.1"),
        ([], "1.0"),
        ([], "2"),
    ],
)
def test_headers_that_say_one_thing_pass(headers, version):
    refuse_ambiguous(headers, version)


def caller(*pieces: bytes, end: bool = True):
    """A caller that sends `pieces` and then ends the body, or says nothing more."""
    left = list(pieces)

    async def receive():
        if left:
            return {"type": "http.request", "body": left.pop(0), "more_body": bool(left) or not end}
        return await asyncio.Event().wait()

    return receive


async def test_a_body_that_comes_in_time_passes():
    receive = Pace(5).of(caller(b"a", b"b"))
    assert [(await receive())["body"] for _ in range(2)] == [b"a", b"b"]


async def test_a_body_that_stalls_is_ended():
    receive = Pace(0.05).of(caller(b"a", end=False))
    await receive()
    with pytest.raises(ProblemError) as raised:
        await receive()
    assert raised.value.code == "request-timeout"
    assert "after 1 bytes" in raised.value.detail


async def test_a_body_that_drips_is_ended_although_something_always_comes():
    async def dripping():
        await asyncio.sleep(0.02)
        return {"type": "http.request", "body": b"x", "more_body": True}

    receive = Pace(0.1).of(dripping)

    async def receive_all():
        while (await receive())["more_body"]:
            pass

    with pytest.raises(ProblemError, match="request-timeout"):
        await receive_all()


async def test_who_is_cancelled_while_a_body_comes_is_cancelled_and_not_late():
    receive = Pace(0.02).of(caller(b"a", end=False))
    await receive()
    waiting = asyncio.ensure_future(receive())
    await asyncio.sleep(0)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting


async def test_a_task_whose_body_stalled_is_not_left_cancelled():
    receive = Pace(0.02).of(caller(b"a", end=False))
    await receive()
    with pytest.raises(ProblemError, match="request-timeout"):
        await receive()
    assert asyncio.current_task().cancelling() == 0
    async with asyncio.timeout(5):
        await asyncio.sleep(0)


async def test_waiting_for_the_end_of_the_connection_takes_as_long_as_it_will():
    receive = Pace(0.01).of(caller(b"whole"))
    await receive()
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(receive(), 0.1)


OURS = [(b"origin", b"https://app.example.com")]
THEIRS = [(b"origin", b"https://evil.example.com")]


def names(headers):
    return {name for name, _ in headers}


def test_without_origins_nothing_is_allowed_and_nothing_added():
    cors = Cors(())
    assert cors.headers(OURS) == []
    assert cors.preflight([*OURS, (b"access-control-request-method", b"GET")], ["GET"]) == []


def test_a_named_origin_may_read_answers_and_never_with_credentials():
    headers = Cors(["https://app.example.com"]).headers(OURS)
    assert dict(headers)[b"access-control-allow-origin"] == b"https://app.example.com"
    assert b"access-control-allow-credentials" not in names(headers)
    assert dict(headers)[b"vary"] == b"Origin"


@pytest.mark.parametrize(
    "origin",
    [b"https://evil.example.com", b"https://app.example.com.evil.com", b"null", b"http://app.example.com"],
)
def test_another_origin_may_not(origin):
    cors = Cors(["https://app.example.com"])
    assert names(cors.headers([(b"origin", origin)])) == {b"vary"}
    assert cors.preflight([(b"origin", origin), (b"access-control-request-method", b"GET")], ["GET"]) == []


def test_every_origin_is_said_as_such():
    assert dict(Cors(["*"]).headers(THEIRS))[b"access-control-allow-origin"] == b"*"


def test_a_preflight_says_methods_and_headers():
    headers = dict(
        Cors(["*"]).preflight([*OURS, (b"access-control-request-method", b"POST")], ["GET", "POST"])
    )
    assert headers[b"access-control-allow-methods"] == b"GET, POST"
    assert b"Authorization" in headers[b"access-control-allow-headers"]


@pytest.mark.parametrize(
    "text",
    [
        "https://a.b/",
        "https://a.b/c",
        "a.b",
        "ftp://a.b",
        "https://u@a.b",
        "*,https://a.b",
        "https://A.b",
        "https://",
    ],
)
def test_what_is_no_origin_is_refused(text):
    with pytest.raises(ValueError, match="origin"):
        parse_origins(text)


def test_origins_are_separated_by_commas():
    assert parse_origins(" https://a.b , http://localhost:3000,") == ("https://a.b", "http://localhost:3000")
