import numpy as np
import pytest
from sklearn.neighbors import LocalOutlierFactor

from pynomaly_server.detectors import local_outlier_factor, registry

LOF = registry.get("lof")
PLAIN = {"bagging": False}
X = np.random.default_rng(0).normal(size=(300, 3))


def standardised(rows):
    return (rows - rows.mean(axis=0)) / rows.std(axis=0)


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev"])
@pytest.mark.parametrize("parameters", [PLAIN, {"subsample_size": 300}])
def test_all_rows_at_once_score_as_scikit_learn_scores_them(metric, parameters):
    theirs = LocalOutlierFactor(n_neighbors=20, metric=metric).fit(standardised(X))
    ours = LOF.fit(X, {"metric": metric, **parameters})
    np.testing.assert_allclose(ours.training_scores, -theirs.negative_outlier_factor_, rtol=1e-9)


def test_bagging_averages_the_factors_within_subsamples():
    fitted = LOF.fit(X, {"n_subsamples": 3, "subsample_size": 100, "n_neighbors": 7}, 5)
    rows, subsamples = standardised(X), fitted.bagged.subsamples
    unseen = standardised(X)[:10] + 0.1
    factors = []
    for sample in range(3):
        _, places = subsamples.members(sample)
        theirs = LocalOutlierFactor(n_neighbors=7, novelty=True).fit(rows[subsamples.drawn[places]])
        factors.append(-theirs.score_samples(unseen))
    expected = fitted.score_raw(unseen * X.std(axis=0) + X.mean(axis=0))
    np.testing.assert_allclose(expected, np.mean(factors, axis=0), rtol=1e-9)


def test_searching_once_or_subsample_by_subsample_gives_the_same_scores(monkeypatch):
    rows = np.vstack([X, X[:20], np.round(X)])
    parameters = {"n_subsamples": 5, "subsample_size": 90}
    once = LOF.fit(rows, parameters)
    monkeypatch.setattr(local_outlier_factor, "_MOST_KEPT", 0)
    apart = LOF.fit(rows, parameters)
    assert apart.known.densities.tolist() == once.known.densities.tolist()
    assert apart.training_scores.tolist() == once.training_scores.tolist()


def test_anomalies_in_a_cluster_hide_each_other_from_all_rows_but_not_from_subsamples():
    rng = np.random.default_rng(2)
    rows = np.vstack([rng.normal(size=(2000, 3)), rng.normal(6.0, 0.2, size=(60, 3))])
    share = {
        bagging: (np.argsort(-LOF.fit(rows, {"bagging": bagging}).training_scores)[:60] >= 2000).mean()
        for bagging in (True, False)
    }
    assert share[True] > 0.9
    assert share[False] < 0.2


@pytest.mark.parametrize("parameters", [{}, PLAIN])
def test_neighbours_are_at_most_the_other_rows(parameters):
    few = LOF.fit(X[:6], {"n_neighbors": 5, **parameters})
    many = LOF.fit(X[:6], {"n_neighbors": 1000, **parameters})
    np.testing.assert_array_equal(few.training_scores, many.training_scores)


def test_scaling_a_column_changes_nothing():
    scaled = LOF.fit(X * [1.0, 1.0, 1e9])
    np.testing.assert_allclose(LOF.fit(X).training_scores, scaled.training_scores, rtol=1e-9)


def test_a_value_that_differs_from_a_constant_column_is_abnormal():
    fitted = LOF.fit(np.column_stack([X[:, 0], np.full(300, 5.0)]))
    assert fitted.score_raw(np.array([[0.0, 50.0]]))[0] > fitted.training_scores.max()


@pytest.mark.parametrize("parameters", [{}, PLAIN])
def test_more_twins_than_neighbours_stay_finite(parameters):
    rows = np.vstack([np.zeros((30, 3)), X[:30]])
    assert np.isfinite(LOF.fit(rows, {"n_neighbors": 5, **parameters}).training_scores).all()
