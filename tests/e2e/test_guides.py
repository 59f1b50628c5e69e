"""The code of the guides runs as it stands there, block after block, and prints what it says."""

import ast
import asyncio
import contextlib
import inspect
import io
import re
import shutil

import polars as pl
import pytest
from tests.e2e.test_examples import EXAMPLES

from pynomaly import PynomalyClient

DOCS = EXAMPLES.parent / "docs"
BLOCKS = re.compile(r"```(python|text)\n(.*?)```", re.DOTALL)


@pytest.fixture
def folder(stack, tmp_path, monkeypatch):
    """A folder with the examples' tables, for somebody who has configured nothing."""
    for name in ("transactions.csv", "transactions_labels.csv"):
        shutil.copy(EXAMPLES / name, tmp_path)
    payments = pl.read_csv(EXAMPLES / "transactions.csv")
    payments.head(1000).write_parquet(tmp_path / "january.parquet")
    payments.tail(1000).write_parquet(tmp_path / "february.parquet")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(stack.config_home))
    return tmp_path


def execute(source, names):
    """Run a block as a notebook would, which may await; gives what it prints."""
    code = compile(source, "page", "exec", flags=ast.PyCF_ALLOW_TOP_LEVEL_AWAIT)
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        if code.co_flags & inspect.CO_COROUTINE:
            asyncio.run(eval(code, names))
        else:
            exec(code, names)
    return printed.getvalue()


def hold(page, names):
    """Run every block of a page; what a block of text says is what the code before it printed."""
    blocks = BLOCKS.findall((DOCS / page).read_text())
    assert any(kind == "python" for kind, _ in blocks)
    printed = ""
    for kind, text in blocks:
        if kind == "python":
            assert not printed, f"{page} does not show what it prints: {printed}"
            printed = execute(text, names)
        else:
            assert printed == text
            printed = ""
    assert not printed, f"{page} does not show what it prints: {printed}"


@pytest.mark.parametrize("page", ["first-call.md", "data.md", "jobs.md", "sdk.md"])
def test_the_guide_prints_what_it_says(folder, page):
    names: dict = {}
    hold(page, names)
    names["client"].close()  # which some pages leave open


def test_the_code_of_the_package_page_prints_the_anomalies(folder):
    (code,) = (code for _, code in BLOCKS.findall((DOCS.parent / "sdk" / "README.md").read_text()))
    assert "2000 rows are anomalous" in execute(code, {})


def test_the_guide_on_notebooks_prints_what_it_says(folder, stack, monkeypatch):
    # A second server would prove what test_embedded_client.py proves.
    monkeypatch.setattr(PynomalyClient, "embedded", stack.client)
    hold("notebooks.md", {})
