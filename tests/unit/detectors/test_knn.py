import numpy as np
import pytest

from pynomaly_server.detectors import registry

KNN = registry.get("knn")
PLAIN = {"bagging": False}
X = np.random.default_rng(0).normal(size=(400, 3))


def standardised(rows):
    return (rows - rows.mean(axis=0)) / rows.std(axis=0)


@pytest.mark.parametrize("method", ["largest", "mean", "median"])
@pytest.mark.parametrize("k", [4, 5])
def test_without_bagging_scores_equal_pyods_on_training_and_unseen_rows(method, k):
    knn = pytest.importorskip("pyod.models.knn")
    theirs = knn.KNN(n_neighbors=k, method=method).fit(standardised(X))
    ours = KNN.fit(X, {"n_neighbors": k, "method": method, **PLAIN})
    np.testing.assert_allclose(ours.training_scores, theirs.decision_scores_, rtol=1e-9)
    unseen = X + 0.1
    scaled = (unseen - X.mean(axis=0)) / X.std(axis=0)
    np.testing.assert_allclose(ours.score_raw(unseen), theirs.decision_function(scaled), rtol=1e-9)


def test_bagging_averages_log_distances_within_subsamples():
    fitted = KNN.fit(X, {"n_subsamples": 7, "subsample_size": 50, "n_neighbors": 4})
    rows, subsamples = standardised(X), fitted.bagged.subsamples
    distances = np.sqrt(((rows[:, np.newaxis] - rows) ** 2).sum(axis=2))
    np.fill_diagonal(distances, np.inf)
    logs = []
    for sample in range(7):
        _, places = subsamples.members(sample)
        members = subsamples.drawn[places]
        assert len(set(members)) == 50
        logs.append(np.log(np.sort(distances[:, members], axis=1)[:, 3]))
    np.testing.assert_allclose(fitted.training_scores, np.mean(logs, axis=0), rtol=1e-9)


def test_anomalies_in_a_cluster_hide_each_other_from_all_rows_but_not_from_subsamples():
    rng = np.random.default_rng(2)
    rows = np.vstack([rng.normal(size=(2000, 3)), rng.normal(4.0, 0.05, size=(15, 3))])
    share = {
        bagging: (np.argsort(-KNN.fit(rows, {"bagging": bagging}).training_scores)[:15] >= 2000).mean()
        for bagging in (True, False)
    }
    assert share[True] > 0.9
    assert share[False] < 0.2


@pytest.mark.parametrize("parameters", [{}, PLAIN])
def test_twins_are_as_near_as_can_be_and_finite(parameters):
    rows = np.vstack([np.zeros((300, 3)), X[:30]])
    scores = KNN.fit(rows, parameters).training_scores
    assert np.isfinite(scores).all()
    assert (scores[:300] == scores.min()).all()


def test_neighbours_are_at_most_the_other_rows_of_a_subsample():
    few, many = ({"n_neighbors": k, "subsample_size": 10} for k in (9, 1000))
    np.testing.assert_array_equal(KNN.fit(X, few).training_scores, KNN.fit(X, many).training_scores)
