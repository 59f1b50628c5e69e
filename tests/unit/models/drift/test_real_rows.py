"""A shift that is planted in real tables is found where it was planted, and halves of one table have none."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from pynomaly_server.detection.pipeline import fit_pipeline
from pynomaly_server.models.drift.cells import baseline_of
from pynomaly_server.models.drift.measures import shift
from pynomaly_server.models.drift.sketch import Sketch

LABELLED = Path(__file__).parents[5] / "shared" / "data" / "tabular"
pytestmark = pytest.mark.skipif(
    not LABELLED.is_dir(), reason="no labelled data in shared/data beside the repository"
)


def halves(name):
    with np.load(LABELLED / f"{name}.npz") as stored:
        rows = np.random.default_rng(0).permutation(stored["X"].astype(float))
    frame = pl.DataFrame({f"x{place}": column for place, column in enumerate(rows.T)})
    middle = frame.height // 2
    return frame[:middle], frame[middle:]


def verdicts(trained, later):
    pipeline = fit_pipeline(trained, parameters={"n_estimators": 20})
    baseline = baseline_of(pipeline, trained)
    sketch = Sketch.of(baseline, pipeline, later, pipeline.score(later))
    cells = zip(baseline.all, sketch.cells, strict=True)
    return {each.name: shift(each, counts).verdict for each, counts in cells}


@pytest.mark.parametrize("name", ["cardio", "mammography", "satimage-2", "shuttle", "annthyroid"])
def test_a_shift_is_found_in_its_column_and_nowhere_else(name):
    trained, later = halves(name)
    assert set(verdicts(trained, later).values()) == {"stable"}
    column = max(trained.columns, key=lambda each: trained[each].n_unique())
    moved = later.with_columns(pl.col(column) + trained[column].std())
    found = verdicts(trained, moved)
    assert found[column] == "large"
    assert {each for each in trained.columns if found[each] != "stable"} == {column}
