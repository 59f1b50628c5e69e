# ruff: noqa: N806 - X is the field's name for a matrix of rows
import numpy as np
import pytest

from pynomaly_server.detectors import registry

rng = np.random.default_rng(8)
SOUND = rng.multivariate_normal([1.0, -2.0, 0.0], [[1, 0.8, 0], [0.8, 1, 0], [0, 0, 4]], size=400)


@pytest.mark.parametrize(("support", "share"), [(0.5, 0.4), (0.75, 0.2)])
def test_odd_rows_that_stand_together_do_not_hide_each_other(support, share):
    odd = rng.normal(size=(int(share * 400), 3)) * 0.1 + [1.0, 8.0, 3.0]
    fitted = registry.get("mcd").fit(np.vstack([SOUND, odd]), {"support_fraction": support})
    assert fitted.training_scores[400:].min() > fitted.training_scores[:400].max()


def test_it_ranks_rows_of_one_cloud_as_pyods_class_does():
    mcd = pytest.importorskip("pyod.models.mcd")
    theirs = mcd.MCD(random_state=0).fit(SOUND).decision_scores_
    ours = registry.get("mcd").fit(SOUND).training_scores
    assert np.corrcoef(np.argsort(np.argsort(ours)), np.argsort(np.argsort(theirs)))[0, 1] > 0.98


def test_the_score_is_the_squared_distance_from_what_was_learnt():
    fitted = registry.get("mcd").fit(SOUND)
    deviations = fitted.scaling.apply(SOUND) - fitted.location
    precision = fitted.whitening @ fitted.whitening.T
    expected = np.einsum("ij,jk,ik->i", deviations, precision, deviations)
    np.testing.assert_allclose(fitted.training_scores, expected, rtol=1e-9)


def test_leaving_the_plane_on_which_the_rows_lie_counts_heavily():
    plane = np.column_stack([SOUND, SOUND[:, 0] + SOUND[:, 1]])
    fitted = registry.get("mcd").fit(plane)
    off = plane[:1] + np.array([0.0, 0.0, 0.0, 4.0])
    assert fitted.score_raw(off)[0] > fitted.training_scores.max()


def test_fewer_rows_than_columns_are_told_apart():
    X = rng.normal(size=(8, 30))
    X[3] += 20.0
    assert registry.get("mcd").fit(X, {"support_fraction": 0.5}).training_scores.argmax() == 3
