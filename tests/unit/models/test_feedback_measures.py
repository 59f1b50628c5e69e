"""Precision, recall and the threshold to suggest, against definitions counted row by row."""

import numpy as np
import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from pynomaly_server.models.feedback.measures import precision_and_recall, suggestion
from pynomaly_server.models.feedback.service import row_keys

labelled = st.lists(
    st.tuples(st.floats(0, 1) | st.sampled_from([0.0, 0.5, 1.0]), st.booleans()), min_size=1, max_size=30
)


def arrays(rows):
    return np.array([score for score, _ in rows]), np.array([label for _, label in rows])


def f1(rows, threshold):
    found = sum(label for score, label in rows if score >= threshold)
    return 2 * found / (sum(score >= threshold for score, _ in rows) + sum(label for _, label in rows))


@given(rows=labelled, threshold=st.floats(0.01, 0.99))
def test_precision_and_recall_are_shares_of_rows(rows, threshold):
    predicted = [label for score, label in rows if score >= threshold]
    anomalies = [score for score, label in rows if label]
    precision, recall = precision_and_recall(*arrays(rows), threshold)
    assert precision == (sum(predicted) / len(predicted) if predicted else None)
    if anomalies and len(predicted) < len(rows):
        assert recall == sum(predicted) / len(anomalies)
    else:
        assert recall is None


@given(rows=labelled)
def test_no_threshold_between_the_scores_serves_better_than_the_suggested_one(rows):
    suggested = suggestion(*arrays(rows))
    if len({label for _, label in rows}) < 2:
        assert suggested is None
        return
    possible = [score for score, _ in rows if 0 < score < 1]
    if suggested is None:
        assert not possible
        return
    assert 0 < suggested.threshold < 1
    assert all(f1(rows, suggested.threshold) >= f1(rows, score) - 1e-12 for score in possible)
    precision, _ = precision_and_recall(*arrays(rows), suggested.threshold)
    assert precision == suggested.precision


def test_a_clear_gap_is_cut_in_its_middle():
    suggested = suggestion(np.array([0.1, 0.2, 0.8, 0.9]), np.array([False, False, True, True]))
    assert (suggested.threshold, suggested.precision, suggested.recall) == (0.5, 1.0, 1.0)


def test_a_row_is_known_again_however_it_is_written():
    rows = [{"a": 1, "b": "x", "c": None}, {"a": 2, "b": "y", "c": True}]
    known = row_keys(pl.DataFrame(rows))
    assert len(set(known)) == 2
    assert (
        row_keys(
            pl.DataFrame(
                [{"c": None, "b": "x", "a": 1.0}], schema={"c": pl.Boolean, "b": pl.String, "a": pl.Float64}
            )
        )
        == known[:1]
    )
    assert row_keys(pl.DataFrame([{"a": 1.5, "b": "x", "c": None}, *rows], strict=False))[1:] == known
    big = [2**53, 2**53 + 1]
    assert len(set(row_keys(pl.DataFrame({"id": big})))) == 2
