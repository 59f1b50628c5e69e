"""What callers pass becomes a body that keeps its types, or an error that names the place."""

import datetime as dt
import io
import json
import sys
import uuid
from decimal import Decimal
from enum import Enum
from pathlib import Path

import numpy as np
import pandas as pd
import polars as pl
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynomaly import Content, DataError, DetectionRequest, RemoteSource
from pynomaly.frames import DetectionOptions, columns_of, data_source, prepare_detection, prepare_table

ARROW = "application/vnd.apache.arrow.stream"
NPY = "application/x-npy"
JSON = "application/json"
NONE = DetectionOptions()


def body_of(data, options=NONE):
    """The JSON body of a detection."""
    content = prepare_detection(data, options).content
    assert content.media_type == JSON
    data = content.data
    return json.loads(data if isinstance(data, bytes) else b"".join(data))


def rows_of(data):
    return body_of(data)["data"]


def arrow_of(data) -> pa.Table:
    content = prepare_detection(data, NONE).content
    assert content.media_type == ARROW
    return pa.ipc.open_stream(content.data).read_all()


class Kind(Enum):
    FOOD = "food"


def test_lists_and_dicts_go_as_json():
    assert rows_of([[1, 2.5, "a", None, True]]) == [[1, 2.5, "a", None, True]]
    assert rows_of([{"a": 1}, {"a": None}]) == [{"a": 1}, {"a": None}]


def test_a_dict_of_columns_becomes_rows():
    assert rows_of({"a": [1, 2], "b": ["x", "y"]}) == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


def test_columns_of_different_length_are_refused():
    with pytest.raises(DataError, match=r"The columns differ in length: \{'a': 1, 'b': 2\}"):
        prepare_detection({"a": [1], "b": [1, 2]}, NONE)


def test_a_flat_list_is_one_column():
    assert rows_of([1.0, 2.0]) == [[1.0], [2.0]]


@pytest.mark.parametrize(
    ("value", "sent"),
    [
        (float("nan"), None),
        (Decimal("1.5"), 1.5),
        (Decimal("NaN"), None),
        (dt.datetime(2026, 5, 1, 12, 30, tzinfo=dt.UTC), "2026-05-01T12:30:00+00:00"),
        (dt.datetime.fromisoformat("2026-05-01T12:30:00"), "2026-05-01T12:30:00Z"),
        (dt.date(2026, 5, 1), "2026-05-01"),
        (dt.time(12, 30), "12:30:00"),
        (dt.timedelta(minutes=2), 120.0),
        (uuid.UUID(int=1), "00000000-0000-0000-0000-000000000001"),
        (Kind.FOOD, "food"),
        (np.float64(1.5), 1.5),
        (np.float32(0.5), 0.5),
        (np.float64("nan"), None),
        (np.int64(3), 3),
        (np.bool_(True), True),
        (np.str_("x"), "x"),
        (np.datetime64("2026-05-01T12:30:00.123456789"), "2026-05-01T12:30:00.123456789Z"),
        (np.datetime64("2026-05-01"), "2026-05-01"),
        (np.datetime64("NaT"), None),
        (pd.NA, None),
        (pd.NaT, None),
        (pd.Timestamp("2026-05-01T12:30:00+02:00"), "2026-05-01T12:30:00+02:00"),
    ],
    ids=repr,
)
def test_a_value_json_does_not_know_is_sent_as_the_contract_says(value, sent):
    assert rows_of([{"a": value}]) == [{"a": sent}]


@pytest.mark.parametrize("value", [float("inf"), -np.inf, np.float32("inf"), Decimal("Infinity")])
def test_an_infinity_is_refused_by_row_and_column(value):
    with pytest.raises(DataError) as caught:
        prepare_detection([{"amount": 1.0}, {"amount": value}], NONE)
    assert str(caught.value) == (
        "Row 1, column 'amount' is infinite; give a finite number, or None where the value is missing."
    )


def test_an_infinity_in_an_array_is_refused_by_row_and_column():
    with pytest.raises(DataError, match="Row 1, column 0 is infinite"):
        prepare_detection(np.array([[0.0, 1.0], [np.inf, 1.0]]), NONE)


@pytest.mark.parametrize("value", [b"bytes", object(), [1], 1j])
def test_a_value_without_a_form_in_json_is_refused_by_row_and_column(value):
    with pytest.raises(DataError, match=r"Row 0, column 1 is a \w+, which has no form in JSON"):
        prepare_detection([[float("nan"), value]], NONE)


def test_half_a_surrogate_pair_is_refused():
    with pytest.raises(DataError, match="Row 0, column 'a': the text holds half of a surrogate pair"):
        prepare_detection([{"a": "\ud800"}], NONE)


@pytest.mark.parametrize("row", [None, "text", object()])
def test_a_row_that_is_no_row_is_refused(row):
    with pytest.raises(DataError, match=r"Row 1 is a \w+; give each row as a list of values or as a dict"):
        prepare_detection([[float("nan")], row], NONE)


cells = st.one_of(
    st.none(), st.booleans(), st.integers(), st.floats(allow_infinity=False), st.text(), st.dates()
)


@given(st.lists(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), cells), min_size=1))
def test_whatever_is_sent_is_strict_json(rows):
    try:
        body = prepare_detection(rows, NONE).content.data
    except DataError:
        return
    json.loads(body, parse_constant=pytest.fail)


def test_options_go_into_the_json_body():
    options = DetectionOptions(
        algorithm="ecod",
        contamination=np.float64(0.05),
        include_explanations=True,
        features=("a",),
        column_types={"b": "identifier"},
        random_state=np.int64(3),
        parameters={"n": np.int32(2), "many": [np.float64(1.0)]},
    )
    assert body_of([[1]], options) == {
        "data": [[1]],
        "algorithm": "ecod",
        "contamination": 0.05,
        "include_explanations": True,
        "features": ["a"],
        "column_types": {"b": "identifier"},
        "random_state": 3,
        "parameters": {"n": 2, "many": [1.0]},
    }


def test_options_of_binary_bodies_go_into_the_query():
    prepared = prepare_detection(np.zeros((2, 2)), DetectionOptions(algorithm="ecod", features=["x0"]))
    assert prepared.query == {"algorithm": "ecod", "features": ["x0"]}


def test_a_detection_request_is_sent_with_what_was_set_and_arguments_win():
    request = DetectionRequest(data=[[1.0], [None]], algorithm="ecod", parameters={"a": 1, "b": 1})
    assert body_of(request, DetectionOptions(contamination=0.2, parameters={"b": 2})) == {
        "data": [[1.0], [None]],
        "algorithm": "ecod",
        "contamination": 0.2,
        "parameters": {"a": 1, "b": 2},
    }


@pytest.mark.parametrize("dtype", ["float64", "float32", "int64", "uint8", "bool", ">f8"])
def test_an_array_of_numbers_goes_as_npy(dtype):
    array = np.arange(6).reshape(3, 2).astype(dtype)
    content = prepare_detection(array[::2], NONE).content
    assert content.media_type == NPY
    np.testing.assert_array_equal(np.load(io.BytesIO(content.data), allow_pickle=False), array[::2])


def test_an_array_of_one_dimension_is_one_column():
    content = prepare_detection(np.arange(3.0), NONE).content
    assert np.load(io.BytesIO(content.data)).shape == (3, 1)


@pytest.mark.parametrize("shape", [(), (2, 2, 2)])
def test_an_array_of_another_shape_is_refused(shape):
    with pytest.raises(DataError, match=f"The array has {len(shape)} dimensions"):
        prepare_detection(np.zeros(shape), NONE)


def test_complex_numbers_are_refused():
    with pytest.raises(DataError, match="complex numbers"):
        prepare_detection(np.zeros((2, 2), dtype=complex), NONE)


def test_arrays_of_objects_texts_and_times_go_as_json():
    assert rows_of(np.array([[1, "a"], [None, "b"]], dtype=object)) == [[1, "a"], [None, "b"]]
    assert rows_of(np.array([["a", "b"]])) == [["a", "b"]]
    assert rows_of(np.array([["2026-05-01T12:30:00"]], dtype="datetime64[ns]")) == [
        ["2026-05-01T12:30:00.000000000Z"]
    ]


def test_a_structured_array_goes_as_rows_by_name():
    array = np.array([(1, "x"), (2, "y")], dtype=[("a", "i4"), ("b", "U1")])
    assert rows_of(array) == [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}]


def test_a_pandas_frame_goes_as_arrow_without_its_index():
    frame = pd.DataFrame({"a": [1, 2], 3: ["x", None]}, index=["r1", "r2"])
    table = arrow_of(frame)
    assert table.to_pylist() == [{"a": 1, "3": "x"}, {"a": 2, "3": None}]
    assert list(frame.columns) == ["a", 3]


def test_a_pandas_series_is_one_column():
    assert arrow_of(pd.Series([1, 2], name="a")).to_pylist() == [{"a": 1}, {"a": 2}]


def test_a_pandas_frame_of_mixed_objects_goes_as_json():
    frame = pd.DataFrame({"a": pd.Series([1, "x", None], dtype=object)})
    assert rows_of(frame) == [{"a": 1}, {"a": "x"}, {"a": None}]


def test_a_pandas_frame_without_pyarrow_and_polars_goes_as_json(monkeypatch):
    monkeypatch.delitem(sys.modules, "pyarrow")
    monkeypatch.delitem(sys.modules, "polars")
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    assert rows_of(pd.DataFrame({"a": [1.5, None]})) == [{"a": 1.5}, {"a": None}]


def test_a_pandas_frame_without_pyarrow_goes_through_polars(monkeypatch):
    monkeypatch.setattr("pynomaly.frames.arrays._with_pyarrow", lambda frame: None)
    assert arrow_of(pd.DataFrame({"a": [1.5, 2.5]})).to_pylist() == [{"a": 1.5}, {"a": 2.5}]


def test_two_pandas_columns_of_one_name_are_refused():
    with pytest.raises(DataError, match="several columns named 'a'; rename them"):
        prepare_detection(pd.DataFrame([[1, 2]], columns=["a", "a"]), NONE)


def test_polars_frames_of_every_kind_go_as_arrow():
    frame = pl.DataFrame({"a": [1, 2], "b": ["x", None]})
    for data in (frame, frame.lazy()):
        assert arrow_of(data).to_pylist() == frame.to_dicts()
    assert arrow_of(frame["a"]).to_pylist() == [{"a": 1}, {"a": 2}]


def test_arrow_tables_and_batches_go_as_they_are():
    table = pa.table({"a": [1, 2]})
    assert arrow_of(table) == table
    assert arrow_of(table.to_batches()[0]) == table


def test_a_subclass_of_a_frame_is_a_frame():
    class Mine(pd.DataFrame):
        pass

    assert arrow_of(Mine({"a": [1]})).to_pylist() == [{"a": 1}]


class Capsule:
    """An object of nobody's library that speaks one half of Arrow's C interface."""

    def __init__(self, name: str, table) -> None:
        setattr(type(self), name, lambda self, requested_schema=None: getattr(table, name)(requested_schema))


@pytest.mark.parametrize("name", ["__arrow_c_stream__", "__arrow_c_array__"])
def test_whatever_speaks_arrows_c_interface_is_sent_as_its_table(name):
    batch = pa.RecordBatch.from_pydict({"a": [1, 2], "b": ["x", None]})
    given = type("Given", (Capsule,), {})(name, batch)
    assert arrow_of(given).to_pylist() == batch.to_pylist()


def test_an_arrow_array_is_no_table():
    with pytest.raises(DataError, match="The DoubleArray is no table"):
        prepare_detection(pa.array([1.0]), NONE)


def test_a_capsule_without_pyarrow_is_refused_with_the_remedy(monkeypatch):
    given = type("Given", (Capsule,), {})("__arrow_c_stream__", pa.table({"a": [1]}))
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DataError, match=r"needs pyarrow\. Install it"):
        prepare_detection(given, NONE)


def test_the_first_sheet_of_a_workbook_travels_as_a_frame_whose_rows_come_back(tmp_path):
    path = tmp_path / "a.xlsx"
    pl.DataFrame({"amount": [1.5, 2.5], "country": ["DE", None]}).write_excel(path)
    prepared = prepare_detection(str(path), NONE)
    assert arrow_of(path).to_pylist() == [
        {"amount": 1.5, "country": "DE"},
        {"amount": 2.5, "country": None},
    ]
    assert prepared.local.values(1, []) == {"amount": 2.5, "country": None}
    assert prepare_table(path).media_type == ARROW
    assert columns_of(path) == {"amount": [1.5, 2.5], "country": ["DE", None]}


def test_a_damaged_workbook_is_refused_in_one_line(tmp_path):
    path = tmp_path / "a.xlsx"
    path.write_bytes(b"no workbook")
    with pytest.raises(DataError, match=r"cannot be read as an Excel workbook: .*\. Save it anew"):
        prepare_detection(path, NONE)


def test_a_workbook_that_nothing_reads_is_refused_with_the_remedy(tmp_path, monkeypatch):
    path = tmp_path / "a.xlsx"
    path.touch()
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(DataError, match=r"needs polars with fastexcel.*pip install polars fastexcel"):
        prepare_detection(path, NONE)


@pytest.mark.parametrize("data", [None, 5, object(), b"a,b", {1, 2}, (row for row in [])])
def test_anything_else_is_refused_with_a_list_of_what_is_taken(data):
    with pytest.raises(
        DataError, match=r"cannot be sent as data; give a path, a list of rows .* or a Content\."
    ):
        prepare_detection(data, NONE)


@pytest.mark.parametrize(
    ("name", "media_type"),
    [
        ("a.csv", "text/csv"),
        ("A.CSV", "text/csv"),
        ("a.tsv", "text/csv"),
        ("a.parquet", "application/vnd.apache.parquet"),
        ("a.ndjson", "application/x-ndjson"),
        ("a.jsonl", "application/x-ndjson"),
        ("a.arrow", ARROW),
        ("a.npy", NPY),
    ],
)
def test_a_file_is_sent_as_it_is(tmp_path, name, media_type):
    path = tmp_path / name
    path.write_bytes(b"whatever")
    for data in (path, str(path)):
        content = prepare_detection(data, NONE).content
        assert (content.media_type, content.data, content.size()) == (media_type, path, 8)


def test_a_missing_file_is_said_to_be_missing(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"There is no file '.*gone.csv' \(looked from .*\)\. A string is taken"
    ):
        prepare_detection(tmp_path / "gone.csv", NONE)


def test_an_unknown_extension_lists_the_known_ones(tmp_path):
    path = tmp_path / "a.dta"
    path.touch()
    with pytest.raises(DataError) as caught:
        prepare_detection(path, NONE)
    assert str(caught.value) == (
        f"The extension '.dta' of {str(path)!r} does not say what the file holds; known are .arrow, "
        ".arrows, .csv, .feather, .ipc, .json, .jsonl, .ndjson, .npy, .ods, .parquet, .pq, .tsv, .xls, "
        ".xlsb, .xlsm, .xlsx. For another name pass pynomaly.Content(media_type, path)."
    )


def test_a_folder_is_refused(tmp_path):
    with pytest.raises(DataError, match="is not a file"):
        prepare_detection(tmp_path, NONE)


def test_arrows_file_format_is_refused_with_the_remedy(tmp_path):
    path = tmp_path / "a.arrow"
    pl.DataFrame({"a": [1]}).write_ipc(path)
    with pytest.raises(DataError, match="in Arrow's file format"):
        prepare_detection(path, NONE)


def test_a_content_is_sent_as_it_is_with_the_options_in_the_query():
    prepared = prepare_detection(Content("text/csv", b"a\n1"), DetectionOptions(algorithm="ecod"))
    assert (prepared.content.data, prepared.query) == (b"a\n1", {"algorithm": "ecod"})


@pytest.mark.parametrize("start", [b"", b"\xef\xbb\xbf", b" \n"])
def test_a_json_file_of_rows_becomes_a_request_without_being_parsed(tmp_path, start):
    path = tmp_path / "a.json"
    path.write_bytes(start + b'[{"a": 1}, {"a": 2}]')
    content = prepare_detection(path, DetectionOptions(algorithm="ecod", parameters={"n": 1})).content
    for _ in range(2):  # every attempt reads it again
        body = b"".join(content.data)
        assert len(body) == content.length
        assert json.loads(body) == {"data": [{"a": 1}, {"a": 2}], "algorithm": "ecod", "parameters": {"n": 1}}
    assert content.replayable


def test_a_json_file_of_a_request_is_sent_with_arguments_winning(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"data": [[1]], "algorithm": "ecod", "contamination": 0.1}')
    assert body_of(path, DetectionOptions(algorithm="isolation_forest")) == {
        "data": [[1]],
        "algorithm": "isolation_forest",
        "contamination": 0.1,
    }


@pytest.mark.parametrize("text", ["", "5", '{"rows": []}', '{"a": 1}\n{"a": 2}', "{"])
def test_a_json_file_of_something_else_is_refused(tmp_path, text):
    path = tmp_path / "a.json"
    path.write_text(text)
    with pytest.raises(DataError, match=r"a\.json' (must hold an array of rows|is not JSON)"):
        prepare_detection(path, NONE)


def test_an_upload_is_the_table_alone(tmp_path):
    path = tmp_path / "a.json"
    path.write_text("[[1]]")
    assert prepare_table(path) == Content(JSON, path)
    assert prepare_table([[1]]).data == b"[[1]]"


def test_data_sources_are_told_apart(tmp_path):
    known = "dts_" + "0" * 32
    assert data_source(known).reference == known
    assert data_source("s3://bucket/a.csv").reference == "s3://bucket/a.csv"
    remote = RemoteSource(url="s3://bucket/a.csv", credential_id="crd_" + "0" * 32)
    assert data_source(remote).reference is remote
    first, second = data_source(str(tmp_path / "a.csv")), data_source(tmp_path / "x" / ".." / "a.csv")
    assert first.reference is None
    assert (first.name, first.key) == ("a.csv", second.key)


def test_values_of_local_rows_are_found_for_every_kind_of_data(tmp_path):
    path = Path(tmp_path / "a.csv")
    path.write_text("a,b\n1,x\n2,y\n")
    frame = {"a": [1, 2], "b": ["x", "y"]}
    for data in (
        [{"a": 1, "b": "x"}, {"a": 2, "b": "y"}],
        [[1, "x"], [2, "y"]],
        frame,
        np.array([[1, "x"], [2, "y"]], dtype=object),
        pd.DataFrame(frame),
        pl.DataFrame(frame),
        pa.table(frame),
    ):
        local = prepare_detection(data, NONE).local
        assert local.values(1, ["a", "b"]) == {"a": 2, "b": "y"}
        assert local.values(2, ["a", "b"]) is None
    assert prepare_detection(path, NONE).local.values(1, []) == {"a": "2", "b": "y"}


def test_a_csv_file_that_changed_meanwhile_is_not_believed(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,x\n")
    local = prepare_detection(path, NONE).local
    path.write_text("a,b\n2,another\n")
    assert local.values(0, []) is None


def test_a_csv_file_with_blank_lines_is_not_believed(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("a,b\n1,x\n\n2,y\n")
    assert prepare_detection(path, NONE).local.values(0, []) is None
