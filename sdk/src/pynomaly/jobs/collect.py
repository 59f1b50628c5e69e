"""Puts the pages of a job's result together into one result."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pynomaly._generated.models import JobResultPage, ResultRow
    from pynomaly.results import DetectionResult
    from pynomaly.rows import RowResult


def whole_result(pages: Sequence[JobResultPage]) -> DetectionResult:
    """Return the result that the pages, from the first to the last, make up."""
    from pynomaly.results import DetectionResult

    rows = [row for page in pages for row in page.items]
    summary = pages[0].summary.model_dump()
    confidence = [row.confidence for row in rows]
    names = list(dict.fromkeys(name for row in rows for name in row.identifiers))
    explained = [
        {"row": row.row, "contributions": [each.model_dump() for each in row.explanation]}
        for row in rows
        if row.explanation
    ]
    return DetectionResult.model_validate(
        {
            **summary,
            "predictions": [row.prediction for row in rows],
            "scores": [row.score for row in rows],
            "confidence": confidence if rows and all(value is not None for value in confidence) else None,
            "explanations": explained or None,
            "series": _series(rows),
            "identifiers": {name: [row.identifiers.get(name) for row in rows] for name in names},
            "source": "server",
        }
    )


def _series(rows: Sequence[ResultRow]) -> dict[str, list[Any]] | None:
    points = [row.series for row in rows if row.series is not None]
    if not points or len(points) < len(rows):
        return None
    return {
        name: [getattr(point, name) for point in points] for name in ("feature", "expected", "lower", "upper")
    }


def row_result(row: ResultRow) -> RowResult:
    """Return one row of a page."""
    from pynomaly.rows import RowResult

    return RowResult(
        row=row.row,
        index=row.row,
        score=row.score,
        prediction=row.prediction,
        confidence=row.confidence,
        explanation=row.explanation,
        series=row.series,
        identifiers=row.identifiers,
    )
