"""Results as they are stored and read."""

from __future__ import annotations

import csv
import io

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pynomaly_server.contract.structs import ResultSummary
from pynomaly_server.jobs import results
from pynomaly_server.jobs.rendering import csv_chunks, read_page
from pynomaly_server.jobs.result_objects import remove_result
from pynomaly_server.jobs.results import ResultWriter, read_summary
from pynomaly_server.storage.local import LocalObjectStore
from pynomaly_server.storage.objects import ObjectMissingError

KEY = "tenants/t/jobs/j/1"


def summary(writer):
    return ResultSummary(
        algorithm="ecod",
        threshold=0.5,
        contamination=0.1,
        n_rows=writer.n_rows,
        n_anomalies=writer.n_anomalies,
        feature_names=["a"],
        columns=[],
        warnings=[],
        elapsed_ms=1.0,
    )


def stored(folder, identifiers, values, chunk=3):
    """A stored result whose identifier columns hold `values`, each [n]."""
    (folder / "parts").mkdir()
    store = LocalObjectStore(folder / "objects")
    writer = ResultWriter(lambda: folder / "parts", identifiers)
    count = len(next(iter(values.values())))
    for start in range(0, count, chunk):
        rows = slice(start, start + chunk)
        scores = np.linspace(0, 1, count)[rows]
        writer.add(
            scores,
            (scores >= 0.5).astype(np.int8),
            identifiers={name: column[rows] for name, column in values.items()},
        )
    writer.store(store, KEY, summary(writer))
    return store


NAMES = st.lists(
    st.sampled_from(["row", "score", "id", "identifier.row", "identifier.identifier.row", "expected"]),
    unique=True,
    min_size=1,
)


@settings(max_examples=25)
@given(names=NAMES)
def test_identifiers_keep_their_names_whatever_they_are(tmp_path_factory, names):
    folder = tmp_path_factory.mktemp("result")
    values = {name: [f"{name}-{row}" for row in range(7)] for name in names}
    store = stored(folder, dict.fromkeys(names, pl.String()), values)
    rows, more, _ = read_page(store, KEY, after=-1, limit=10, only="all")
    assert not more
    assert [row.identifiers for row in rows] == [
        {name: f"{name}-{position}" for name in names} for position in range(7)
    ]


@settings(max_examples=25)
@given(
    cells=st.lists(
        st.one_of(st.none(), st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=10)),
        min_size=1,
    )
)
def test_no_cell_of_a_csv_can_be_taken_for_a_formula(tmp_path_factory, cells):
    folder = tmp_path_factory.mktemp("result")
    store = stored(folder, {"id": pl.String()}, {"id": cells})
    text = b"".join(csv_chunks(store, KEY, "all")).decode()
    lines = list(csv.DictReader(io.StringIO(text, newline="")))
    assert len(lines) == len(cells)
    for line, cell in zip(lines, cells, strict=True):
        shown = line["id"]
        assert shown in {cell or "", f"'{cell}"}
        assert not shown.startswith(("=", "@", "\t", "\r"))
        if shown.startswith(("+", "-")):
            float(shown)


@settings(max_examples=25)
@given(
    start=st.sampled_from(["=", "+", "-", "@", "\t", "\r", "\n", "\0"]),
    rest=st.text(st.characters(codec="utf-8", exclude_categories=["Nd"]), max_size=5),
)
def test_neither_the_name_nor_a_cell_of_an_identifier_begins_as_a_formula(tmp_path_factory, start, rest):
    odd = start + rest
    store = stored(tmp_path_factory.mktemp("result"), {odd: pl.String()}, {odd: [odd]})
    text = b"".join(csv_chunks(store, KEY, "all")).decode()
    header, line = csv.reader(io.StringIO(text, newline=""))
    assert (header[-1], line[-1]) == (f"'{odd}", f"'{odd}")


@pytest.mark.parametrize("only", ["all", "anomalies"])
@pytest.mark.parametrize("limit", [1, 2, 7, 100])
def test_pages_join_to_the_whole(tmp_path, only, limit):
    store = stored(tmp_path, {"id": pl.Int64()}, {"id": list(range(11))})
    seen, after, more = [], -1, True
    while more:
        rows, more, _ = read_page(store, KEY, after=after, limit=limit, only=only)
        seen += [row.row for row in rows]
        after = rows[-1].row
    assert seen == list(range(11) if only == "all" else range(5, 11))


def test_numbers_and_booleans_stay_what_they_are(tmp_path):
    types = {"i": pl.Int32(), "u": pl.UInt64(), "b": pl.Boolean(), "d": pl.Date()}
    values = {"i": [-1, None], "u": [2**63, 1], "b": [True, None], "d": ["2026-05-01", None]}
    store = stored(tmp_path, types, values)
    rows, _, _ = read_page(store, KEY, after=-1, limit=5, only="all")
    assert [row.identifiers for row in rows] == [
        {"i": -1, "u": 2**63, "b": True, "d": "2026-05-01"},
        {"i": None, "u": 1, "b": None, "d": None},
    ]


def test_a_removed_result_is_gone(tmp_path):
    store = stored(tmp_path, {"id": pl.Int64()}, {"id": [1]})
    remove_result(store, KEY)
    remove_result(store, KEY)
    with pytest.raises(ObjectMissingError):
        read_summary(store, KEY)


@pytest.mark.parametrize("in_memory", [0, 100, results.MOST_IN_MEMORY])
def test_rows_of_a_part_are_the_same_however_many_of_them_memory_holds(tmp_path, monkeypatch, in_memory):
    monkeypatch.setattr(results, "MOST_IN_MEMORY", in_memory)
    store = LocalObjectStore(tmp_path / "objects")
    (tmp_path / "parts").mkdir()
    writer = ResultWriter(lambda: tmp_path / "parts", {"id": pl.Int64()}, first_row=100)
    for start in range(0, 10, 3):
        rows = range(start, min(start + 3, 10))
        writer.add(np.array(rows) / 10, np.array(rows) > 4, identifiers={"id": list(rows)})
    writer.store_rows(store, "part")
    with store.local_path("part") as path:
        found = pl.read_parquet(path)
    assert found.to_dict(as_series=False) == {
        "row": list(range(100, 110)),
        "score": [row / 10 for row in range(10)],
        "prediction": [0] * 5 + [1] * 5,
        "id": list(range(10)),
    }
    assert (writer.n_rows, writer.n_anomalies) == (10, 5)
