# ruff: noqa: E501 - whole sentences
import pytest

from pynomaly_server.tabular.errors import BadTable, TableTooLarge
from pynomaly_server.tabular.limits import TableLimits
from pynomaly_server.tabular.reading import frame_from_rows

from .tables import LIMITS  # noqa: TID252 - the file beside this one


def test_arrays_without_names_get_names_by_position():
    frame = frame_from_rows([[1, "a"], [2.5, None]], None, LIMITS)
    assert frame.to_dict(as_series=False) == {"x0": [1.0, 2.5], "x1": ["a", None]}


def test_arrays_take_the_names_they_are_given():
    assert frame_from_rows([[1, True]], ["n", "ok"], LIMITS).row(0, named=True) == {"n": 1, "ok": True}


def test_keys_that_objects_leave_out_are_missing():
    frame = frame_from_rows([{"a": 1}, {"b": "x"}, {"a": None, "b": "y"}], None, LIMITS)
    assert frame.to_dict(as_series=False) == {"a": [1, None, None], "b": [None, "x", "y"]}


def test_types_are_those_of_all_rows_however_late_they_show():
    rows = [[1]] * 12_000 + [[0.5]]
    assert frame_from_rows(rows, None, LIMITS)["x0"][-1] == 0.5


@pytest.mark.parametrize(
    ("rows", "names", "sentence"),
    [
        ([], None, "The table has no rows of data. Send at least one row."),
        ([[]], None, "The table has no columns. Send at least one value per row."),
        ([{}], None, "The table has no columns. Send at least one value per row."),
        (
            [[1, 2], [3]],
            None,
            (
                "The array of row 2 (counting from 1) has length 1, the first has length 2. Give every row as "
                "many values; null stands for a missing one."
            ),
        ),
        (
            [{"a": 1}, [1]],
            None,
            (
                "Row 2 (counting from 1) is an array; the rows before it are objects. Send all rows as "
                "arrays, or all as objects."
            ),
        ),
        (
            [[1], {"a": 1}],
            None,
            (
                "Row 2 (counting from 1) is an object; the rows before it are arrays. Send all rows as "
                "arrays, or all as objects."
            ),
        ),
        (
            [[1], [None], ["x"]],
            ["amount"],
            (
                "Column 'amount' mixes numbers and text: row 3 (counting from 1) is the first that differs. "
                "Give all its values one type; null stands for a missing one."
            ),
        ),
        (
            [[True], [0]],
            ["ok"],
            (
                "Column 'ok' mixes true/false and numbers: row 2 (counting from 1) is the first that differs. "
                "Give all its values one type; null stands for a missing one."
            ),
        ),
        (
            [[1], [2**70]],
            None,
            (
                "Column 'x0' has an integer beyond 64 bits in row 2 (counting from 1). Send it as a decimal "
                "number or as text."
            ),
        ),
        (
            [[-1], [2**63]],
            None,
            (
                "Column 'x0' has an integer beyond 64 bits in row 2 (counting from 1). Send it as a decimal "
                "number or as text."
            ),
        ),
        (
            [[{"deep": 1}]],
            None,
            (
                "Column 'x0' holds objects in row 1 (counting from 1). A value is a number, a text, true, "
                "false or null; spread nested values over columns of their own."
            ),
        ),
        (
            [["\ud800"]],
            None,
            (
                "Column 'x0' holds half of a surrogate pair in row 1 (counting from 1), which is no text. "
                "Remove it."
            ),
        ),
        ([[1, 2]], ["a"], "There are 1 column names for rows of 2 values. Give one name per value."),
        ([[1, 2]], ["a", "a"], "The column name 'a' appears 2 times. Give each column a name of its own."),
        (
            [{"a": 1}],
            ["a"],
            "Column names are for rows that are arrays; these rows are objects with keys of their own.",
        ),
    ],
)
def test_rows_that_are_no_table_are_refused_with_place_and_remedy(rows, names, sentence):
    with pytest.raises(BadTable) as refused:
        frame_from_rows(rows, names, LIMITS)
    assert str(refused.value) == sentence


def test_the_largest_unsigned_integer_is_kept():
    assert frame_from_rows([[2**64 - 1], [0]], None, LIMITS)["x0"].to_list() == [2**64 - 1, 0]


def test_too_many_keys_are_refused_before_columns_are_built():
    with pytest.raises(TableTooLarge, match="columns; at most 1,000 are taken"):
        frame_from_rows([{f"k{row}": 1} for row in range(50_000)], None, LIMITS)


def test_too_many_rows_are_refused_before_they_are_looked_at():
    limits = TableLimits(max_rows=2, max_columns=9, max_cells=99, max_field_bytes=9, max_expanded_bytes=99)
    with pytest.raises(TableTooLarge, match="The table has 3 rows; at most 2 are taken"):
        frame_from_rows([object(), object(), object()], None, limits)
