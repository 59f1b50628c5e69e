"""Medians and quartiles: NumPy's own, to the last bit."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from pynomaly_server.detectors.order_statistics import medians, quartiles

FINITE = arrays(
    np.float64,
    array_shapes(min_dims=2, max_dims=2, max_side=12),
    elements=st.floats(-1e300, 1e300) | st.integers(-3, 3).map(float),
)


@given(FINITE)
def test_medians_are_those_of_numpy(rows):
    assert medians(rows).tobytes() == np.median(rows, axis=0).tobytes()


@given(FINITE)
def test_quartiles_are_those_of_numpy(rows):
    for ours, numpys in zip(quartiles(rows), np.quantile(rows, [0.25, 0.75], axis=0), strict=True):
        assert ours.tobytes() == numpys.tobytes()


def test_so_are_those_of_many_rows():
    rows = np.random.default_rng(0).normal(size=(1_001, 3))
    assert np.array_equal(medians(rows), np.median(rows, axis=0))
    assert np.array_equal(quartiles(rows), np.quantile(rows, [0.25, 0.75], axis=0))
