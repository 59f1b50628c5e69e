"""The fixtures that the client brings for pytest."""

import importlib
import subprocess
import sys
import tomllib
from pathlib import Path

import pynomaly

SDK = Path(pynomaly.__file__).parents[2]
PLUGIN = "pynomaly.testing.pytest_plugin"

TESTS = """
import sys

def test_nothing_is_loaded_before_a_fixture_is_used():
    assert not {"httpx", "pydantic", "pynomaly.testing.server", "pynomaly.client"} & set(sys.modules)

def test_the_client_talks_to_the_server(fake_pynomaly_server, fake_pynomaly_client):
    assert fake_pynomaly_client.health_check().status == "ok"
    fake_pynomaly_server.calls.assert_called("healthCheck", times=1)

def test_each_test_has_a_server_of_its_own(fake_pynomaly_server):
    fake_pynomaly_server.calls.assert_not_called("healthCheck")

def test_the_asynchronous_client_talks_to_it_too(fake_pynomaly_server, fake_async_pynomaly_client):
    import asyncio

    assert asyncio.run(fake_async_pynomaly_client.health_check()).status == "ok"
    fake_pynomaly_server.calls.assert_called("healthCheck", times=1)
"""


def test_the_entry_point_names_the_plugin():
    project = tomllib.loads((SDK / "pyproject.toml").read_text())["project"]
    assert project["entry-points"]["pytest11"] == {"pynomaly": PLUGIN}
    importlib.import_module(PLUGIN)


def test_its_fixtures_work_in_the_tests_of_another_program(tmp_path):
    (tmp_path / "test_app.py").write_text(TESTS)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--noconftest"),
            *("-p", PLUGIN, str(tmp_path)),
        ],
        env={"PYTHONPATH": str(SDK / "src"), "PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "4 passed" in done.stdout, done.stdout + done.stderr
