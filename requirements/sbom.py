"""What a release is made of, as CycloneDX 1.6 (JSON): every package of a lock, with its version and hashes.

    python requirements/sbom.py server > pynomaly-server.cdx.json
    python requirements/sbom.py js > pynomaly-js.cdx.json

From the locks alone: what they say is what `make install` installs, and nothing is asked of the network. The
JavaScript client stands on nothing at run time; its packages are those that build and test it, and say so.
"""

from __future__ import annotations

import base64
import json
import re
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import version

ROOT: Final = Path(__file__).resolve().parents[1]
_PIN: Final = re.compile(r"(?P<name>[A-Za-z0-9._-]+)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+))?")
_HASH: Final = re.compile(r"--hash=sha256:(?P<digest>[0-9a-f]{64})")
_OF_NPM: Final = {"sha1": "SHA-1", "sha256": "SHA-256", "sha384": "SHA-384", "sha512": "SHA-512"}


def pins(lock: str) -> Iterator[dict[str, Any]]:
    """The packages of a lock of pip, as components."""
    for entry in lock.replace("\\\n", " ").splitlines():
        if (pin := _PIN.match(entry)) is None:
            continue
        name = re.sub(r"[-_.]+", "-", pin["name"]).lower()
        place = f"pkg:pypi/{name}@{pin['version']}"
        component = {
            "type": "library",
            "bom-ref": place,
            "name": name,
            "version": pin["version"],
            "purl": place,
            "scope": "required" if pin["marker"] is None else "optional",
            # One for each file that may be installed; CycloneDX has a list for hashes of one file alone.
            "properties": [
                {"name": "pynomaly:sha256", "value": found["digest"]} for found in _HASH.finditer(entry)
            ],
        }
        if pin["marker"] is not None:
            component["properties"].append({"name": "pynomaly:marker", "value": pin["marker"].strip()})
        yield component


def packages(lock: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The packages of a lock of npm, as components; the same one in two places is one."""
    seen = set()
    for path, package in lock["packages"].items():
        if not path or package.get("link"):
            continue
        name = package.get("name") or path.rpartition("node_modules/")[2]
        place = f"pkg:npm/{name.replace('@', '%40')}@{package['version']}"
        if place in seen:
            continue
        seen.add(place)
        algorithm, _, digest = package.get("integrity", "").partition("-")
        hashes = (
            [{"alg": _OF_NPM[algorithm], "content": base64.b64decode(digest).hex()}]
            if algorithm in _OF_NPM
            else []
        )
        yield {
            "type": "library",
            "bom-ref": place,
            "name": name,
            "version": package["version"],
            "purl": place,
            "scope": "excluded" if package.get("dev") else "required",
            "hashes": hashes,
        }


def bill(name: str, kind: str, components: list[dict[str, Any]]) -> dict[str, Any]:
    """The whole document; the same for the same locks."""
    place = f"pkg:{kind}/{name}@{version.current()}"
    listed = sorted(components, key=lambda component: str(component["bom-ref"]))
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, place + json.dumps(listed))}",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application" if kind == "pypi" else "library",
                "bom-ref": place,
                "name": name,
                "version": version.current(),
                "purl": place,
                "licenses": [{"license": {"id": "Apache-2.0"}}],
            }
        },
        "components": listed,
        "dependencies": [
            {
                "ref": place,
                "dependsOn": [
                    component["bom-ref"] for component in listed if component["scope"] != "excluded"
                ],
            }
        ],
    }


def of(what: str) -> dict[str, Any]:
    """The document of the server (with the Python client that it stands on) or of the JavaScript client."""
    if what == "server":
        return bill("pynomaly-server", "pypi", list(pins((ROOT / "requirements/runtime.txt").read_text())))
    lock = json.loads((ROOT / "js-sdk/package-lock.json").read_text())
    return bill("pynomaly-js", "npm", list(packages(lock)))


if __name__ == "__main__":
    if sys.argv[1:] not in (["server"], ["js"]):
        print(__doc__, file=sys.stderr)
        sys.exit(2)
    json.dump(of(sys.argv[1]), sys.stdout, indent=1)
    print()
