"""A profile says what polars and NumPy say of the whole table, in memory that does not grow with it."""

from __future__ import annotations

import datetime as dt
import json
import tempfile
from dataclasses import asdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pynomaly_server.tabular.column_types import guessed_type
from pynomaly_server.tabular.limits import UNLIMITED
from pynomaly_server.tabular.profile import Bounds, profile_table
from pynomaly_server.tabular.reading import read_table
from pynomaly_server.tabular.timestamps import parsed_times
from pynomaly_server.tabular.written_numbers import numbers_read_as_text

PARQUET = "application/vnd.apache.parquet"


def profiled(frame, bounds=None):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        frame.write_parquet(path)
        return profile_table(path, PARQUET, UNLIMITED, bounds)


def of_csv(tmp_path, text, media_type="text/csv"):
    path = tmp_path / "table"
    path.write_text(text)
    return profile_table(path, media_type, UNLIMITED)


def column(kind, values):
    return st.lists(st.none() | values, min_size=30, max_size=30).map(
        lambda rows: pl.Series(rows, dtype=kind)
    )


COLUMNS = st.one_of(
    column(pl.Float64, st.floats(allow_infinity=False, allow_nan=False)),
    column(pl.Float64, st.sampled_from([0.0, -0.0, 1.5, 2.5])),
    column(pl.Int64, st.integers(-(2**63), 2**63 - 1)),
    column(pl.Int64, st.integers(-2, 2)),
    column(pl.UInt64, st.integers(0, 2**64 - 1)),
    column(pl.Boolean, st.booleans()),
    column(pl.String, st.integers(0, 60).map("the {} of them".format)),
    column(pl.String, st.sampled_from(["DE", "FR", "1,50", "", " "])),
    column(pl.String, st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=4)),
    column(pl.String, st.sampled_from(["2024-05-01", "2024-05-01T10:00:00Z", "1999-12-31 23:59"])),
    column(pl.Date, st.dates()),
    column(pl.Datetime("us"), st.datetimes()),
)
NAMES = st.lists(st.sampled_from(["a", "b", "order_id", "x0"]), min_size=1, max_size=3, unique=True)
TABLES = NAMES.flatmap(
    lambda names: st.tuples(*[COLUMNS] * len(names)).map(
        lambda columns: pl.DataFrame([each.alias(name) for each, name in zip(columns, names, strict=True)])
    )
)


@settings(max_examples=30)
@given(TABLES)
def test_every_figure_is_that_of_the_whole_table(frame):
    profile = profiled(frame)
    # Read as detection reads it: text that polars writes as it is, NaN as missing.
    assert (profile.n_rows, profile.n_columns) == frame.shape
    unsigned = frame.with_columns(pl.col(pl.Float64) + 0.0)
    repeated = frame.height - unsigned.n_unique()
    assert (profile.duplicate_rows.count, profile.duplicate_rows.approximate) == (repeated, False)
    assert profile.duplicate_rows.share == repeated / frame.height
    for found, whole in zip(profile.columns, frame.iter_columns(), strict=True):
        present = whole.drop_nulls()
        distinct = present.n_unique() if whole.dtype != pl.Float64 else (present + 0.0).n_unique()
        assert (found.name, found.type) == (whole.name, guessed_type(whole))
        assert (found.missing, found.missing_share) == (whole.null_count(), whole.null_count() / frame.height)
        assert (found.distinct, found.distinct_approximate) == (distinct, False)
        assert found.constant == (distinct == 1)
        assert found.identifier == (found.type == "identifier")
        check_numbers(found, present)
        check_times(found, present)
        check_top_values(found, present)
        said = [warning.detail for warning in profile.warnings if warning.code == "numbers-as-text"]
        if (detail := numbers_read_as_text(whole, found.type)) is not None:
            assert detail in said


def check_numbers(found, present):
    if found.type != "numeric" or present.is_empty():
        assert found.numeric is None
        return
    numbers = present.cast(pl.Float64).to_numpy()
    shape = found.numeric
    assert (shape.min, shape.max) == (numbers.min(), numbers.max())
    assert shape.zeros == (numbers == 0).sum()
    wide = numbers.astype(np.longdouble)
    assert shape.mean == pytest.approx(float(wide.mean()), rel=1e-9, abs=1e-12 * float(abs(wide).max()))
    if numbers.size > 1 and np.isfinite(expected := float(np.std(wide, ddof=1))):
        assert shape.std == pytest.approx(expected, rel=1e-9, abs=1e-12 * float(abs(wide).max()))
    quarters = [float(q) for q in np.quantile(numbers / 4, [0.25, 0.5, 0.75]) * 4]
    scale = float(abs(numbers).max())
    assert [shape.q1, shape.median, shape.q3] == pytest.approx(quarters, rel=1e-9, abs=1e-15 * scale)
    assert shape.quartiles_approximate is False
    edges, counts = shape.histogram.edges, shape.histogram.counts
    assert (edges[0], edges[-1], sum(counts)) == (shape.min, shape.max, numbers.size)
    assert edges == sorted(edges)
    if len(edges) > 2 or edges[0] < edges[-1]:
        assert len(edges) == len(counts) + 1 <= 21
        inner = [sum((numbers >= low) & (numbers < high)) for low, high in pairwise(edges)]
        inner[-1] += (numbers == edges[-1]).sum()
        assert counts == inner


def check_times(found, present):
    if found.type != "datetime" or present.is_empty():
        assert found.datetime is None
        return
    times = parsed_times(present) if present.dtype == pl.String else present
    told = [found.datetime.min, found.datetime.max]
    assert all(end.endswith("Z") == (times.dtype != pl.Date) for end in told)
    ends = [dt.datetime.fromisoformat(end.removesuffix("Z")) for end in told]
    times = times.cast(pl.Datetime("us"))
    assert ends == [times.min(), times.max()]


def check_top_values(found, present):
    if found.type not in ("categorical", "boolean", "text"):
        assert found.top_values is None
        return
    counts = present.value_counts(name="n")
    assert {each.value: each.count for each in found.top_values}.items() <= dict(counts.iter_rows()).items()
    largest = sorted(counts["n"].to_list(), reverse=True)[:10]
    assert [each.count for each in found.top_values] == largest


SMALL = Bounds(cells=1, most=200, least=200, texts=20)


@settings(max_examples=10)
@given(st.integers(0, 2**32))
def test_estimates_of_a_long_table_say_so_and_are_near(seed):
    draw = np.random.default_rng(seed)
    n = 5_000
    frame = pl.DataFrame(
        {
            "number": draw.normal(50, 10, n),
            "text": np.where(draw.random(n) < 0.5, "often", draw.integers(0, 2_000, n).astype(str)),
        }
    )
    profile = profiled(frame, SMALL)
    number, text = profile.columns
    assert number.distinct_approximate
    assert profile.duplicate_rows.approximate
    assert number.distinct == pytest.approx(n, rel=0.5)
    assert number.numeric.quartiles_approximate
    assert number.numeric.median == pytest.approx(50, abs=6)
    # Exact whatever the bounds:
    edges = np.array(number.numeric.histogram.edges)
    assert number.numeric.histogram.counts == np.histogram(frame["number"], edges)[0].tolist()
    assert (text.top_values[0].value, text.top_values[0].count) == ("often", (frame["text"] == "often").sum())
    counts = dict(frame["text"].value_counts().iter_rows())
    assert all(counts[each.value] == each.count for each in text.top_values)


def test_a_table_of_many_batches_is_one_table(monkeypatch):
    monkeypatch.setattr("pynomaly_server.tabular.profile._BATCH_CELLS", 21)
    frame = pl.DataFrame(
        {"day": ["2024-05-01"] * 50 + ["2024-05-02"] * 50, "a": range(100), "b": ["x"] * 100}
    )
    profile = profiled(frame)
    day, number, text = profile.columns
    assert (day.type, day.datetime.min, day.datetime.max) == ("datetime", "2024-05-01", "2024-05-02")
    assert (number.numeric.mean, number.numeric.std) == (49.5, pytest.approx(frame["a"].std()))
    assert (text.constant, text.top_values[0].count) == (True, 100)


def test_text_that_is_no_time_at_the_end_is_text(monkeypatch):
    monkeypatch.setattr("pynomaly_server.tabular.profile._BATCH_CELLS", 10)
    frame = pl.DataFrame({"day": ["2024-05-01"] * 50 + ["tomorrow"]})
    (day,) = profiled(frame).columns
    assert (day.type, day.datetime) == ("categorical", None)
    assert [(each.value, each.count) for each in day.top_values] == [("2024-05-01", 50), ("tomorrow", 1)]


def test_the_largest_numbers_leave_nothing_that_json_cannot_say(tmp_path):
    top = 1.7976931348623157e308
    for values in ([top, -top], [top] * 3, [5e-324, 1.0, -top, 0.0], [float("nan"), 1.0], [None, 1.0]):
        (found,) = profiled(pl.DataFrame({"a": values})).columns
        json.dumps(asdict(found), allow_nan=False)
        assert sum(found.numeric.histogram.counts) == len(values) - found.missing


def test_a_column_without_values_is_said(tmp_path):
    profile = of_csv(tmp_path, "a,b\n,1\n,2\n")
    assert (profile.columns[0].distinct, profile.columns[0].constant) == (0, False)
    assert [(each.code, each.column, each.detail) for each in profile.warnings] == [
        ("empty-column", "a", "Column 'a' has no values.")
    ]


def test_one_value_alone_is_said(tmp_path):
    profile = of_csv(tmp_path, "a,b\n7,1\n7,2\n")
    assert [(each.code, each.column) for each in profile.warnings] == [("constant-column", "a")]


def test_numbers_written_as_text_are_said(tmp_path):
    rows = "".join(f'"1,{row:02}",{row}\n' for row in range(10)) * 2
    profile = of_csv(tmp_path, f"price,b\n{rows}")
    (warning,) = profile.warnings
    assert (warning.code, warning.column) == ("numbers-as-text", "price")
    assert warning.detail.startswith("Column 'price' is read as text and used only for how rare each text is")


def test_a_date_outside_the_calendar_is_said():
    profile = profiled(pl.DataFrame({"day": ["2024-05-01", "12024-05-01"]}))
    assert [(each.code, each.column) for each in profile.warnings] == [("date-out-of-range", "day")]
    assert (profile.columns[0].type, profile.columns[0].datetime) == ("datetime", None)


def test_long_texts_are_cut_and_still_told_apart():
    (found,) = profiled(pl.DataFrame({"a": ["x" * 300 + "1", "x" * 300 + "2", "x" * 300 + "2"]})).columns
    assert [(each.value, each.count) for each in found.top_values] == [("x" * 200, 2), ("x" * 200, 1)]


ROWS = [{"a": 1.5, "b": "x"}, {"a": 2.5, "b": "y"}, {"a": 2.5, "b": "y"}]
SENT = {
    "text/csv": b"a,b\n1.5,x\n2.5,y\n2.5,y\n",
    "application/json": json.dumps(ROWS).encode(),
    "application/x-ndjson": b"\n".join(json.dumps(row).encode() for row in ROWS),
}


@pytest.mark.parametrize("media_type", [*SENT, PARQUET, "application/vnd.apache.arrow.stream"])
def test_every_media_type_of_rows_has_the_same_profile(tmp_path, media_type):
    path = tmp_path / "table"
    if media_type in SENT:
        path.write_bytes(SENT[media_type])
    elif media_type == PARQUET:
        pl.DataFrame(ROWS).write_parquet(path)
    else:
        pl.DataFrame(ROWS).write_ipc_stream(path)
    assert read_table(path, media_type, UNLIMITED).height == 3
    assert profile_table(path, media_type, UNLIMITED) == profiled(pl.DataFrame(ROWS))


def test_a_numpy_array_has_a_profile(tmp_path):
    np.save(tmp_path / "table.npy", np.array([[1.0, np.nan], [3.0, 4.0]]))
    profile = profile_table(tmp_path / "table.npy", "application/x-npy", UNLIMITED)
    assert [(each.name, each.missing, each.numeric.max) for each in profile.columns] == [
        ("x0", 0, 3.0),
        ("x1", 1, 4.0),
    ]
