"""What a result offers beside its numbers: the top rows, reasons, files, a drawing."""

import csv
import json

import polars as pl
import pytest

from pynomaly import DataError, DetectionResult
from pynomaly.frames.local import SequenceRows

ROWS = [{"name": "=1+1", "amount": 5.0}, {"name": "b", "amount": 90.0}, {"name": "c", "amount": 6.0}]


@pytest.fixture
def result() -> DetectionResult:
    contribution = {"feature": "amount", "value": 90.0, "expected": 6.0, "contribution": 1.0}
    found = DetectionResult(
        predictions=[0, 1, 0],
        scores=[0.2, 0.9, 0.3],
        explanations=[{"row": 1, "contributions": [contribution]}],
        threshold=1.0,
        contamination=0.1,
        n_rows=3,
        n_anomalies=1,
        feature_names=["amount"],
        columns=[],
        identifiers={"name": ["=1+1", "b", "c"]},
        algorithm="isolation_forest",
        warnings=[],
        source="server",
        elapsed_ms=1.0,
    )
    return found.beside(SequenceRows(ROWS))


def test_the_top_rows_are_those_with_the_highest_scores(result):
    assert [row.row for row in result.top(2)] == [1, 2]
    assert list(result.top(0)) == []


def test_a_row_is_explained_by_its_features(result):
    assert result.explain(1)[0].feature == "amount"
    assert result.explain(-2)[0].feature == "amount"


def test_a_row_that_was_not_explained_says_how_to_ask(result):
    with pytest.raises(DataError, match="include_explanations"):
        result.explain(0)
    with pytest.raises(IndexError):
        result.explain(3)


def test_anomalous_rows_are_highlighted_in_a_notebook(result):
    html = result.top(3)._repr_html_()
    assert html.count("background-color") == 1
    assert html.index("background-color") < html.index("90")


def test_a_csv_holds_every_row_and_runs_no_formula(result, tmp_path):
    file = result.save(tmp_path / "report.csv")
    rows = list(csv.DictReader(file.open()))
    assert [row["name"] for row in rows] == ["'=1+1", "b", "c"]
    assert [row["prediction"] for row in rows] == ["0", "1", "0"]
    assert rows[1]["why"] == "amount 100%"


def test_a_workbook_holds_every_row_with_formulas_as_text(result, tmp_path):
    file = result.save(str(tmp_path / "report.xlsx"))
    table = pl.read_excel(file)
    assert table["name"].to_list() == ["=1+1", "b", "c"]
    assert table["amount"].to_list() == [5, 90, 6]
    assert table["score"].to_list() == [0.2, 0.9, 0.3]


def test_json_holds_whole_reasons(result, tmp_path):
    rows = json.loads(result.save(tmp_path / "report.json").read_text())
    lines = result.save(tmp_path / "report.ndjson").read_text().splitlines()
    assert rows == [json.loads(line) for line in lines]
    assert rows[1]["why"][0]["contribution"] == 1.0


def test_parquet_and_html_hold_every_row(result, tmp_path):
    assert pl.read_parquet(result.save(tmp_path / "report.parquet"))["score"].to_list() == [0.2, 0.9, 0.3]
    assert result.save(tmp_path / "report.html").read_text().count("<tr") == 4


def test_an_unknown_suffix_is_refused_with_those_that_are_known(result, tmp_path):
    with pytest.raises(DataError, match=r"'\.doc'.*\.xlsx"):
        result.save(tmp_path / "report.doc")


def test_scores_are_drawn_with_the_anomalies_marked(result):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    ax = result.plot()
    assert list(ax.lines[1].get_xdata()) == [1]
    assert result.plot(ax) is ax


@pytest.mark.parametrize("suffix", ["csv", "html", "json", "ndjson", "parquet", "xlsx"])
def test_a_file_that_cannot_be_written_is_the_same_error_in_every_format(
    result, suffix, tmp_path, monkeypatch
):
    monkeypatch.setattr("pynomaly.saving.check_target", lambda path: None)
    target = tmp_path / f"none/out.{suffix}"
    with pytest.raises(FileNotFoundError) as caught:
        result.save(target)
    assert caught.value.filename == str(target)
