"""Raw bytes on the wire: each gets one answer or a closed connection, and the server goes on."""

from __future__ import annotations

import contextlib
import re
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from pynomaly_server.contract.operations import OPERATIONS

pytestmark = pytest.mark.proof("raw bytes on the wire")
PATIENCE = 30.0
HOST = b"Host: localhost\r\n"
BEHIND = b"GET /api/v1/health/live HTTP/1.1\r\n" + HOST + b"\r\n"
JSON = b"Content-Type: application/json\r\n"


def post(headers: bytes, body: bytes = b"") -> bytes:
    return b"POST /api/v1/detect HTTP/1.1\r\n" + HOST + JSON + b"@KEY@" + headers + b"\r\n" + body


def get(headers: bytes = b"", path: bytes = b"/api/v1/health/live") -> bytes:
    return b"GET " + path + b" HTTP/1.1\r\n" + HOST + headers + b"\r\n"


# A body that would be answered alone, followed by what must not pass for a request of its own.
SMUGGLING = {
    "a length and chunks": post(
        b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + BEHIND
    ),
    "chunks and a length": post(
        b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n", b"0\r\n\r\n" + BEHIND
    ),
    "two lengths": post(b"Content-Length: 0\r\nContent-Length: 50\r\n", BEHIND),
    "a list of lengths": post(b"Content-Length: 0, 0\r\n", BEHIND),
    "a negative length": post(b"Content-Length: -1\r\n", BEHIND),
    "a signed length": post(b"Content-Length: +0\r\n", BEHIND),
    "a length in hex": post(b"Content-Length: 0x0\r\n", BEHIND),
    "a length of 23 digits": post(b"Content-Length: 99999999999999999999999\r\n", BEHIND),
    "chunks that begin with no number": post(
        b"Transfer-Encoding: chunked\r\n", b"ZZ\r\nx\r\n0\r\n\r\n" + BEHIND
    ),
    "a negative chunk": post(b"Transfer-Encoding: chunked\r\n", b"-1\r\nx\r\n0\r\n\r\n" + BEHIND),
    "a chunk longer than its number": post(
        b"Transfer-Encoding: chunked\r\n", b"1\r\nxyz\r\n0\r\n\r\n" + BEHIND
    ),
    "a chunk of 2^68": post(b"Transfer-Encoding: chunked\r\n", b"FFFFFFFFFFFFFFFFF\r\nx\r\n" + BEHIND),
    "a coding before chunks": post(b"Transfer-Encoding: gzip, chunked\r\n", b"0\r\n\r\n" + BEHIND),
    "chunks twice": post(
        b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n" + BEHIND
    ),
    "chunks before a coding": post(b"Transfer-Encoding: chunked, gzip\r\n", b"0\r\n\r\n" + BEHIND),
    "a coding that only ends like chunks": post(b"Transfer-Encoding: xchunked\r\n", b"0\r\n\r\n" + BEHIND),
    "no coding at all": post(b"Transfer-Encoding: identity\r\n", BEHIND),
    "a space before the colon": post(b"Transfer-Encoding : chunked\r\n", b"0\r\n\r\n" + BEHIND),
    "chunks in HTTP/1.0": post(b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n" + BEHIND).replace(
        b"/1.1", b"/1.0", 1
    ),
    "a folded header": post(b"X-Folded: a\r\n Transfer-Encoding: chunked\r\n", BEHIND),
    "a NUL in a header": get(b"X-Odd: a\0b\r\n") + BEHIND,
    "a CR in a header": get(b"X-Odd: a\rTransfer-Encoding: chunked\r\n") + BEHIND,
    "a header without a name": get(b": value\r\n") + BEHIND,
    "two hosts": get(b"Host: elsewhere\r\n") + BEHIND,
    "no host": b"GET /api/v1/health/live HTTP/1.1\r\n\r\n" + BEHIND,
    "a space in the path": get(path=b"/api/v1/health/live x") + BEHIND,
    "a path that is not ASCII": get(path=b"/\xff\xfe") + BEHIND,
    "a version that does not exist": get().replace(b"HTTP/1.1", b"HTTP/9.9", 1) + BEHIND,
    "no version": b"GET /api/v1/health/live\r\n\r\n" + BEHIND,
    "a method that is none": get().replace(b"GET", b"G@T", 1) + BEHIND,
    "the beginning of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
    + b"\0" * 64
    + b"\r\n\r\n"
    + BEHIND,
    "an empty line of 600 KB": b"x" * 600_000,
    "a header of 1 MB": get(b"X-Long: " + b"a" * 1_000_000 + b"\r\n") + BEHIND,
    "200 headers": get(b"".join(b"X-%d: y\r\n" % number for number in range(200))) + BEHIND,
    "a URL of 70 KB": get(path=b"/" + b"a" * 70_000) + BEHIND,
}

# Odd, but of one meaning: answered, and the connection may go on.
ODD = {
    "the same length twice": (post(b"Content-Length: 2\r\nContent-Length: 2\r\n", b"{}"), {422}),
    "lines that end in LF alone": (b"GET /api/v1/health/live HTTP/1.1\nHost: localhost\n\n", {200}),
    "an absolute target": (get(path=b"http://elsewhere/api/v1/health/live"), {200}),
    "every resource": (b"OPTIONS * HTTP/1.1\r\n" + HOST + b"\r\n", {404, 405}),
    "TRACE": (get().replace(b"GET", b"TRACE", 1), {405}),
    "a method of 300 letters": (get().replace(b"GET", b"A" * 300, 1), {405}),
    "a GET with a body": (get(b"Content-Length: 3\r\n") + b"abc", {200}),
    "an upgrade": (get(b"Connection: upgrade\r\nUpgrade: websocket\r\n"), {200}),
    "an empty chunked body": (post(b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n"), {400}),
    "chunks with trailers": (
        post(b"Transfer-Encoding: chunked\r\n", b"2\r\n{}\r\n0\r\nX-Late: 1\r\n\r\n"),
        {422},
    ),
    "100-continue": (post(b"Content-Length: 2\r\nExpect: 100-continue\r\n", b"{}"), {100, 422}),
}


@dataclass
class Heard:
    """What came back: the statuses in order, all bytes, and whether the server closed the connection."""

    statuses: list[int]
    text: bytes
    closed: bool


class Wire:
    def __init__(self, base_url: str, key: str) -> None:
        where = urlsplit(base_url)
        self._address = (where.hostname or "", where.port or 0)
        self._key = b"X-API-Key: " + key.encode() + b"\r\n"

    @contextlib.contextmanager
    def connected(self):
        with socket.create_connection(self._address, timeout=PATIENCE) as connection:
            yield connection

    def say(self, sent: bytes, *, no_more: bool = False) -> Heard:
        """Send bytes, where asked for that there are no more, and hear all until the server hangs up."""
        with self.connected() as connection:
            with contextlib.suppress(OSError):
                connection.sendall(sent.replace(b"@KEY@", self._key))
                if no_more:
                    connection.shutdown(socket.SHUT_WR)
            return self.hear(connection)

    def ask(self, sent: bytes, answers: int = 1) -> Heard:
        """Send bytes and hear so many answers, on a connection that stays open for more."""
        with self.connected() as connection:
            connection.sendall(sent.replace(b"@KEY@", self._key))
            heard = b""
            while len(re.findall(rb"HTTP/1\.1 (?!1\d\d)\d{3}", heard)) < answers:
                piece = connection.recv(65_536)
                assert piece, "closed without an answer"
                heard += piece
            return Heard(statuses(heard), heard, False)

    def hear(self, connection: socket.socket) -> Heard:
        heard = b""
        closed = True
        try:
            while piece := connection.recv(65_536):
                heard += piece
        except ConnectionError:
            pass
        except TimeoutError:
            closed = False
        return Heard(statuses(heard), heard, closed)


def statuses(heard: bytes) -> list[int]:
    return [int(status) for status in re.findall(rb"HTTP/1\.[01] (\d{3}) ", heard)]


@pytest.fixture(scope="module")
def wire(stack: Any) -> Wire:
    return Wire(stack.base_url, stack.api_key)


@pytest.mark.parametrize("sent", SMUGGLING.values(), ids=SMUGGLING)
def test_nothing_behind_a_request_of_two_meanings_is_taken_for_a_request(wire, sent):
    heard = wire.say(sent)
    assert heard.closed
    assert len(heard.statuses) <= 1, heard.text[:400]
    assert all(400 <= status < 500 for status in heard.statuses), heard.text[:400]
    assert b"Traceback" not in heard.text


@pytest.mark.parametrize(("sent", "expected"), ODD.values(), ids=ODD)
def test_what_is_odd_but_clear_is_answered(wire, sent, expected):
    heard = wire.ask(sent)
    assert set(heard.statuses) <= expected, heard.text[:400]


@pytest.mark.parametrize("sent", [BEHIND + b"\0", b"\0" * 32, b"\r\n" * 40, b"\xff" * 64, b"{}", b"GET"])
def test_bytes_that_are_no_request_get_400_or_nothing(wire, sent):
    heard = wire.say(sent, no_more=True)
    assert heard.closed
    assert set(heard.statuses) <= {200, 400}


def test_requests_in_a_row_are_answered_in_a_row(wire):
    assert wire.ask(BEHIND * 3, answers=3).statuses == [200, 200, 200]


@pytest.mark.parametrize("media_type", [b"application/json", b"text/csv"])
def test_a_caller_that_hangs_up_in_the_middle_leaves_nothing_behind(stack, wire, eventually, media_type):
    objects = stack.data_dir / "objects"
    before = {path for path in objects.rglob("*") if path.is_file()}
    with wire.connected() as connection:
        connection.sendall(
            b"POST /api/v1/datasets HTTP/1.1\r\n" + HOST + wire._key + b"Content-Type: " + media_type
            + b"\r\nContent-Length: 1000000\r\n\r\n" + b"a,b\n" + b"1,2\n" * 10_000
        )  # fmt: skip
    eventually(lambda: {path for path in objects.rglob("*") if path.is_file()} <= before)


def test_the_server_answers_after_all_of_this(stack):
    assert httpx.get(f"{stack.base_url}/api/v1/health/live").status_code == 200


def test_every_operation_with_a_body_says_that_it_may_come_too_slowly():
    assert [name for name, one in OPERATIONS.items() if one.request_media and 408 not in one.responses] == []
