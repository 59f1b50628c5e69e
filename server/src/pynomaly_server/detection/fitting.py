"""From what a caller asked for to a fitted pipeline: the same for a request and for a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pynomaly_server.contract.operations import DetectAnomaliesQuery
from pynomaly_server.contract.structs import BatchDetectionRequest, DetectionRequest, TrainingRequest
from pynomaly_server.detection.pipeline import FittedPipeline, fit_pipeline
from pynomaly_server.detection.series import SeriesDetection, fit_series
from pynomaly_server.detectors import registry
from pynomaly_server.detectors.errors import InvalidParameter
from pynomaly_server.detectors.ordered.interface import ORDERED
from pynomaly_server.detectors.ordered.windows import Windows
from pynomaly_server.features import Feature, Features
from pynomaly_server.tabular.number_rows import Rows, frame_of

ENSEMBLE: Final = "ensemble"
_DEEP: Final = "deep"
"""The extra that algorithms need which train networks."""

DetectionOptions = DetectionRequest | DetectAnomaliesQuery | BatchDetectionRequest
"""They say the same options by the same names."""

FitOptions = DetectionOptions | TrainingRequest
"""A training says the same, but nothing of time series: those are looked at whole, and no model is kept."""

Findings = FittedPipeline | SeriesDetection
"""Both say the same of a table by the same names; only a pipeline can score further rows."""


def leaves_types_open(options: DetectionOptions) -> bool:
    """Whether nothing is said of single columns, so that it is all the same how a number was written."""
    said = (options.features, options.timestamp_column, options.series_column)
    return not options.column_types and all(each is None for each in said)


def fit(rows: Rows, options: DetectionOptions) -> Findings:
    """Fit what `options` ask for, on rows or, where an option or the algorithm says so, on time series.

    Raises as `fit_pipeline` and `fit_series` do.
    """
    if not is_ordered(options):
        return fit_rows(rows, options)
    frame = frame_of(rows)
    algorithm, parameters = chosen(options)
    asked = options.windows
    return fit_series(
        frame,
        timestamp_column=options.timestamp_column,
        series_column=options.series_column,
        windows=Windows(asked.length, asked.stride, asked.normalise, asked.combine) if asked else None,
        algorithm=algorithm,
        parameters=parameters,
        contamination=options.contamination,
        seed=options.random_state,
        features=options.features,
        column_types=options.column_types,
    )


def fit_rows(rows: Rows, options: FitOptions) -> FittedPipeline:
    """Fit what `options` ask for on rows, each by itself; raises as `fit_pipeline` does."""
    algorithm, parameters = chosen(options)
    return fit_pipeline(
        rows,
        algorithm=algorithm,
        parameters=parameters,
        contamination=options.contamination,
        seed=options.random_state,
        features=options.features,
        column_types=options.column_types,
    )


def is_ordered(options: FitOptions) -> bool:
    """Whether the rows are time series: then all of them are looked at together, none by itself.

    Raises:
        UnknownAlgorithm, InvalidParameter: as `fit` would.
    """
    algorithm, _ = chosen(options)
    said: tuple[object, ...] = ()
    if not isinstance(options, TrainingRequest):
        said = (options.timestamp_column, options.series_column, options.windows)
    return any(each is not None for each in said) or ORDERED in registry.get(algorithm).capabilities


def check(options: FitOptions) -> None:
    """Refuse an algorithm or parameters that no table could make usable, and a model of time series.

    Raises:
        UnknownAlgorithm, AlgorithmUnavailable, InvalidParameter: as `fit` would.
    """
    algorithm, parameters = chosen(options)
    spec = registry.get(algorithm)
    spec.detector(parameters)
    if isinstance(options, TrainingRequest) and ORDERED in spec.capabilities:
        raise InvalidParameter(
            f"{spec.name} looks at time series as a whole and scores no row by itself, so there is no model "
            "of it to keep. Train another algorithm, or detect in the series with detectAnomalies.",
            "/algorithm",
        )


def check_switch(options: FitOptions, features: Features) -> None:
    """Refuse an algorithm, or a member of an ensemble, that trains a network where those are switched off.

    Raises:
        ProblemError: `switched-off`.
        UnknownAlgorithm, InvalidParameter: as `fit` would.
    """
    if features.is_on(Feature.DEEP_ALGORITHMS):
        return
    algorithm, parameters = chosen(options)
    members = parameters.get("methods") or ()
    names = [algorithm, *(members if isinstance(members, list) else ())]
    if any(registry.get(name).extra == _DEEP for name in names if isinstance(name, str)):
        features.check(Feature.DEEP_ALGORITHMS)


def chosen(options: FitOptions) -> tuple[str, Mapping[str, Any]]:
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
