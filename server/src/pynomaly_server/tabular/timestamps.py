"""Times written as text: RFC 3339, and the dates and local times of ISO 8601 that spreadsheets write."""

from __future__ import annotations

from typing import Final

import polars as pl

from pynomaly_server.tabular.errors import BadTable, at_row, quoted

_DATE = r"(?P<date>\d{4}-\d{2}-\d{2})"
_CLOCK = r"(?P<clock>\d{2}:\d{2})(?::(?P<second>\d{2})(?:[.,](?P<fraction>\d{1,9}))?)?"
_OFFSET = r"\s?(?:[Zz]|(?P<sign>[+-])(?P<hours>\d{2}):?(?P<minutes>\d{2}))?"
_PATTERN = rf"^\s*{_DATE}(?:[Tt ]{_CLOCK}{_OFFSET})?\s*$"
# Five digits of year, or a sign: ISO 8601 allows them, calendars of this product end in 9999.
_FAR_AWAY = r"^\s*(?:[+-]\d{4,}|\d{5,})-\d{2}-\d{2}"

FIRST_YEAR, LAST_YEAR = 1, 9999

# The years 1 to 9999, in seconds since 1970.
_FIRST_SECOND: Final = -62_135_596_800
_END_SECOND: Final = 253_402_300_800
_DAY: Final = 86_400


def parsed_times(text: pl.Series, first_row: int = 0) -> pl.Series | None:
    """The column as Date (where no row has a time of day) or Datetime (UTC), or None where a row is no time.

    Missing rows stay missing; a column without any value is None. Times without an offset are taken as UTC.
    `first_row` is the position of the column's first row, for messages.

    Raises:
        BadTable: the rows are times, but one lies outside the years 1 to 9999.
    """
    present = text.drop_nulls()
    if present.is_empty():
        return None
    # One look at the first value spares columns of plain text the whole pattern.
    if not (pl.Series([present[0]]).str.contains(rf"{_PATTERN}|{_FAR_AWAY}").all()):
        return None
    far = text.str.contains(_FAR_AWAY)
    if far.any() and (text.str.contains(_PATTERN) | far).drop_nulls().all():
        raise out_of_calendar(text.name, first_row + (far.fill_null(value=False).arg_max() or 0))

    parts = text.str.extract_groups(_PATTERN).struct.unnest()
    if parts["date"].null_count() > text.null_count():
        return None
    if parts["clock"].null_count() == parts.height:
        day = parts["date"].str.to_date("%Y-%m-%d", strict=False).alias(text.name)
        return _within_calendar(day, text, first_row)
    moment = (
        parts["date"]
        + "T"
        + parts["clock"].fill_null("00:00")
        + ":"
        + parts["second"].fill_null("00")
        + "."
        + parts["fraction"].fill_null("0")
    ).str.to_datetime("%Y-%m-%dT%H:%M:%S%.f", strict=False, time_unit="us")
    offset = parts["hours"].cast(pl.Int64) * 60 + parts["minutes"].cast(pl.Int64)
    east = pl.select(pl.when(parts["sign"] == "-").then(-offset).otherwise(offset)).to_series()
    shifted = moment - (east.fill_null(0) * 60_000_000).cast(pl.Duration("us"))
    return _within_calendar(shifted.alias(text.name), text, first_row)


def check_calendar(times: pl.Series, first_row: int = 0) -> None:
    """Refuse times outside the years 1 to 9999 in a Date or Datetime column.

    By their counts alone: polars ends in a panic where it works out the year of a time that no calendar has.
    """
    if isinstance(times.dtype, pl.Datetime):
        if times.dtype.time_unit == "ns":
            return  # 64 bits of nanoseconds reach from 1677 to 2262
        per_second = {"ms": 1_000, "us": 1_000_000}[times.dtype.time_unit]
        first, end = _FIRST_SECOND * per_second, _END_SECOND * per_second
    else:
        first, end = _FIRST_SECOND // _DAY, _END_SECOND // _DAY
    counts = times.to_physical().cast(pl.Int64)
    far = (counts < first) | (counts >= end)
    if far.any():
        raise out_of_calendar(times.name, first_row + (far.fill_null(value=False).arg_max() or 0))


def out_of_calendar(name: str, position: int) -> BadTable:
    """The refusal of a time outside the years 1 to 9999."""
    return BadTable(
        f"Column {quoted(name)} has a date outside the years {FIRST_YEAR} to {LAST_YEAR} in "
        f"{at_row(position)}. Correct it, or leave it empty."
    )


def _within_calendar(times: pl.Series, text: pl.Series, first_row: int) -> pl.Series | None:
    # A month 13 or a 30th of February is text that only looks like a date.
    if times.null_count() > text.null_count():
        return None
    check_calendar(times, first_row)
    return times
