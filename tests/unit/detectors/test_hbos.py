import numpy as np
import pytest

from pynomaly_server.detectors import registry

X = np.random.default_rng(4).normal(size=(300, 3)) * [1.0, 1e6, 1e-6]


def test_it_equals_pyods_on_standardised_rows_but_for_a_constant():
    hbos = pytest.importorskip("pyod.models.hbos")
    theirs = hbos.HBOS().fit((X - X.mean(axis=0)) / X.std(axis=0))
    apart = theirs.decision_scores_ - registry.get("hbos").fit(X).training_scores
    assert np.ptp(apart) < 1e-9


def test_a_value_in_the_fullest_bin_adds_nothing():
    column = np.concatenate([np.zeros(90), np.linspace(0, 9, 10)]).reshape(-1, 1)
    assert registry.get("hbos").fit(column).score_raw(np.array([[0.0]]))[0] == 0


def test_a_value_outside_the_histogram_is_rarer_than_any_bin_unless_within_the_tolerance():
    column = np.linspace(0, 10, 101).reshape(-1, 1)
    fitted = registry.get("hbos").fit(column, {"n_bins": 10, "tolerance": 0.5})
    at_the_end, near, far = fitted.score_raw(np.array([[10.0], [10.4], [10.6]]))
    assert near == at_the_end
    assert far > fitted.training_scores.max()


def test_terms_sum_to_the_raw_score_and_are_never_negative():
    fitted = registry.get("hbos").fit(X)
    rows = X * 3
    assert (fitted.exact_terms(rows) >= 0).all()
    np.testing.assert_allclose(fitted.exact_terms(rows).sum(axis=1), fitted.score_raw(rows))


def test_more_bins_see_a_gap_that_fewer_do_not():
    column = np.concatenate([np.linspace(0, 4, 50), np.linspace(6, 10, 50)]).reshape(-1, 1)
    gap = np.array([[5.0]])
    assert registry.get("hbos").fit(column, {"n_bins": 2}).score_raw(gap)[0] == pytest.approx(0, abs=1e-9)
    assert registry.get("hbos").fit(column, {"n_bins": 20}).score_raw(gap)[0] > 1
