import numpy as np
import pytest

from pynomaly_server.detectors import registry
from pynomaly_server.detectors.cblof import _large
from pynomaly_server.detectors.clusters import k_means

CBLOF = registry.get("cblof")
rng = np.random.default_rng(0)
TWO_CLUSTERS = np.vstack([rng.normal(-5, 1, size=(300, 2)), rng.normal(5, 1, size=(200, 2))])
WITH_A_THIRD = np.vstack([TWO_CLUSTERS, rng.normal([5, -5], 0.2, size=(15, 2))])


@pytest.mark.parametrize(
    ("sizes", "large"),
    [
        ([10, 300, 200], [False, True, True]),
        ([100, 100, 100], [True, True, True]),
        ([95, 5], [True, False]),
        ([60, 30, 9, 1], [True, True, True, False]),
        ([60, 31, 6, 3], [True, True, False, False]),
        ([7], [True]),
    ],
)
def test_large_clusters_hold_most_rows_and_end_before_a_drop(sizes, large):
    assert _large(np.array(sizes, dtype=float), 0.9, 5.0).tolist() == large


def test_a_small_cluster_is_abnormal_as_a_whole():
    scores = CBLOF.fit(WITH_A_THIRD, {"n_clusters": 3}).training_scores
    assert set(np.argsort(-scores)[:15]) == set(range(500, 515))


def test_weights_multiply_by_the_size_of_the_own_cluster():
    plain, weighted = (CBLOF.fit(WITH_A_THIRD, {"n_clusters": 3, "use_weights": on}) for on in (False, True))
    ratio = weighted.training_scores / plain.training_scores
    assert sorted(np.unique(np.round(ratio)).tolist()) == [15.0, 200.0, 300.0]


def test_few_rows_make_few_clusters():
    assert CBLOF.fit(WITH_A_THIRD[:25]).centres.shape[0] == 2


def test_centres_are_the_means_of_their_rows():
    centres, labels = k_means(WITH_A_THIRD, 3, 0)
    for number, centre in enumerate(centres):
        np.testing.assert_allclose(centre, WITH_A_THIRD[labels == number].mean(axis=0), atol=0.05)


def test_there_are_no_more_clusters_than_distinct_rows():
    centres, labels = k_means(np.repeat([[0.0], [1.0]], 20, axis=0), 5, 0)
    assert sorted(centres.ravel().tolist()) == [0.0, 1.0]
    assert np.bincount(labels).tolist() == [20, 20]


@pytest.mark.parametrize("times", [2, 320])
def test_rows_belong_to_their_nearest_centre_whether_measures_are_kept_between_rounds_or_not(times):
    """128 centres over 40,960 rows are more measures than are kept."""
    draw = np.random.default_rng(1)
    rows = np.repeat(np.arange(128.0), times)[:, np.newaxis] + draw.uniform(-0.2, 0.2, size=(128 * times, 1))
    centres, labels = k_means(rows, 128, 0)
    assert (labels == np.abs(rows - centres.T).argmin(axis=1)).all()
