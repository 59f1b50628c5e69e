# ruff: noqa: N806 - X is the field's name for a matrix of rows
"""The choice of an algorithm, and what is said of it."""

import numpy as np
import polars as pl
import pytest

from pynomaly_server.detection.pipeline import fit_pipeline
from pynomaly_server.detectors import registry
from pynomaly_server.detectors.auto import SPEC, choose

rng = np.random.default_rng(5)


@pytest.mark.parametrize(
    ("rows", "columns", "categories", "algorithm"),
    [
        (100, 5, False, "ensemble"),
        (20_000, 50, False, "ensemble"),
        (20_001, 2, False, "isolation_forest"),
        (1_000_000, 10, False, "isolation_forest"),
        (5_000, 201, False, "isolation_forest"),
        (100, 1, False, "isolation_forest"),
        (100, 5, True, "isolation_forest"),
    ],
)
def test_size_dimension_and_types_decide(rows, columns, categories, algorithm):
    assert choose(rows, columns, only_categories=categories).algorithm == algorithm


def test_the_reason_names_the_sizes_that_decided():
    assert choose(120_000, 7).sentence == (
        "auto chose isolation_forest because the data has 120,000 rows: above 20,000 it is at least as "
        "accurate as the ensemble and many times quicker."
    )


def test_what_is_fitted_is_what_was_chosen():
    X = rng.normal(size=(60, 3))
    chosen = registry.get("ensemble").fit(X, {}, 2)
    assert SPEC.fit(X, {}, 2).training_scores.tolist() == chosen.training_scores.tolist()


def fitted(frame, algorithm="auto"):
    return fit_pipeline(pl.DataFrame(frame), algorithm=algorithm, seed=1)


def test_the_result_warns_of_the_choice_and_its_reason():
    pipeline = fitted({"a": rng.normal(size=50)})
    (warning,) = pipeline.warnings
    assert warning.code == "auto-chosen"
    assert warning.detail == (
        "auto chose isolation_forest because the data has a single column, where the ensemble is less "
        "accurate."
    )
    assert pipeline.algorithm == "auto"


def test_a_table_of_categories_and_truths_is_known_by_its_types():
    frame = {"kind": ["a", "b", "b", "c"] * 10, "paid": [True, False] * 20}
    assert "every column is a category or a truth" in fitted(frame).warnings[0].detail
    assert "every column" not in fitted(frame | {"n": rng.normal(size=40)}).warnings[0].detail


def test_an_algorithm_that_was_named_needs_no_reason():
    assert fitted({"a": rng.normal(size=50)}, "ecod").warnings == []
