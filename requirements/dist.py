"""Builds what is released: wheels and sources of server and client, the npm package, and their parts lists.

    python requirements/dist.py [FOLDER]        into dist/ by default, which is emptied before

Nothing is downloaded: the environment has what builds. Times in the archives are those of the last commit, so
that the same commit gives the same bytes.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import sbom
import version

ROOT: Final = Path(__file__).resolve().parents[1]


def run(*command: str | Path, folder: Path, **env: str) -> None:
    """Run a command that has to succeed; what it says goes to standard error."""
    subprocess.run(  # noqa: S603 - our own commands
        command, cwd=folder, env=os.environ | env, stdout=sys.stderr, check=True
    )


def time_of_commit() -> str:
    """Seconds since 1970 of the last commit, or the least that a ZIP can tell where there is no git."""
    done = subprocess.run(
        ["git", "log", "-1", "--format=%ct"],  # noqa: S607
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.strip() or "315532800"


def build(target: Path) -> list[Path]:
    """Build everything into `target`, and say what lies there.

    Raises:
        SystemExit: not everything that is released has one version.
        subprocess.CalledProcessError: something could not be built.
    """
    if faults := version.faults():
        raise SystemExit("\n".join(faults))
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    moment = time_of_commit()
    for package in ("sdk", "server"):
        run(
            sys.executable, "-m", "hatchling", "build", "--directory", target,
            folder=ROOT / package,
            SOURCE_DATE_EPOCH=moment,
        )  # fmt: skip
    node = ROOT / "requirements" / "node.py"
    run(sys.executable, node, "build", folder=ROOT)
    run(
        sys.executable, node, "npm", "pack", "--ignore-scripts", "--pack-destination", target,
        folder=ROOT / "js-sdk",
    )  # fmt: skip
    for what, name in (("server", "pynomaly-server"), ("js", "pynomaly-js")):
        document = json.dumps(sbom.of(what), indent=1) + "\n"
        (target / f"{name}-{version.current()}.cdx.json").write_text(document)
    files = sorted(target.iterdir())
    sums = [f"{hashlib.sha256(file.read_bytes()).hexdigest()}  {file.name}\n" for file in files]
    (target / "SHA256SUMS").write_text("".join(sums))
    return sorted(target.iterdir())


if __name__ == "__main__":
    for path in build(Path(sys.argv[1] if sys.argv[1:] else ROOT / "dist").absolute()):
        print(f"{path.stat().st_size:>12,}  {path}")
