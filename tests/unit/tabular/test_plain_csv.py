"""The short way to read plain CSV gives what the general way gives, or leaves the text to it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pynomaly_server.tabular.csv_table import _MISSING, _TRUTHS, open_any, open_csv
from pynomaly_server.tabular.errors import TableError
from pynomaly_server.tabular.limits import UNLIMITED, TableLimits
from pynomaly_server.tabular.plain_csv import MOST_BYTES, PlainTable, open_plain

# What a cell may hold that one of the two ways could take for something else.
CELLS = st.one_of(
    st.integers(-(10**19), 10**19).map(str),
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.decimals(-(10**6), 10**6, places=3, allow_nan=False).map(str),
    st.sampled_from(sorted(_MISSING)),
    st.sampled_from(
        ["true", "False", "TRUE", "t", "x1", "inf", "Infinity", "nan", "nAn", "-nan", "e5", "1e5"]
    ),
    st.sampled_from(["007", "-0", "-0.0", "+5", "5.", ".5", "1_000", "0x10", "1,5", " 7", "7 ", "a "]),
    st.sampled_from(["2024-05-01", "2024-05-01T12:00:00Z", "20240-01-01", "12:30", "2024-13-01"]),
    st.sampled_from(["\u00a0b", "ü", "I", "n"]),
    st.text(st.characters(blacklist_categories=["Cs"]), max_size=4),
)
# Columns of one sort are what the short way is for.
COLUMNS = st.sampled_from(
    [
        st.integers(-(10**20), 10**20).map(str),
        st.decimals(-(10**9), 10**9, places=2, allow_nan=False).map(str),
        st.one_of(st.integers(-9, 9).map(str), st.just("")),
        st.sampled_from(["true", "false", "NA"]),
        st.sampled_from(["red", "blue", "1", "true", "2024-05-01", ""]),
        CELLS,
    ]
)


@st.composite
def texts(draw):
    kinds = draw(st.lists(COLUMNS, min_size=1, max_size=4))
    separator = draw(st.sampled_from([",", ",", ";", "\t", "|"]))
    names = draw(st.sampled_from([["a", "b", "c", "d"], ["a ", " b", "a.1", "x0"], ["a", "a", "", "d"]]))
    rows = draw(st.lists(st.tuples(*kinds), max_size=6))
    lines = [separator.join(names[: len(kinds)]), *(separator.join(row) for row in rows)]
    return "\n".join(lines) + draw(st.sampled_from(["\n", "", "\n\n"]))


def general(data):
    try:
        (frame,) = open_any(memoryview(data), UNLIMITED).batches(100)
    except (TableError, ValueError) as error:
        return type(error)
    return frame


def plain(text, limits=UNLIMITED):
    return open_plain(memoryview(text.encode()), limits, _MISSING, _TRUTHS)


@settings(max_examples=150)
@given(texts())
def test_where_there_is_a_short_way_its_frame_is_that_of_the_general_way(text):
    table = plain(text)
    if table is None:
        return
    (frame,) = table.batches(100)
    expected = general(text.encode())
    assert not isinstance(expected, type), expected
    assert (frame.schema, table.n_rows) == (expected.schema, expected.height)
    assert frame.equals(expected)
    assert [repr(row) for row in frame.iter_rows()] == [repr(row) for row in expected.iter_rows()]


def test_plain_columns_of_all_sorts_take_the_short_way():
    table = plain("id,n,x,ok,none\nt1,1,1.5,true,\nt2,NA,2,false,\n")
    assert isinstance(table, PlainTable)
    (frame,) = table.batches(10)
    assert [str(kind) for kind in frame.dtypes] == ["String", "Int64", "Float64", "Boolean", "String"]
    assert frame.rows() == [("t1", 1, 1.5, True, None), ("t2", None, 2.0, False, None)]
    assert [batch.height for batch in table.batches(1)] == [1, 1]


@pytest.mark.parametrize(
    "text",
    [
        'a,b\n"1",2\n',
        "a,b\r\n1,2\r\n",
        "a,b\n1\n",
        "a,b\n\n1,2\n",
        "a,b\n",
        "",
        "a,a\n1,2\n",
        "a\n2024-05-01\n",
        "a\n007\n",
        "a\n1e5\n",
        "a\n b\n",
        "a\n" + "1\n" * MOST_BYTES,
    ],
)
def test_everything_else_is_left_to_the_general_way(text):
    assert plain(text) is None


@pytest.mark.parametrize("name", ["max_rows", "max_columns", "max_cells", "max_field_bytes"])
def test_what_is_over_a_limit_is_refused_as_ever(name):
    limits = TableLimits(**dict.fromkeys(TableLimits.__dataclass_fields__, 100) | {name: 1})
    data = memoryview(b"ab,cd\n10,20\n30,40\n")
    assert open_plain(data, limits, _MISSING, _TRUTHS) is None
    with pytest.raises(TableError):
        list(open_csv(data, limits).batches(10))
