"""Settings that are told by a file, lines of `NAME=value`, which a running server can read anew."""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path
from typing import Final

VARIABLE: Final = "PYNOMALY_SETTINGS_FILE"


def settings_from_file(known: Collection[str]) -> tuple[dict[str, str], list[str]]:
    """The values of the file that `PYNOMALY_SETTINGS_FILE` names, by variable, and a sentence per fault.

    Empty lines and lines that begin with `#` say nothing. `known` are the variables that there are; another
    one is a fault, since it would be a slip of the pen that nobody notices. A variable that the environment
    itself has goes before its line.
    """
    path = os.environ.get(VARIABLE)
    if not path:
        return {}, []
    try:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else "it is not text"
        return {}, [f"{VARIABLE} names {path}, which cannot be read: {reason}."]
    found: dict[str, str] = {}
    faults = []
    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or line.startswith("#"):
            continue
        name, separator, value = (part.strip() for part in line.partition("="))
        if not separator or name not in known:
            faults.append(
                f"Line {number} of {path}, which {VARIABLE} names, is no NAME=value of a known setting."
            )
        elif not os.environ.get(name):
            found[name] = value
    return found, faults
