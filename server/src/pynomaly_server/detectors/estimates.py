"""How long an algorithm is going to take, told from its parameters and the size of the table.

Rough on purpose: right within a factor of a few, it tells work of seconds from work of minutes before any of
it is done. Each figure is in nanoseconds of one core for a fit that scores its rows, as
`benchmarks/estimates.py` measures them; the shapes are those of the specs' `complexity`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any, Final

from pynomaly_server.detectors import registry
from pynomaly_server.detectors.auto import choose
from pynomaly_server.detectors.parameters import validated

Values = Mapping[str, float]
Nanoseconds = Callable[[Values, int, int], float]

OF_A_CELL: Final = {"low": 150.0, "medium": 1_500.0, "high": 50_000.0}
"""Nanoseconds for each value of the table by cost class, where nothing more is known of an algorithm."""

_MOST_EPOCH_STEPS: Final = 500
# How many steps it mostly takes until nothing changes any more.
_STEPS_OF_A_MIXTURE: Final = 30
_STEPS_OF_A_DETERMINANT: Final = 20


def seconds(algorithm: str, parameters: Mapping[str, Any], rows: int, columns: int) -> float:
    """About how long one core fits the algorithm on rows x columns and scores them.

    Raises:
        UnknownAlgorithm: there is no such algorithm.
        InvalidParameter: a parameter is unknown, of the wrong type or out of range.
    """
    spec = registry.get(algorithm)
    values = validated(spec.parameters, parameters)
    if spec.name == "ensemble":
        return sum(seconds(name, {}, rows, columns) for name in values["methods"])
    if spec.name in _FIGURES:
        return _FIGURES[spec.name](values, rows, columns) / 1e9
    return OF_A_CELL[spec.cost] * rows * columns / 1e9


def _abod(values: Values, n: int, d: int) -> float:
    k = values["n_neighbors"]
    return n * (_few_of(n, d) + k * k * (0.7 * d + 5))


def _auto(values: Values, n: int, d: int) -> float:  # noqa: ARG001 - it has no parameters
    return 1e9 * seconds(choose(n, d).algorithm, {}, n, d)


def _cblof(values: Values, n: int, d: int) -> float:
    return 25.0 * n * d * values["n_clusters"]


def _extended_isolation_forest(values: Values, n: int, d: int) -> float:  # noqa: ARG001 - splits see few columns
    height = math.log2(values["max_samples"])
    width = values["extension_level"] + 1
    return values["n_estimators"] * height * width * (10.0 * values["max_samples"] + 2.0 * n)


def _gmm(values: Values, n: int, d: int) -> float:
    components = values["n_components"]
    steps = 1 if components == 1 else min(values["max_iter"], _STEPS_OF_A_MIXTURE)
    return steps * components * _distances(n, d)


def _inne(values: Values, n: int, d: int) -> float:
    spheres = values["n_estimators"] * values["max_samples"]
    return spheres * (n + values["max_samples"]) * (0.4 * d + 20.0)


def _isolation_forest(values: Values, n: int, d: int) -> float:  # noqa: ARG001 - a split sees one column
    height = math.log2(values["max_samples"])
    return values["n_estimators"] * height * (10.0 * values["max_samples"] + 2.0 * n)


def _kde(values: Values, n: int, d: int) -> float:
    return n * min(n, values["max_samples"]) * (0.5 * d + 5.0)


def _knn(values: Values, n: int, d: int) -> float:
    if not values["bagging"]:
        return n * (_few_of(n, d) + 100.0 * values["n_neighbors"])
    kept = min(n, values["n_subsamples"] * values["subsample_size"])
    return n * (_search(kept, d) + 100.0 * values["n_neighbors"])


def _local_outlier_factor(values: Values, n: int, d: int) -> float:
    k = values["n_neighbors"]
    if not values["bagging"]:
        return n * (_few_of(n, d) + 100.0 * k)
    drawn = min(n, 4 * values["subsample_size"])
    return n * (_search(drawn, d) + 25.0 * values["n_subsamples"] * k)


def _loda(values: Values, n: int, d: int) -> float:
    return n * values["n_projections"] * (3.0 * math.isqrt(d) + 15.0)


def _mcd(values: Values, n: int, d: int) -> float:  # noqa: ARG001 - its parameter changes little
    return _STEPS_OF_A_DETERMINANT * _distances(n, d)


def _one_class_svm(values: Values, n: int, d: int) -> float:
    machines, size = values["n_subsamples"], values["subsample_size"]
    if n <= size * math.sqrt(machines):
        machines, size = 1, n
    vectors = min(n, machines * size) * values["nu"]
    return machines * size * size * (d + 20.0) + n * vectors * (0.5 * d + 10.0)


def _pca(values: Values, n: int, d: int) -> float:  # noqa: ARG001 - all components are found in any case
    return 0.3 * n * d * (d + 300.0) + 4.0 * d**3


def _matrix_profile(values: Values, n: int, d: int) -> float:  # noqa: ARG001 - no window is quicker
    return 4.0 * n * n * d


def _dense(values: Values, n: int, d: int) -> float:
    units = values["hidden_units"]
    steps = min(n / values["batch_size"], _MOST_EPOCH_STEPS)
    return values["epochs"] * (4.0 * n * units * (d + units) + 1e6 * steps)


def _lstm_autoencoder(values: Values, n: int, d: int) -> float:
    units = values["hidden_units"]
    steps = min(n / values["batch_size"], _MOST_EPOCH_STEPS)
    inner = 20.0 * n * values["window"] * units * (d + units)
    return values["epochs"] * (inner + 5e5 * values["window"] * steps)


def _series_ensemble(values: Values, n: int, d: int) -> float:  # noqa: ARG001 - short windows cost as much
    return 4_000.0 * n * d


def _spectral_residual(values: Values, n: int, d: int) -> float:  # noqa: ARG001
    return 1_500.0 * n * d


def _distances(n: int, d: int) -> float:
    """A covariance and the Mahalanobis distances of all rows."""
    return 0.6 * n * d * (d + 20.0) + 0.5 * d**3


def _search(m: float, d: int) -> float:
    """The nearest of m rows: all are measured."""
    return m * (0.4 * d + 1.5)


def _few_of(m: float, d: int) -> float:
    """The few nearest of m rows: products tell which need measuring."""
    return m * (0.07 * d + 3.0)


_FIGURES: Final[Mapping[str, Nanoseconds]] = {
    "abod": _abod,
    "auto": _auto,
    "autoencoder": _dense,
    "cblof": _cblof,
    "deep_svdd": _dense,
    "extended_isolation_forest": _extended_isolation_forest,
    "gmm": _gmm,
    "inne": _inne,
    "isolation_forest": _isolation_forest,
    "kde": _kde,
    "knn": _knn,
    "local_outlier_factor": _local_outlier_factor,
    "loda": _loda,
    "lstm_autoencoder": _lstm_autoencoder,
    "matrix_profile": _matrix_profile,
    "mcd": _mcd,
    "one_class_svm": _one_class_svm,
    "pca": _pca,
    "series_ensemble": _series_ensemble,
    "spectral_residual": _spectral_residual,
    "variational_autoencoder": _dense,
}
