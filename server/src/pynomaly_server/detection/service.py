"""Detects anomalies in the rows of one request."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

import polars as pl

from pynomaly_server.contract.operations import DetectAnomaliesQuery
from pynomaly_server.contract.structs import (
    Column,
    Contribution,
    DetectionRequest,
    DetectionResult,
    RowExplanation,
)
from pynomaly_server.contract.structs import (
    Warning as ResultWarning,
)
from pynomaly_server.detection.faults import as_problems
from pynomaly_server.detection.pipeline import FittedPipeline, fit_pipeline
from pynomaly_server.detection.workload import Workload
from pynomaly_server.tabular.reading import TableLimits, frame_from_rows, read_table

BATCH_REMEDY: Final = (
    "Upload the data with uploadDataset (POST /api/v1/datasets) and submit it with batchDetect "
    "(POST /api/v1/batch)."
)


DetectionOptions = DetectionRequest | DetectAnomaliesQuery
"""Both say the same options by the same names."""


class DetectionService:
    """`limits` bound a table that is worked on while its caller waits."""

    def __init__(self, workload: Workload, limits: TableLimits) -> None:
        self._workload = workload
        self._limits = limits

    async def detect_rows(self, request: DetectionRequest) -> DetectionResult:
        """Detect in decoded JSON rows.

        Raises:
            ProblemError: `bad-dataset`, `too-few-rows`, `validation` or `payload-too-large`.
        """
        return await self._detect(
            lambda: frame_from_rows(request.data, request.column_names, self._limits), request
        )

    async def detect_table(self, data: bytes, media_type: str, options: DetectionOptions) -> DetectionResult:
        """Detect in a table of another media type; raises as `detect_rows` does."""
        return await self._detect(lambda: read_table(data, media_type, self._limits), options)

    async def _detect(self, read: Callable[[], pl.DataFrame], options: DetectionOptions) -> DetectionResult:
        def work() -> DetectionResult:
            with as_problems(BATCH_REMEDY):
                return _detect(read, options)

        return await self._workload.run(work)


def _detect(read: Callable[[], pl.DataFrame], options: DetectionOptions) -> DetectionResult:
    started = time.perf_counter()
    frame = read()
    pipeline = fit_pipeline(
        frame,
        algorithm=options.algorithm,
        parameters=options.parameters,
        contamination=options.contamination,
        seed=options.random_state,
        features=options.features,
        column_types=options.column_types,
    )
    scored = pipeline.training
    explained = None
    if options.include_explanations:
        wanted = scored.predictions if options.explain_rows == "anomalies" else scored.predictions >= 0
        explained = _explain(pipeline, frame, wanted.nonzero()[0].tolist())
    return DetectionResult(
        predictions=scored.predictions.tolist(),
        scores=scored.scores.tolist(),
        confidence=pipeline.confidence(scored.raw).tolist() if options.return_confidence else None,
        explanations=explained,
        threshold=pipeline.threshold,
        contamination=pipeline.contamination,
        n_rows=frame.height,
        n_anomalies=int(scored.predictions.sum()),
        feature_names=list(pipeline.feature_names),
        columns=[
            Column(
                name=column.name, type=column.type, missing=column.missing, used=column.used, note=column.note
            )
            for column in pipeline.columns
        ],
        identifiers=pipeline.identifiers(frame),
        algorithm=pipeline.algorithm,
        warnings=[ResultWarning(code=w.code, detail=w.detail, column=w.column) for w in pipeline.warnings],
        source="server",
        elapsed_ms=round((time.perf_counter() - started) * 1000, 3),
    )


def _explain(pipeline: FittedPipeline, frame: pl.DataFrame, rows: list[int]) -> list[RowExplanation]:
    return [
        RowExplanation(
            row=row,
            contributions=[
                Contribution(
                    feature=c.feature, value=c.value, expected=c.expected, contribution=c.contribution
                )
                for c in contributions
            ],
        )
        for row, contributions in zip(rows, pipeline.explain(frame, rows), strict=True)
    ]
