# ruff: noqa: E501 - whole sentences
import csv
import datetime as dt
import io

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pynomaly_server.tabular import csv_scan
from pynomaly_server.tabular.errors import BadTable, TableTooLarge
from pynomaly_server.tabular.reading import read_table

from .tables import CSV, LIMITS  # noqa: TID252 - the file beside this one


def read(text):
    return read_table(text.encode() if isinstance(text, str) else text, CSV, LIMITS)


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_the_separator_is_found_in_the_header(separator):
    text = "a,b;c\n1,5;x\n".replace(",", "\0").replace(";", separator).replace("\0", ".")
    assert read(text).columns == ["a.b", "c"]


def test_a_separator_inside_quotes_does_not_count():
    assert read('"a;b;c",d\n1,2\n').columns == ["a;b;c", "d"]


def test_one_column_needs_no_separator():
    assert read("a\n1\n2\n")["a"].to_list() == [1, 2]


def test_a_byte_order_mark_is_no_part_of_the_first_name():
    assert read(b"\xef\xbb\xbfa,b\n1,2\n").columns == ["a", "b"]


def test_quoted_fields_hold_separators_quotes_and_line_breaks():
    assert read('a,b\n"x, ""y""\r\nz",1\n')["a"].to_list() == ['x, "y"\r\nz']


@pytest.mark.parametrize("text", ["a,b\r\n1,2\r\n", "a,b\n1,2", "\n\na,b\n\n1,2\n\n", "a,b\r\n1,2\r\n\r\n"])
def test_line_ends_and_blank_lines_do_not_matter(text):
    assert read(text).rows() == [(1, 2)]


def test_empty_na_null_and_nan_are_missing():
    text = "a,b\nNA,x\nN/A,NA\nnull,\nNaN,null\n,n/a\n5,y\n"
    assert read(text).to_dict(as_series=False) == {
        "a": [None, None, None, None, None, 5],
        "b": ["x", None, None, None, None, "y"],
    }


def test_true_and_false_in_any_case_are_booleans():
    assert read("a\ntrue\nFALSE\nNA\nTrue\n")["a"].to_list() == [True, False, None, True]


def test_spaces_around_values_and_names_do_not_matter():
    assert read(" a , b\n 1 , x \n").to_dict(as_series=False) == {"a": [1], "b": ["x"]}


def test_dates_and_times_are_parsed():
    frame = read("day,at\n2024-05-01,2024-05-01T10:00:00+02:00\n,2024-05-02 09:30\n")
    assert frame.row(0) == (dt.date(2024, 5, 1), dt.datetime(2024, 5, 1, 8, 0))  # noqa: DTZ001
    assert frame.row(1) == (None, dt.datetime(2024, 5, 2, 9, 30))  # noqa: DTZ001


@pytest.mark.parametrize("codes", ["00123", "20051234567890123456"])
def test_digits_that_no_number_keeps_stay_text(codes):
    assert read(f"code\n{codes}\n17\n")["code"].to_list() == [codes, "17"]


def test_one_fraction_makes_a_column_of_integers_fractional():
    assert read("a\n1\n2.5\n")["a"].to_list() == [1.0, 2.5]


def test_one_word_makes_a_column_of_numbers_text():
    assert read("a\n1\nabout 2\n")["a"].to_list() == ["1", "about 2"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "The data is empty. Send a table with at least one row."),
        ("\n \n", "The CSV is empty. Send a header line and at least one row."),
        ("a,b\n", "The table has no rows of data. Send at least one row."),
        (
            "a,b\n1,2\n\n3\n",
            (
                "Line 4 has 1 field where the header has 2 fields. Give every line as many fields; quote "
                "fields that hold ','."
            ),
        ),
        (
            'a,b\n"x\ny",2\n3,4,5\n',
            (
                "Line 4 has 3 fields where the header has 2 fields. Give every line as many fields; quote "
                "fields that hold ','."
            ),
        ),
        ("a,b,a\n1,2,3\n", "The column name 'a' appears 2 times. Give each column a name of its own."),
        ("a,,c\n1,2,3\n", "Column 2 has no name. Name it, or leave the column out."),
        (
            'a,b\n1,2\n3,"4\n5,6\n',
            (
                "The quote opened in line 3 is never closed. Close it; a quote inside a quoted field is "
                "written twice."
            ),
        ),
        (
            'a,b\n1,5" pipe, 3" long\n',
            (
                "Line 2 has a quote inside an unquoted field, or text after a closing quote. Quote the whole "
                "field, without spaces around it, and double the quotes within."
            ),
        ),
        (
            'a,b\n1,"x" y\n',
            (
                "Line 2 has a quote inside an unquoted field, or text after a closing quote. Quote the whole "
                "field, without spaces around it, and double the quotes within."
            ),
        ),
        ("a,b\r1,2\r", "Line 1 has a carriage return without a line feed. End lines with LF or CR LF."),
        (
            "a,b\n1,x\0\n",
            (
                "Line 2 holds a NUL byte: this is not CSV text. Send CSV in UTF-8, or name the media type the "
                "data really has."
            ),
        ),
        (
            b"a,b\n1,caf\xe9\n",
            "Line 2 is not UTF-8 text. Save the CSV as UTF-8, or name the media type the data really has.",
        ),
        (
            "a,b\n1,1e999\n",
            "Column 'b' is infinite in row 1 (counting from 1). Leave the value empty, or leave the row out.",
        ),
        (
            "a,b\n1,2024-01-01\n2,0000-01-01\n",
            (
                "Column 'b' has a date outside the years 1 to 9999 in row 2 (counting from 1). Correct it, or "
                "leave it empty."
            ),
        ),
        ("a,b".encode("utf-16"), "The text is UTF-16. Save it as UTF-8."),
    ],
)
def test_bad_csv_is_refused_with_its_place_and_the_remedy(text, sentence):
    with pytest.raises(BadTable) as refused:
        read(text)
    assert str(refused.value) == sentence


def test_a_hundred_thousand_columns_are_refused():
    header = ",".join(f"c{column}" for column in range(100_000))
    with pytest.raises(TableTooLarge, match="The table has 100,000 columns; at most 1,000 are taken"):
        read(header + "\n" + header + "\n")


def test_a_field_over_its_limit_is_refused_by_line():
    with pytest.raises(TableTooLarge, match="A field in line 3 has 200,000 bytes; at most 100,000 are taken"):
        read("a,b\n1,2\n3," + "x" * 200_000 + "\n")


@pytest.mark.parametrize("opening", ["", '"'])
def test_fifty_megabytes_without_a_line_end_are_refused_before_they_are_held(opening):
    with pytest.raises(
        TableTooLarge, match=r"The record that begins in line 2 .* at most 16,777,216 are taken"
    ):
        read("a,b\n1," + opening + "x" * 50_000_000)


@given(
    rows=st.lists(
        st.lists(st.text(st.sampled_from('ab1,;"\n\r é'), max_size=6), min_size=3, max_size=3),
        min_size=1,
        max_size=8,
    ),
    piece=st.integers(1, 40),
    end=st.sampled_from(["\n", "\r\n"]),
)
@settings(max_examples=25)
def test_whatever_pythons_csv_writes_is_read_back_whole(rows, piece, end):
    """Pieces of a few bytes put their borders everywhere: in quotes, between quotes, between CR and LF."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator=end, quoting=csv.QUOTE_ALL)
    writer.writerows([["p", "q", "r"], *rows])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(csv_scan, "_PIECE_BYTES", piece)
        frame = read(text.getvalue())
    expected = [tuple(field.strip() or None for field in row) for row in rows]
    assert [
        tuple(None if field is None else str(field) for field in row) for row in _as_text(frame)
    ] == expected


def _as_text(frame):
    # Columns of digits alone are read as numbers; spelt out again they are the digits, unless led by zeros.
    return frame.with_columns(pl.all().cast(pl.String)).rows()
