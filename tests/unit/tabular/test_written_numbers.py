"""Numbers that people wrote as text are not dropped in silence."""

import polars as pl
import pytest

from pynomaly_server.tabular.columns import ColumnEncoder
from pynomaly_server.tabular.errors import BadOption

PLAIN = [float(number % 7) for number in range(40)]


def warned(values: list[str | None]) -> list[str]:
    encoder = ColumnEncoder.fit(pl.DataFrame({"amount": values, "x": PLAIN[: len(values)]}))
    return [warning.detail for warning in encoder.warnings if warning.code == "numbers-as-text"]


def test_the_owner_is_told_which_value_keeps_a_column_from_being_numeric():
    values = [f"1.{100 + row},50" for row in range(39)] + ["98.765,43"]
    (detail,) = warned(values)
    assert detail == (
        "Column 'amount' is read as text and kept out of the model, though 40 of 40 values look like "
        "numbers: '1.100,50' is not a plain one. Write numbers with a decimal point, without thousands "
        "separators and units, and leave missing ones empty."
    )


@pytest.mark.parametrize("odd", ["oops", "$93.69", "9,369.19", "12 %", "1'000"])
def test_one_odd_value_among_numbers_is_named(odd):
    (detail,) = warned([*(str(row) for row in range(1, 40)), odd])
    assert repr(odd) in detail or f'"{odd}"' in detail


@pytest.mark.parametrize(
    "values", [["a", "b"] * 20, [f"00{row}" for row in range(100, 140)], [f"T{row}" for row in range(40)]]
)
def test_texts_that_are_no_numbers_are_left_in_peace(values):
    assert warned(values) == []


def test_a_type_that_does_not_fit_names_the_value_and_the_row():
    frame = pl.DataFrame({"amount": ["1", None, "2,5"], "x": [1.0, 2.0, 3.0]})
    with pytest.raises(BadOption, match="the first that is not is '2,5' in row 3"):
        ColumnEncoder.fit(frame, column_types={"amount": "numeric"})
