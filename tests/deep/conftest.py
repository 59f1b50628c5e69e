"""Tests of what is trained with torch; `make test-deep` runs them in an environment that has it."""

import importlib.util
import warnings

import pytest

if importlib.util.find_spec("torch") is None:
    collect_ignore_glob = ["test_*.py"]


@pytest.fixture(autouse=True)
def _no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield
