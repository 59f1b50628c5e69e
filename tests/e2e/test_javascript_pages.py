"""What the pages for Node print first is run as it stands, in a folder where the package is installed."""

import json
import os
import re
import subprocess
from pathlib import Path

import pytest
from tests.unit.javascript.conftest import PACKAGE, ROOT, find

PAGES = {"README.md": "20 of 2000 rows are anomalous", "js-sdk/README.md": "1 of 5 rows are anomalous"}


@pytest.fixture(scope="module")
def project(tmp_path_factory) -> Path:
    finder = find()
    assert finder.build(finder.find_nodes()[0]) == 0
    folder = tmp_path_factory.mktemp("project")
    (folder / "node_modules").mkdir()
    (folder / "node_modules" / "pynomaly-js").symlink_to(PACKAGE)
    (folder / "examples").symlink_to(ROOT / "examples")
    (folder / "package.json").write_text(json.dumps({"type": "module"}))
    return folder


@pytest.mark.parametrize(("page", "printed"), PAGES.items(), ids=PAGES)
def test_the_first_program_of_a_page_runs_as_printed(stack, project, page, printed):
    code = re.findall(r"```js\n(.*?)```", (ROOT / page).read_text(), re.DOTALL)[0]
    (project / "first.js").write_text(code)
    node = find().find_nodes()[0]
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYNOMALY_")}
    env["XDG_CONFIG_HOME"] = str(stack.config_home)
    done = subprocess.run(
        [node.path, "first.js"],
        cwd=project,
        env=env,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith(printed)
