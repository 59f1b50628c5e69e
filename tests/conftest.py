"""A whole server on a free port, with a data folder and a profile of its own."""

from __future__ import annotations

import contextlib
import functools
import gc
import os
import re
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import hypothesis
import psutil
import pytest

from pynomaly import PynomalyClient
from pynomaly.profile import read_profile
from pynomaly_server.db.migrate import upgrade
from pynomaly_server.runtime.embedded import EmbeddedServer
from pynomaly_server.settings import Settings

if TYPE_CHECKING:
    from tests.composed.as_stack import ComposedServer

ROOT = Path(__file__).parents[1]
PATIENCE = 120.0
BYTES_EACH = 3 * 2**30
"""What a process of tests, its server and its databases hold."""

_TOLD_AT_ONCE = 4_000
"""Characters of a failure that are shown as it happens; all of them are at the end."""

_UNLIMITED = {f"PYNOMALY_RATE_LIMIT{of}": "100000/60" for of in ("", "_ADDRESS", "_LOGIN")}
"""For a server of many tests, which are many callers at one address with one key."""

_SHARED_SERVERS = {"stack": {"stack", "client"}, "pair": {"pair"}}
"""The servers that live as long as the tests, and what tests that use them ask for."""


class Running:
    """A running server and what a caller on this machine needs for it."""

    def __init__(self, server: EmbeddedServer | ComposedServer, folder: Path) -> None:
        self.server = server
        self.data_dir = folder / "data"
        self.config_home = folder / "config"

    @property
    def base_url(self) -> str:
        return self.server.url

    @property
    def api_key(self) -> str:
        profile = read_profile(self.server.profile)
        assert profile is not None
        return profile.api_key

    def client(self, **options) -> PynomalyClient:
        return PynomalyClient(api_key=self.api_key, base_url=self.base_url, **options)

    def processes(self) -> list[psutil.Process]:
        """The supervisor and everything below it."""
        supervisor = psutil.Process(self.server.pid)
        return [supervisor, *supervisor.children(recursive=True)]

    def part(self, word: str) -> psutil.Process | None:
        """The process right below the supervisor whose command has this word, if it runs."""
        for process in psutil.Process(self.server.pid).children():
            with contextlib.suppress(psutil.Error):
                if word in " ".join(process.cmdline()[:4]):
                    return process
        return None

    def run_python(self, *arguments: str, cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
        """Run Python as somebody who has configured nothing beside what the server wrote."""
        return self._run([sys.executable, *arguments], cwd)

    def run_pynomaly(
        self, *arguments: str, cwd: Path = ROOT, stdin: str = ""
    ) -> subprocess.CompletedProcess[str]:
        """Run the command `pynomaly` as that person, who types `stdin`."""
        return self._run([str(Path(sys.executable).with_name("pynomaly")), *arguments], cwd, stdin)

    def run_program(self, argv: Sequence[str | Path], cwd: Path = ROOT) -> subprocess.CompletedProcess[str]:
        """Run a program as that person."""
        return self._run([str(part) for part in argv], cwd)

    def _run(self, argv: list[str], cwd: Path, stdin: str = "") -> subprocess.CompletedProcess[str]:
        env = {name: value for name, value in os.environ.items() if not name.startswith("PYNOMALY_")}
        env |= {"XDG_CONFIG_HOME": str(self.config_home), "PYTHONPATH": os.pathsep.join(sys.path)}
        return subprocess.run(
            argv, input=stdin, env=env, cwd=cwd, capture_output=True, text=True, timeout=PATIENCE, check=False
        )


def embedded(folder: Path, **settings: str) -> EmbeddedServer:
    """A server, not started, that keeps everything under `folder`."""
    env = {"PYTHONPATH": os.pathsep.join(sys.path), "XDG_DATA_HOME": str(folder), **settings}
    return EmbeddedServer(folder / "data", config_home=folder / "config", env=env)


@pytest.fixture(scope="session")
def eventually():
    """Waits until a condition holds."""

    def wait(condition) -> None:
        give_up = time.monotonic() + PATIENCE
        while not condition():
            assert time.monotonic() < give_up, "it did not happen"
            time.sleep(0.05)

    return wait


@pytest.fixture(scope="session")
def migrated(tmp_path_factory):
    """A file of SQLite with the tables of today: migrating one for each test would take most of the test."""
    settings = Settings.load(data_dir=tmp_path_factory.mktemp("migrated"), secret_key="x" * 32)
    upgrade(settings)
    return settings.data_dir / "pynomaly.db"


@pytest.fixture
def sqlite_url(migrated, tmp_path):
    """The URL of a database of this test's own, which has its tables and no rows."""
    return f"sqlite:///{shutil.copy(migrated, tmp_path)}"


@pytest.fixture(scope="session")
def stack(tmp_path_factory):
    """A server that lives as long as the tests; with PYNOMALY_COMPOSED the one of docker-compose.yml."""
    folder = tmp_path_factory.mktemp("stack")
    if os.environ.get("PYNOMALY_COMPOSED"):
        from tests.composed.as_stack import served

        with served(folder, _UNLIMITED) as composed:
            yield Running(composed, folder)
        return
    with embedded(folder, **_UNLIMITED) as server:
        yield Running(server, folder)


@pytest.fixture(scope="session")
def pair(tmp_path_factory):
    """A server of two API processes, whose access tokens live for a second."""
    folder = tmp_path_factory.mktemp("pair")
    settings = {"PYNOMALY_WORKERS": "2", "PYNOMALY_ACCESS_TOKEN_SECONDS": "1"}
    with embedded(folder, **settings, **_UNLIMITED) as server:
        yield Running(server, folder)


@pytest.fixture
def client(stack):
    """A client of that server."""
    with stack.client() as client:
        yield client


@pytest.fixture(scope="module")
def started(tmp_path_factory):
    """Starts a server that the tests of a module share."""
    servers = []

    def start_one(**settings: str) -> Running:
        folder = tmp_path_factory.mktemp("started")
        servers.append(embedded(folder, **settings).start())
        return Running(servers[-1], folder)

    yield start_one
    for server in servers:
        server.stop()


@contextlib.contextmanager
def _starting_in(folder: Path):
    started = []

    def start_one(**settings: str) -> Running:
        server = embedded(folder, **settings).start()
        started.append(server)
        return Running(server, folder)

    yield start_one
    for server in started:
        server.stop()


@pytest.fixture(scope="session")
def start_in():
    """`with start_in(folder) as start_one` starts servers there, each going on where the last one ended."""
    return _starting_in


@pytest.fixture
def start(tmp_path):
    """Starts a server of the test's own; a second call goes on in the folder of the first."""
    with _starting_in(tmp_path) as start_one:
        yield start_one


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_auto_num_workers():
    """For `-n auto`: two more than cores, since tests wait for servers, as far as memory goes."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
    return max(1, min(4, cores + 2, psutil.virtual_memory().total // BYTES_EACH))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config, log):
    """Files whose tests share a server of the session go to one process: each would start its own."""
    from xdist.scheduler import LoadFileScheduling

    class ServersTogether(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            file = super()._split_scope(nodeid)
            return shared_server(file) or file

    return ServersTogether(config, log) if config.getvalue("dist") == "loadfile" else None


@functools.cache
def shared_server(file: str) -> str:
    """The fixture of a server of the session that tests of this file ask for; empty where none does."""
    text = (ROOT / file).read_text()
    made, asked = (
        {name for names in re.findall(pattern, text) for name in re.findall(r"\w+", names)}
        for pattern in (r"fixture.*\ndef (\w+)", r"(?:def test|fixture.*\ndef )\w+\(([^)]*)\)")
    )
    return next((of for of, names in _SHARED_SERVERS.items() if (asked - made) & names), "")


def pytest_configure(config):
    # How long an example takes says more of what else the machine does than of the code.
    hypothesis.settings.register_profile("pynomaly", deadline=None)
    hypothesis.settings.load_profile("pynomaly")
    config.addinivalue_line("markers", "proof(name): counted under this name in the summary")


def pytest_collection_finish():
    # Thousands of tests and what they import stay for good: no collection need look through them.
    gc.freeze()


def pytest_collection_modifyitems(items):
    for item in items:
        for mark in item.iter_markers("proof"):
            item.user_properties.append(("proof", mark.args[0]))


class _FailuresAtOnce:
    """Tells of a failure when it happens: who stops the tests before their end would learn of none."""

    def __init__(self, terminal) -> None:
        self._terminal = terminal

    def pytest_runtest_logreport(self, report) -> None:
        if report.failed:
            self._terminal.write_line(f"\n{report.outcome} ({report.when}): {report.nodeid}", red=True)
            self._terminal.write_line(report.longreprtext[-_TOLD_AT_ONCE:])


def pytest_sessionstart(session):
    if (terminal := session.config.pluginmanager.get_plugin("terminalreporter")) is not None:
        session.config.pluginmanager.register(_FailuresAtOnce(terminal))


@pytest.fixture
def tried(request):
    """Counts cases of a proof that are not tests of their own."""
    counted = Counter()
    yield counted
    # A property of the report, so that it also comes from another process of the tests.
    request.node.user_properties += [("tried", [name, count]) for name, count in counted.items()]


def pytest_terminal_summary(terminalreporter):
    """Say of each proof how many cases were tried and how many failed."""
    tried, failed = Counter(), Counter()
    for outcome, reports in terminalreporter.stats.items():
        for report in reports:
            when = getattr(report, "when", None)
            for name, value in getattr(report, "user_properties", ()):
                if name == "tried" and when == "teardown":
                    tried[value[0]] += value[1]
                elif name == "proof" and outcome in {"passed", "failed", "error"}:
                    tried[value] += when == "call"
                    failed[value] += outcome != "passed"
    for proof in sorted(tried):
        terminalreporter.write_line(f"{proof}: cases tried {tried[proof]}, cases failed {failed[proof]}")
