"""Scores rows with trained models while the caller waits."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from pynomaly_server.auth.principal import Principal
from pynomaly_server.auth.reach import check_reach
from pynomaly_server.contract.operations import DetectAnomaliesQuery
from pynomaly_server.contract.structs import (
    BatchDetectionRequest,
    DetectionRequest,
    DetectionResult,
    PredictionRequest,
)
from pynomaly_server.detection.answer import Wanted, answer
from pynomaly_server.detection.faults import as_problems
from pynomaly_server.detection.pipeline import Scored
from pynomaly_server.detection.service import BYTES_OF_A_CELL, ChargeRows
from pynomaly_server.detection.workload import EFFORT, Workload
from pynomaly_server.detectors import registry
from pynomaly_server.features import Feature, Features
from pynomaly_server.models.drift.observing import Observer
from pynomaly_server.models.opening import OpenModel, OpenModels
from pynomaly_server.models.references import parse
from pynomaly_server.models.rows import columns_in, scored_rows, unseen_categories
from pynomaly_server.models.traffic import fingerprint_of_rows
from pynomaly_server.problems import Fault, ProblemError, invalid
from pynomaly_server.tabular.number_rows import NumberRows, Rows, count_cells, number_rows
from pynomaly_server.tabular.reading import TableLimits, frame_from_rows, read_rows
from pynomaly_server.telemetry.figures import IN_REQUEST, note_cells, note_found

PREDICTION_REMEDY: Final = "Send the rows in several requests; each row's score depends on the row alone."
USE: Final = "models:use"
_OF_THE_FIT: Final = (
    "algorithm",
    "parameters",
    "ensemble_methods",
    "contamination",
    "features",
    "column_types",
    "timestamp_column",
    "series_column",
    "windows",
    "random_state",
)


class PredictionService:
    """`limits` bound a table that is worked on while its caller waits."""

    def __init__(
        self,
        models: OpenModels,
        observer: Observer,
        workload: Workload,
        limits: TableLimits,
        features: Features | None = None,
    ) -> None:
        self._features = features or Features()
        self._models = models
        self._observer = observer
        self._workload = workload
        self._limits = limits

    async def predict_rows(
        self,
        principal: Principal,
        model: str,
        request: PredictionRequest | DetectionRequest,
        charge: ChargeRows,
        mark: str | None = None,
    ) -> DetectionResult:
        """Score decoded JSON rows with `model`, a reference, after `charge` has taken their number.

        `mark` is the tenant's as the request has found it (`models.changes`).

        Raises:
            ProblemError: `not-found`, `model-unreadable`, `bad-dataset` or `payload-too-large`, or what
                `charge` raises.
        """
        opened = await self._models.open(
            principal.tenant_id, parse(model), lambda: fingerprint_of_rows(request), mark
        )
        await charge(len(request.data))
        return await self._predict(
            principal.tenant_id,
            opened,
            lambda: self._read(request, opened.pipeline.number_names),
            request,
            count_cells(request.data),
        )

    async def predict_table(
        self,
        principal: Principal,
        model: str,
        data: bytes,
        media_type: str,
        wanted: Wanted,
        charge: ChargeRows,
        mark: str | None = None,
    ) -> DetectionResult:
        """Score a table of another media type; raises as `predict_rows` does."""
        opened = await self._models.open(principal.tenant_id, parse(model), lambda: data, mark)
        cells = len(data) // BYTES_OF_A_CELL
        rows = await self._workload.run(
            as_problems(PREDICTION_REMEDY)(lambda: read_rows(data, media_type, self._limits)),
            cells,
            media_type,
        )
        await charge(rows.height)
        if isinstance(rows, NumberRows) and list(rows.names) != opened.pipeline.number_names:
            rows = rows.frame()
        return await self._predict(principal.tenant_id, opened, lambda: rows, wanted, cells)

    async def detect_rows(
        self,
        principal: Principal,
        model: str,
        request: DetectionRequest,
        charge: ChargeRows,
        mark: str | None = None,
    ) -> DetectionResult:
        """As `predict_rows`, for a detection that names a model.

        Raises:
            ProblemError: also `forbidden`, or `validation` where it says how to fit one besides.
        """
        check_detection(principal, request, "/")
        return await self.predict_rows(principal, model, request, charge, mark)

    async def detect_table(
        self,
        principal: Principal,
        model: str,
        data: bytes,
        media_type: str,
        query: DetectAnomaliesQuery,
        charge: ChargeRows,
        mark: str | None = None,
    ) -> DetectionResult:
        """As `predict_table`, for a detection that names a model; raises as `detect_rows` does."""
        check_detection(principal, query, "?")
        return await self.predict_table(principal, model, data, media_type, query, charge, mark)

    def _read(self, request: PredictionRequest | DetectionRequest, numbers: Sequence[str] | None) -> Rows:
        found = None
        if numbers is not None:
            found = number_rows(request.data, request.column_names, numbers, self._limits)
        return found or frame_from_rows(request.data, request.column_names, self._limits)

    async def _predict(
        self,
        tenant_id: str,
        opened: OpenModel,
        read: Callable[[], Rows],
        wanted: Wanted,
        cells: int,
    ) -> DetectionResult:

        def work() -> tuple[Rows, Scored, DetectionResult]:
            with as_problems(PREDICTION_REMEDY):
                return _scored(opened, read, wanted)

        if opened.failed is not None:
            self._observer.failed(tenant_id, opened.failed)
        effort = cells * EFFORT[registry.get(opened.pipeline.algorithm).cost]
        try:
            # What explanations cost depends on how many rows stand out.
            like = None if wanted.include_explanations else opened.kept.artefact_key
            rows, scored, result = await self._workload.run(work, effort, like)
        except ProblemError:
            raise
        except Exception:
            self._observer.failed(tenant_id, opened.kept)
            raise
        self._observer.scored(tenant_id, opened.kept, rows, scored)
        if opened.shadow is not None and self._features.is_on(Feature.SHADOW_TRAFFIC):
            self._observer.mirrored(tenant_id, opened.shadow, rows)
        note_found(result, IN_REQUEST, "predict")
        note_cells(result.columns, result.n_rows, IN_REQUEST)
        return result


def _scored(
    opened: OpenModel, read: Callable[[], Rows], wanted: Wanted
) -> tuple[Rows, Scored, DetectionResult]:
    started = time.perf_counter()
    rows = read()
    pipeline = opened.pipeline
    scored = scored_rows(rows, pipeline, opened.label_column)
    told = opened.told
    result = answer(
        told or pipeline,
        rows,
        scored if told is None else told.scored(scored.raw),
        wanted,
        columns=columns_in(rows, pipeline),
        warnings=[*opened.warnings, *unseen_categories(rows, pipeline)],
        started=started,
        model=opened.model,
    )
    return rows, scored, result


def check_detection(
    principal: Principal,
    options: DetectionRequest | DetectAnomaliesQuery | BatchDetectionRequest,
    prefix: str,
) -> None:
    """Refuse a detection that names a model and must not, or says how to fit one besides.

    Raises:
        ProblemError: `forbidden` or `validation`.
    """
    check_reach(
        principal,
        [USE],
        "detect with a trained model",
        "Leave model_id out, or ask for a key with that scope.",
    )
    defaults = {field.name: field.default for field in msgspec.structs.fields(options)}
    faults = [
        Fault(f"{prefix}{name}", "is a matter of the model's training; leave it out, or leave model_id out")
        for name in _OF_THE_FIT
        if getattr(options, name) != defaults[name]
    ]
    if faults:
        raise invalid(faults)
