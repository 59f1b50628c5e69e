"""What a detection says of rows, in the shape of a stored result: the same for whole jobs and for shards."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from pynomaly_server.contract.structs import BatchDetectionRequest, Contribution, ResultSummary
from pynomaly_server.contract.structs import Warning as ResultWarning
from pynomaly_server.detection.fitting import Findings
from pynomaly_server.detection.pipeline import Scored
from pynomaly_server.detection.report import columns_of, expectation_of, explained, warnings_of
from pynomaly_server.jobs.results import ResultWriter


@dataclass(frozen=True, slots=True)
class Chunk:
    """Rows with their scores; `frame` is explained in `whole`, where it begins at row `start`."""

    frame: pl.DataFrame
    scored: Scored
    whole: pl.DataFrame
    start: int


def written(
    writer: ResultWriter | None,
    folder: Callable[[], Path],
    pipeline: Findings,
    request: BatchDetectionRequest,
    chunk: Chunk,
    first_row: int = 0,
) -> ResultWriter:
    """The writer with a chunk more; where there is none yet, one whose rows count from `first_row`."""
    identifiers = pipeline.identifiers(chunk.frame)
    if writer is None:
        types = {name: chunk.frame.schema[name] for name in identifiers}
        writer = ResultWriter(folder, types, first_row)
    writer.add(
        chunk.scored.scores,
        chunk.scored.predictions,
        identifiers=identifiers,
        confidence=pipeline.confidence(chunk.scored.raw) if request.return_confidence else None,
        series=expectation_of(pipeline, slice(chunk.start, chunk.start + chunk.frame.height)),
        explanations=_explained(pipeline, chunk) if request.include_explanations else None,
    )
    return writer


def _explained(pipeline: Findings, chunk: Chunk) -> dict[int, list[Contribution]]:
    rows = (chunk.scored.predictions.nonzero()[0] + chunk.start).tolist()
    return {row - chunk.start: parts for row, parts in explained(pipeline, chunk.whole, rows).items()}


def summary_of(
    pipeline: Findings, *, n_rows: int, n_anomalies: int, fitted_on: int | None, elapsed_seconds: float
) -> ResultSummary:
    """What holds for all rows; `fitted_on` is the size of the sample where not all of them were fitted on."""
    warnings = warnings_of(pipeline)
    if fitted_on is not None:
        warnings.append(
            ResultWarning(
                code="fitted-on-sample",
                detail=f"The model was fitted on {fitted_on:,} of the "
                f"{n_rows:,} rows, drawn at random; counts of missing values are of that sample.",
            )
        )
    return ResultSummary(
        algorithm=pipeline.algorithm,
        threshold=pipeline.threshold,
        contamination=pipeline.contamination,
        n_rows=n_rows,
        n_anomalies=n_anomalies,
        feature_names=list(pipeline.feature_names),
        columns=columns_of(pipeline),
        warnings=warnings,
        elapsed_ms=round(elapsed_seconds * 1000, 3),
    )
