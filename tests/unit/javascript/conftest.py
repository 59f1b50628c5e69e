"""Runs what the JavaScript client brings: its own tests, its build, its checks."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
PACKAGE = ROOT / "js-sdk"
PATIENCE = 300


def find():
    """`requirements/node.py`, imported."""
    spec = importlib.util.spec_from_file_location("node", ROOT / "requirements" / "node.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["node"] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def finder():
    """`requirements/node.py`."""
    return find()


@pytest.fixture(scope="session")
def node(finder):
    """Runs a script of js-sdk with Node; its output where it succeeds."""
    nodes = finder.find_nodes()
    assert nodes, "there is no Node; run `make install-dev`"
    assert finder.installed(), "js-sdk/node_modules is not what the lock says; run `make install-dev`"

    def run(*arguments: str, **env: str) -> str:
        done = subprocess.run(
            [nodes[0].path, *arguments],
            cwd=PACKAGE,
            env={**os.environ, "NO_COLOR": "1", **env},
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def packed(finder, node, tmp_path_factory):
    """An empty project in which the package is installed, as from a registry; its folder and tarball."""
    preferred = finder.find_nodes()[0]
    assert finder.build(preferred) == 0
    project = tmp_path_factory.mktemp("project")
    npm = preferred.npm()
    assert npm, f"{preferred.path} has no npm"

    def run(*arguments: str, cwd: Path) -> str:
        done = subprocess.run(
            [*npm, *arguments, "--loglevel=error"],
            cwd=cwd,
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    run("pack", "--ignore-scripts", "--pack-destination", str(project), cwd=PACKAGE)
    (tarball,) = project.glob("*.tgz")
    (project / "package.json").write_text('{"name": "empty", "private": true}')
    run("install", "--offline", "--ignore-scripts", tarball.name, cwd=project)
    return project, tarball
