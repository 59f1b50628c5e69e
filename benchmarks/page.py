"""Tables of pages in docs/, which the benchmarks write between marks of their own."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

DOCS = Path(__file__).resolve().parents[1] / "docs"
PAGE = DOCS / "engine-performance.md"


def put_rows(
    mark: str, head: Sequence[str], rows: Iterable[Sequence[str]], keys: int, page: Path = PAGE
) -> None:
    """Put rows into the table of this mark; a row with the same first `keys` cells gives way to the new one.

    Raises:
        ValueError: the page has no such marks.
    """
    begin, end = f"<!-- {mark}: begin -->", f"<!-- {mark}: end -->"
    before, found, rest = page.read_text(encoding="utf-8").partition(begin)
    old, closed, after = rest.partition(end)
    if not found or not closed:
        raise ValueError(f"{page} lacks the marks {begin} and {end}")
    known = {cells[:keys]: cells for line in old.splitlines() if (cells := _cells(line))[:1] != ()}
    known = {key: cells for key, cells in known.items() if len(cells) == len(head) and cells != tuple(head)}
    known |= {tuple(row)[:keys]: tuple(row) for row in rows}
    lines = [_line(head), "|" + " --- |" * keys + " ---: |" * (len(head) - keys)]
    lines += [_line(cells) for _, cells in sorted(known.items())]
    page.write_text(f"{before}{begin}\n\n{chr(10).join(lines)}\n\n{end}{after}", encoding="utf-8")


def _cells(line: str) -> tuple[str, ...]:
    if not line.startswith("|") or line.startswith("| ---"):
        return ()
    return tuple(cell.strip() for cell in line.strip().strip("|").split("|"))


def _line(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cells) + " |"
