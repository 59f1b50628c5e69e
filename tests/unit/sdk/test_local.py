"""The rules of the local fallback: invariants, and how much they find in labelled data."""

import math
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import roc_auc_score

from pynomaly.local import detect_locally, fit_locally

LABELLED = Path(__file__).parents[4] / "shared" / "data" / "tabular"

cells = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    st.text(max_size=5),
    st.sampled_from(["a", "b", "1", "2.5", " ", "nan", "inf"]),
)


@st.composite
def tables(draw):
    rows = draw(st.integers(0, 25))
    width = draw(st.integers(0, 4))
    return {f"c{place}": draw(st.lists(cells, min_size=rows, max_size=rows)) for place in range(width)}


@given(tables(), st.sampled_from([0.01, 0.1, 0.5, "auto"]))
def test_any_table_has_finite_scores_that_agree_with_the_predictions(columns, contamination):
    found = detect_locally(columns, contamination)
    for score, prediction in zip(found.scores, found.predictions, strict=True):
        assert 0.0 <= score <= 1.0
        assert prediction == (score >= 0.5)
    assert math.isfinite(found.threshold)
    for row in found.contributions:
        assert not row or math.fsum(share for _, share in row) == pytest.approx(1.0)


@given(tables(), st.randoms())
def test_the_order_of_the_rows_changes_no_score(columns, random):
    rows = len(next(iter(columns.values()), []))
    order = list(range(rows))
    random.shuffle(order)
    shuffled = {name: [values[place] for place in order] for name, values in columns.items()}
    scores = detect_locally(columns).scores
    assert detect_locally(shuffled).scores == pytest.approx([scores[place] for place in order])


@given(st.lists(st.floats(-1e6, 1e6), min_size=5, max_size=60, unique=True), st.sampled_from([0.1, 0.25]))
def test_about_as_many_rows_are_anomalous_as_asked_for(values, contamination):
    found = detect_locally({"a": values}, contamination)
    at_the_threshold = sum(score == 0.5 for score in found.scores)
    assert sum(found.predictions) <= max(1, math.floor(contamination * len(values) + 0.5)) + at_the_threshold


@given(tables(), st.sampled_from([0.1, "auto"]), st.data())
def test_fitted_rules_give_the_rows_they_were_fitted_on_their_scores_each_from_itself_alone(
    columns, contamination, data
):
    found = detect_locally(columns, contamination)
    rules = fit_locally(columns, contamination)
    assert rules.score(columns) == found
    if found.raw:
        row = data.draw(st.integers(0, len(found.raw) - 1))
        assert rules.score({name: [values[row]] for name, values in columns.items()}).raw == [found.raw[row]]


@settings(max_examples=40)
@given(tables(), tables())
def test_fitted_rules_score_any_other_rows_or_name_the_column_that_does_not_fit(columns, others):
    fits = False
    complete = set(columns) <= set(others)
    with suppress(ValueError) if complete else pytest.raises(ValueError, match="the column '"):
        found = fit_locally(columns).score(others)
        fits = True
    assert not fits or all(0.0 <= score <= 1.0 for score in found.scores)


def test_a_value_that_was_never_there_counts_as_rarer_than_any_that_was():
    rules = fit_locally({"a": ["x"] * 50 + ["y"], "b": [1.0] * 51})
    (known, rare, new), (same, other) = (
        rules.score({"a": ["x", "y", "z"], "b": [1.0] * 3}).raw,
        rules.score({"a": ["x", "x"], "b": [1.0, 2.0]}).raw,
    )
    assert known == same == 0.0
    assert rare < min(new, other)


def test_rules_with_their_border_at_another_score_have_one_half_there():
    rules = fit_locally({"a": [float(place) for place in range(20)]})
    plain = rules.score({"a": [25.0, 40.0]}).scores
    assert rules.at(plain[0]).score({"a": [25.0]}).scores == pytest.approx([0.5])


def test_columns_of_different_length_are_refused():
    with pytest.raises(ValueError, match="length"):
        detect_locally({"a": [1], "b": [1, 2]})


@pytest.mark.parametrize("contamination", [0.0, 0.6, -1.0, math.nan])
def test_a_contamination_out_of_range_is_refused(contamination):
    with pytest.raises(ValueError, match="contamination"):
        detect_locally({"a": [1]}, contamination)


@pytest.mark.skipif(not LABELLED.is_dir(), reason="no labelled data in shared/data beside the repository")
def test_the_rules_find_most_of_what_is_labelled():
    areas = []
    for file in sorted(LABELLED.glob("*.npz")):
        table = np.load(file)
        rows, labels = table["X"].astype(float), table["y"]
        if len(rows) > 4_000:
            keep = np.random.default_rng(0).permutation(len(rows))[:4_000]
            rows, labels = rows[keep], labels[keep]
        found = detect_locally({f"x{place}": column.tolist() for place, column in enumerate(rows.T)})
        areas.append(roc_auc_score(labels, found.raw))
    assert len(areas) == 14
    assert np.mean(areas) >= 0.87
