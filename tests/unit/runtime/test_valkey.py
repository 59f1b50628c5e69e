"""Valkey's socket and command."""

import os
import stat
import subprocess
from pathlib import Path

import pytest

from pynomaly_server.runtime import valkey
from pynomaly_server.runtime.faults import ValkeyError


@pytest.fixture
def runtime_dir(monkeypatch):
    """A folder with a short path, as XDG_RUNTIME_DIR has."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="pyn", dir="/tmp") as folder:
        monkeypatch.setenv("XDG_RUNTIME_DIR", folder)
        yield Path(folder)


def test_the_socket_lies_in_a_private_folder_under_the_runtime_dir(runtime_dir, tmp_path):
    folder = valkey.socket_dir(tmp_path)
    assert folder.parent == runtime_dir
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700


def test_the_same_data_folder_gives_the_same_socket_and_another_gives_another(runtime_dir, tmp_path):
    assert valkey.socket_dir(tmp_path) == valkey.socket_dir(tmp_path)
    assert valkey.socket_dir(tmp_path) != valkey.socket_dir(tmp_path / "other")


def test_a_runtime_dir_with_a_long_path_is_passed_over(monkeypatch, tmp_path):
    long = tmp_path / ("x" * 90)
    long.mkdir()
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(long))
    folder = valkey.socket_dir(tmp_path)
    try:
        assert len(os.fsencode(folder / "valkey.sock")) <= valkey.LONGEST_SOCKET_PATH
    finally:
        folder.rmdir()


def test_a_folder_open_to_others_is_closed(runtime_dir, tmp_path):
    valkey.socket_dir(tmp_path).chmod(0o755)
    assert stat.S_IMODE(valkey.socket_dir(tmp_path).stat().st_mode) == 0o700


def test_a_planted_link_is_refused(runtime_dir, tmp_path):
    folder = valkey.socket_dir(tmp_path)
    folder.rmdir()
    folder.symlink_to(tmp_path)
    with pytest.raises(ValkeyError, match="belongs to another user"):
        valkey.socket_dir(tmp_path)


def test_valkey_answers_on_its_socket_alone_and_keeps_what_it_was_told(runtime_dir, tmp_path):
    sock = valkey.socket_dir(tmp_path) / "valkey.sock"
    command = valkey.command(tmp_path, sock)
    assert command[command.index("--port") + 1] == "0"
    for answer in ("OK", "kept"):
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            assert valkey.wait_until_it_answers(sock, seconds=20)
            assert stat.S_IMODE(sock.stat().st_mode) == 0o600
            import redis

            client = redis.Redis(unix_socket_path=str(sock), decode_responses=True)
            said = client.get("pynomaly:test") if answer == "kept" else client.set("pynomaly:test", "kept")
            assert said in (answer, True)
            assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        finally:
            process.terminate()
            process.wait()


def test_silence_is_told_from_an_answer(tmp_path):
    assert not valkey.wait_until_it_answers(tmp_path / "none.sock", seconds=0.05)
