"""YAML as the contract uses it: the core schema of YAML 1.2, where `on` is a word and a date is a string."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from pathlib import Path

# PyYAML speaks YAML 1.1, whose `no`, `12:30` and `2026-05-01` would change meaning behind the author's back.
CORE_SCALARS = (
    ("tag:yaml.org,2002:bool", r"true|True|TRUE|false|False|FALSE", "tTfF"),
    ("tag:yaml.org,2002:null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("tag:yaml.org,2002:int", r"[-+]?[0-9]+", "-+0123456789"),
    ("tag:yaml.org,2002:float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
)


class YamlError(ValueError):
    """A YAML file cannot be read; the message names the file and the line."""


class CoreLoader(yaml.SafeLoader):
    """A safe loader with YAML 1.2 scalars, string keys and no tolerance for duplicate keys."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - as PyYAML declares it

    def construct_contract_mapping(self, node: yaml.MappingNode) -> dict[str, Any]:
        """Build a mapping whose keys are the text of the file, so that `200:` and `'200':` are one key."""
        mapping: dict[str, Any] = {}
        for key_node, value_node in node.value:
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(
                    None, None, "a key must be a plain string", key_node.start_mark
                )
            key = key_node.value
            if key in mapping:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {key!r} is given twice; remove one", key_node.start_mark
                )
            mapping[key] = self.construct_object(value_node, deep=True)
        return mapping

    def construct_decimal_int(self, node: yaml.ScalarNode) -> int:
        """Read an integer in base ten; YAML 1.1 would read `010` as eight."""
        return int(node.value)


for _tag, _pattern, _first in CORE_SCALARS:
    CoreLoader.add_implicit_resolver(_tag, re.compile(rf"^(?:{_pattern})$"), list(_first))
CoreLoader.add_constructor("tag:yaml.org,2002:map", CoreLoader.construct_contract_mapping)
CoreLoader.add_constructor("tag:yaml.org,2002:int", CoreLoader.construct_decimal_int)


def load_yaml(path: Path) -> Any:
    """Read one YAML file.

    Raises:
        YamlError: the file is missing, is not UTF-8, or is not YAML; names the file and the line.
    """
    try:
        return yaml.load(path.read_text(encoding="utf-8"), Loader=CoreLoader)  # noqa: S506 - a SafeLoader  # nosec B506
    except (OSError, UnicodeDecodeError) as error:
        raise YamlError(f"{path}: cannot be read ({error}).") from error
    except yaml.YAMLError as error:
        raise YamlError(f"{path}: is not valid YAML: {error}") from error
