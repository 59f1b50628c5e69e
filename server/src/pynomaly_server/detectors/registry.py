"""Every algorithm on offer, by name and alias."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pynomaly_server.detectors import ecod, isolation_forest, local_outlier_factor
from pynomaly_server.detectors.errors import UnknownAlgorithm

if TYPE_CHECKING:
    from pynomaly_server.detectors.base import AlgorithmSpec

_SPECS: Final = tuple(
    sorted((ecod.SPEC, isolation_forest.SPEC, local_outlier_factor.SPEC), key=lambda spec: spec.name)
)
_BY_NAME: Final = {name: spec for spec in _SPECS for name in (spec.name, *spec.aliases)}


def all() -> tuple[AlgorithmSpec, ...]:  # noqa: A001 - read as `registry.all()`
    """Every algorithm, in the order of their names."""
    return _SPECS


def get(name: str) -> AlgorithmSpec:
    """The algorithm of this name or alias, in any case.

    Raises:
        UnknownAlgorithm: there is none; the message names the nearest spelling.
    """
    spec = _BY_NAME.get(name.strip().lower())
    if spec is None:
        raise UnknownAlgorithm(name, [each.name for each in _SPECS], list(_BY_NAME))
    return spec
