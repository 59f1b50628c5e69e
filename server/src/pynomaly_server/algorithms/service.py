"""Describes the engine's algorithms in the contract's words."""

from __future__ import annotations

from pynomaly_server.contract.structs import Algorithm
from pynomaly_server.detectors import registry
from pynomaly_server.detectors.base import AlgorithmSpec
from pynomaly_server.detectors.errors import UnknownAlgorithm
from pynomaly_server.problems import ProblemError


class AlgorithmService:
    """Reads the registry."""

    def all(self) -> list[Algorithm]:
        """Every algorithm, by name."""
        return [_describe(spec) for spec in registry.all()]

    def get(self, name: str) -> Algorithm:
        """One algorithm by name or alias.

        Raises:
            ProblemError: `not-found`, naming the nearest spelling.
        """
        try:
            return _describe(registry.get(name))
        except UnknownAlgorithm as error:
            raise ProblemError("not-found", str(error)) from error


def _describe(spec: AlgorithmSpec) -> Algorithm:
    return Algorithm(
        name=spec.name,
        title=spec.title,
        description=spec.description,
        reference=spec.reference,
        aliases=list(spec.aliases),
        parameters=spec.parameters,
        capabilities=list(spec.capabilities),
        cost=spec.cost,
        complexity=spec.complexity,
        min_rows=spec.min_rows,
        available=spec.available,
    )
