"""Counts of scored rows: they add up in any order, stay small, and move as the rows do."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import reduce
from operator import add

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynomaly_server.detection.pipeline import fit_pipeline
from pynomaly_server.models.drift.cells import (
    BINS,
    CATEGORIES,
    MOST_FEATURES,
    SORTED_FROM,
    baseline_of,
    binned,
)
from pynomaly_server.models.drift.sketch import Sketch

EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001 - a plain column of times has no zone
RANDOM = np.random.default_rng(0)
TRAINED = pl.DataFrame(
    {
        "amount": RANDOM.lognormal(3, 1, 2_000),
        "country": [["DE", "FR", "IT", None][n] for n in RANDOM.integers(0, 4, 2_000)],
        "card": RANDOM.integers(0, 2, 2_000) > 0,
        "at": pl.Series(RANDOM.integers(0, 10**9, 2_000) * 1_000_000).cast(pl.Datetime("us")),
    }
)
PIPELINE = fit_pipeline(TRAINED, parameters={"n_estimators": 10})
BASELINE = baseline_of(PIPELINE, TRAINED)

rows = st.fixed_dictionaries(
    {
        "amount": st.none() | st.floats(-1e6, 1e6),
        "country": st.none() | st.sampled_from(["DE", "FR", "XX", "YY"]),
        "card": st.none() | st.booleans(),
        "at": st.none() | st.integers(0, 4 * 10**9).map(lambda seconds: EPOCH + timedelta(seconds=seconds)),
    }
)
batches = st.lists(rows, min_size=1, max_size=8)


def sketch_of(batch):
    frame = pl.DataFrame(batch, schema=TRAINED.schema)
    return Sketch.of(BASELINE, PIPELINE, frame, PIPELINE.score(frame))


def said(sketch):
    return sketch.n_rows, sketch.n_anomalies, sketch.n_errors, sketch.n_skipped, sketch.kept()


@given(st.lists(batches, min_size=1, max_size=4))
def test_the_sketch_of_batches_is_the_sketch_of_all_their_rows(many):
    whole = [row for batch in many for row in batch]
    assert said(reduce(add, map(sketch_of, many))) == said(sketch_of(whole))


@given(batches, batches, batches)
def test_sketches_add_up_in_any_order_and_grouping(one, two, three):
    a, b, c = map(sketch_of, (one, two, three))
    assert said(a + b) == said(b + a)
    assert said((a + b) + c) == said(a + (b + c))
    assert said(a + Sketch()) == said(Sketch() + a) == said(a)


@given(batches)
def test_a_sketch_is_the_same_after_it_was_kept(batch):
    sketch = sketch_of(batch)
    read = Sketch.read(*said(sketch))
    assert said(read) == said(sketch)


@given(batches)
def test_every_value_is_in_one_cell(batch):
    sketch = sketch_of(batch)
    assert [int(counts.sum()) for counts in sketch.cells] == [len(batch)] * len(BASELINE.all)
    missing = [sum(row[cells.name] is None for row in batch) for cells in BASELINE.features]
    assert [int(counts[-1]) for counts in sketch.cells[:-1]] == missing


def test_the_cells_of_the_training_rows_are_those_of_the_baseline():
    sketch = Sketch.of(BASELINE, PIPELINE, TRAINED, PIPELINE.score(TRAINED))
    assert sketch.kept() == [cells.trained for cells in BASELINE.all]


def test_numbers_are_counted_in_bins_of_as_many_training_rows_each():
    amounts = BASELINE.features[0]
    assert len(amounts.edges) == BINS
    assert set(amounts.trained[:BINS]) == {2_000 // BINS}


some = st.sampled_from([-1.0, -0.0, 0.0, 1.0, 2.0, float("inf"), float("nan")]) | st.floats()


@given(st.lists(some, min_size=1, max_size=20), st.sets(st.sampled_from([-1.0, 0.0, 1.0, 2.0, 3.0])))
def test_many_values_are_counted_as_a_few_are(values, edges):
    few = binned(np.array(values), sorted(edges))
    assert few.sum() == len(values)
    many = binned(np.tile(values, SORTED_FROM), sorted(edges))
    assert many.tolist() == (few * SORTED_FROM).tolist()


def test_few_numbers_have_a_cell_each():
    frame = pl.DataFrame({"size": [1.0, 2.0, 2.0, 5.0] * 10})
    cells = baseline_of(fit_pipeline(frame), frame).features[0]
    assert (cells.edges, cells.trained) == ([1.0, 2.0, 5.0], [10, 20, 10, 0, 0])


def test_dates_without_a_time_of_day_are_told_apart_by_the_day_of_the_week():
    days = pl.date_range(pl.date(2024, 1, 1), pl.date(2024, 3, 31), eager=True)
    frame = pl.DataFrame({"day": days, "amount": np.arange(days.len(), dtype=float)})
    cells = next(each for each in baseline_of(fit_pipeline(frame), frame).features if each.name == "day")
    assert (cells.form, cells.edges, cells.trained) == ("weekday", [1, 2, 3, 4, 5, 6, 7], [13] * 7 + [0, 0])


@pytest.mark.parametrize("width", [3, 300])
def test_a_sketch_is_bounded_whatever_the_table(width):
    many = [f"category {n}" for n in range(3_000)]
    columns = {f"text{n}": many for n in range(2)}
    columns |= {f"x{n}": RANDOM.normal(size=3_000) for n in range(width)}
    frame = pl.DataFrame(columns)
    types = dict.fromkeys(("text0", "text1"), "categorical")
    pipeline = fit_pipeline(frame, parameters={"n_estimators": 5}, column_types=types)
    baseline = baseline_of(pipeline, frame)
    sketch = Sketch.of(baseline, pipeline, frame, pipeline.score(frame))
    assert len(baseline.features) == min(width + 2, MOST_FEATURES)
    assert max(counts.size for counts in sketch.cells) == BINS + 2
    assert sketch.cells[0].size == CATEGORIES + 2
