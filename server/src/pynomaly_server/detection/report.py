"""What a fitted pipeline found, in the contract's words: the same for a request and for a job."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from pynomaly_server.contract.structs import Column, Contribution
from pynomaly_server.contract.structs import Warning as ResultWarning
from pynomaly_server.detection.pipeline import FittedPipeline


def columns_of(pipeline: FittedPipeline) -> list[Column]:
    """How each column of the table was read."""
    return [
        Column(name=column.name, type=column.type, missing=column.missing, used=column.used, note=column.note)
        for column in pipeline.columns
    ]


def warnings_of(pipeline: FittedPipeline) -> list[ResultWarning]:
    """What the owner of the table should know."""
    return [ResultWarning(code=w.code, detail=w.detail, column=w.column) for w in pipeline.warnings]


def explained(
    pipeline: FittedPipeline, frame: pl.DataFrame, rows: Sequence[int]
) -> dict[int, list[Contribution]]:
    """For each of these rows what made it stand out, largest share first."""
    return {
        row: [
            Contribution(feature=c.feature, value=c.value, expected=c.expected, contribution=c.contribution)
            for c in contributions
        ]
        for row, contributions in zip(rows, pipeline.explain(frame, rows), strict=True)
    }
