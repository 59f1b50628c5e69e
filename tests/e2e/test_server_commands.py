"""What the server's commands say beside a server at work, and where one cannot start."""

import socket

import pytest

from pynomaly import AuthenticationError, PermissionDeniedError, PynomalyClient


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
