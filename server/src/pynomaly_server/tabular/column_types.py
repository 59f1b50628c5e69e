"""Which of six types a column has: numeric, categorical, boolean, datetime, identifier, text."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Final, Literal, get_args

import polars as pl

from pynomaly_server.tabular.errors import BadOption, quoted
from pynomaly_server.tabular.frames import is_unnamed
from pynomaly_server.tabular.timestamps import check_calendar, parsed_times

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

ColumnType = Literal["numeric", "categorical", "boolean", "datetime", "identifier", "text"]
COLUMN_TYPES: Final[tuple[ColumnType, ...]] = get_args(ColumnType)

# `id`, `customer_id`, `order key`, `UUID`; and customerId, orderID where a small letter goes before.
_ID_NAME: Final = re.compile(r"(?:^|[_\-\s.])(?i:id|uuid|guid|key|identifier)$|[a-z](?:Id|ID|Key|Uuid|UUID)$")
_NEARLY_DISTINCT: Final = 0.95
_MOSTLY_DISTINCT: Final = 0.9
_ENOUGH_TEXTS: Final = 20

# Sentences seldom repeat; names of things of several words do, and most names have two.
_MANY_DISTINCT: Final = 0.5
_WORDS_OF_PROSE: Final = 3
_WORD: Final = r"\S*\p{L}\S*"

_TRUTHS: Final = ("true", "false")


def guessed_type(column: pl.Series) -> ColumnType:
    """The type of a column in plain types, from its values and its name.

    In 20 rows or more, strings of which more than half are distinct and at least half have three words are
    text, other strings that are more than 90 % distinct are an identifier. So is, whatever it holds, what is
    named like one and nearly all distinct. A fractional number never is one, and unnamed columns never are.
    """
    present = column.drop_nulls()
    return type_by(
        column.name,
        column.dtype,
        present.len(),
        is_times=lambda: parsed_times(column) is not None,
        distinct=present.n_unique,
        prose=lambda: count_prose(present),
    )


def type_by(
    name: str,
    dtype: pl.DataType,
    present: int,
    *,
    is_times: Callable[[], bool],
    distinct: Callable[[], int],
    prose: Callable[[], int],
) -> ColumnType:
    """The type of a column in plain types of which only figures are at hand, and asked for where they matter.

    `present` counts the values that are not missing, `distinct` the different ones among them and `prose`
    those of three words or more; `is_times` says whether text is times.
    """
    if dtype == pl.Boolean:
        return "boolean"
    if dtype.is_temporal():
        return "datetime"
    if dtype != pl.String:
        called = dtype.is_integer() and _is_called_identifier(name, present, distinct)
        return "identifier" if called else "numeric"
    if is_times():
        return "datetime"
    if _is_called_identifier(name, present, distinct):
        return "identifier"
    if present < _ENOUGH_TEXTS:
        return "categorical"
    share = distinct() / present
    if share > _MANY_DISTINCT and 2 * prose() >= present:
        return "text"
    return "identifier" if share > _MOSTLY_DISTINCT and not is_unnamed(name) else "categorical"


def count_prose(present: pl.Series) -> int:
    """How many texts have the words of a sentence."""
    return int((present.str.count_matches(_WORD) >= _WORDS_OF_PROSE).sum())


def checked_types(column_types: Mapping[str, str] | None, frame: pl.DataFrame) -> dict[str, ColumnType]:
    """The types a caller has said, checked against the names of the columns and of the types.

    Raises:
        BadOption: a column is unknown, or a type is.
    """
    checked: dict[str, ColumnType] = {}
    for name, given in (column_types or {}).items():
        pointer = "/column_types/" + name.replace("~", "~0").replace("/", "~1")
        if name not in frame.columns:
            raise BadOption(f"There is no column {quoted(name)}.{known_columns(frame.columns)}", pointer)
        known = next((each for each in COLUMN_TYPES if each == given), None)
        if known is None:
            raise BadOption(
                f"Column {quoted(name)} cannot be {quoted(str(given))}: a column is "
                f"{', '.join(COLUMN_TYPES)}.",
                pointer,
            )
        checked[name] = known
    return checked


def checked_features(features: Sequence[str] | None, frame: pl.DataFrame) -> list[str]:
    """The columns a caller wants in the model, in the table's order; all where none are named.

    Raises:
        BadOption: the list is empty, names a column twice or one that is not there.
    """
    if features is None:
        return frame.columns
    if not features:
        raise BadOption(
            "`features` is empty. Name at least one column, or leave it out to use all.", "/features"
        )
    for position, name in enumerate(features):
        if name not in frame.columns:
            raise BadOption(
                f"There is no column {quoted(name)}.{known_columns(frame.columns)}", f"/features/{position}"
            )
        if name in features[:position]:
            raise BadOption(f"Column {quoted(name)} is named twice. Name it once.", f"/features/{position}")
    wanted = set(features)
    return [name for name in frame.columns if name in wanted]


def as_type(column: pl.Series, wanted: ColumnType, first_row: int = 0) -> pl.Series | None:
    """The column's values in the form of a type, or None where they have none.

    Float64 for numeric, String for categorical, Boolean for boolean, Datetime or Date for datetime;
    identifiers and text stay.

    Raises:
        BadTable: the values are times outside the calendar.
    """
    dtype = column.dtype
    if column.null_count() == column.len():
        return pl.Series(column.name, [None] * column.len(), _FORMS.get(wanted, dtype))
    if wanted in ("identifier", "text"):
        return column
    if wanted == "categorical":
        return column.cast(pl.String)
    if wanted == "datetime":
        if dtype.is_temporal():
            check_calendar(column, first_row)
            return column
        return parsed_times(column, first_row) if dtype == pl.String else None
    if wanted == "boolean":
        return _as_boolean(column)
    if dtype.is_numeric():
        return column.cast(pl.Float64)
    if dtype != pl.String:
        return None
    numbers = column.str.strip_chars().cast(pl.Float64, strict=False)
    fits = numbers.null_count() == column.null_count() and numbers.is_finite().all()
    return numbers if fits else None


def known_columns(names: Sequence[str]) -> str:
    """The names of the columns there are, as a message lists them."""
    listed = ", ".join(quoted(name) for name in names[:10])
    return f" The columns are {listed}{', …' if len(names) > 10 else ''}."


_FORMS: Final[dict[str, pl.DataType]] = {
    "numeric": pl.Float64(),
    "categorical": pl.String(),
    "boolean": pl.Boolean(),
    "datetime": pl.Datetime("us"),
}


def _as_boolean(column: pl.Series) -> pl.Series | None:
    if column.dtype == pl.Boolean:
        return column
    if column.dtype == pl.String:
        lower = column.str.strip_chars().str.to_lowercase()
        return lower == "true" if lower.drop_nulls().is_in(list(_TRUTHS)).all() else None
    if column.dtype.is_numeric():
        numbers = column.cast(pl.Float64)
        return numbers == 1 if numbers.drop_nulls().is_in([0.0, 1.0]).all() else None
    return None


def is_named_like_identifier(name: str) -> bool:
    """Whether whole numbers or text in a column of this name may be an identifier; unnamed ones never are."""
    return not is_unnamed(name) and _ID_NAME.search(name) is not None


def _is_called_identifier(name: str, present: int, distinct: Callable[[], int]) -> bool:
    if not is_named_like_identifier(name):
        return False
    return present >= 2 and distinct() >= _NEARLY_DISTINCT * present
