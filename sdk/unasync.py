# ruff: noqa: INP001  a program, not a module of a package
"""Makes the synchronous files of the SDK from the asynchronous ones.

    python sdk/unasync.py            write them
    python sdk/unasync.py --check    fail, naming each file, where a committed file differs from what would
    be written

unasyncd transforms the syntax tree; its own command line is not used, because its `--check` passes on stale
files and it keeps a cache beside the sources. Files and names are in `[tool.pynomaly.unasync]` of
pyproject.toml.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tomllib
from pathlib import Path

from unasyncd.transformers import TreeTransformer

ROOT = Path(__file__).resolve().parent
HEADER = "# Made from {source} by `python sdk/unasync.py`; edit that file instead of this one.\n\n"
RUFF = ("--isolated", "--line-length=110", "--target-version=py311", "--no-cache", "--quiet")


def _ruff(source: str, *command: str) -> str:
    done = subprocess.run(  # noqa: S603  the command is written out here
        [sys.executable, "-m", "ruff", command[0], *RUFF, *command[1:], "--stdin-filename=made.py", "-"],
        input=source,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise SystemExit(f"ruff {command[0]} failed: {done.stderr}")
    return done.stdout


def made_from(source: Path, replacements: dict[str, str]) -> str:
    """Return the synchronous twin of an asynchronous file."""
    transform = TreeTransformer(
        transform_docstrings=True, extra_name_replacements=replacements, infer_type_checking_imports=False
    )
    text = transform(source.read_text(encoding="utf-8"))
    # Remarks to the linter about asynchronous code mean nothing in the twin.
    text = "".join(
        line for line in text.splitlines(keepends=True) if not line.startswith("# ruff: noqa: ASYNC")
    )
    text = _ruff(
        text,
        "check",
        "--select=C416,F401,I,UP028",
        "--unsafe-fixes",
        '--config=lint.isort.known-first-party=["pynomaly"]',
        "--fix-only",
    )
    return HEADER.format(source=source.name) + _ruff(text, "format")


def settings() -> dict[str, dict[str, str]]:
    """Files by their source, and names by what replaces them."""
    document = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    table: dict[str, dict[str, str]] = document["tool"]["pynomaly"]["unasync"]
    return table


def main() -> int:
    """Write the files, or compare them with `--check`."""
    parser = argparse.ArgumentParser(description="Make the synchronous files of the SDK.")
    parser.add_argument("--check", action="store_true", help="write nothing, fail on a difference")
    arguments = parser.parse_args()
    chosen = settings()
    stale = 0
    for source, target in chosen["files"].items():
        text = made_from(ROOT / source, chosen["replacements"])
        path = ROOT / target
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        if arguments.check:
            stale += 1
            sys.stderr.write(
                f"sdk/{target} differs from what sdk/{source} gives; run: python sdk/unasync.py\n"
            )
        else:
            path.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote sdk/{target}\n")
    return 1 if stale else 0


if __name__ == "__main__":
    sys.exit(main())
