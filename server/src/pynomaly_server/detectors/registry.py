"""Every algorithm on offer, by name and alias: the engine's own, and those that others have registered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pynomaly_server.detectors import (
    abod,
    auto,
    cblof,
    copod,
    ecod,
    ensemble,
    extended_isolation_forest,
    gmm,
    hbos,
    inne,
    iqr,
    isolation_forest,
    kde,
    knn,
    local_outlier_factor,
    loda,
    mad,
    mcd,
    modified_z_score,
    one_class_svm,
    pca,
    plugins,
    z_score,
)
from pynomaly_server.detectors.deep import autoencoder, deep_svdd, lstm_autoencoder, variational_autoencoder
from pynomaly_server.detectors.errors import UnknownAlgorithm
from pynomaly_server.detectors.ordered import matrix_profile, series_ensemble, spectral_residual
from pynomaly_server.detectors.ordered.interface import ORDERED

if TYPE_CHECKING:
    from pynomaly_server.detectors.base import AlgorithmSpec

_SPECS: Final = tuple(
    sorted(
        (
            abod.SPEC,
            auto.SPEC,
            autoencoder.SPEC,
            cblof.SPEC,
            copod.SPEC,
            deep_svdd.SPEC,
            ecod.SPEC,
            ensemble.SPEC,
            extended_isolation_forest.SPEC,
            gmm.SPEC,
            hbos.SPEC,
            inne.SPEC,
            iqr.SPEC,
            isolation_forest.SPEC,
            kde.SPEC,
            knn.SPEC,
            local_outlier_factor.SPEC,
            loda.SPEC,
            lstm_autoencoder.SPEC,
            mad.SPEC,
            matrix_profile.SPEC,
            mcd.SPEC,
            modified_z_score.SPEC,
            one_class_svm.SPEC,
            pca.SPEC,
            series_ensemble.SPEC,
            spectral_residual.SPEC,
            variational_autoencoder.SPEC,
            z_score.SPEC,
        ),
        key=lambda spec: spec.name,
    )
)
BUILT_IN: Final = {name: spec for spec in _SPECS for name in (spec.name, *spec.aliases)}


def all() -> tuple[AlgorithmSpec, ...]:  # noqa: A001 - read as `registry.all()`
    """Every algorithm, in the order of their names.

    Raises:
        UnfitAlgorithm: an installed package offers an algorithm that cannot be one.
    """
    return tuple(sorted((*_SPECS, *plugins.registered()), key=lambda spec: spec.name))


def of_rows() -> tuple[AlgorithmSpec, ...]:
    """The algorithms that score a row by itself: all but those on ordered rows. Raises as `all` does."""
    return tuple(spec for spec in all() if ORDERED not in spec.capabilities)


def get(name: str) -> AlgorithmSpec:
    """The algorithm of this name or alias, in any case.

    Raises:
        UnknownAlgorithm: there is none; the message names the nearest spelling.
        UnfitAlgorithm: an installed package offers an algorithm that cannot be one.
    """
    wanted = name.strip().lower()
    if wanted in BUILT_IN:
        return BUILT_IN[wanted]
    spellings = {spelling: spec for spec in all() for spelling in (spec.name, *spec.aliases)}
    if wanted not in spellings:
        raise UnknownAlgorithm(name, [each.name for each in all()], list(spellings))
    return spellings[wanted]
