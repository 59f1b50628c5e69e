"""The folder of a worker process's temporary files, and what is left of it."""

from __future__ import annotations

import signal
import tempfile
import time
from multiprocessing import get_context
from pathlib import Path

import pytest

from pynomaly_server.worker.containment import TemporaryFolder


@pytest.fixture
def beside(tmp_path, monkeypatch):
    """Where processes make their folders."""
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", None)
    return tmp_path


def work(ready):
    TemporaryFolder().open()
    Path(tempfile.mkdtemp(), "rows.parquet").write_text("rows")
    ready.set()
    time.sleep(600)


@pytest.fixture
def another(beside):
    """A process at work in a folder of its own."""
    context = get_context("fork")
    ready = context.Event()
    process = context.Process(target=work, args=(ready,), daemon=True)
    process.start()
    assert ready.wait(60)
    yield process
    process.kill()
    process.join()


def test_a_folder_goes_with_all_that_is_in_it(beside):
    folder = TemporaryFolder()
    folder.open()
    Path(tempfile.mkdtemp(), "rows.parquet").write_text("rows")
    assert len(list(beside.rglob("rows.parquet"))) == 1
    folder.remove()
    assert list(beside.iterdir()) == []
    assert tempfile.gettempdir() == str(beside)


def test_the_folder_of_a_process_that_lives_is_left_alone(beside, another):
    folder = TemporaryFolder()
    folder.open()
    folder.remove()
    assert another.is_alive()
    assert len(list(beside.rglob("rows.parquet"))) == 1


def test_what_a_killed_process_has_left_goes_when_the_next_begins(beside, another):
    another.kill()
    another.join()
    assert another.exitcode == -signal.SIGKILL
    folder = TemporaryFolder()
    folder.open()
    assert list(beside.rglob("rows.parquet")) == []
    folder.remove()
    assert list(beside.iterdir()) == []
