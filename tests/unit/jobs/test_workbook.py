"""Results as Excel workbooks."""

from __future__ import annotations

import io
import zipfile
from xml.etree import ElementTree as ET

import fastexcel
import msgspec
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.unit.jobs.test_results import KEY, stored

from pynomaly_server.jobs.results import read_summary
from pynomaly_server.jobs.workbook import MOST_CHARACTERS, check_fits, excel_chunks
from pynomaly_server.problems import ProblemError

MAIN = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
XML_TEXT = st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn"])
STARTS = st.sampled_from(["", "=", "+", "-", "@", "\t", "\r", "\n", "\0", "=HYPERLINK(", "http://", "1"])


def book(store, only="all"):
    return b"".join(excel_chunks(store, KEY, only))


def sheet(data, name="Results"):
    """The cells of a sheet as a spreadsheet reads them, each as text or None."""
    loaded = fastexcel.read_excel(data).load_sheet(name, dtypes="string")
    return loaded.to_polars()


def part(data, path):
    return ET.fromstring(zipfile.ZipFile(io.BytesIO(data)).read(path))


def test_the_workbook_has_the_rows_with_their_identifiers_and_the_summary(tmp_path):
    store = stored(
        tmp_path, {"id": pl.String(), "n": pl.Int64()}, {"id": ["a", "b", None], "n": [1, None, 3]}
    )
    data = book(store)
    assert fastexcel.read_excel(data).sheet_names == ["Results", "Summary"]
    assert sheet(data).rows(named=True) == [
        {"row": "0", "score": "0", "prediction": "0", "id": "a", "n": "1"},
        {"row": "1", "score": "0.5", "prediction": "1", "id": "b", "n": None},
        {"row": "2", "score": "1", "prediction": "1", "id": None, "n": "3"},
    ]
    about = dict(sheet(data, "Summary").select("About", "Value").iter_rows())
    assert (about["algorithm"], about["rows"], about["anomalies"]) == ("ecod", "3", "2")


def test_the_anomalies_alone_are_a_sheet_too(tmp_path):
    store = stored(tmp_path, {"id": pl.Int64()}, {"id": list(range(11))})
    assert sheet(book(store, "anomalies"))["row"].to_list() == [str(row) for row in range(5, 11)]


def test_the_header_is_frozen_and_filtered_and_anomalies_are_marked_wherever_they_are_sorted_to(tmp_path):
    results = part(book(stored(tmp_path, {"id": pl.Int64()}, {"id": [7, 8, 9]})), "xl/worksheets/sheet1.xml")
    pane = results.find(f".//{MAIN}pane")
    assert (pane.get("ySplit"), pane.get("state")) == ("1", "frozen")
    assert results.find(f"{MAIN}autoFilter").get("ref") == "A1:D4"
    rule = results.find(f"{MAIN}conditionalFormatting")
    assert (rule.get("sqref"), rule.find(f".//{MAIN}formula").text) == ("A2:D4", "$C2=1")


@settings(max_examples=25)
@given(
    name=st.builds(str.__add__, STARTS, st.text(XML_TEXT, max_size=5)).filter(bool),
    cells=st.lists(
        st.none() | st.builds(str.__add__, STARTS, st.text(XML_TEXT, max_size=5)), min_size=1, max_size=8
    ),
)
def test_no_text_becomes_a_formula_a_link_or_a_number(tmp_path_factory, name, cells):
    data = book(stored(tmp_path_factory.mktemp("result"), {name: pl.String()}, {name: cells}))
    results = part(data, "xl/worksheets/sheet1.xml")
    assert results.find(f".//{MAIN}f") is None
    assert results.find(f"{MAIN}hyperlinks") is None
    quoted = [
        number
        for number, style in enumerate(part(data, "xl/styles.xml").find(f"{MAIN}cellXfs"))
        if style.get("quotePrefix") == "1"
    ]
    shown = [cell for cell in results.iter(f"{MAIN}c") if cell.get("r").startswith("D")]
    assert len(shown) == 1 + sum(cell is not None for cell in cells)
    for cell, text in zip(shown, [name, *(cell for cell in cells if cell is not None)], strict=True):
        assert cell.get("t") == "inlineStr"
        if text.startswith(("=", "@", "\t", "\r", "\n", "\0")):
            assert int(cell.get("s")) in quoted


def test_numbers_stay_numbers_and_those_excel_would_round_are_kept_as_text(tmp_path):
    columns = {"i": [-5, 2**53 + 1], "f": [-0.25, float("inf")], "b": [True, None], "t": ["-5", "007"]}
    types = {"i": pl.Int64(), "f": pl.Float64(), "b": pl.Boolean(), "t": pl.String()}
    results = part(book(stored(tmp_path, types, columns)), "xl/worksheets/sheet1.xml")
    seen = {
        cell.get("r"): (cell.get("t"), "".join(cell.itertext()))
        for cell in results.iter(f"{MAIN}c")
        if cell.get("r")[0] in "DEFG" and cell.get("r")[1:] != "1"
    }
    assert seen == {
        "D2": (None, "-5"),
        "E2": (None, "-0.25"),
        "F2": ("b", "1"),
        "G2": ("inlineStr", "-5"),
        "D3": ("inlineStr", "9007199254740993"),
        "G3": ("inlineStr", "007"),
    }


def test_a_text_that_no_cell_holds_is_cut_and_the_summary_says_so(tmp_path):
    data = book(stored(tmp_path, {"id": pl.String()}, {"id": ["x" * 40_000, "😀" * 20_000, "y"]}))
    for text in sheet(data)["id"].to_list()[:2]:
        assert text.endswith("…")
        assert MOST_CHARACTERS - 2 < len(text.encode("utf-16-le")) // 2 <= MOST_CHARACTERS
    assert dict(sheet(data, "Summary").select("About", "Value").iter_rows())["texts cut"] == "2"


@pytest.mark.parametrize(
    ("n_rows", "n_anomalies", "only", "remedy"),
    [
        (1_048_576, 10, "all", ", or the anomalies alone with only=anomalies"),
        (3_000_000, 1_048_576, "all", ""),
        (3_000_000, 1_048_576, "anomalies", ""),
    ],
)
def test_a_result_that_no_sheet_holds_is_refused_with_a_remedy(tmp_path, n_rows, n_anomalies, only, remedy):
    described = read_summary(stored(tmp_path, {"id": pl.Int64()}, {"id": [1]}), KEY)
    counts = {"n_rows": n_rows, "n_anomalies": n_anomalies}
    large = msgspec.structs.replace(described, summary=msgspec.structs.replace(described.summary, **counts))
    with pytest.raises(ProblemError) as caught:
        check_fits(large, only)
    rows = n_anomalies if only == "anomalies" else n_rows
    assert caught.value.code == "too-many-rows"
    assert caught.value.detail == (
        f"The result has {rows:,} rows, and a sheet of Excel holds 1,048,575. Take format=parquet or "
        f"format=csv{remedy}."
    )


def test_the_largest_result_that_fits_is_taken(tmp_path):
    described = read_summary(stored(tmp_path, {"id": pl.Int64()}, {"id": [1]}), KEY)
    check_fits(
        msgspec.structs.replace(
            described, summary=msgspec.structs.replace(described.summary, n_rows=1_048_575)
        ),
        "all",
    )
