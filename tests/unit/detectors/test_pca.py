# ruff: noqa: N806 - X is the field's name for a matrix of rows
import numpy as np
import pytest

from pynomaly_server.detectors import registry
from pynomaly_server.detectors.gaussian.eigen import symmetric_eigen

rng = np.random.default_rng(6)
ALONG = rng.normal(size=(500, 1))
RELATED = np.hstack([ALONG, ALONG]) + rng.normal(size=(500, 2)) * 0.05

MATRICES = {
    "one column": np.array([[2.0]]),
    "zeros": np.zeros((4, 4)),
    "diagonal": np.diag([3.0, 1.0, 2.0]),
    "all equal": np.ones((6, 6)),
    "of low rank": np.outer(np.arange(30.0), np.arange(30.0)),
    "many columns": np.cov(rng.normal(size=(300, 120)), rowvar=False),
}


@pytest.mark.parametrize("matrix", MATRICES.values(), ids=MATRICES.keys())
def test_eigenvectors_rebuild_the_matrix_and_values_equal_lapacks(matrix):
    values, vectors = symmetric_eigen(matrix)
    scale = max(np.abs(matrix).max(), 1.0) * len(matrix)
    np.testing.assert_allclose(values, np.linalg.eigvalsh(matrix)[::-1], atol=1e-13 * scale)
    np.testing.assert_allclose(vectors @ vectors.T, np.eye(len(matrix)), atol=1e-12)
    np.testing.assert_allclose(vectors.T * values @ vectors, matrix, atol=1e-13 * scale)


def test_over_all_components_the_score_is_a_mahalanobis_distance_with_a_ridge():
    scaled = (RELATED - RELATED.mean(axis=0)) / RELATED.std(axis=0)
    precision = np.linalg.inv(np.corrcoef(RELATED, rowvar=False) + 0.01 * np.eye(2))
    np.testing.assert_allclose(
        registry.get("pca").fit(RELATED).training_scores,
        np.einsum("ij,jk,ik->i", scaled, precision, scaled),
        rtol=1e-9,
    )


def test_minor_components_see_a_broken_relation_and_major_ones_an_extreme_value():
    broken, extreme = np.array([[1.5, -1.5]]), np.array([[4.0, 4.0]])
    minor = registry.get("pca").fit(RELATED, {"components": "minor"})
    major = registry.get("pca").fit(RELATED, {"components": "major"})
    assert minor.score_raw(broken)[0] > 100 * minor.score_raw(extreme)[0]
    assert major.score_raw(extreme)[0] > 100 * major.score_raw(broken)[0]


def test_where_no_component_is_minor_the_smallest_one_counts():
    fitted = registry.get("pca").fit(rng.normal(size=(200, 3)), {"components": "minor"})
    assert fitted.components.shape == (1, 3)


def test_leaving_a_constant_column_counts_heavily():
    X = np.column_stack([rng.normal(size=100), np.full(100, 3.0)])
    fitted = registry.get("pca").fit(X)
    assert fitted.score_raw(np.array([[0.0, 6.0]]))[0] > 3 * fitted.training_scores.max()
