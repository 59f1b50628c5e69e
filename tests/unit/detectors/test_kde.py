import numpy as np
import pytest
from sklearn.neighbors import KernelDensity

from pynomaly_server.detectors import registry

X = np.random.default_rng(12).normal(size=(200, 3)) * [1.0, 100.0, 0.01]


def test_unseen_rows_have_the_density_of_scikit_learns_estimate():
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    theirs = KernelDensity(bandwidth=0.5 * np.sqrt(3)).fit(scaled)
    unseen = X * 1.5
    np.testing.assert_allclose(
        registry.get("kde").fit(X, {"bandwidth": 0.5}).score_raw(unseen),
        -theirs.score_samples((unseen - X.mean(axis=0)) / X.std(axis=0)),
        rtol=1e-9,
    )


def test_a_training_row_does_not_vouch_for_itself():
    fitted = registry.get("kde").fit(X)
    assert (fitted.training_scores > fitted.score_raw(X)).all()
    assert fitted.score_left_out(X).tolist() == fitted.training_scores.tolist()


def test_many_rows_are_stood_for_by_as_many_as_asked_and_score_nearly_the_same():
    many = np.random.default_rng(13).normal(size=(6000, 2))
    few = registry.get("kde").fit(many, {"max_samples": 2000})
    every = registry.get("kde").fit(many, {"max_samples": 6000})
    assert few.centres.shape == (2000, 2)
    assert np.corrcoef(few.training_scores, every.training_scores)[0, 1] > 0.99


@pytest.mark.parametrize("bandwidth", [0.001, 1000.0])
def test_the_narrowest_and_the_widest_kernel_give_finite_scores(bandwidth):
    fitted = registry.get("kde").fit(X, {"bandwidth": bandwidth})
    assert np.isfinite(fitted.training_scores).all()
    assert np.isfinite(fitted.score_raw(np.full((1, 3), 1e300))).all()
