"""What the scan of the pins says of what pip-audit found."""

import importlib.util
from pathlib import Path

import pytest

FILE = Path(__file__).parents[3] / "requirements" / "scan.py"


@pytest.fixture(scope="module")
def scan():
    spec = importlib.util.spec_from_file_location("scan", FILE)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


GOOD = {"name": "a", "version": "1", "vulns": []}
BAD = {"name": "b", "version": "2", "vulns": [{"id": "CVE-1", "fix_versions": ["3"]}]}
UNKNOWN = {"name": "c", "skip_reason": "c is not there"}


def test_pins_of_which_nothing_is_known_pass(scan):
    assert scan.verdict({"dependencies": [GOOD]}) == (0, "nothing is known against 1 of 1 pins")


def test_what_was_not_looked_up_is_named(scan):
    expected = (0, "nothing is known against 1 of 2 pins; not looked up: c")
    assert scan.verdict({"dependencies": [GOOD, UNKNOWN]}) == expected


def test_a_vulnerability_fails_with_its_remedy(scan):
    assert scan.verdict({"dependencies": [GOOD, BAD, UNKNOWN]}) == (1, "b 2: CVE-1, mended in 3")


def test_a_scan_that_saw_nothing_is_skipped_and_does_not_pass(scan):
    expected = (75, "none of 1 pins could be looked up; the first: c is not there")
    assert scan.verdict({"dependencies": [UNKNOWN]}) == expected


def test_a_scan_that_cannot_run_is_skipped_with_its_reason(scan, tmp_path):
    status, words = scan.scan(str(tmp_path / "missing.txt"))
    assert status == 75
    assert words.startswith("pip-audit could not look anything up: ")
