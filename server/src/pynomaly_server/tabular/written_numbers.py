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


def numbers_read_as_text(column: pl.Series, kind: ColumnType) -> str | None:
    """What to tell the owner of a text column most of whose values look like numbers, else None.

    Nothing is converted: `1.234` is one number to a German and another to a Briton, and only the owner knows.
    """
    if column.dtype != pl.String or kind not in {"identifier", "categorical"}:
        return None
    present = column.drop_nulls()
    numbers = present.str.contains(_LOOKS_WRITTEN)
    if present.is_empty() or numbers.sum() < _MOSTLY * present.len():
        return None
    plain = present.str.strip_chars().cast(pl.Float64, strict=False)
    odd = present.filter(plain.is_null())
    if odd.is_empty():
        return None
    outcome = "kept out of the model" if kind == "identifier" else "used only for how rare each text is"
    return (
        f"Column {quoted(column.name)} is read as text and {outcome}, though {numbers.sum():,} of "
        f"{present.len():,} values look like numbers: {quoted(odd[0])} is not a plain one. Write numbers "
        "with a decimal point, without thousands separators and units, and leave missing ones empty."
    )
