"""What holds for the package as a whole: quick import, few dependencies, two colours from one source."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

import pynomaly

SDK = Path(pynomaly.__file__).parents[2]
PROGRAM = SDK / "unasync.py"


def modules_after(code: str, *beside: Path) -> set[str]:
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys\nprint(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": os.pathsep.join(map(str, (SDK / "src", *beside)))},
    )
    return set(done.stdout.split())


def test_importing_the_package_loads_nothing_heavy():
    loaded = modules_after("import pynomaly")
    assert not {"httpx", "pydantic", "tenacity", "asyncio"} & loaded


def test_importing_the_client_leaves_http_and_data_libraries_alone():
    loaded = modules_after("from pynomaly import PynomalyClient, AsyncPynomalyClient")
    assert not {"httpx", "numpy", "pandas", "polars", "pyarrow"} & loaded
    assert not {"ssl", "http.client", "urllib.request"} & loaded, "half of what httpx loads"


@pytest.mark.parametrize(
    ("client", "twin"), [("PynomalyClient", "async_driver"), ("AsyncPynomalyClient", "driver")]
)
def test_importing_a_client_leaves_the_models_and_its_twin_for_who_needs_them(client, twin):
    loaded = modules_after(f"from pynomaly import {client}")
    assert not {"pydantic", "pynomaly._generated.models", f"pynomaly.transport.{twin}"} & loaded


def test_a_call_with_plain_rows_needs_no_data_library():
    code = (
        "import json, httpx, pynomaly\n"
        "reply = dict(predictions=[0], scores=[0.1], threshold=1, contamination=0.1, n_rows=1, n_anomalies=0,"
        " feature_names=[], columns=[], identifiers={}, algorithm='a', warnings=[], source='server', "
        "elapsed_ms=1)\n"
        "http = httpx.Client(transport=httpx.MockTransport(lambda request: httpx.Response(200, "
        "json=reply)))\n"
        "client = pynomaly.PynomalyClient(api_key='k', base_url='http://127.0.0.1:9', http_client=http)\n"
        "str(client.detect_anomalies([[1.0]]))"
    )
    assert not {"numpy", "pandas", "polars", "pyarrow"} & modules_after(code)


def test_a_command_of_the_client_leaves_what_the_servers_commands_run_on_for_these():
    code = (
        "from contextlib import suppress\n"
        "from pynomaly.cli import main\n"
        "with suppress(SystemExit):\n"
        "    main(['health', '--help'])"
    )
    loaded = modules_after(code, SDK.parent / "server" / "src")
    assert "pynomaly_server.cli" in loaded
    assert not {"sqlalchemy", "pydantic_settings", "pynomaly_server.settings"} & loaded


def test_only_the_transport_and_the_fake_server_import_httpx():
    users = {
        path.relative_to(SDK / "src" / "pynomaly").parts[0]
        for path in (SDK / "src" / "pynomaly").rglob("*.py")
        if any(
            line.strip() == "import httpx"
            for line in path.read_text().split("if TYPE_CHECKING:")[0].splitlines()
        )
    }
    assert users == {"transport", "testing"}


@pytest.mark.slow
def test_a_stale_synchronous_file_is_named(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(str(SDK))
    import unasync

    for name in ("pyproject.toml", "src"):
        (tmp_path / name).symlink_to(SDK / name)
    settings = {"files": {"src/pynomaly/async_client.py": "stale.py"}, "replacements": {}}
    monkeypatch.setattr(unasync, "ROOT", tmp_path)
    monkeypatch.setattr(unasync, "settings", lambda: settings)
    monkeypatch.setattr(sys, "argv", ["unasync.py", "--check"])
    (tmp_path / "stale.py").write_text("old")
    assert unasync.main() == 1
    assert (tmp_path / "stale.py").read_text() == "old"
