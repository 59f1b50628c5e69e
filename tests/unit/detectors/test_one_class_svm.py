import numpy as np
import pytest
from sklearn.svm import OneClassSVM

from pynomaly_server.detectors import registry

SVM = registry.get("ocsvm")
X = np.random.default_rng(0).normal(size=(500, 4)) * [1.0, 10.0, 0.1, 1e6]


@pytest.mark.parametrize("nu", [0.1, 0.5])
def test_few_rows_score_as_scikit_learn_scores_them_up_to_a_factor(nu):
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    theirs = OneClassSVM(nu=nu).fit(scaled)
    ours = SVM.fit(X, {"nu": nu})
    np.testing.assert_allclose(ours.training_scores * nu * 500, -theirs.decision_function(scaled), atol=1e-9)


def test_the_score_of_a_bag_is_the_mean_over_its_machines():
    fitted = SVM.fit(X, {"n_subsamples": 4, "subsample_size": 100}, 3)
    assert fitted.vectors.shape[0] > 100
    assert fitted.weights.sum() == pytest.approx(1.0)
    assert (np.abs(fitted.training_scores) < 1).all()


def test_far_outside_the_score_is_the_offset():
    fitted = SVM.fit(X)
    assert fitted.score_raw(np.full((1, 4), 1e12)).tolist() == [fitted.offset]


def test_half_the_rows_lie_outside_the_border_by_default():
    assert (SVM.fit(X).training_scores > 0).mean() == pytest.approx(0.5, abs=0.03)
