"""Numbers that people wrote as text: with thousands separators, a decimal comma, a currency or a unit."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import polars as pl

from pynomaly_server.tabular.errors import quoted

if TYPE_CHECKING:
    from pynomaly_server.tabular.column_types import ColumnType

_MOSTLY: Final = 0.8
_GROUPED: Final = r"\d{1,3}(?:[.,' \u00a0]\d{3})+|[1-9]\d*|0"
_LOOKS_WRITTEN: Final = rf"^\s*[€$£¥]?\s*[-+]?(?:{_GROUPED})(?:[.,]\d+)?\s*[€$£¥%]?\s*$"


class WrittenNumbers:
    """Looks for written numbers in a text column that comes in parts.

    Nothing is converted: `1.234` is one number to a German and another to a Briton, and only the owner knows.
    """

    def __init__(self) -> None:
        self._present = 0
        self._numbers = 0
        self._odd: str | None = None

    def add(self, column: pl.Series) -> None:
        """Look at more texts."""
        present = column.drop_nulls()
        self._present += present.len()
        self._numbers += int(present.str.contains(_LOOKS_WRITTEN).sum())
        if self._odd is None:
            plain = present.str.strip_chars().cast(pl.Float64, strict=False)
            self._odd = next(iter(present.filter(plain.is_null()).head(1)), None)

    def said(self, name: str, kind: ColumnType) -> str | None:
        """What to tell the column's owner where most values look like numbers, else None."""
        if kind not in {"identifier", "categorical"}:
            return None
        if self._odd is None or self._numbers < _MOSTLY * self._present:
            return None
        outcome = "kept out of the model" if kind == "identifier" else "used only for how rare each text is"
        return (
            f"Column {quoted(name)} is read as text and {outcome}, though {self._numbers:,} of "
            f"{self._present:,} values look like numbers: {quoted(self._odd)} is not a plain one. Write "
            "numbers with a decimal point, without thousands separators and units, and leave missing ones "
            "empty."
        )


def numbers_read_as_text(column: pl.Series, kind: ColumnType) -> str | None:
    """What to tell the owner of a text column most of whose values look like numbers, else None."""
    if column.dtype != pl.String or kind not in {"identifier", "categorical"}:
        return None
    written = WrittenNumbers()
    written.add(column)
    return written.said(column.name, kind)
