"""Texts that a spreadsheet would run as a formula, and how they are kept from it (OWASP, "CSV Injection")."""

from __future__ import annotations

import re
from typing import Any, Final

_FIRST: Final = re.compile(r"[=+\-@\t\r\n\0]")
_NUMBER: Final = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?")


def runs_as_formula(text: str) -> bool:
    """Whether `text` begins as a formula does and is no plain number such as `-1.5`."""
    return _FIRST.match(text) is not None and _NUMBER.fullmatch(text) is None


def guarded(cell: Any) -> Any:
    """A cell as CSV may have it: an apostrophe before text that would run, booleans in lower case."""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, str) and runs_as_formula(cell):
        return "'" + cell
    return cell
