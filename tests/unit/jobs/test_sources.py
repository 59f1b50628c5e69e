"""Reading several tables as one, and drawing a sample of their rows."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pynomaly_server.jobs.sources import Source, Sources
from pynomaly_server.tabular.limits import UNLIMITED


def sources(folder, sizes, rows_per_batch):
    made, start = [], 0
    for position, size in enumerate(sizes):
        path = folder / f"{position}.csv"
        path.write_text(
            "n,m\n" + "\n".join(f"{row},{row % 7}.5" for row in range(start, start + size)) + "\n"
        )
        made.append(Source(f"dts_{position}", path, "text/csv", size))
        start += size
    return Sources(made, UNLIMITED, rows_per_batch)


def nothing(_batch):
    pass


SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=4)


@settings(max_examples=30)
@given(sizes=SIZES, rows_per_batch=st.integers(1, 25), seed=st.integers(0, 1000), data=st.data())
def test_a_sample_has_its_size_and_rows_in_order_none_twice(
    tmp_path_factory, sizes, rows_per_batch, seed, data
):
    found = sources(tmp_path_factory.mktemp("sources"), sizes, rows_per_batch)
    size = data.draw(st.integers(1, sum(sizes)))
    rows = found.sample(size, seed, nothing)["n"].to_list()
    assert len(rows) == size
    assert rows == sorted(set(rows))
    assert set(rows) <= set(range(sum(sizes)))


def test_every_row_is_as_likely_as_any_other(tmp_path):
    found = sources(tmp_path, [23, 17], 7)
    counts = np.zeros(40)
    for seed in range(300):
        counts[found.sample(10, seed, nothing)["n"].to_numpy()] += 1
    # 300 draws of 10 in 40: mean 75, standard deviation 7.5; six of these allow for 40 rows.
    assert np.abs(counts - 75).max() < 6 * 7.5


@pytest.mark.parametrize("rows_per_batch", [1, 7, 100])
def test_batches_hold_every_row_in_order(tmp_path, rows_per_batch):
    found = sources(tmp_path, [5, 1, 9], rows_per_batch)
    rows = [value for batch in found.batches() for value in batch["n"].to_list()]
    assert rows == list(range(15)) == found.whole(nothing)["n"].to_list()
