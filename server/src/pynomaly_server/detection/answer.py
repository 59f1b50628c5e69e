"""Scored rows as a request gets them back, whether the model was fitted to them or trained before."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Final, Protocol

import numpy as np
from numpy.typing import NDArray

from pynomaly_server.contract.structs import Column, DetectionResult, RowExplanation, ScoringModel
from pynomaly_server.contract.structs import Warning as ResultWarning
from pynomaly_server.detection.fitting import Findings
from pynomaly_server.detection.pipeline import Scored
from pynomaly_server.detection.report import expectation_of, explained
from pynomaly_server.tabular.number_rows import NumberRows, Rows, frame_of

MOST_EXPLAINED: Final = 1_000
"""Rows explained in one request; the time of an explanation is bounded, so this bounds the time of all."""


class Wanted(Protocol):
    """What a caller wants to have beside the scores."""

    @property
    def return_confidence(self) -> bool:
        """Whether confidence is returned."""

    @property
    def include_explanations(self) -> bool:
        """Whether rows are explained."""

    @property
    def explain_rows(self) -> str:
        """Which ones, `anomalies` or `all`."""


def answer(
    pipeline: Findings,
    rows: Rows,
    scored: Scored,
    wanted: Wanted,
    *,
    columns: Sequence[Column],
    warnings: Sequence[ResultWarning],
    started: float,
    model: ScoringModel | None = None,
) -> DetectionResult:
    """The result of these rows, work on which began at `started` by `time.perf_counter`.

    `model` names the trained model where it was one.
    """
    explanations = None
    limited: list[ResultWarning] = []
    if wanted.include_explanations:
        chosen = scored.predictions >= (1 if wanted.explain_rows == "anomalies" else 0)
        frame = frame_of(rows)
        places, limited = _most_abnormal(chosen.nonzero()[0], scored)
        explanations = [
            RowExplanation(row=row, contributions=contributions)
            for row, contributions in explained(pipeline, frame, places).items()
        ]
    return DetectionResult(
        predictions=scored.predictions.tolist(),
        scores=scored.scores.tolist(),
        confidence=pipeline.confidence(scored.raw).tolist() if wanted.return_confidence else None,
        explanations=explanations,
        series=expectation_of(pipeline),
        threshold=pipeline.threshold,
        contamination=pipeline.contamination,
        n_rows=rows.height,
        n_anomalies=scored.n_anomalies,
        feature_names=list(pipeline.feature_names),
        columns=list(columns),
        identifiers={} if isinstance(rows, NumberRows) else pipeline.identifiers(rows),
        algorithm=pipeline.algorithm,
        warnings=[*warnings, *limited],
        model=model,
        source="server",
        elapsed_ms=round((time.perf_counter() - started) * 1000, 3),
    )


def _most_abnormal(rows: NDArray[np.intp], scored: Scored) -> tuple[list[int], list[ResultWarning]]:
    """The rows to explain while the caller waits, and what to say of those that are left out."""
    if rows.size <= MOST_EXPLAINED:
        return rows.tolist(), []
    kept = np.sort(rows[np.argsort(-scored.raw[rows], kind="stable")[:MOST_EXPLAINED]])
    detail = (
        f"The {MOST_EXPLAINED:,} most abnormal of {rows.size:,} rows are explained; a batch job explains "
        "every anomalous row."
    )
    return kept.tolist(), [ResultWarning(code="explanations-limited", detail=detail)]
