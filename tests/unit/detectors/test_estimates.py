"""Work is told before it is done: from parameters and the size of the table."""

import pytest

from pynomaly_server.detectors import estimates, registry
from pynomaly_server.detectors.errors import InvalidParameter, UnknownAlgorithm

HOUR = 3_600.0
ALL = pytest.mark.parametrize("name", [spec.name for spec in registry.all()])


@ALL
def test_more_rows_and_more_columns_never_take_less(name):
    sizes = [(100, 2), (1_000, 2), (1_000, 50), (20_000, 50), (20_000, 900)]
    told = [estimates.seconds(name, {}, *size) for size in sizes]
    # `auto` takes another algorithm for large tables, because it takes less.
    if name != "auto":
        assert told == sorted(told)
    assert all(seconds > 0 for seconds in told)


@pytest.mark.parametrize("name", [spec.name for spec in registry.all() if spec.extra is None])
def test_defaults_on_ten_thousand_rows_of_ten_columns_fit_a_request(name):
    assert estimates.seconds(name, {}, 10_000, 10) < 60


@pytest.mark.parametrize(
    ("name", "parameters", "rows", "columns"),
    [
        ("mcd", {}, 10_000, 1_000),
        ("gmm", {"n_components": 20, "max_iter": 300}, 10_000, 300),
        ("one_class_svm", {"n_subsamples": 100, "subsample_size": 8192}, 10_000, 1_000),
        ("kde", {"max_samples": 1_000_000}, 100_000, 100),
        ("knn", {"bagging": False}, 100_000, 300),
        ("ensemble", {"methods": ["mcd", "pca"]}, 10_000, 1_000),
        ("autoencoder", {"epochs": 500, "hidden_units": 1024}, 10_000, 100),
        ("matrix_profile", {}, 50_000, 100),
    ],
)
def test_what_takes_many_minutes_is_told_so(name, parameters, rows, columns):
    assert estimates.seconds(name, parameters, rows, columns) > 120


def test_an_ensemble_takes_what_its_members_take():
    members = ["isolation_forest", "lof"]
    each = [estimates.seconds(name, {}, 5_000, 20) for name in members]
    assert estimates.seconds("ensemble", {"methods": members}, 5_000, 20) == pytest.approx(sum(each))


def test_an_own_algorithm_is_judged_by_its_cost_class():
    spec = registry.get("hbos")
    told = estimates.seconds("hbos", {}, 2_000, 30)
    assert told == pytest.approx(estimates.OF_A_CELL[spec.cost] * 2_000 * 30 / 1e9)


def test_it_refuses_what_fitting_refuses():
    with pytest.raises(UnknownAlgorithm):
        estimates.seconds("no_such", {}, 10, 2)
    with pytest.raises(InvalidParameter):
        estimates.seconds("knn", {"n_neighbors": 0}, 10, 2)
