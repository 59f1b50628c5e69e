"""The proxy does to connections what it says, or a test of faults would pass for want of faults."""

from __future__ import annotations

import contextlib
import socket
import socketserver
import threading
import time

import pytest

from .proxy import FaultProxy  # noqa: TID252 - the file beside this one

SHORT = 0.1
PATIENCE = 30.0


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        with contextlib.suppress(OSError):
            while data := self.request.recv(65536):
                self.request.sendall(data)


@pytest.fixture
def echo():
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as server:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address
        server.shutdown()


@pytest.fixture
def proxy(echo):
    with FaultProxy(echo) as proxy:
        yield proxy


@pytest.fixture
def connect(proxy):
    with contextlib.ExitStack() as stack:
        yield lambda: stack.enter_context(
            socket.create_connection((proxy.host, proxy.port), timeout=PATIENCE)
        )


def hear(line, count):
    heard = b""
    while len(heard) < count and (more := line.recv(count - len(heard))):
        heard += more
    return heard


def said_and_heard(line, said=b"hello"):
    line.sendall(said)
    return hear(line, len(said))


def test_without_a_fault_every_byte_arrives_in_order(connect):
    said = bytes(range(256)) * 8_000
    line = connect()
    heard = []
    reader = threading.Thread(target=lambda: heard.append(hear(line, len(said))))
    reader.start()
    line.sendall(said)
    reader.join()
    assert heard == [said]


def test_the_end_of_a_stream_is_passed_on(connect):
    line = connect()
    line.sendall(b"last words")
    line.shutdown(socket.SHUT_WR)
    assert hear(line, 100) == b"last words"


def test_latency_holds_in_each_direction_until_it_is_healed(proxy, connect):
    line = connect()
    proxy.latency(SHORT)
    began = time.monotonic()
    assert said_and_heard(line) == b"hello"
    assert time.monotonic() - began >= 2 * SHORT  # never less, however slow the machine
    proxy.heal()
    assert said_and_heard(line) == b"hello"


def test_a_reset_ends_open_connections_and_no_later_one(proxy, connect):
    line = connect()
    said_and_heard(line)
    assert proxy.reset() == 1
    with pytest.raises(ConnectionResetError):
        said_and_heard(line)
    assert said_and_heard(connect()) == b"hello"


def test_new_connections_are_refused_while_old_ones_go_on(proxy, connect):
    line = connect()
    said_and_heard(line)
    proxy.refuse()
    with pytest.raises(ConnectionError):
        said_and_heard(connect())
    assert said_and_heard(line) == b"hello"
    proxy.heal()
    assert said_and_heard(connect()) == b"hello"


def test_stalled_bytes_wait_and_arrive_in_the_end(proxy, connect):
    line = connect()
    said_and_heard(line)
    proxy.stall()
    line.sendall(b"later")
    line.settimeout(SHORT)
    with pytest.raises(TimeoutError):
        line.recv(5)
    proxy.heal()
    line.settimeout(PATIENCE)
    assert hear(line, 5) == b"later"


def test_a_half_open_connection_hears_nothing_and_is_reset_at_the_end(proxy, connect):
    old = connect()
    said_and_heard(old)
    proxy.half_open()
    new = connect()
    for line in (old, new):
        line.sendall(b"into the void")
        line.settimeout(SHORT)
        with pytest.raises(TimeoutError):
            line.recv(5)
        line.settimeout(PATIENCE)
    proxy.heal()
    for line in (old, new):
        with pytest.raises(ConnectionResetError):
            line.recv(5)
    assert said_and_heard(connect()) == b"hello"


def test_an_upstream_that_is_away_ends_the_connection():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = taken.getsockname()
    with FaultProxy(address) as proxy, socket.create_connection((proxy.host, proxy.port)) as line:
        line.settimeout(PATIENCE)
        with pytest.raises(ConnectionResetError):
            line.recv(1)


def test_a_unix_socket_can_be_behind_it(tmp_path):
    class Server(socketserver.ThreadingUnixStreamServer):
        daemon_threads = True

    with Server(str(tmp_path / "echo"), Echo) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        with (
            FaultProxy(tmp_path / "echo") as proxy,
            socket.create_connection((proxy.host, proxy.port), timeout=PATIENCE) as line,
        ):
            assert said_and_heard(line) == b"hello"
        server.shutdown()
