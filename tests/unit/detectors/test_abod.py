import numpy as np
import pytest

from pynomaly_server.detectors import registry

ABOD = registry.get("abod")
X = np.random.default_rng(0).normal(size=(120, 4))


def test_unseen_rows_score_as_pyods_up_to_the_logarithm():
    abod = pytest.importorskip("pyod.models.abod")
    scaled = (X - X.mean(axis=0)) / X.std(axis=0)
    theirs = abod.ABOD(n_neighbors=10).fit(scaled)
    ours = ABOD.fit(X, {"n_neighbors": 10})
    unseen = X[:30] + 0.05
    expected = -np.log(-theirs.decision_function((unseen - X.mean(axis=0)) / X.std(axis=0)))
    np.testing.assert_allclose(ours.score_raw(unseen), expected, rtol=1e-7)


def test_a_training_row_is_left_out_of_its_own_neighbours():
    fitted = ABOD.fit(X)
    np.testing.assert_allclose(fitted.score_left_out(X), fitted.training_scores)


def test_a_row_among_twins_alone_is_as_normal_as_can_be():
    fitted = ABOD.fit(np.vstack([np.zeros((60, 4)), X]))
    assert (fitted.training_scores[:60] == fitted.training_scores.min()).all()


def test_a_row_that_sees_all_others_in_one_place_is_as_abnormal_as_can_be():
    fitted = ABOD.fit(np.vstack([np.ones((50, 2)), [[5.0, -5.0]]]))
    assert fitted.training_scores.argmax() == 50
