"""Looks the pins up among known vulnerabilities (pip-audit), and says which could not be looked up.

Run as `python requirements/scan.py requirements/runtime.txt`. Exit status 0 where none is known, 1 where one
is, and 75 where nothing could be looked up: offline, or behind an index that has no advisories.
"""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

SKIPPED = 75
PATIENCE_SECONDS = 180


def verdict(report: dict[str, Any]) -> tuple[int, str]:
    """Exit status and words for what pip-audit reports as JSON."""
    pins = report["dependencies"]
    known = [pin for pin in pins if "skip_reason" not in pin]
    if not known:
        return SKIPPED, f"none of {len(pins)} pins could be looked up; the first: {pins[0]['skip_reason']}"
    found = [
        f"{pin['name']} {pin['version']}: {fault['id']}, mended in "
        f"{', '.join(fault['fix_versions']) or 'no version yet'}"
        for pin in known
        for fault in pin["vulns"]
    ]
    if found:
        return 1, "\n".join(found)
    missed = sorted(pin["name"] for pin in pins if "skip_reason" in pin)
    unknown = f"; not looked up: {', '.join(missed)}" if missed else ""
    return 0, f"nothing is known against {len(known)} of {len(pins)} pins{unknown}"


def scan(requirements: str) -> tuple[int, str]:
    """Run pip-audit over a file of pins, without installing or resolving anything."""
    command = [sys.executable, "-m", "pip_audit", "--requirement", requirements, "--disable-pip", "--no-deps"]
    command += ["--progress-spinner", "off", "--format", "json"]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and our own arguments
            command, capture_output=True, text=True, timeout=PATIENCE_SECONDS, check=False
        )
    except subprocess.TimeoutExpired:
        return SKIPPED, f"the vulnerability service did not answer within {PATIENCE_SECONDS} s"
    try:
        report = json.loads(done.stdout)
    except ValueError:
        lines = done.stderr.strip().splitlines() or ["it printed nothing"]
        return SKIPPED, f"pip-audit could not look anything up: {lines[-1]}"
    return verdict(report)


if __name__ == "__main__":
    status, words = scan(sys.argv[1])
    print(words)
    sys.exit(status)
