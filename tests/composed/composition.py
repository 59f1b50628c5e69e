"""docker-compose.yml as Compose reads it, so that its services can be started without containers."""

from __future__ import annotations

import re
import shlex
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

import yaml

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker-compose.yml"
SECRETS = "/run/secrets"
_VARIABLE = re.compile(r"\$\{(?P<name>\w+)(?::-(?P<default>[^}]*))?\}")


@dataclass(frozen=True)
class Composition:
    """The services of a Compose file, with `${VARIABLES}` put in.

    Attributes:
        services: what is said of each, by its name.
        whole: the file.
    """

    services: Mapping[str, Mapping[str, Any]]
    whole: Mapping[str, Any]

    @classmethod
    def read(cls, variables: Mapping[str, str] = {}, file: Path = FILE) -> Self:
        """The file with `variables`, whose defaults are those in the file."""
        whole = _put_in(yaml.safe_load(file.read_text()), variables)
        return cls(whole["services"], whole)

    def command(self, service: str) -> list[str]:
        """The words of a service's command."""
        command = self.services[service]["command"]
        return shlex.split(command) if isinstance(command, str) else [str(word) for word in command]

    def environment(self, service: str) -> dict[str, str]:
        """The variables that a service is given."""
        given = self.services[service].get("environment", {})
        assert isinstance(given, dict), f"{service}: write its environment as a mapping"
        return {name: str(value) for name, value in given.items()}

    def replicas(self, service: str) -> int:
        """How many of a service there are."""
        return int(self.services[service].get("deploy", {}).get("replicas", 1))

    def ours(self) -> list[str]:
        """The services that run the image of this repository."""
        return [name for name, service in self.services.items() if "build" in service]


def _put_in(value: Any, variables: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {name: _put_in(inner, variables) for name, inner in value.items()}
    if isinstance(value, list):
        return [_put_in(inner, variables) for inner in value]
    if not isinstance(value, str):
        return value
    return _VARIABLE.sub(lambda found: variables.get(found["name"]) or _default(found), value)


def _default(found: re.Match[str]) -> str:
    assert found["default"] is not None, f"{found[0]} has no default and was not given"
    return found["default"]


def image_environment(dockerfile: Path = ROOT / "deploy" / "Dockerfile") -> dict[str, str]:
    """What the last stage of the Dockerfile puts into the environment of every command."""
    stage = dockerfile.read_text().rsplit("\nFROM ", 1)[1].replace("\\\n", " ")
    words = [word for line in stage.splitlines() if line.startswith("ENV ") for word in shlex.split(line[4:])]
    return dict(word.split("=", 1) for word in words)
