"""Results answer to attributes and keys, print well and line up with the caller's data."""

import numpy as np
import pandas as pd
import polars as pl
import pytest

from pynomaly import DetectionResult
from pynomaly.frames import DetectionOptions, prepare_detection
from pynomaly.rendering import html_table, text_table


def answer(**fields) -> dict:
    values = {
        "predictions": [0, 1, 1, 0],
        "scores": [0.1, 0.7, 0.95, 0.2],
        "threshold": 0.6,
        "contamination": 0.5,
        "n_rows": 4,
        "n_anomalies": 2,
        "feature_names": ["amount"],
        "columns": [
            {"name": "id", "type": "identifier", "missing": 0, "used": False, "note": None},
            {"name": "amount", "type": "numeric", "missing": 0, "used": True},
        ],
        "identifiers": {"id": ["t1", "t2", "t3", "t4"]},
        "algorithm": "ecod",
        "warnings": [],
        "source": "server",
        "elapsed_ms": 1.5,
    }
    return {**values, **fields}


def result_of(data=None, **fields) -> DetectionResult:
    result = DetectionResult.model_validate(answer(**fields))
    return result if data is None else result.beside(prepare_detection(data, DetectionOptions()).local)


FRAME = pd.DataFrame(
    {"id": ["t1", "t2", "t3", "t4"], "amount": [1.0, 70.0, 95.0, 2.0]}, index=[10, 20, 30, 40]
)


def test_a_result_answers_to_attributes_and_to_keys():
    result = result_of()
    assert result.predictions[1] == result["predictions"][1] == 1
    assert result["scores"] == result.scores
    assert len(result) == 4


def test_a_field_of_a_newer_server_is_a_key_too():
    assert result_of(novelty="x")["novelty"] == "x"


def test_a_wrong_key_names_the_right_ones():
    with pytest.raises(KeyError, match="a result has no 'score'; it has predictions, scores, "):
        result_of()["score"]


def test_anomalies_come_with_the_highest_score_first():
    assert [row.row for row in result_of().anomalies()] == [2, 1]
    assert [row.row for row in result_of().anomalies(limit=1)] == [2]


def test_equal_scores_keep_the_order_of_the_data():
    result = result_of(predictions=[1, 1, 1, 1], scores=[0.9, 0.9, 0.95, 0.9])
    assert [row.row for row in result.anomalies()] == [2, 0, 1, 3]


def test_a_row_answers_to_attributes_and_to_keys():
    contributions = [{"feature": "amount", "value": 95.0, "expected": 1.5, "contribution": 1.0}]
    row = result_of(FRAME, explanations=[{"row": 2, "contributions": contributions}]).anomalies()[0]
    assert row["score"] == row.score == 0.95
    assert (row["prediction"], row.index, row.identifiers) == (1, 30, {"id": "t3"})
    assert row["values"] == {"id": "t3", "amount": 95.0}
    assert row["explanation"][0].feature == "amount"
    assert row.reasons() == "amount 100%"
    assert dict(row)["confidence"] is None
    with pytest.raises(KeyError, match="a row has no 'label'; it has row, index, score"):
        row["label"]


def test_anomalies_print_as_an_aligned_table():
    assert str(result_of(FRAME).anomalies()) == (
        "2 of 4 rows are anomalous (ecod)\n"
        "row  score  id  amount\n"
        "---  -----  --  ------\n"
        " 30   0.95  t3      95\n"
        " 20    0.7  t2      70"
    )


def test_explained_anomalies_say_why_they_stand_out():
    contributions = [{"feature": "amount", "value": 95.0, "expected": 1.5, "contribution": 0.75}]
    contributions.append({"feature": "country", "value": "NZ", "expected": "DE", "contribution": 0.25})
    result = result_of(explanations=[{"row": 2, "contributions": contributions}], confidence=[1, 0.8, 0.9, 1])
    assert str(result.anomalies(1)) == (
        "2 of 4 rows are anomalous (ecod)\n"
        "row  score  confidence  why                      id\n"
        "---  -----  ----------  -----------------------  --\n"
        "  2   0.95         0.9  amount 75%, country 25%  t3"
    )


def test_no_anomalies_print_as_a_sentence():
    assert str(result_of(predictions=[0] * 4, n_anomalies=0)) == "0 of 4 rows are anomalous (ecod): none"


def test_an_answer_of_a_fallback_says_so():
    assert "from fallback" in repr(result_of(source="fallback"))


def test_html_escapes_what_the_data_say():
    html = result_of([["<script>", 1.0]] * 4, identifiers={"id": ["<script>"] * 4})._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_pandas_frame_comes_back_with_its_index_and_columns():
    frame = result_of(FRAME).to_pandas()
    assert list(frame.index) == [10, 20, 30, 40]
    assert list(frame.columns) == ["id", "amount", "score", "prediction"]
    assert frame.loc[30, "prediction"] == 1
    assert list(FRAME.columns) == ["id", "amount"]


def test_a_column_of_the_same_name_is_not_overwritten():
    frame = result_of(FRAME.rename(columns={"amount": "score"})).to_pandas()
    assert list(frame.columns) == ["id", "score", "pynomaly_score", "prediction"]


def test_a_polars_frame_comes_back_with_its_columns():
    frame = result_of(
        pl.DataFrame({"id": ["a"] * 4, "amount": [1.0, 2.0, 3.0, 4.0]}), confidence=[1, 1, 1, 1]
    )
    assert frame.to_polars().columns == ["id", "amount", "score", "prediction", "confidence"]


@pytest.mark.parametrize(
    "data", [[["a", 1]] * 4, [{"id": "a", "amount": 1}] * 4, np.zeros((4, 2)), pl.DataFrame(FRAME)]
)
def test_other_data_become_frames_of_both_kinds(data):
    result = result_of(data)
    assert list(result.to_pandas().columns) == ["id", "amount", "score", "prediction"]
    assert result.to_polars().columns == ["id", "amount", "score", "prediction"]


def test_unknown_rows_become_a_frame_of_identifiers_and_results():
    assert list(result_of().to_pandas().columns) == ["id", "score", "prediction"]


def test_a_table_leaves_out_columns_that_do_not_fit_and_says_how_many():
    text = text_table(["a", "b", "c"], [[1, "x" * 20, "y"]], width=12, keep=1)
    assert text == "a\n-\n1\n(2 more columns)"


def test_a_cell_stays_on_one_line_and_cannot_command_the_terminal():
    assert "\x1b" not in text_table(["a"], [["x\ny\x1b[31m"]], width=80, keep=1)
    assert "x y?[31m" in text_table(["a"], [["x\ny\x1b[31m"]], width=80, keep=1)


def test_a_caption_is_escaped():
    assert "<caption>&lt;b&gt;</caption>" in html_table("<b>", ["a"], [])


def test_a_slice_of_a_table_is_a_table():
    assert str(result_of(FRAME).rows()[:1]).splitlines()[-1].strip().startswith("10")
