"""From what a caller asked for to a fitted pipeline: the same for a request and for a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

import polars as pl

from pynomaly_server.contract.operations import DetectAnomaliesQuery
from pynomaly_server.contract.structs import BatchDetectionRequest, DetectionRequest
from pynomaly_server.detection.pipeline import FittedPipeline, fit_pipeline
from pynomaly_server.detectors import registry
from pynomaly_server.detectors.errors import InvalidParameter

ENSEMBLE: Final = "ensemble"

DetectionOptions = DetectionRequest | DetectAnomaliesQuery | BatchDetectionRequest
"""They say the same options by the same names."""


def fit(frame: pl.DataFrame, options: DetectionOptions) -> FittedPipeline:
    """Fit what `options` ask for; raises as `fit_pipeline` does."""
    algorithm, parameters = chosen(options)
    return fit_pipeline(
        frame,
        algorithm=algorithm,
        parameters=parameters,
        contamination=options.contamination,
        seed=options.random_state,
        features=options.features,
        column_types=options.column_types,
    )


def check(options: DetectionOptions) -> None:
    """Refuse an algorithm or parameters that no table could make usable.

    Raises:
        UnknownAlgorithm, AlgorithmUnavailable, InvalidParameter: as `fit` would.
    """
    algorithm, parameters = chosen(options)
    registry.get(algorithm).detector(parameters)


def chosen(options: DetectionOptions) -> tuple[str, Mapping[str, Any]]:
    """The algorithm and its parameters; `ensemble_methods` make it the ensemble of those.

    Raises:
        InvalidParameter: the members are named twice.
    """
    parameters = options.parameters or {}
    if not options.ensemble_methods:
        return options.algorithm, parameters
    if "methods" in parameters:
        raise InvalidParameter(
            "The members of the ensemble are named twice; name them in ensemble_methods or in "
            "parameters.methods.",
            "/parameters/methods",
        )
    return ENSEMBLE, {**parameters, "methods": list(options.ensemble_methods)}
