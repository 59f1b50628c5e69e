"""Processes of the version before the newest migration and of this one, together on one database."""

from __future__ import annotations

import os
import shutil
import subprocess
import tarfile
from contextlib import ExitStack
from pathlib import Path

import psycopg
import pytest
from tests.postgres import postgres_server

from pynomaly import PynomalyClient, PynomalyError
from pynomaly_server.db.migrate import MIGRATIONS, known_revisions

from .parts import Process, Server, Valkey, free_port, until  # noqa: TID252 - the file beside this one

WHOLE = os.environ.get("PYNOMALY_CHAOS") == "whole"
ROOT = Path(__file__).parents[2]
SOURCES = ("server/src", "sdk/src")
ROWS = [[float(row * 37 % 101), float(row % 7)] for row in range(59)] + [[900.0, 90.0]]
NAMED = [{"amount": amount, "items": items} for amount, items in ROWS]


def git(*words: str) -> str:
    """What git says about this checkout; skips where it has nothing to say."""
    told = subprocess.run(["git", "-C", str(ROOT), *words], capture_output=True, text=True, check=False)
    if told.returncode != 0 or not told.stdout.strip():
        pytest.skip(f"the history of this checkout does not reach back far enough: git {words[0]}")
    return told.stdout.strip()


def version_before(folder: Path) -> Path:
    """The sources as they were just before the newest migration came, with the kernels that are the same."""
    if shutil.which("git") is None:
        pytest.skip("there is no git to get an earlier version from")
    if git("rev-parse", "--is-shallow-repository") != "false":
        pytest.skip("a shallow clone has no earlier version")
    [newest] = MIGRATIONS.glob(f"versions/{known_revisions()[-1]}_*.py")
    came = git("log", "-1", "--diff-filter=A", "--format=%H", "--", str(newest.relative_to(ROOT)))
    folder.mkdir(exist_ok=True)
    archive = folder / "before.tar"
    git_archive = ["git", "-C", str(ROOT), "archive", "--output", str(archive), f"{came}^", *SOURCES]
    if subprocess.run(git_archive, capture_output=True, check=False).returncode != 0:
        pytest.skip("the history of this checkout begins with the newest migration")
    with tarfile.open(archive) as members:
        members.extractall(folder, filter="data")
    for kernels in (ROOT / "server/src").rglob("*.nb[ic]"):
        source = kernels.parents[1] / f"{kernels.name.split('.')[0]}.py"
        there = folder / source.relative_to(ROOT)
        if there.is_file() and there.read_bytes() == source.read_bytes():
            shutil.copystat(source, there)
            there.parent.joinpath("__pycache__").mkdir(exist_ok=True)
            shutil.copy2(kernels, there.parent / "__pycache__")
    return folder


class EarlierServer(Server):
    """Processes of the sources below `sources`."""

    sources: Path

    @property
    def env(self) -> dict[str, str]:
        paths = [str(self.sources / path) for path in SOURCES]
        return super().env | {"PYTHONPATH": os.pathsep.join([*paths, super().env["PYTHONPATH"]])}


def _is_up(client: PynomalyClient) -> bool:
    try:
        return bool(client.auth.who_am_i())
    except PynomalyError:
        return False


def _done(client: PynomalyClient) -> str:
    return client.batch_detect(data_sources=[ROWS], algorithm="iqr").wait(timeout=200).state


@pytest.mark.slow
@pytest.mark.skipif(not WHOLE, reason="starts processes of two versions: `make chaos`")
def test_processes_of_the_version_before_and_of_this_one_share_a_database_and_its_jobs(tmp_path):
    sources = version_before(tmp_path / "before")
    with ExitStack() as stack:
        postgres = stack.enter_context(postgres_server())
        with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
            connection.execute("CREATE DATABASE upgrade")
        valkey = Valkey(tmp_path / "valkey")
        stack.callback(valkey.kill)
        parts = (postgres.get_uri("upgrade"), f"redis://127.0.0.1:{valkey.port}/0")
        settings = {
            "lease_seconds": 5,
            "rate_limit": "off",
            "storage_url": (tmp_path / "objects").as_uri(),
        }
        earlier, later = (
            kind(tmp_path / kind.__name__, *parts, settings) for kind in (EarlierServer, Server)
        )
        earlier.sources = sources
        for server in (earlier, later):
            server.folder.mkdir(exist_ok=True)
            stack.callback(server.stop)

        earlier.run("migrate")
        key = earlier.run("keys", "create", "upgrade").strip()

        def api(server: Server) -> PynomalyClient:
            port = free_port()
            server.start("api", "--port", str(port))
            client = stack.enter_context(PynomalyClient(key, f"http://127.0.0.1:{port}", timeout=120))
            until(lambda: _is_up(client.with_options(max_retries=0)), "the API to be up")
            return client

        def worker(server: Server) -> Process:
            return server.start("worker", "--concurrency", "1")

        old, old_worker = api(earlier), worker(earlier)
        earlier.start("sweeper")
        old.train_model(NAMED, "isolation_forest", "before", timeout=200)
        assert _done(old) == "succeeded"

        later.run("migrate")
        assert known_revisions()[-1] in _revision(postgres.get_uri("upgrade"))
        assert _done(old) == "succeeded"  # nothing of the old version has noticed

        new = api(later)
        assert _done(new) == "succeeded"  # by the old worker, which is the only one
        scores = {client.predict_with_model("before", NAMED).scores[-1] for client in (old, new)}
        assert len(scores) == 1

        old_worker.kill()
        worker(later)
        assert _done(old) == "succeeded"  # by the new worker
        new.train_model(NAMED, "isolation_forest", "after", timeout=200)
        scores = {client.predict_with_model("after", NAMED).scores[-1] for client in (old, new)}
        assert len(scores) == 1

        later.start("sweeper")
        earlier.stop()
        assert _done(new) == "succeeded"


def _revision(database_url: str) -> str:
    with psycopg.connect(database_url) as connection:
        return str(connection.execute("SELECT version_num FROM alembic_version").fetchall())
