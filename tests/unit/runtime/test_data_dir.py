"""The data folder: one server at a time, private files, a key that stays."""

import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from pynomaly_server.runtime import data_dir
from pynomaly_server.runtime.data_dir import DataDir, RunningServer
from pynomaly_server.runtime.faults import DataDirError


@pytest.fixture(autouse=True)
def short_wait(monkeypatch):
    monkeypatch.setattr(data_dir, "LEFTOVERS_SECONDS", 0.3)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_folder_in_use_is_refused_naming_the_server_that_uses_it(tmp_path):
    first = DataDir(tmp_path)
    first.take()
    first.announce(RunningServer("http://127.0.0.1:8123", os.getpid()))
    with pytest.raises(DataDirError) as refused:
        DataDir(tmp_path).take()
    assert str(refused.value) == (
        f"The data folder {tmp_path} is in use by a server at http://127.0.0.1:8123 (process {os.getpid()}). "
        "Stop it first, or name another folder with --data-dir."
    )


def test_a_folder_of_a_server_that_is_still_starting_is_refused(tmp_path):
    first = DataDir(tmp_path)
    first.take()
    with pytest.raises(DataDirError, match="locked by another server that is starting or stopping"):
        DataDir(tmp_path).take()


def test_a_released_folder_can_be_taken_again(tmp_path):
    first = DataDir(tmp_path)
    first.take()
    first.announce(RunningServer("http://127.0.0.1:8123", os.getpid()))
    first.release()
    second = DataDir(tmp_path)
    second.take()
    assert second.running() is None


def test_the_folder_stays_locked_while_a_child_that_inherited_the_lock_lives(tmp_path):
    """A killed supervisor's children may still write, so a new server has to wait for them."""
    first = DataDir(tmp_path)
    first.take()
    child = subprocess.Popen(
        [sys.executable, "-c", "input()"], stdin=subprocess.PIPE, pass_fds=[first.lock_fd]
    )
    try:
        first.release()
        with pytest.raises(DataDirError):
            DataDir(tmp_path).take()
    finally:
        child.communicate(b"\n")
    DataDir(tmp_path).take()


def test_what_a_killed_server_said_does_not_keep_the_next_one_out(tmp_path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    first = DataDir(tmp_path)
    first.take()
    first.announce(RunningServer("http://127.0.0.1:8123", gone.pid))
    os.close(first.lock_fd)
    DataDir(tmp_path).take()


def test_a_folder_that_cannot_be_made_is_refused_with_the_remedy(tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(
        DataDirError, match=r"cannot be used: Not a directory\. Name another with --data-dir\."
    ):
        DataDir(tmp_path / "file" / "data").take()


def test_the_secret_key_is_made_once_and_is_private(tmp_path):
    first = DataDir(tmp_path)
    first.take()
    key = first.secret_key()
    assert len(key) >= 32
    assert first.secret_key() == key
    assert mode(tmp_path / "secret.key") == 0o600


def test_an_emptied_secret_key_is_an_error_and_is_not_replaced_in_silence(tmp_path):
    folder = DataDir(tmp_path)
    folder.take()
    (tmp_path / "secret.key").write_text("")
    with pytest.raises(DataDirError, match=r"secret\.key is empty"):
        folder.secret_key()


def test_the_server_file_is_private_and_read_back_as_written(tmp_path):
    folder = DataDir(tmp_path)
    folder.take()
    said = RunningServer("http://127.0.0.1:8123", 1234, "/home/somebody/profile.json")
    folder.announce(said)
    assert folder.running() == said
    assert mode(folder.server_file) == 0o600


@pytest.mark.parametrize("text", ["", "{", "[]", '{"url": "x"}', '{"url": "x", "pid": "many"}'])
def test_a_server_file_that_makes_no_sense_counts_as_none(tmp_path, text):
    folder = DataDir(tmp_path)
    folder.take()
    folder.server_file.write_text(text)
    assert folder.running() is None
