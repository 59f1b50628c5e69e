from itertools import combinations

import numpy as np
import pytest

from pynomaly_server.detectors import registry
from pynomaly_server.detectors.neighbours import averaged

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


def _mean_over_subsamples(row, others, size, k):
    """By drawing every subsample there is of the standardised rows `others`, of which `row` may be one."""
    logs = []
    for members in combinations(range(len(others)), size):
        distances = [np.linalg.norm(row - others[each]) for each in members if others[each] is not row]
        logs.append(np.log(sorted(distances)[k - 1]))
    return np.mean(logs)


@pytest.mark.parametrize(("rows", "size"), [(10, 5), (8, 4), (9, 9)])
def test_bagging_averages_log_distances_over_every_subsample_of_the_rows_kept(rows, size, monkeypatch):
    monkeypatch.setattr(averaged, "_LEFT_OUT", 1e-12)
    parameters = {"n_subsamples": 2, "subsample_size": size, "n_neighbors": 3}
    fitted = KNN.fit(X[:rows], parameters, 3)
    kept, unseen = list(fitted.rows), standardised(X[:rows])[0] + 0.1
    assert len(kept) == min(rows, 2 * size)
    expected = [_mean_over_subsamples(row, kept, size, 3) for row in kept]
    places = [np.abs(standardised(X[:rows]) - row).sum(axis=1).argmin() for row in kept]
    np.testing.assert_allclose(fitted.training_scores[places], expected, rtol=1e-9)
    scored = fitted.score_raw((unseen * X[:rows].std(axis=0) + X[:rows].mean(axis=0))[np.newaxis])
    np.testing.assert_allclose(scored, _mean_over_subsamples(unseen, kept, size, 3), rtol=1e-9)


def test_ranks_that_hardly_ever_count_are_left_out():
    whole, short = (
        averaged._chances(1024, 256, np.eye(5)[4]),
        averaged.rank_weights(1024, 256, np.eye(5)[4]),
    )
    assert whole.sum() == pytest.approx(1.0)
    assert short.sum() == pytest.approx(1.0)
    assert whole[: short.size].sum() >= 0.99 > whole[: short.size - 1].sum()


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
