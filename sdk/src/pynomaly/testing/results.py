"""Results of the fake server's jobs: their rows, their summary, and their files."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pynomaly._generated.models import DetectionResult
from pynomaly.testing.contract import Asked
from pynomaly.testing.problems import Refusal

FORMATS = {"json": "application/json", "ndjson": "application/x-ndjson", "csv": "text/csv"}
"""The media types that results are written in."""
_SUMMARY = (
    "algorithm",
    "threshold",
    "contamination",
    "n_rows",
    "n_anomalies",
    "feature_names",
    "columns",
    "warnings",
    "model",
)


def rows_of(result: DetectionResult, wanted: Callable[[int], bool]) -> list[dict[str, Any]]:
    """The rows whose prediction is wanted."""
    reasons = {each.row: each.contributions for each in result.explanations or ()}
    return [
        {
            "row": place,
            "score": score,
            "prediction": prediction,
            "confidence": result.confidence[place] if result.confidence else None,
            "identifiers": {name: values[place] for name, values in result.identifiers.items()},
            "series": None,
            "explanation": [each.model_dump() for each in reasons[place]] if place in reasons else None,
        }
        for place, (score, prediction) in enumerate(zip(result.scores, result.predictions, strict=True))
        if wanted(prediction)
    ]


def summary_of(result: DetectionResult, elapsed_ms: float) -> dict[str, Any]:
    """What is said of the whole."""
    fields = result.model_dump(mode="json")
    return {**{name: fields[name] for name in _SUMMARY}, "elapsed_ms": elapsed_ms}


def media_type_of(asked: Asked, usual: str) -> str:
    """The media type that a caller wants, `usual` being the format the job was submitted with.

    Raises:
        Refusal: `not-acceptable`.
    """
    accepted = [each.partition(";")[0].strip() for each in asked.accept.split(",")]
    form = asked.parameters.get("format") or next(
        (form for form, media in FORMATS.items() if media in accepted), usual if "*/*" in accepted else ""
    )
    if form not in FORMATS:
        raise Refusal("not-acceptable", "The fake server writes results as JSON, NDJSON and CSV alone.")
    return FORMATS[form]


def written(rows: Sequence[Mapping[str, Any]], media_type: str) -> bytes:
    """The rows as a file."""
    flat = [
        {
            "row": row["row"],
            **row["identifiers"],
            "score": row["score"],
            "prediction": row["prediction"],
            **({} if row["confidence"] is None else {"confidence": row["confidence"]}),
        }
        for row in rows
    ]
    if media_type == FORMATS["ndjson"]:
        return "".join(f"{json.dumps(row)}\n" for row in flat).encode()
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(flat[0]) if flat else ["row", "score", "prediction"])
    writer.writeheader()
    writer.writerows(flat)
    return text.getvalue().encode()
