"""The population stability index and the Kolmogorov-Smirnov statistic, against figures from elsewhere."""

from __future__ import annotations

import math

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import ks_2samp

from pynomaly_server.detection.pipeline import fit_pipeline
from pynomaly_server.models.drift.cells import BINS, Cells, baseline_of
from pynomaly_server.models.drift.measures import ks, psi, shift

counts = st.lists(st.integers(0, 1_000), min_size=2, max_size=30).filter(any)


def cells_of(values, name="x"):
    frame = pl.DataFrame({name: values})
    return baseline_of(fit_pipeline(frame, parameters={"n_estimators": 5}), frame).features[0]


@given(counts)
def test_equal_counts_have_no_distance(each):
    assert psi(np.array(each), np.array(each)) == pytest.approx(0, abs=1e-12)
    assert ks(np.array(each), np.array(each)) == 0


@given(counts, st.integers(2, 9))
def test_the_same_shares_of_more_rows_are_hardly_a_distance(each, times):
    before = np.array(each)
    # Only the half that is added to every count is not multiplied.
    assert psi(before, before * times) < 0.5 * before.size / before.sum() + 1e-12
    assert ks(before, before * times) == pytest.approx(0, abs=1e-12)


@given(counts, counts)
def test_the_index_is_symmetric_finite_and_never_negative(one, other):
    size = max(len(one), len(other))
    one, other = (np.array(each + [0] * (size - len(each))) for each in (one, other))
    assert psi(one, other) == pytest.approx(psi(other, one))
    assert 0 <= psi(one, other) < math.inf


def test_the_index_is_that_of_a_worked_example():
    before, after = np.array([100_000, 300_000, 600_000]), np.array([200_000, 300_000, 500_000])
    expected = 0.1 * math.log(2) + 0 + -0.1 * math.log(5 / 6)
    assert psi(before, after) == pytest.approx(expected, rel=1e-4)


@pytest.mark.parametrize("moved", [0.0, 0.1, 0.5])
def test_the_statistic_is_that_of_all_values_but_for_a_bin(moved):
    random = np.random.default_rng(1)
    trained, later = random.normal(size=5_000), random.normal(moved, size=3_000)
    cells = cells_of(trained)
    found = shift(cells, cells.count_numbers(later))
    exact = ks_2samp(trained, later).statistic
    assert exact - 1.5 / BINS <= found.ks <= exact + 1e-12


def test_the_statistic_of_few_distinct_values_is_exact():
    random = np.random.default_rng(2)
    trained, later = random.poisson(3, 2_000).astype(float), random.poisson(4, 1_000).astype(float)
    cells = cells_of(trained)
    assert shift(cells, cells.count_numbers(later)).ks == pytest.approx(ks_2samp(trained, later).statistic)


def test_by_chance_the_index_is_as_large_as_is_said_once_in_twenty_times():
    random = np.random.default_rng(3)
    over = statistic_over = 0
    for _ in range(400):
        cells = cells_of_sorted(random.random(1_000))
        found = shift(cells, cells.count_numbers(random.random(500)))
        over += found.psi > found.psi_by_chance
        statistic_over += found.ks > found.ks_by_chance
    # 20 are expected; fifty would be seven standard deviations more. The bins hide some of the statistic's.
    assert 5 < over < 50
    assert statistic_over < 40


def cells_of_sorted(values):
    """Cells without a model, for many repetitions."""
    edges = np.quantile(values, np.arange(1, BINS + 1) / BINS, method="inverted_cdf").tolist()
    learnt = Cells("x", "numeric", "number", edges, [], [])
    return Cells("x", "numeric", "number", edges, [], learnt.count_numbers(values).tolist())


@pytest.mark.parametrize(
    ("later", "verdict"),
    [
        (lambda random: random.normal(0, 1, 2_000), "stable"),
        (lambda random: random.normal(0.35, 1, 2_000), "moderate"),
        (lambda random: random.normal(1, 1, 2_000), "large"),
        (lambda random: random.normal(0, 3, 2_000), "large"),
    ],
)
def test_shifts_of_place_and_of_spread_are_judged_by_their_size(later, verdict):
    random = np.random.default_rng(4)
    cells = cells_of(random.normal(size=4_000))
    assert shift(cells, cells.count_numbers(later(random))).verdict == verdict


def test_values_that_are_missing_now_are_a_shift_too():
    cells = cells_of(np.random.default_rng(5).normal(size=2_000))
    gone = np.zeros(cells.size, np.int64)
    gone[-1] = 1_000
    found = shift(cells, gone)
    assert (found.verdict, found.ks) == ("large", None)


def test_categories_have_no_order_and_so_no_statistic():
    cells = Cells("c", "categorical", "category", [], ["a", "b"], [500, 500, 0, 0])
    found = shift(cells, np.array([100, 500, 400, 0]))
    assert (found.ks, found.ks_by_chance, found.verdict) == (None, None, "large")
