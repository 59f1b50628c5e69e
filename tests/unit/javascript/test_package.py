"""The JavaScript client: its own tests, and what was generated for it."""

import json
import re


def test_the_tests_of_the_javascript_client_pass(node):
    """vitest runs them, the vectors that both clients decide by among them."""
    report = node("node_modules/vitest/vitest.mjs", "run", "--reporter=json")
    told = json.loads(report[report.index("{") :])
    assert told["numFailedTests"] == told["numPendingTests"] == told["numTodoTests"] == 0
    assert told["numPassedTests"] == told["numTotalTests"] > 100


def test_the_types_are_what_the_contract_says(node):
    node("build/types.mjs", "--check")


def test_node_is_found_where_one_is_new_enough(finder, tmp_path):
    said = {"new": "v20.16.0", "old": "v18.20.0", "other": "1.2.3"}
    for name, version in said.items():
        program = tmp_path / name
        program.write_text(f"#!/bin/sh\necho {version}\n")
        program.chmod(0o755)
    assert finder.version_of(tmp_path / "new") == (20, 16, 0) >= finder.OLDEST
    assert finder.version_of(tmp_path / "old") < finder.OLDEST
    assert finder.version_of(tmp_path / "other") is None
    assert finder.version_of(tmp_path / "missing") is None


def test_the_lock_names_no_address(finder):
    """A lock with addresses would install from one place alone, whatever the caller's npm is set to."""
    locked = json.loads((finder.PACKAGE / "package-lock.json").read_text())["packages"]
    assert [name for name, package in locked.items() if "resolved" in package] == []
    assert all(re.match(r"sha\d+-", package["integrity"]) for name, package in locked.items() if name)
