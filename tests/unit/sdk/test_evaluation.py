"""Figures of a detection on labelled rows, held against scikit-learn's."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics
from tests.unit.sdk.test_results import result_of

from pynomaly import DataError
from pynomaly.evaluation import (
    Evaluation,
    average_precision,
    evaluated,
    matched_labels,
    read_labels,
    roc_auc,
)

# scikit-learn takes its time for each.
few = settings(max_examples=30)
# Few different scores, so that most rows are tied with another.
tied = st.lists(st.tuples(st.booleans(), st.sampled_from([0.0, 0.1, 0.5, 0.5000001, 1.0])), min_size=1)
free = st.lists(st.tuples(st.booleans(), st.floats(0, 1)), min_size=1)


@few
@given(tied | free)
def test_both_figures_of_the_scores_are_those_of_scikit_learn(rows):
    labels, scores = map(list, zip(*rows, strict=True))
    if any(labels):
        expected = metrics.average_precision_score(labels, scores)
        assert average_precision(labels, scores) == pytest.approx(expected, rel=1e-12)
    if any(labels) and not all(labels):
        assert roc_auc(labels, scores) == pytest.approx(metrics.roc_auc_score(labels, scores), rel=1e-12)


@few
@given(st.lists(st.tuples(st.booleans(), st.booleans()), min_size=1))
def test_the_figures_of_the_predictions_are_those_of_scikit_learn(rows):
    labels, predictions = map(list, zip(*rows, strict=True))
    given_result = result_of(
        predictions=[int(each) for each in predictions], scores=[0.9 if each else 0.1 for each in predictions]
    )
    found = evaluated(given_result, labels)
    figures = metrics.precision_recall_fscore_support(
        labels, predictions, average="binary", zero_division=math.nan
    )
    for ours, theirs in zip((found.precision, found.recall, found.f1), figures[:3], strict=True):
        assert (math.nan if ours is None else ours) == pytest.approx(theirs, nan_ok=True)


def test_scores_that_are_all_alike_tell_nothing_apart():
    assert roc_auc([True, False, False], [0.5, 0.5, 0.5]) == 0.5
    assert average_precision([True, False, False], [0.5, 0.5, 0.5]) == pytest.approx(1 / 3)


def test_what_cannot_be_said_is_none():
    assert roc_auc([True, True], [0.1, 0.2]) is None
    assert average_precision([False, False], [0.1, 0.2]) is None
    nothing = evaluated(result_of(predictions=[0] * 4), [False] * 4)
    assert (nothing.precision, nothing.recall, nothing.f1) == (None, None, None)


def test_an_evaluation_says_what_was_labelled_and_what_was_found():
    assert evaluated(result_of(), [False, True, False, True]) == Evaluation(
        algorithm="ecod",
        n_rows=4,
        n_labelled=2,
        n_found=2,
        roc_auc=0.5,
        average_precision=pytest.approx((1 / 2 + 2 / 3) / 2),
        precision=0.5,
        recall=0.5,
        f1=0.5,
    )


def test_too_few_labels_are_refused():
    with pytest.raises(DataError, match="There are 3 labels for 4 rows; give one for each row"):
        evaluated(result_of(), [True, False, False])


@pytest.mark.parametrize(
    "values", [[0, 1], [False, True], [0.0, 1.0], ["no", "YES"], ["normal", "Anomaly"], ["0.0", "1.0"]]
)
def test_the_usual_labels_are_understood(values):
    assert read_labels(values) == [False, True]


def test_other_labels_want_to_be_told_which_mark_anomalies():
    with pytest.raises(DataError, match=r"It is not clear which of the labels '1', '-1' mark anomalies; say"):
        read_labels([1, -1, 1])
    assert read_labels([1, -1, 1], "-1") == [False, True, False]
    with pytest.raises(DataError, match="No row is labelled 'fraud'; the labels are 'ok', 'bad'"):
        read_labels(["ok", "bad"], "fraud")


@pytest.mark.parametrize("gap", [None, "", math.nan])
def test_a_row_without_a_label_is_named(gap):
    with pytest.raises(DataError, match="Row 1 has no label"):
        read_labels([1, gap])


def test_labels_are_matched_by_an_identifier_in_whatever_order_they_are():
    table = {"id": ["t4", "t3", "t2", "t1", "t9"], "bad": [4, 3, 2, 1, 9], "kind": ["", "", "", "", ""]}
    assert matched_labels(table, "bad", result_of()) == ([1, 2, 3, 4], "id")


def test_labels_without_an_identifier_are_matched_by_their_order():
    assert matched_labels({"bad": [1, 2, 3, 4]}, None, result_of()) == ([1, 2, 3, 4], None)


@pytest.mark.parametrize(
    ("table", "column", "fault"),
    [
        ({}, None, "The table with the labels is empty"),
        ({"a": [1], "b": [2]}, None, "The labels have the columns 'a', 'b'; say which one holds them"),
        ({"a": [1]}, "c", "The labels have no column 'c'; they have 'a'"),
        ({"a": [1, 2]}, None, "There are 2 labels for 4 rows, and no identifier to match them by"),
        ({"id": ["t1", "t1"], "a": [1, 0]}, None, "The labels name a 'id' twice"),
        ({"id": ["t1", "t2"], "a": [1, 0]}, None, "There is no label for 2 rows, among them id 't3', 't4'"),
    ],
)
def test_labels_that_do_not_fit_are_refused(table, column, fault):
    with pytest.raises(DataError, match=fault):
        matched_labels(table, column, result_of())
