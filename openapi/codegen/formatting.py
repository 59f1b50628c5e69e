"""One formatter for everything written: the pinned ruff with fixed settings, whatever the caller's are."""

from __future__ import annotations

import subprocess
import sys

SETTINGS = (
    "--isolated",
    "--quiet",
    "--line-length=110",
    "--target-version=py311",
    "--stdin-filename=generated.py",
)


def format_python(source: str, first_party: tuple[str, ...]) -> str:
    """Drop unused imports, sort the others (the packages of `first_party` last) and lay the code out.

    Raises:
        RuntimeError: ruff refuses the code, which is a defect of the generator.
    """
    ours = f"lint.isort.known-first-party={sorted(set(first_party))}"
    tidy = _ruff(
        ("check", "--fix", "--exit-zero", "--select=F401,I", "--config", ours, *SETTINGS, "-"), source
    )
    return _ruff(("format", *SETTINGS, "-"), tidy)


def _ruff(arguments: tuple[str, ...], source: str) -> str:
    done = subprocess.run(  # noqa: S603 - our own interpreter and our own arguments  # nosec B603
        [sys.executable, "-m", "ruff", *arguments],
        input=source,
        capture_output=True,
        check=False,
        text=True,
        encoding="utf-8",
    )
    if done.returncode != 0:
        raise RuntimeError(f"ruff could not format generated code: {done.stderr.strip()}\n{source}")
    return done.stdout
