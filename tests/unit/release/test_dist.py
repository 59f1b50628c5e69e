"""What `make dist` builds works where there is nothing of this repository."""

import hashlib
import json
import os
import re
import subprocess
import sys
import sysconfig
import tarfile
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.slow


def run(*command, **more):
    done = subprocess.run(
        [*map(str, command)], capture_output=True, text=True, timeout=300, check=False, **more
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def dist(tmp_path_factory):
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, ROOT / "requirements" / "dist.py", folder)
    return folder


@pytest.fixture(scope="module")
def version():
    return run(sys.executable, ROOT / "requirements" / "version.py").strip()


@pytest.fixture(scope="module")
def environment(dist, tmp_path_factory):
    """An empty environment with both wheels; what they stand on is that of ours, our own packages are not."""
    folder = tmp_path_factory.mktemp("environment")
    run(sys.executable, "-m", "venv", "--without-pip", folder)
    python = folder / "bin" / "python"
    wheels = sorted(dist.glob("*.whl"))
    run(sys.executable, "-m", "pip", "--python", python, "install", "--no-index", "--no-deps", *wheels)
    purelib = Path(run(python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    # A line of a .pth file is a folder to look in; the .pth files in that folder, ours too, are not read.
    (purelib / "dependencies.pth").write_text(sysconfig.get_path("purelib") + "\n")
    return folder


def outside(environment, *command):
    env = {name: value for name, value in os.environ.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}
    return run(environment / "bin" / command[0], *command[1:], cwd=environment, env=env)


def test_everything_that_is_released_is_there_with_its_sum(dist, version):
    assert sorted(path.name for path in dist.iterdir()) == [
        "SHA256SUMS",
        f"pynomaly-js-{version}.cdx.json",
        f"pynomaly-js-{version}.tgz",
        f"pynomaly-server-{version}.cdx.json",
        f"pynomaly_sdk-{version}-py3-none-any.whl",
        f"pynomaly_sdk-{version}.tar.gz",
        f"pynomaly_server-{version}-py3-none-any.whl",
        f"pynomaly_server-{version}.tar.gz",
    ]
    for line in (dist / "SHA256SUMS").read_text().splitlines():
        digest, name = line.split("  ")
        assert hashlib.sha256((dist / name).read_bytes()).hexdigest() == digest


def test_archives_hold_nothing_that_was_made_while_working(dist):
    names = []
    for path in dist.glob("*.whl"):
        names += zipfile.ZipFile(path).namelist()
    for path in [*dist.glob("*.tar.gz"), *dist.glob("*.tgz")]:
        with tarfile.open(path) as archive:
            names += archive.getnames()
    left_over = re.compile(r"__pycache__|node_modules|\.nb[ci]$|\.pyc$|(^|/)\.(venv|data|env|git)(/|$)")
    assert [name for name in names if left_over.search(name)] == []
    assert any(name.endswith("pynomaly/py.typed") for name in names)


def test_the_wheels_work_without_this_repository(environment, version):
    said = outside(
        environment,
        "python",
        "-c",
        "import pynomaly, pynomaly_server, pynomaly_server.app\n"
        "from pynomaly_server.db.revisions import known_revisions\n"
        "print(pynomaly.__version__, pynomaly_server.__version__, len(known_revisions()))\n"
        "print(pynomaly.__file__, pynomaly_server.__file__, sep='\\n')",
    )
    numbers, *files = said.splitlines()
    migrations = len(list((ROOT / "server/src/pynomaly_server/db/migrations/versions").glob("0*.py")))
    assert numbers == f"{version} {version} {migrations}"
    assert all(Path(file).is_relative_to(environment) for file in files)


def test_their_command_has_the_clients_and_the_servers_parts_and_makes_a_database(environment):
    shown = outside(environment, "pynomaly", "--help")
    assert all(f" {command} " in shown for command in ("detect", "serve", "backup", "restore"))
    said = outside(environment, "python", "-m", "pynomaly_server", "serve", "--help")
    assert "--data-dir" in said
    env = {"PYNOMALY_DATA_DIR": str(environment / "data"), "PATH": os.environ["PATH"]}
    assert "tables of this version" in run(environment / "bin" / "pynomaly", "migrate", env=env)
    assert (environment / "data" / "pynomaly.db").stat().st_size > 0


def test_the_parts_lists_name_every_package_of_the_locks(dist, version):
    server = json.loads((dist / f"pynomaly-server-{version}.cdx.json").read_text())
    lock = (ROOT / "requirements" / "runtime.txt").read_text()
    pinned = re.findall(r"(?m)^([A-Za-z0-9._-]+)==(\S+)", lock)
    assert (server["bomFormat"], server["specVersion"]) == ("CycloneDX", "1.6")
    assert sorted((part["name"], part["version"]) for part in server["components"]) == sorted(pinned)
    digests = [said["value"] for part in server["components"] for said in part["properties"]]
    assert len([digest for digest in digests if re.fullmatch("[0-9a-f]{64}", digest)]) == lock.count(
        "--hash="
    )

    js = json.loads((dist / f"pynomaly-js-{version}.cdx.json").read_text())
    packages = json.loads((ROOT / "js-sdk" / "package-lock.json").read_text())["packages"]
    assert len(js["components"]) > 100
    assert all(part["scope"] == "excluded" for part in js["components"])
    assert js["dependencies"] == [{"ref": f"pkg:npm/pynomaly-js@{version}", "dependsOn": []}]
    for document in (server, js):
        refs = [part["bom-ref"] for part in document["components"]]
        assert len(refs) == len(set(refs))
    for part in js["components"]:
        assert any(
            package.get("version") == part["version"] and path.endswith(f"node_modules/{part['name']}")
            for path, package in packages.items()
        )
