# ruff: noqa: N803 - X is the field's name for a matrix of rows
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from pynomaly_server.detectors import registry

COLUMN = np.array([[1.0], [2.0], [3.0], [4.0], [10.0]])
WITH_EQUAL_MAJORITY = np.array([[0.0], [0.0], [0.0], [0.0], [5.0]])
TWO_COLUMNS = np.random.default_rng(3).normal(size=(80, 2)) * [1.0, 50.0]

of_columns = pytest.mark.parametrize("name", ["z_score", "modified_z_score", "iqr", "mad"])


def raw(name, X, rows, **parameters):
    return registry.get(name).fit(X, parameters).score_raw(np.asarray(rows, dtype=float))


def test_z_score_counts_standard_deviations_from_the_mean():
    assert raw("z_score", COLUMN, [[10.0]])[0] == pytest.approx(6.0 / COLUMN.std())


def test_modified_z_score_is_the_formula_of_iglewicz_and_hoaglin():
    assert raw("modified_z_score", COLUMN, [[10.0]])[0] == pytest.approx(0.6745 * 7.0 / 1.0, rel=1e-4)


def test_mad_equals_pyods_on_one_column():
    theirs = pytest.importorskip("pyod.models.mad").MAD().fit(TWO_COLUMNS[:, :1])
    ours = registry.get("mad").fit(TWO_COLUMNS[:, :1])
    np.testing.assert_allclose(ours.training_scores, theirs.decision_scores_, rtol=1e-4)


def test_iqr_is_zero_inside_the_box_and_one_and_a_half_at_the_whiskers():
    # Quartiles 2 and 4.
    assert raw("iqr", COLUMN, [[2.0], [3.5], [4.0], [7.0], [-1.0]]) == pytest.approx([0, 0, 0, 1.5, 1.5])


@pytest.mark.parametrize(("name", "centre"), [("modified_z_score", 0.0), ("iqr", 0.0), ("mad", 0.0)])
def test_where_most_rows_are_equal_the_mean_deviation_is_the_unit(name, centre):
    slack = 0.5 if name == "iqr" else 0.0
    assert raw(name, WITH_EQUAL_MAJORITY, [[5.0]])[0] == pytest.approx((5.0 - centre) / 1.2533141 - slack)


@of_columns
def test_units_of_a_column_do_not_matter(name):
    fitted, shrunk = registry.get(name).fit(TWO_COLUMNS), registry.get(name).fit(TWO_COLUMNS * [1e-9, 3e7])
    np.testing.assert_allclose(fitted.training_scores, shrunk.training_scores, rtol=1e-9, atol=1e-12)


@of_columns
def test_a_constant_column_adds_nothing(name):
    with_constant = np.column_stack([TWO_COLUMNS[:, 0], np.full(80, 0.1)])
    fitted, alone = registry.get(name).fit(with_constant), registry.get(name).fit(TWO_COLUMNS[:, :1])
    columns = 1 if name in ("z_score", "mad") else 2
    np.testing.assert_allclose(fitted.training_scores * columns, alone.training_scores, atol=1e-12)


@pytest.mark.parametrize("combination", ["mean", "maximum"])
@pytest.mark.parametrize("name", ["z_score", "modified_z_score", "iqr"])
@given(X=hnp.arrays(np.float64, (7, 2), elements=st.floats(-1e9, 1e9)))
def test_parts_of_columns_are_never_negative_and_sum_to_the_score(name, combination, X):
    fitted = _fitted(name, combination)
    terms = fitted.exact_terms(X)
    assert (terms >= 0).all()
    np.testing.assert_allclose(terms.sum(axis=1), fitted.score_raw(X), rtol=1e-12)


def test_equal_distances_share_a_maximum_equally_and_the_farther_one_has_the_rest_alone():
    square = np.array([[-1.0, -1.0, -1.0], [1.0, 1.0, 1.0], [-1.0, -1.0, -1.0], [1.0, 1.0, 1.0]])
    terms = registry.get("z_score").fit(square).exact_terms(np.array([[3.0, -3.0, 9.0]]))
    assert terms[0] == pytest.approx([1.0, 1.0, 7.0])


_cache = {}


def _fitted(name, combination):
    key = name, combination
    if key not in _cache:
        _cache[key] = registry.get(name).fit(TWO_COLUMNS, {"combination": combination})
    return _cache[key]
