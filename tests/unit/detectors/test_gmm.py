import numpy as np
import pytest
from sklearn.mixture import GaussianMixture

from pynomaly_server.detectors import registry

rng = np.random.default_rng(10)
TWO_CLOUDS = np.vstack([rng.normal(size=(150, 2)) - 5, rng.normal(size=(150, 2)) + 5])


@pytest.mark.parametrize("components", [1, 2])
@pytest.mark.parametrize(("covariance", "theirs"), [("full", "full"), ("diagonal", "diag")])
def test_it_equals_scikit_learns_mixture_of_standardised_rows(components, covariance, theirs):
    scaled = (TWO_CLOUDS - TWO_CLOUDS.mean(axis=0)) / TWO_CLOUDS.std(axis=0)
    mixture = GaussianMixture(components, covariance_type=theirs, random_state=0).fit(scaled)
    fitted = registry.get("gmm").fit(TWO_CLOUDS, {"n_components": components, "covariance": covariance})
    np.testing.assert_allclose(fitted.training_scores, -mixture.score_samples(scaled), atol=1e-2)


def test_a_second_component_sees_the_gap_between_two_clouds():
    gap = np.zeros((1, 2))
    one = registry.get("gmm").fit(TWO_CLOUDS)
    two = registry.get("gmm").fit(TWO_CLOUDS, {"n_components": 2})
    assert one.score_raw(gap)[0] < np.median(one.training_scores)
    assert two.score_raw(gap)[0] > two.training_scores.max()


def test_more_components_than_rows_are_as_many_as_rows():
    fitted = registry.get("gmm").fit(TWO_CLOUDS[:4], {"n_components": 20})
    assert fitted.means.shape == (4, 2)
    assert np.isfinite(fitted.score_raw(TWO_CLOUDS)).all()


def test_a_row_beyond_the_reach_of_doubles_is_told_by_its_nearest_component():
    fitted = registry.get("gmm").fit(TWO_CLOUDS, {"n_components": 2})
    near, far = fitted.score_raw(np.array([[1e8, 1e8], [1e9, 1e9]]))
    assert np.isfinite(far)
    assert far > near
