"""Where the server connects to, and where it refuses to."""

from __future__ import annotations

import ipaddress
import socket
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from pynomaly_server.outbound.guard import Guard
from pynomaly_server.outbound.networks import Allowances
from pynomaly_server.outbound.transports import make_async_client, make_client
from pynomaly_server.outbound.urls import ForbiddenTargetError, parse_target

NOWHERE = (
    "The host of https://inner.example cannot be found, or is not on the public internet. Check its "
    "spelling. The operator of the server can allow it with PYNOMALY_OUTBOUND_ALLOW."
)
TIMEOUT = httpx.Timeout(10)


class Names:
    """A resolver that says what it is told, and counts: no real name changes its mind on demand."""

    def __init__(self) -> None:
        self.answers: list[list[str]] = []
        self.asked = 0

    def __call__(self, host: str, port: int, *_: object, **__: object) -> list[tuple[object, ...]]:
        try:
            ipaddress.ip_address(host)
        except ValueError:
            self.asked += 1
            found = self.answers.pop(0) if self.answers else []
            if not found:
                raise socket.gaierror(socket.EAI_NONAME, "unknown") from None
        else:
            found = [host]
        return [
            (socket.AF_INET6 if ":" in one else socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port))
            for one in found
        ]


@pytest.fixture
def names(monkeypatch: pytest.MonkeyPatch) -> Names:
    resolver = Names()
    monkeypatch.setattr(socket, "getaddrinfo", resolver)
    return resolver


class Echo(BaseHTTPRequestHandler):
    """Answers with the Host it was asked for; `/away` redirects."""

    def do_GET(self) -> None:
        body = self.headers["Host"].encode()
        self.send_response(302 if self.path == "/away" else 200)
        if self.path == "/away":
            self.send_header("Location", "/")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def port() -> Iterator[int]:
    with HTTPServer(("127.0.0.1", 0), Echo) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(
    ("host", "kind"),
    [
        ("127.0.0.1", "loopback"),
        ("[::1]", "loopback"),
        ("169.254.169.254", "link-local"),
        ("[::ffff:7f00:1]", "an IPv4 address in IPv6 (mapped)"),
        ("0.0.0.0", "this network"),
    ],
)
def test_an_address_that_is_not_public_is_refused(host, kind):
    with pytest.raises(ForbiddenTargetError) as caught:
        Guard().addresses(parse_target(f"https://{host}/latest/meta-data"))

    assert str(caught.value) == (
        f"https://{host} is not on the public internet: the address is {kind}. "
        "The operator of the server can allow it with PYNOMALY_OUTBOUND_ALLOW."
    )


def test_a_public_name_is_answered_by_its_addresses(names):
    names.answers = [["93.184.215.14", "2606:4700::1111"]]

    found = Guard().addresses(parse_target("https://example.com/"))

    assert [str(address) for address in found] == ["93.184.215.14", "2606:4700::1111"]


@pytest.mark.parametrize("answer", [["10.0.0.1"], ["93.184.215.14", "127.0.0.1"], ["fe80::1%eth0"], []])
def test_a_name_with_any_bad_address_is_refused_in_the_words_for_one_that_is_not_there(names, answer):
    names.answers = [answer]

    with pytest.raises(ForbiddenTargetError) as caught:
        Guard().addresses(parse_target("https://inner.example/"))

    assert str(caught.value) == NOWHERE


async def test_the_event_loop_gets_the_same_answers(names):
    names.answers = [["93.184.215.14", "127.0.0.1"], ["93.184.215.14"]]
    guard, target = Guard(), parse_target("https://inner.example/")

    with pytest.raises(ForbiddenTargetError) as caught:
        await guard.addresses_async(target)
    assert str(caught.value) == NOWHERE
    assert await guard.addresses_async(target) == [ipaddress.ip_address("93.184.215.14")]


def test_plain_http_is_refused():
    with pytest.raises(ForbiddenTargetError, match=r"http://1\.1\.1\.1 is not encrypted\. Use https://\."):
        Guard().addresses(parse_target("http://1.1.1.1/"))


def test_an_unusual_port_is_refused():
    with pytest.raises(ForbiddenTargetError, match=r"is at port 22; allowed here: 443, 8443\."):
        Guard().addresses(parse_target("https://1.1.1.1:22/"))


def test_an_allowed_network_may_use_any_port_and_plain_http():
    guard = Guard(Allowances.parse("127.0.0.0/8"))

    assert guard.addresses(parse_target("http://127.0.0.1:9000/"))


def test_an_allowed_host_is_allowed_at_its_port_alone(names):
    guard = Guard(Allowances.parse("minio:9000"))
    names.answers = [["10.0.0.1"], ["10.0.0.1"]]

    assert guard.addresses(parse_target("http://minio:9000/"))
    with pytest.raises(ForbiddenTargetError):
        guard.addresses(parse_target("http://minio:9001/"))


def test_the_connection_goes_to_the_address_that_was_checked(names, port):
    """The name is asked for once; what it would say the second time does not matter."""
    names.answers = [["127.0.0.1"], ["192.0.2.1"]]
    guard = Guard(Allowances.parse(f"rebinding.example:{port}"))

    with make_client(guard, TIMEOUT) as client:
        answer = client.get(f"http://rebinding.example:{port}/")

    assert answer.text == f"rebinding.example:{port}"
    assert names.asked == 1


async def test_the_asynchronous_connection_does_so_too(names, port):
    names.answers = [["127.0.0.1"], ["192.0.2.1"]]
    guard = Guard(Allowances.parse(f"rebinding.example:{port}"))

    async with make_async_client(guard, TIMEOUT) as client:
        answer = await client.get(f"http://rebinding.example:{port}/")

    assert answer.text == f"rebinding.example:{port}"
    assert names.asked == 1


def test_every_request_of_a_client_is_checked(names, port):
    names.answers = [["127.0.0.1"], ["10.0.0.1"]]
    guard = Guard(Allowances.parse("127.0.0.0/8"))

    with make_client(guard, TIMEOUT) as client:
        assert client.get(f"http://turning.example:{port}/").status_code == 200
        with pytest.raises(ForbiddenTargetError):
            client.get(f"http://turning.example:{port}/")


def test_the_next_address_is_tried_where_one_does_not_connect(names, port):
    names.answers = [["::1", "127.0.0.1"]]
    guard = Guard(Allowances.parse(f"two.example:{port}"))

    with make_client(guard, TIMEOUT) as client:
        assert client.get(f"http://two.example:{port}/").status_code == 200


def test_a_redirect_is_not_followed(port):
    with make_client(Guard(Allowances.parse("127.0.0.0/8")), TIMEOUT) as client:
        assert client.get(f"http://127.0.0.1:{port}/away").status_code == 302


def test_a_proxy_of_the_environment_is_not_used(port, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://192.0.2.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://192.0.2.1:1")
    with make_client(Guard(Allowances.parse("127.0.0.0/8")), TIMEOUT) as client:
        assert client.get(f"http://127.0.0.1:{port}/").status_code == 200
