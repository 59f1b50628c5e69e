"""Rows of numbers alone become the matrix that a model makes of their frame, or are left to that way."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pynomaly_server.contract.structs import PredictionRequest
from pynomaly_server.models.traffic import fingerprint_of_rows
from pynomaly_server.tabular import number_rows as number_rows_module
from pynomaly_server.tabular.columns import ColumnEncoder
from pynomaly_server.tabular.errors import TableError, TableTooLarge
from pynomaly_server.tabular.limits import UNLIMITED, TableLimits
from pynomaly_server.tabular.number_rows import (
    NumberRows,
    WrittenRows,
    count_cells,
    number_rows,
    numbers_of,
    plain_rows,
)
from pynomaly_server.tabular.reading import read_rows, read_table
from pynomaly_server.tabular.rows_table import frame_from_rows

from .tables import NPY, npy  # noqa: TID252 - the file beside this one

NAMES = ["x0", "x1", "x2"]
NUMBERS = ColumnEncoder.fit(pl.DataFrame({name: [0.5, 1.5, 3.0] for name in NAMES}))
NUMBER = st.one_of(st.floats(-1e300, 1e300), st.integers(-9, 9), st.integers(-(2**53), 2**53))
CELL = st.one_of(
    NUMBER, st.floats(), st.integers(-(2**65), 2**65), st.booleans(), st.none(), st.sampled_from(["", "7"])
)


@st.composite
def tables(draw):
    """Rows for the model above, as arrays or objects: most of numbers alone, some with a fault."""
    cell = draw(st.sampled_from([NUMBER, NUMBER, CELL]))
    width = draw(st.sampled_from([3, 3, 3, 2, 4]))
    rows = draw(st.lists(st.lists(cell, min_size=width, max_size=width), min_size=1, max_size=4))
    names = draw(st.sampled_from([NAMES, NAMES, NAMES[::-1], ["x0", "x1", "other"]]))
    if draw(st.booleans()):
        return [dict(zip(names, row, strict=False)) for row in rows], None
    return rows, draw(st.sampled_from([None, names]))


@settings(deadline=None, max_examples=100)
@given(tables())
def test_the_matrix_is_that_of_the_frame(table):
    rows, names = table
    found = number_rows(rows, names, NAMES, UNLIMITED)
    if found is not None:
        frame = frame_from_rows(rows, names, UNLIMITED)
        assert found.matrix.tolist() == NUMBERS.transform(frame).tolist()
        assert found.frame().to_numpy().tolist() == found.matrix.tolist()
        assert (found.height, found.width, found.frame().columns) == (frame.height, 3, NAMES)


def test_finite_numbers_whose_sum_is_not_are_a_matrix_and_infinite_ones_are_none():
    huge = [[1.7e308, 1.7e308, 1.7e308]]
    assert number_rows(huge, None, NAMES, UNLIMITED).matrix.tolist() == huge
    for odd in (float("inf"), float("nan")):
        assert number_rows([[odd, -odd, 0.0]], None, NAMES, UNLIMITED) is None


@settings(deadline=None, max_examples=60)
@given(
    st.one_of(
        st.lists(st.lists(number, min_size=3, max_size=3), min_size=1, max_size=4)
        for number in (st.floats(-1e300, 1e300), st.integers(-(2**53), 2**53) | st.floats(-1.0, 1.0))
    ),
    st.booleans(),
)
def test_all_rows_of_the_models_numbers_are_taken(rows, as_objects):
    given_rows = [dict(zip(NAMES, row, strict=True)) for row in rows] if as_objects else rows
    found = number_rows(given_rows, None, NAMES, UNLIMITED)
    assert found is not None
    assert found.matrix.tolist() == [[float(value) for value in row] for row in rows]
    assert found.matrix.flags.c_contiguous


@settings(deadline=None, max_examples=60)
@given(tables())
def test_no_row_is_taken_that_the_frame_refuses(table):
    rows, names = table
    try:
        matrix = NUMBERS.transform(frame_from_rows(rows, names, UNLIMITED))
    except TableError:
        assert number_rows(rows, names, NAMES, UNLIMITED) is None
    else:
        assert np.isfinite(matrix).all()


def test_there_are_no_more_rows_than_are_allowed():
    limits = TableLimits(2, 10, 100, 100, 100)
    with pytest.raises(TableTooLarge):
        number_rows([[1.0, 2.0, 3.0]] * 3, None, NAMES, limits)
    with pytest.raises(TableTooLarge):
        plain_rows([[1.0, 2.0, 3.0]] * 3, None, limits)


@st.composite
def columns(draw):
    """Rows as arrays or objects, each column floats, whole numbers, a mixture of both, or with a fault."""
    names = draw(
        st.sampled_from([["a", "b", "c"], ["x0", "x1", "x2"], ["a", "customer_id", "b"], ["a", "a", ""]])
    )
    kinds = [
        draw(st.sampled_from([st.floats(-1e300, 1e300), st.sampled_from([0.0, -0.0]), NUMBER, CELL]))
        for _ in names
    ]
    rows = draw(st.lists(st.tuples(*kinds), min_size=1, max_size=5))
    if draw(st.booleans()):
        return [dict(zip(names, row, strict=True)) for row in rows], None
    return [list(row) for row in rows], draw(st.sampled_from([None, names]))


def learnt(encoder, matrix):
    """All of it in words, in which a zero has its sign."""
    return repr(encoder), matrix.tobytes(), matrix.shape


@settings(deadline=None, max_examples=100)
@given(columns())
def test_what_is_learnt_of_plain_rows_is_what_is_learnt_of_their_frame(table):
    rows, names = table
    found = plain_rows(rows, names, UNLIMITED)
    if found is not None:
        frame = frame_from_rows(rows, names, UNLIMITED)
        encoder = ColumnEncoder.fit(frame)
        assert learnt(encoder, encoder.transform(frame)) == learnt(
            ColumnEncoder.of_numbers(found.names, found.matrix), found.matrix
        )


@settings(deadline=None, max_examples=100)
@given(columns())
def test_what_is_learnt_of_a_frames_numbers_is_what_is_learnt_of_the_frame(table):
    try:
        frame = frame_from_rows(*table, UNLIMITED)
    except TableError:
        return
    found = numbers_of(frame)
    if found is not None:
        encoder = ColumnEncoder.fit(frame)
        assert learnt(encoder, encoder.transform(frame)) == learnt(
            ColumnEncoder.of_numbers(found.names, found.matrix), found.matrix
        )


@pytest.mark.parametrize("rows", [[[0.5, 2], [1.5, 3]], [{"a": 0.5, "b": 2}, {"b": 3, "a": 1.5}]])
def test_rows_of_floats_and_whole_numbers_are_plain(rows):
    found = plain_rows(rows, None, UNLIMITED)
    assert found.matrix.tolist() == [[0.5, 2.0], [1.5, 3.0]]
    assert numbers_of(frame_from_rows(rows, None, UNLIMITED)).matrix.tolist() == found.matrix.tolist()


@pytest.mark.parametrize("names", [None, NAMES, ["a", "b", "c"], ["a", "order_id", "c"], ["a", "b"]])
@pytest.mark.parametrize("rows", [[[0.5, 1, 2.5], [1.5, 3, -0.0]], [[0.5, 1], [1.5, 3]]])
def test_written_rows_are_what_they_say(rows, names):
    written = WrittenRows(memoryview(json.dumps(rows).encode()), np.array(rows, dtype=np.float64))
    ways = [
        lambda rows: number_rows(rows, names, NAMES, UNLIMITED),
        lambda rows: plain_rows(rows, names, UNLIMITED),
        lambda rows: frame_from_rows(rows, names, UNLIMITED),
        count_cells,
        lambda rows: fingerprint_of_rows(PredictionRequest(data=rows, column_names=names)),
    ]

    def outcome(way, rows):
        try:
            found = way(rows)
        except TableError as error:
            return str(error)
        return (
            repr((list(found.names), found.matrix.tolist())) if isinstance(found, NumberRows) else str(found)
        )

    for way in ways:
        assert outcome(way, written) == outcome(way, rows)
    with pytest.raises(TableTooLarge):
        plain_rows(written, None, TableLimits(1, 10, 100, 100, 100))


def test_whole_numbers_that_may_be_an_identifier_are_not_plain():
    rows = [{"order_id": 1, "a": 0.5}, {"order_id": 2, "a": 1.5}]
    assert plain_rows(rows, None, UNLIMITED) is None
    assert numbers_of(frame_from_rows(rows, None, UNLIMITED)) is None
    assert numbers_of(pl.DataFrame({"a": [1.0, None]})) is None


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.tuples(st.floats(), st.floats(-9, 9)), min_size=1, max_size=4),
    st.sampled_from(["<f8", ">f8", "<f4"]),
    st.sampled_from("CF"),
)
def test_an_array_of_floats_is_the_matrix_of_its_frame(rows, kind, order):
    with np.errstate(over="ignore"):
        data = npy(np.array(rows).astype(kind, order=order))
    try:
        frame = read_table(data, NPY, UNLIMITED)
    except TableError:
        with pytest.raises(TableError):
            read_rows(data, NPY, UNLIMITED)
        return
    found = read_rows(data, NPY, UNLIMITED)
    if isinstance(found, NumberRows):
        assert found.frame().equals(frame)
        assert found.matrix.flags.c_contiguous
    else:
        assert found.equals(frame)
        assert frame.null_count().sum_horizontal().item() > 0


def test_names_of_more_columns_than_any_table_should_have_are_not_kept():
    remembered = number_rows_module._unnamed.cache_info
    before = remembered().currsize
    limits = dataclasses.replace(UNLIMITED, max_columns=1_000)
    for width in range(9_900, 9_910):
        assert plain_rows([[0.5] * width], None, limits) is None
    assert remembered().currsize == before
