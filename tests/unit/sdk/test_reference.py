"""The reference has every public name of the client, and its docstrings say what they have to."""

import importlib
import inspect
import re
from pathlib import Path

import pytest

import pynomaly
import pynomaly.testing

ROOT = Path(__file__).parents[3]
DOCS = ROOT / "docs"
LISTED = [
    name
    for page in sorted((DOCS / "reference").glob("*.md"))
    for name in re.findall(r"^::: (\S+)", page.read_text(), re.MULTILINE)
]
PUBLIC = [
    *(f"pynomaly.{name}" for name in pynomaly.__all__ if name != "__version__"),
    *(f"pynomaly.testing.{name}" for name in pynomaly.testing.__all__),
]


def found(name):
    """What a dotted name stands for: a module, or something in one."""
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError:
        home, _, last = name.rpartition(".")
        return getattr(importlib.import_module(home), last)


def functions(thing):
    """Public functions of our own writing of a class or module, with their names."""
    for name, value in inspect.getmembers(thing):
        inner = value.fget if isinstance(value, property) else getattr(value, "__func__", value)
        if name.startswith("_") or not inspect.isfunction(inner):
            continue
        function = inspect.unwrap(inner)
        if inspect.ismodule(thing) and function.__module__ != thing.__name__:
            continue
        if function.__module__.startswith("pynomaly") and "._generated" not in function.__module__:
            yield name, function


FUNCTIONS = {f"{listed}.{name}": function for listed in LISTED for name, function in functions(found(listed))}


def test_every_public_name_is_in_the_reference_once():
    assert sorted(set(PUBLIC) - set(LISTED)) == []
    assert len(LISTED) == len(set(LISTED))


def test_everything_in_the_reference_exists_and_is_documented():
    assert [name for name in LISTED if not inspect.getdoc(found(name))] == []


def test_there_are_functions_to_look_at():
    assert {"pynomaly.PynomalyClient.detect_anomalies", "pynomaly.JobHandle.wait"} <= set(FUNCTIONS)


@pytest.mark.parametrize("name", sorted(FUNCTIONS))
def test_a_public_docstring_names_every_argument(name):
    """In `Args`, in its sentence, or by referring to the function that has the same."""
    text = inspect.getdoc(FUNCTIONS[name])
    assert text, f"{name} has no docstring"
    arguments = [
        each for each in inspect.signature(FUNCTIONS[name]).parameters if each not in ("self", "cls")
    ]
    unnamed = [each for each in arguments if not re.search(rf"\b{each}\b", text)]
    assert not unnamed or re.search(r"\b(?:as|see) `", text), f"{name} does not say what {unnamed} are"


def test_the_site_has_every_page_and_no_other():
    """By the text, since what reads mkdocs.yml is not among what the tests need."""
    nav = (ROOT / "mkdocs.yml").read_text().partition("\nnav:\n")[2]
    named = re.findall(r": (\S+\.md)$", nav, re.MULTILINE)
    pages = [path.relative_to(DOCS).as_posix() for path in DOCS.rglob("*.md")]
    assert sorted(named) == sorted(pages)


def test_the_index_leads_to_every_page():
    index = (DOCS / "README.md").read_text()
    pages = {path.name for path in DOCS.glob("*.md")} - {"README.md"}
    assert pages - set(re.findall(r"\]\(([\w-]+\.md)\)", index)) == set()


def test_no_page_with_code_is_left_without_a_test():
    tests = "".join(path.read_text() for path in (ROOT / "tests").rglob("test_*.py"))
    pages = [path.name for path in DOCS.glob("*.md") if "```python" in path.read_text()]
    assert "sdk.md" in pages
    assert [page for page in pages if f'"{page}"' not in tests] == []
