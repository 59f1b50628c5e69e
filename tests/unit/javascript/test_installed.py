"""The npm package as a stranger gets it: packed, installed into an empty project, used in every way."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

CONSUMERS = Path(__file__).parent / "consumers"


@pytest.mark.parametrize("consumer", ["consumer.cjs", "consumer.mjs"])
def test_the_package_works_under_every_node_here(packed, finder, consumer):
    project, _ = packed
    shutil.copy(CONSUMERS / consumer, project)
    for node in finder.find_nodes():
        done = subprocess.run(
            [node.path, consumer], cwd=project, capture_output=True, text=True, timeout=60, check=False
        )
        assert (done.returncode, done.stderr) == (0, ""), (node, done.stdout)
        assert done.stdout.split()[0] in ("required", "imported")


def test_its_types_hold_for_import_and_require(packed, node):
    project, _ = packed
    settings = {
        "module": "nodenext",
        "target": "es2022",
        "lib": ["es2023", "dom", "dom.iterable"],
        "types": [],
        "strict": True,
        "noEmit": True,
        "skipLibCheck": False,
        "exactOptionalPropertyTypes": True,
    }
    (project / "tsconfig.json").write_text(json.dumps({"compilerOptions": settings}))
    for name in ("types.cts", "types.mts"):
        shutil.copy(CONSUMERS / name, project)
    node("node_modules/typescript/bin/tsc", "--project", str(project))


def test_nothing_is_wrong_with_its_exports_and_types(packed, node):
    """publint and `@arethetypeswrong/core` look at the tarball."""
    _, tarball = packed
    said = node("build/check-package.mjs", str(tarball))
    assert said == "The package is right for import and require, with its types.\n"


def test_it_holds_its_build_and_nothing_else(packed):
    project, _ = packed
    installed = project / "node_modules" / "pynomaly-js"
    assert sorted(path.name for path in installed.iterdir()) == ["README.md", "dist", "package.json"]
    manifest = json.loads((installed / "package.json").read_text())
    assert "dependencies" not in manifest
    assert manifest["sideEffects"] is False
