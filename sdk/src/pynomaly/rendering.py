"""Small tables for people: aligned text, and HTML for notebooks."""

from __future__ import annotations

import html
import shutil
from collections.abc import Collection, Sequence
from numbers import Real
from typing import Any

_CELL = 28
_KEPT_CELL = 60
_MARK = ' style="background-color: #fde2e1; color: #000"'


def cell(value: Any, size: int = _CELL) -> str:
    """One value in at most `size` characters, on one line."""
    if value is None:
        return "-"
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    text = " ".join(text.split())
    text = "".join(char if char.isprintable() else "?" for char in text)
    return text if len(text) <= size else text[: size - 1] + "…"


def terminal_width() -> int:
    """Characters of a line of the terminal, or 120 where there is none."""
    return shutil.get_terminal_size((120, 24)).columns


def text_table(headers: Sequence[str], rows: Sequence[Sequence[Any]], *, width: int, keep: int) -> str:
    """Align rows under their headers; numbers to the right.

    Args:
        headers: Names of the columns.
        rows: One value per column each.
        width: Most characters of a line.
        keep: Number of columns at the left that are never dropped; further columns are left out where the
            line is full, and the last line says how many.
    """
    sizes = [_KEPT_CELL if place < keep else _CELL for place in range(len(headers))]
    columns = [
        [cell(name, size), *(cell(row[place], size) for row in rows)]
        for place, (name, size) in enumerate(zip(headers, sizes, strict=True))
    ]
    numeric = [
        all(isinstance(row[place], Real | None) for row in rows) and bool(rows)
        for place in range(len(headers))
    ]
    shown: list[list[str]] = []
    used = 0
    for place, column in enumerate(columns):
        size = max(map(len, column))
        if place >= keep and used + size > width:
            break
        used += size + 2
        shown.append([text.rjust(size) if numeric[place] else text.ljust(size) for text in column])
    lines = ["  ".join(line).rstrip() for line in zip(*shown, strict=True)]
    lines.insert(1, "  ".join("-" * len(column[0]) for column in shown))
    if hidden := len(columns) - len(shown):
        lines.append(f"({hidden} more column{'s' if hidden > 1 else ''})")
    return "\n".join(lines)


def html_table(
    caption: str, headers: Sequence[str], rows: Sequence[Sequence[Any]], marked: Collection[int] = ()
) -> str:
    """The same as an HTML table with the rows at the places `marked` highlighted; every text is escaped."""
    head = "".join(f"<th>{html.escape(cell(name))}</th>" for name in headers)
    body = "".join(
        f"<tr{_MARK if place in marked else ''}>"
        + "".join(f"<td>{html.escape(cell(value))}</td>" for value in row)
        + "</tr>"
        for place, row in enumerate(rows)
    )
    title = f"<caption>{html.escape(caption)}</caption>"
    return f"<table>{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"
