"""The version of everything that is released, which is that of the contract.

python requirements/version.py              say it
python requirements/version.py --check      say where another one is written, and fail
python requirements/version.py 0.2.0        write it everywhere
"""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).resolve().parents[1]
_NUMBER: Final = r"(?P<version>[0-9]+\.[0-9]+\.[0-9]+)"
PLACES: Final = {
    "openapi/pynomaly.yaml": rf"(?m)^  version: {_NUMBER}$",
    "sdk/pyproject.toml": rf'(?m)^version = "{_NUMBER}"$',
    "sdk/src/pynomaly/_version.py": rf'(?m)^__version__ = "{_NUMBER}"$',
    "server/pyproject.toml": rf'(?m)^version = "{_NUMBER}"$',
    "server/src/pynomaly_server/__init__.py": rf'(?m)^__version__ = "{_NUMBER}"$',
    "js-sdk/src/version.ts": rf'(?m)"{_NUMBER}"',
    "js-sdk/package.json": rf'(?m)^  "version": "{_NUMBER}",$',
    "js-sdk/package-lock.json": rf'"name": "pynomaly-js",\s+"version": "{_NUMBER}"',
    "CHANGELOG.md": rf"(?m)\A# Changelog\n(?:(?!^## ).*\n)*## {_NUMBER}(?: |$)",
}
"""Where it is written, the first of them for the others to follow."""


def versions(root: Path = ROOT) -> dict[str, list[str]]:
    """What each place says, as often as it says it."""
    return {
        place: [found["version"] for found in re.finditer(pattern, (root / place).read_text())]
        for place, pattern in PLACES.items()
    }


def current(root: Path = ROOT) -> str:
    """The version of the contract."""
    [contract, *_] = versions(root).values()
    return contract[0]


def faults(root: Path = ROOT) -> list[str]:
    """A sentence for each place that says another version than the contract, or none."""
    said = versions(root)
    contract, *_ = said
    [wanted] = said[contract]
    return [
        f"{place} says {' and '.join(found) or 'no version'}, but {contract} says {wanted}."
        for place, found in said.items()
        if set(found) != {wanted}
    ]


def write(version: str, root: Path = ROOT) -> None:
    """Write a version everywhere but in the changelog, whose headings people write.

    Raises:
        ValueError: it is no version.
    """
    if not re.fullmatch(_NUMBER, version):
        raise ValueError(f"{version!r} is no version such as 1.2.3")
    for place, pattern in PLACES.items():
        if place == "CHANGELOG.md":
            continue
        path = root / place
        path.write_text(
            re.sub(pattern, lambda found: found[0].replace(found["version"], version), path.read_text())
        )


def main(arguments: list[str]) -> int:
    """Run one command."""
    match arguments:
        case []:
            print(current())
        case ["--check"]:
            for fault in (found := faults()):
                print(fault, file=sys.stderr)
            return 1 if found else 0
        case [version]:
            write(version)
            print(f"{version}. Now its heading in CHANGELOG.md, `make generate` and `make install-dev`.")
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
