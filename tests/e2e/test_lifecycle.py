"""How a server starts, is killed, goes on, and stops."""

from __future__ import annotations

import json
import os
import signal
import socket
import threading
from contextlib import ExitStack
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import psutil
import pytest

from pynomaly import PynomalyClient
from pynomaly_server.runtime import valkey

PAYMENTS = Path(__file__).parents[2] / "examples" / "transactions.csv"


def gone(process: psutil.Process) -> bool:
    try:
        return process.status() == psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return True


@pytest.fixture(scope="module")
def slow_site():
    """A site whose first answer stays half given; whoever asks again is answered at once."""
    asked, over = threading.Event(), threading.Event()

    class Page(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            first, table = not asked.is_set(), PAYMENTS.read_bytes()
            self.send_response(200)
            self.send_header("Content-Type", "text/csv")
            self.send_header("Content-Length", str(len(table)))
            self.end_headers()
            self.wfile.write(table[:1000])
            self.wfile.flush()
            asked.set()
            if first:
                over.wait()
            else:
                self.wfile.write(table[1000:])

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Page) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield f"127.0.0.1:{site.server_port}", asked
        over.set()
        site.shutdown()


class Lives:
    """A server in one folder: killed, ended by SIGTERM and, without its profile, started once more.

    Each life begins when a test asks for it, and ends the one before.
    """

    def __init__(self, start_one, slow_site, eventually) -> None:
        self._start_one = start_one
        self._address, self._asked = slow_site
        self._eventually = eventually

    def _start(self):
        return self._start_one(
            PYNOMALY_LEASE_SECONDS="2",
            PYNOMALY_SWEEP_SECONDS="0.2",
            PYNOMALY_SHUTDOWN_SECONDS="60",
            PYNOMALY_OUTBOUND_ALLOW=self._address,
        )

    @cached_property
    def first(self):
        return self._start()

    @cached_property
    def second(self):
        """Started after the first was killed while it read a job's table."""
        self.first_key = self.first.api_key
        with self.first.client() as client:
            source = f"http://{self._address}/payments.csv"
            self.job = client.batch_detect(data_sources=[source], contamination=0.01)
            assert self._asked.wait(120)
        processes = self.first.processes()
        os.kill(self.first.server.pid, signal.SIGKILL)
        self._eventually(lambda: all(gone(process) for process in processes))
        return self._start()

    @cached_property
    def stop(self) -> Stop:
        return Stop(self.second)

    @cached_property
    def third(self):
        """Started after the second had been stopped and its profile lost."""
        assert self.stop
        (self.second.config_home / "pynomaly" / "profile.json").unlink()
        return self._start()


class Stop:
    """A server is ended by SIGTERM while it reads requests."""

    def __init__(self, running) -> None:
        processes = running.processes()
        folder = valkey.socket_dir(running.data_dir)
        self.had_a_socket = (folder / "valkey.sock").is_socket()
        self.answers = _answered_while_stopping(running)
        self.printed = running.server.output.read_text()
        self.left_behind = [
            str(each) for each in (running.data_dir / "server.json", folder) if each.exists()
        ] + [str(process) for process in processes if not gone(process)]


def _answered_while_stopping(running) -> list[str]:
    """Stop a server that reads requests; the first lines of what it answers them."""
    body = json.dumps({"data": [[float(number % 9)] for number in range(100)], "algorithm": "mad"}).encode()
    head = f"Host: here\r\nAuthorization: Bearer {running.api_key}\r\n"
    detection = (
        f"POST /api/v1/detect HTTP/1.1\r\n{head}Content-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nExpect: 100-continue\r\n\r\n"
    )
    url = urlsplit(running.base_url)
    stopping = threading.Thread(target=running.server.stop)
    with ExitStack() as stack:

        def connected(request: str) -> socket.socket:
            connection = stack.enter_context(socket.create_connection((url.hostname, url.port), timeout=120))
            connection.sendall(request.encode())
            return connection

        idle = connected(f"GET /api/v1/algorithms/mad HTTP/1.1\r\n{head}\r\n")
        assert idle.recv(12) == b"HTTP/1.1 200"
        reading = [connected(detection) for _ in range(8)]
        # The server says this once it reads the body, so it has taken these requests on.
        assert {connection.recv(100)[:12] for connection in reading} == {b"HTTP/1.1 100"}
        stopping.start()
        while idle.recv(65_536):  # it closes what is idle when it begins to stop
            pass
        for connection in reading:
            connection.sendall(body)
        answers = [connection.recv(12).decode() for connection in reading]
    stopping.join()
    return answers


def _algorithms(running, api_key: str) -> list:
    with PynomalyClient(api_key=api_key, base_url=running.base_url) as client:
        return client.algorithms.list_algorithms().items


@pytest.fixture(scope="module")
def lives(start_in, tmp_path_factory, slow_site, eventually):
    with start_in(tmp_path_factory.mktemp("lives")) as start_one:
        yield Lives(start_one, slow_site, eventually)


def test_a_killed_part_is_started_again(lives, eventually):
    running = lives.first
    with running.client(max_retries=10) as client:
        for name in ("valkey-server", "worker", "sweeper", "api"):
            victim = running.part(name)
            below = victim.children(recursive=True)
            victim.kill()
            eventually(lambda below=below: all(gone(process) for process in below))
            eventually(lambda victim=victim, name=name: running.part(name) not in (None, victim))
        patient = client.with_options(timeout=60)
        eventually(lambda: patient.health_check().status == "ok")
        job = client.batch_detect(data_sources=[PAYMENTS], contamination=0.01)
        assert job.wait(timeout=120).state == "succeeded"
    printed = running.server.output.read_text()
    for name in ("valkey", "worker", "sweeper", "api"):
        assert f"{name} ended (killed by SIGKILL); starting it again" in printed


def test_a_job_goes_on_after_its_server_was_killed(lives):
    """Nothing outlives the killed supervisor, and the next start finishes the job without help."""
    with lives.second.client() as client:
        job = client.jobs.resume(lives.job.job_id)
        assert job.wait(timeout=120).attempt == 2
        assert len(job.result()) == 2000


def test_a_profile_that_is_there_is_kept(lives):
    assert lives.second.api_key == lives.first_key


def test_requests_that_were_taken_on_are_answered_by_a_server_that_stops(lives):
    assert lives.stop.answers == ["HTTP/1.1 200"] * 8


def test_sigterm_ends_everything_in_order_and_leaves_no_trace(lives):
    assert lives.stop.had_a_socket
    assert lives.stop.left_behind == []
    assert lives.stop.printed.endswith("Stopped.\n")


def test_the_next_start_honours_the_keys_of_before(lives):
    assert _algorithms(lives.third, lives.first_key)


def test_a_lost_profile_is_written_again_with_a_key_that_works(lives):
    written = lives.third.api_key
    assert written != lives.first_key
    assert _algorithms(lives.third, written)
