"""What was found in a table, in the contract's words: the same for a request and for a job."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import polars as pl

from pynomaly_server.contract.structs import Column, Contribution, SeriesExpectation
from pynomaly_server.contract.structs import Warning as ResultWarning
from pynomaly_server.detection.fitting import Findings
from pynomaly_server.detection.series import SeriesDetection

ALL_ROWS: Final = slice(None)


def columns_of(pipeline: Findings) -> list[Column]:
    """How each column of the table was read."""
    return [
        Column(name=column.name, type=column.type, missing=column.missing, used=column.used, note=column.note)
        for column in pipeline.columns
    ]


def warnings_of(pipeline: Findings) -> list[ResultWarning]:
    """What the owner of the table should know."""
    return [ResultWarning(code=w.code, detail=w.detail, column=w.column) for w in pipeline.warnings]


def explained(pipeline: Findings, frame: pl.DataFrame, rows: Sequence[int]) -> dict[int, list[Contribution]]:
    """For each of these rows what made it stand out, largest share first."""
    return {
        row: [
            Contribution(feature=c.feature, value=c.value, expected=c.expected, contribution=c.contribution)
            for c in contributions
        ]
        for row, contributions in zip(rows, pipeline.explain(frame, rows), strict=True)
    }


def expectation_of(pipeline: Findings, rows: slice = ALL_ROWS) -> SeriesExpectation | None:
    """What the method expects of these rows as time series, where it is one that does."""
    found = pipeline.expectation if isinstance(pipeline, SeriesDetection) else None
    if found is None:
        return None
    return SeriesExpectation(
        feature=found.feature[rows],
        expected=found.expected[rows],
        lower=found.lower[rows],
        upper=found.upper[rows],
    )
