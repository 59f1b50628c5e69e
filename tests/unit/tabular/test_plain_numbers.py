"""Rows of plain numbers take a short way, and become what the general way makes of them."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pynomaly_server.tabular import rows_table
from pynomaly_server.tabular.columns import ColumnEncoder
from pynomaly_server.tabular.errors import TableError
from pynomaly_server.tabular.frames import BATCH_ROWS, concatenated
from pynomaly_server.tabular.limits import UNLIMITED
from pynomaly_server.tabular.rows_table import frame_from_rows, open_rows

CELL = st.one_of(
    st.floats(),
    st.integers(-(2**65), 2**65),
    st.integers(-9, 9),
    st.booleans(),
    st.none(),
    st.sampled_from(["", "7", "x"]),
)


@st.composite
def tables(draw):
    """Rows whose columns are mostly of one type, as arrays or objects, sometimes with a fault."""
    width = draw(st.integers(1, 4))
    column = st.sampled_from([st.floats(-1e300, 1e300), st.integers(-(2**63), 2**63 - 1), CELL])
    kinds = [draw(column) for _ in range(width)]
    rows = draw(st.lists(st.tuples(*kinds), min_size=1, max_size=5))
    if draw(st.booleans()):
        return [dict(zip("abcd", row, strict=False)) for row in rows], None
    names = draw(st.sampled_from([None, list("abcd"[:width]), ["a"]]))
    return [list(row) for row in rows], names


def outcome(read):
    """The frame as its columns' types and values, or the fault in words."""
    try:
        frame = read()
    except TableError as error:
        return str(error)
    return frame.schema, [[repr(value) for value in column] for column in frame.iter_columns()]


@settings(max_examples=60)
@given(tables())
def test_the_short_way_makes_the_frame_that_the_general_way_makes(table):
    rows, names = table

    def general():
        return concatenated(list(open_rows(lambda: rows, names, UNLIMITED).batches(BATCH_ROWS)))

    assert outcome(lambda: frame_from_rows(rows, names, UNLIMITED)) == outcome(general)


@pytest.mark.parametrize("rows", [[[1.5, 2], [0.5, 3]], [{"a": 1.5, "b": 2}, {"b": 3, "a": 0.5}]])
def test_rows_of_numbers_do_take_the_short_way(rows, monkeypatch):
    monkeypatch.setattr(rows_table, "open_rows", None)
    frame = frame_from_rows(rows, None, UNLIMITED)
    assert frame.dtypes == [pl.Float64, pl.Int64]
    assert frame.rows() == [(1.5, 2), (0.5, 3)]


@settings(max_examples=60)
@given(st.lists(st.tuples(st.floats(-1e9, 1e9), st.none() | st.floats(-1e9, 1e9)), min_size=1, max_size=6))
def test_the_codes_of_a_row_are_the_same_whichever_way_they_are_made(rows):
    encoder = ColumnEncoder.fit(pl.DataFrame({"a": [1.0, 2.5, 4.0], "b": [3.5, 1.0, 2.0]}))
    frame = pl.DataFrame(rows, schema={"a": pl.Float64, "b": pl.Float64}, orient="row")
    other = encoder.transform(frame.with_columns(more=pl.lit(1)))  # takes the general way
    assert np.array_equal(encoder.transform(frame), other)
