"""What reading promises for every media type."""

import random

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal

from pynomaly_server.tabular.errors import BadTable, TableError, TableTooLarge
from pynomaly_server.tabular.limits import TableLimits
from pynomaly_server.tabular.reading import (
    MEDIA_TYPES,
    count_rows,
    inspect_table,
    iter_batches,
    read_table,
)

from .tables import ARROW, CSV, JSON, LIMITS, NDJSON, NPY, PARQUET, as_bytes, npy, sample  # noqa: TID252 - the file beside this one

of_named_columns = pytest.mark.parametrize("media_type", [CSV, NDJSON, JSON, PARQUET, ARROW])
of_every_type = pytest.mark.parametrize("media_type", MEDIA_TYPES)


def stored(media_type, rows=250):
    if media_type == NPY:
        return npy(np.random.default_rng(0).normal(size=(rows, 3)))
    options = {"row_group_size": 60} if media_type == PARQUET else {}
    return as_bytes(sample(rows), media_type, **options)


@of_named_columns
def test_the_same_table_comes_out_of_every_media_type(media_type):
    assert_frame_equal(read_table(stored(media_type), media_type, LIMITS), sample())


@of_every_type
@pytest.mark.parametrize("rows_per_batch", [1, 7, 60, 250, 1000])
def test_batches_are_the_whole_table_cut_to_size(media_type, rows_per_batch, tmp_path):
    path = tmp_path / "table"
    path.write_bytes(stored(media_type))
    batches = list(iter_batches(path, media_type, rows_per_batch, LIMITS))
    assert [batch.height for batch in batches[:-1]] == [rows_per_batch] * (len(batches) - 1)
    assert len({tuple(batch.schema.items()) for batch in batches}) == 1
    assert_frame_equal(pl.concat(batches), read_table(path, media_type, LIMITS))


@of_every_type
def test_rows_are_counted(media_type, tmp_path):
    path = tmp_path / "table"
    path.write_bytes(stored(media_type))
    assert count_rows(path, media_type) == 250


@of_every_type
def test_inspection_tells_shape_and_names(media_type):
    summary = inspect_table(stored(media_type), media_type, LIMITS)
    assert summary.n_rows == 250
    assert summary.names == (["x0", "x1", "x2"] if media_type == NPY else sample().columns)


@of_every_type
@pytest.mark.parametrize(
    ("limit", "value", "words"),
    [
        ("max_rows", 249, "250 rows"),
        ("max_columns", 2, "columns"),
        ("max_cells", 700, "cells (rows times columns)"),
    ],
)
def test_a_table_over_a_limit_is_refused_with_both_figures(media_type, limit, value, words):
    limits = TableLimits(**{**{name: getattr(LIMITS, name) for name in LIMITS.__slots__}, limit: value})
    with pytest.raises(TableTooLarge, match=f"at most {value} are taken") as refused:
        read_table(stored(media_type), media_type, limits)
    assert words in str(refused.value)
    assert refused.value.code == "payload-too-large"
    assert refused.value.given > refused.value.allowed == value


@of_every_type
@pytest.mark.parametrize("source", ["bytes", "file"])
def test_no_bytes_are_no_table(media_type, source, tmp_path):
    path = tmp_path / "empty"
    path.write_bytes(b"")
    with pytest.raises(BadTable, match="The data is empty"):
        read_table(b"" if source == "bytes" else path, media_type, LIMITS)


@pytest.mark.parametrize(
    ("media_type", "true_type"),
    [
        (said, true)
        for said in MEDIA_TYPES
        for true in MEDIA_TYPES
        # JSON is text with commas; one form of it may pass for the other, or for CSV.
        if said != true and not (said in (CSV, JSON, NDJSON) and true in (JSON, NDJSON))
    ],
)
def test_a_table_under_another_name_is_refused(media_type, true_type):
    with pytest.raises(BadTable):
        read_table(stored(true_type), media_type, LIMITS)


@of_every_type
@pytest.mark.parametrize(
    ("head", "what"),
    [
        (b"PK\x03\x04\x14\x00\x00\x00", "a ZIP archive or Excel workbook"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00", "gzip-compressed data"),
        (b"\x80\x04\x95\x0b\x00\x00\x00", "a Python pickle, which is never loaded"),
        (b"%PDF-1.7\n", "a PDF document"),
        (b"ARROW1\x00\x00", "an Arrow or Feather file"),
    ],
)
def test_archives_pickles_and_documents_are_named_and_refused(media_type, head, what):
    with pytest.raises(BadTable) as refused:
        read_table(head + bytes(200), media_type, LIMITS)
    assert str(refused.value).startswith(f"The data is {what}, not {media_type}. Send one of text/csv, ")


def test_parquet_labelled_csv_is_told_its_own_name():
    with pytest.raises(BadTable) as refused:
        read_table(stored(PARQUET), CSV, LIMITS)
    assert str(refused.value) == f"The data is a Parquet file, not text/csv. Send it as {PARQUET}."


def test_an_unknown_media_type_is_a_mistake_of_the_program():
    with pytest.raises(ValueError, match="'text/plain' is no media type of tables"):
        read_table(b"a\n1\n", "text/plain", LIMITS)


@of_every_type
def test_a_table_cut_short_is_refused_or_shorter_but_never_anything_else(media_type):
    whole = stored(media_type)
    for size in range(0, len(whole), max(1, len(whole) // 60)):
        try:
            frame = read_table(whole[:size], media_type, LIMITS)
        except TableError:
            continue
        assert frame.height < 250


@of_every_type
def test_damaged_bytes_are_read_or_refused_but_never_crash(media_type):
    chance = random.Random(media_type)
    whole = stored(media_type)
    for _ in range(150):
        damaged = bytearray(whole)
        for _ in range(chance.choice([1, 2, 5])):
            near_an_end = chance.choice([chance.randrange(200), len(whole) - 1 - chance.randrange(200)])
            damaged[chance.choice([near_an_end, chance.randrange(len(whole))])] = chance.randrange(256)
        try:
            read_table(bytes(damaged), media_type, LIMITS)
        except TableError:
            continue


@pytest.mark.parametrize("media_type", [PARQUET, ARROW, CSV])
def test_nan_is_missing(media_type):
    frame = read_table(as_bytes(pl.DataFrame({"a": [1.0, float("nan")]}), media_type), media_type, LIMITS)
    assert frame["a"].to_list() == [1.0, None]


@pytest.mark.parametrize("media_type", [PARQUET, ARROW, CSV])
def test_infinities_are_refused_by_column_and_row(media_type):
    data = as_bytes(pl.DataFrame({"a": [1.0, 2.0], "speed": [1.0, float("-inf")]}), media_type)
    with pytest.raises(BadTable) as refused:
        read_table(data, media_type, LIMITS)
    assert str(refused.value) == (
        "Column 'speed' is infinite in row 2 (counting from 1). Leave the value empty, or leave the row out."
    )


@pytest.mark.parametrize("media_type", [PARQUET, ARROW, NDJSON, JSON])
def test_nul_in_text_is_refused_by_column_and_row(media_type):
    with pytest.raises(BadTable, match=r"Column 'a' holds a NUL character in row 2"):
        read_table(as_bytes(pl.DataFrame({"a": ["x", "y\0"]}), media_type), media_type, LIMITS)


@pytest.mark.parametrize("media_type", [PARQUET, ARROW, NDJSON, JSON, CSV])
def test_a_value_longer_than_a_field_may_be_is_refused(media_type):
    with pytest.raises(TableTooLarge, match="200,000 bytes"):
        read_table(as_bytes(pl.DataFrame({"a": ["x", "y" * 200_000]}), media_type), media_type, LIMITS)


@of_named_columns
@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        (["a", "b\x07"], r"The name of column 2, 'b\x07', holds a control character. Rename it."),
        (["a", " "], "Column 2 has no name. Name it, or leave the column out."),
        (
            ["a", "b" * 300],
            "The name of column 2 has 300 characters; at most 256 are taken. Is the first line the header?",
        ),
    ],
)
def test_names_that_cannot_be_used_are_refused(media_type, names, sentence):
    with pytest.raises(BadTable) as refused:
        read_table(as_bytes(pl.DataFrame({name: [1, 2] for name in names}), media_type), media_type, LIMITS)
    assert str(refused.value) == sentence


@pytest.mark.parametrize("media_type", [PARQUET, ARROW])
@pytest.mark.parametrize(
    ("column", "kind"),
    [([[1, 2]], "lists or nested objects"), ([{"a": 1}], "lists or nested objects"), ([b"x"], "bytes")],
)
def test_columns_of_nested_values_or_bytes_are_refused(media_type, column, kind):
    with pytest.raises(BadTable, match=f"Column 'odd' holds {kind}, which no detector can read"):
        read_table(as_bytes(pl.DataFrame({"odd": column}), media_type), media_type, LIMITS)


@pytest.mark.parametrize("media_type", [PARQUET, ARROW])
def test_unusual_types_become_plain_ones(media_type):
    frame = pl.DataFrame(
        {
            "small": pl.Series([1], dtype=pl.Int8),
            "single": pl.Series([0.5], dtype=pl.Float32),
            "price": pl.Series(["1.25"]).str.to_decimal(scale=2),
            "kind": pl.Series(["a"], dtype=pl.Categorical),
            "took": pl.Series([1500], dtype=pl.Duration("ms")),
            "at": pl.Series([90_000_000_000], dtype=pl.Time),
            "when": pl.Series([0], dtype=pl.Datetime("ms", "Europe/Berlin")),
            "nothing": pl.Series([None], dtype=pl.Null),
        }
    )
    read = read_table(as_bytes(frame, media_type), media_type, LIMITS)
    assert read.dtypes == [
        pl.Int64, pl.Float64, pl.Float64, pl.String, pl.Float64, pl.Float64, pl.Datetime("us"), pl.String,
    ]  # fmt: skip
    assert [str(value) for value in read.row(0)] == [
        "1", "0.5", "1.25", "a", "1.5", "90.0", "1970-01-01 00:00:00", "None",
    ]  # fmt: skip
