# ruff: noqa: E501 - one case a line
import datetime as dt

import polars as pl
import pytest

from pynomaly_server.tabular.errors import BadTable
from pynomaly_server.tabular.timestamps import parsed_times


def parsed(*texts):
    return parsed_times(pl.Series("at", texts, dtype=pl.String))


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2024-05-01T10:20:30Z", (2024, 5, 1, 10, 20, 30)),
        ("2024-05-01t10:20:30z", (2024, 5, 1, 10, 20, 30)),
        ("2024-05-01 10:20", (2024, 5, 1, 10, 20)),
        ("2024-05-01T10:20:30.25", (2024, 5, 1, 10, 20, 30, 250_000)),
        ("2024-05-01T10:20:30.123456789Z", (2024, 5, 1, 10, 20, 30, 123_456)),
        ("2024-05-01T10:20:30+02:00", (2024, 5, 1, 8, 20, 30)),
        ("2024-05-01 23:50:00 -0330", (2024, 5, 2, 3, 20)),
        ("0001-01-01T00:00:00Z", (1, 1, 1)),
        ("9999-12-31T23:59:59Z", (9999, 12, 31, 23, 59, 59)),
    ],
)
def test_a_time_is_read_as_utc(text, moment):
    assert parsed(text)[0] == dt.datetime(*moment)  # noqa: DTZ001 - columns hold UTC without a zone


def test_dates_alone_stay_dates():
    assert parsed("2024-02-29", None).to_list() == [dt.date(2024, 2, 29), None]


def test_dates_among_times_are_midnights():
    assert parsed("2024-02-29", "2024-03-01 12:00")[0] == dt.datetime(2024, 2, 29)  # noqa: DTZ001


@pytest.mark.parametrize(
    "texts",
    [
        ("2024-02-30",), ("2024-13-01",), ("2024-01-01T25:00",), ("2024-01-01", "soon"), ("20240101",),
        ("01.02.2024",), ("2024-1-1",), (None,), ("2024-01-01T10:00:00+2",),
    ],
)  # fmt: skip
def test_what_is_not_a_time_in_every_row_is_text(texts):
    assert parsed(*texts) is None


@pytest.mark.parametrize(
    "far", ["0000-06-01", "12024-01-01", "+12024-01-01", "-0044-03-15", "9999-12-31T23:00:00-05:00"]
)
def test_a_year_outside_1_to_9999_is_refused_by_row(far):
    with pytest.raises(BadTable) as refused:
        parsed("2024-01-01", far)
    assert str(refused.value) == (
        "Column 'at' has a date outside the years 1 to 9999 in row 2 (counting from 1). Correct it, or leave it empty."
    )
