"""YAML means what its author wrote, not what YAML 1.1 made of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from codegen.yaml12 import YamlError, load_yaml

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("on", "on"),
        ("no", "no"),
        ("true", True),
        ("2026-05-01", "2026-05-01"),
        ("2026-05-01T12:00:00Z", "2026-05-01T12:00:00Z"),
        ("12:30", "12:30"),
        ("010", 10),
        ("1e3", 1000.0),
        ("1_000", "1_000"),
        (".5", 0.5),
        ("~", None),
        ("=", "="),
    ],
)
def test_a_plain_scalar_is_read_by_the_core_schema(tmp_path: Path, text: str, value: object):
    file = tmp_path / "a.yaml"
    file.write_text(f"value: {text}\n")
    read = load_yaml(file)["value"]
    assert (read, type(read)) == (value, type(value))


def test_keys_are_the_text_of_the_file(tmp_path: Path):
    file = tmp_path / "a.yaml"
    file.write_text("200: a\non: b\n")
    assert load_yaml(file) == {"200": "a", "on": "b"}


def test_a_key_given_twice_is_refused_with_its_line(tmp_path: Path):
    file = tmp_path / "a.yaml"
    file.write_text("a: 1\na: 2\n")
    with pytest.raises(YamlError, match=r"the key 'a' is given twice; remove one\n.*line 2"):
        load_yaml(file)


def test_a_file_that_is_no_yaml_is_named(tmp_path: Path):
    file = tmp_path / "a.yaml"
    file.write_text("a: [1\n")
    with pytest.raises(YamlError, match=r"a\.yaml: is not valid YAML"):
        load_yaml(file)
