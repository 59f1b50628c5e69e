"""The code of docs/testing.md runs as it stands there."""

import inspect
import re
from pathlib import Path

import pytest

from pynomaly.testing import FakeServer

PAGE = Path(__file__).parents[4] / "docs" / "testing.md"


@pytest.fixture(scope="module")
def names():
    names: dict = {}
    for block in re.findall(r"```python\n(.*?)```", PAGE.read_text(), re.DOTALL):
        exec(compile(block, str(PAGE), "exec"), names)
    return names


def test_the_code_of_the_page_finds_the_odd_payment(names):
    assert names["found"][0]["amount"] == 9000.0


def test_the_tests_on_the_page_pass(names):
    tests = [value for name, value in names.items() if name.startswith("test_") and inspect.isfunction(value)]
    assert len(tests) == 2
    for test in tests:
        server = FakeServer()
        with server.client() as client:
            test(server, client)
