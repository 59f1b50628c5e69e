"""Server, clients and contract have one version."""

import importlib.util
import shutil
from importlib.metadata import version as installed
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


@pytest.fixture(scope="module")
def version():
    spec = importlib.util.spec_from_file_location("release_version", ROOT / "requirements" / "version.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def copy(version, tmp_path):
    for place in version.PLACES:
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / place, tmp_path / place)
    return tmp_path


def test_everything_says_the_version_of_the_contract(version):
    assert version.faults() == []
    assert all(version.versions().values())


def test_what_is_installed_has_it_too(version):
    assert {installed("pynomaly-sdk"), installed("pynomaly-server")} == {version.current()}


def test_a_new_version_is_written_everywhere_but_where_people_write(version, copy):
    version.write("7.8.9", copy)
    said = version.versions(copy)
    assert said.pop("CHANGELOG.md") == [version.current()]
    assert {number for found in said.values() for number in found} == {"7.8.9"}
    assert version.faults(copy) == [
        f"CHANGELOG.md says {version.current()}, but openapi/pynomaly.yaml says 7.8.9."
    ]


def test_each_place_that_says_another_version_or_none_is_named(version, copy):
    for place in version.PLACES:
        if place == "openapi/pynomaly.yaml":
            continue
        before = (copy / place).read_text()
        (copy / place).write_text(before.replace(version.current(), "x"))
        assert version.faults(copy) == [
            f"{place} says no version, but openapi/pynomaly.yaml says {version.current()}."
        ]
        (copy / place).write_text(before)


def test_what_is_no_version_is_refused(version, copy):
    for text in ("1.2", "v1.2.3", "1.2.3 ", "1.2.3rc1"):
        with pytest.raises(ValueError, match="is no version such as"):
            version.write(text, copy)
