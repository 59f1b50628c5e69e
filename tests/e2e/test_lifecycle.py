"""How a server starts, refuses to start, is killed, goes on, and stops."""

import json
import os
import signal
import socket
import threading
from contextlib import ExitStack
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


@pytest.fixture
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


def test_a_job_goes_on_after_its_server_was_killed(start, eventually, slow_site):
    """Nothing outlives the killed supervisor, and the next start finishes the job without help."""
    address, asked = slow_site
    quick = {
        "PYNOMALY_LEASE_SECONDS": "2",
        "PYNOMALY_SWEEP_SECONDS": "0.2",
        "PYNOMALY_OUTBOUND_ALLOW": address,
    }
    first = start(**quick)
    key = first.api_key
    with first.client() as client:
        job = client.batch_detect(data_sources=[f"http://{address}/payments.csv"], contamination=0.01)
        assert asked.wait(120)
    processes = first.processes()
    os.kill(first.server.pid, signal.SIGKILL)
    eventually(lambda: all(gone(process) for process in processes))

    second = start(**quick)
    assert second.api_key == key, "a profile that is there is kept"
    with second.client() as client:
        done = client.jobs.resume(job.job_id)
        ended = done.wait(timeout=120)
        assert ended.attempt == 2
        assert len(done.result()) == 2000


def test_a_killed_part_is_started_again(start, eventually):
    stack = start()
    with stack.client(max_retries=10) as client:
        for name in ("valkey-server", "worker", "sweeper", "api"):
            victim = stack.part(name)
            below = victim.children(recursive=True)
            victim.kill()
            eventually(lambda below=below: all(gone(process) for process in below))
            eventually(lambda victim=victim, name=name: stack.part(name) not in (None, victim))
        patient = client.with_options(timeout=60)
        eventually(lambda: patient.health_check().status == "ok")
        job = client.batch_detect(data_sources=[PAYMENTS], contamination=0.01)
        assert job.wait(timeout=120).state == "succeeded"
    printed = stack.server.output.read_text()
    for name in ("valkey", "worker", "sweeper", "api"):
        assert f"{name} ended (killed by SIGKILL); starting it again" in printed


class Lives:
    """A server started, ended by SIGTERM and started again without its profile."""

    def __init__(self, start_one) -> None:
        self.first = start_one(PYNOMALY_SHUTDOWN_SECONDS="60")
        first_key = self.first.api_key
        self.first_processes = self.first.processes()
        self.socket_folder = valkey.socket_dir(self.first.data_dir)
        self.had_a_socket = (self.socket_folder / "valkey.sock").is_socket()
        self.answered_while_stopping = _answered_while_stopping(self.first)
        self.first_output = self.first.server.output.read_text()
        self.left_behind = [
            str(each) for each in (self.first.data_dir / "server.json", self.socket_folder) if each.exists()
        ] + [str(process) for process in self.first_processes if not gone(process)]

        (self.first.config_home / "pynomaly" / "profile.json").unlink()
        second = start_one()
        self.second_answer = _algorithms(second, second.api_key)
        self.second_answer_to_first_key = _algorithms(second, first_key)
        second.server.stop()


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
def lives(start_in, tmp_path_factory):
    with start_in(tmp_path_factory.mktemp("lives")) as start_one:
        return Lives(start_one)


def test_requests_that_were_taken_on_are_answered_by_a_server_that_stops(lives):
    assert lives.answered_while_stopping == ["HTTP/1.1 200"] * 8


def test_sigterm_ends_everything_in_order_and_leaves_no_trace(lives):
    assert lives.had_a_socket
    assert lives.left_behind == []
    assert lives.first_output.endswith("Stopped.\n")


def test_the_next_start_honours_the_keys_of_before(lives):
    assert lives.second_answer_to_first_key


def test_a_lost_profile_is_written_again_with_a_key_that_works(lives):
    assert lives.second_answer


@pytest.fixture
def serve(stack, tmp_path):
    """Runs `pynomaly serve` where it should refuse to start."""

    def run(*arguments: str, data_dir=tmp_path):
        return stack.run_python("-m", "pynomaly_server", "serve", "--data-dir", str(data_dir), *arguments)

    return run


def test_a_taken_port_is_named_with_the_remedy(serve):
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        refused = serve("--port", str(port))
    assert refused.returncode == 1
    assert refused.stderr == (
        f"pynomaly: Port {port} on 127.0.0.1 is taken by another program. "
        "Name another with --port, or --port 0 for any free one.\n"
    )


def test_a_data_folder_in_use_is_refused_naming_its_server(stack, serve):
    refused = serve("--port", "0", data_dir=stack.data_dir)
    assert refused.returncode == 1
    assert f"is in use by a server at {stack.base_url} (process {stack.server.pid})" in refused.stderr
    with stack.client() as client:
        assert client.health_check().status == "ok"


def test_every_fault_of_the_settings_is_told_at_once(serve):
    refused = serve("--workers", "0", "--port", "70000")
    assert refused.returncode == 2
    assert "PYNOMALY_WORKERS is '0'" in refused.stderr
    assert "PYNOMALY_PORT is '70000'" in refused.stderr


def test_a_worker_alone_says_what_it_lacks(stack):
    refused = stack.run_python("-m", "pynomaly_server", "worker")
    assert refused.returncode == 2
    assert "REDIS_URL is not set" in refused.stderr


def test_keys_are_made_listed_and_revoked_on_the_command_line(stack):
    from pynomaly import AuthenticationError, PermissionDeniedError, PynomalyClient

    def keys(*arguments: str) -> str:
        done = stack.run_python(
            "-m", "pynomaly_server", "keys", *arguments, "--data-dir", str(stack.data_dir)
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    made = keys("create", "reader", "--scope", "jobs:read").strip()
    key_id = next(line.split()[0] for line in keys("list").splitlines() if "reader" in line)
    with PynomalyClient(api_key=made, base_url=stack.base_url) as reader:
        assert reader.algorithms.list_algorithms().items
        with pytest.raises(PermissionDeniedError):
            reader.detect_anomalies([[1.0], [2.0], [3.0]] * 10)
    assert keys("rotate-signing").endswith(" signs from now on.\n")
    assert keys("revoke", key_id) == f"Revoked {key_id}.\n"
    with PynomalyClient(api_key=made, base_url=stack.base_url) as reader, pytest.raises(AuthenticationError):
        reader.algorithms.list_algorithms()


def test_a_server_at_work_is_backed_up_and_restored_on_the_command_line(stack, tmp_path):
    def command(*arguments: str):
        return stack.run_python("-m", "pynomaly_server", *map(str, arguments))

    file, elsewhere = tmp_path / "backup.tar", tmp_path / "elsewhere"
    done = command("backup", file, "--data-dir", stack.data_dir)
    assert (done.returncode, done.stderr) == (0, "")
    assert "and the server's secret key.\nOnly its owner may read it (mode 0600)" in done.stdout
    assert " is sound: " in command("restore", "--check", file).stdout

    restored = command("restore", file, "--data-dir", elsewhere)
    assert (restored.returncode, restored.stderr) == (0, "")
    assert f"The secret key is in {elsewhere / 'secret.key'}.\n" in restored.stdout
    keys = [command("keys", "list", "--data-dir", folder).stdout for folder in (stack.data_dir, elsewhere)]
    assert keys[0] == keys[1] != ""

    again = command("restore", file, "--data-dir", elsewhere)
    assert again.returncode == 1
    assert again.stderr.startswith("pynomaly: The database is not empty. Name an empty one with DATABASE_URL")
    running = command("restore", file, "--data-dir", stack.data_dir)
    assert "is in use by a server at" in running.stderr
