"""Detection by the rules of `pynomaly.local` under the contract's words, so that a test gets predictions that
mean something."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from pynomaly._generated.models import DetectionResult
from pynomaly.errors import DataError
from pynomaly.fallback import by_rules
from pynomaly.frames import DetectionOptions, columns_of
from pynomaly.testing import algorithms
from pynomaly.testing.contract import Asked
from pynomaly.testing.problems import Refusal
from pynomaly.transport.content import Content

Columns = dict[str, list[Any]]

_NOT_OPTIONS = {"data", "column_names", "data_sources", "output_format"}


def options_of(asked: Asked) -> dict[str, Any]:
    """The options of a detection, from the JSON body or from the query."""
    if asked.body is None:
        return dict(asked.parameters)
    fields = asked.body.model_dump(exclude_unset=True, exclude_none=True)
    return {name: value for name, value in fields.items() if name not in _NOT_OPTIONS}


def read_columns(content: bytes, media_type: str) -> Columns:
    """A table's columns from its bytes.

    Raises:
        Refusal: `bad-dataset`; it holds no usable table.
    """
    try:
        columns = columns_of(Content(media_type, content))
    except (DataError, ValueError, TypeError) as error:
        raise Refusal("bad-dataset", f"The table cannot be used: {error}") from None
    if n_rows(columns) == 0:
        raise Refusal("bad-dataset", "The table has no rows; send at least one.")
    return columns


def n_rows(columns: Mapping[str, Sequence[Any]]) -> int:
    """Number of rows."""
    return max(map(len, columns.values()), default=0)


def check_size(columns: Mapping[str, Sequence[Any]], max_rows: int) -> None:
    """Refuse what is too large for one request: `payload-too-large`."""
    if n_rows(columns) > max_rows:
        raise Refusal(
            "payload-too-large",
            f"The table has more than {max_rows:,} rows, the limit of one request. Upload the data with "
            "uploadDataset (POST /api/v1/datasets) and submit it with batchDetect (POST /api/v1/batch).",
        )


def algorithm_of(given: Mapping[str, Any]) -> algorithms.Known:
    """The algorithm that options ask for; raises `Refusal` `validation` where there is none of its name."""
    names = given.get("ensemble_methods")
    known = algorithms.find("ensemble" if names else given.get("algorithm", algorithms.DEFAULT))
    for name in names or ():
        algorithms.find(name)
    return known


def check_table(columns: Mapping[str, Sequence[Any]], given: Mapping[str, Any]) -> None:
    """Refuse a table that nothing can be learnt from: `too-few-rows`, or `validation` for its features."""
    known = algorithm_of(given)
    if n_rows(columns) < known.min_rows:
        raise Refusal(
            "too-few-rows",
            f"{known.name} needs at least {known.min_rows} rows, and there are {n_rows(columns)}. Send more "
            "rows, or predict with a model that was trained before.",
        )
    missing = [name for name in given.get("features") or () if name not in columns]
    if missing:
        detail = f"There is no column {missing[0]!r}; the columns are {', '.join(columns)}."
        raise Refusal("validation", detail, [("/features", detail)])


def plain_options(given: Mapping[str, Any]) -> DetectionOptions:
    """Options as the client has them."""
    plain: dict[str, Any] = {
        name: value.model_dump() if isinstance(value, BaseModel) else value for name, value in given.items()
    }
    return DetectionOptions(**plain)


def detect(columns: Columns, given: Mapping[str, Any]) -> DetectionResult:
    """Score rows by rules fitted on them.

    Raises:
        Refusal: `validation`, `too-few-rows` or `bad-dataset`.
    """
    check_table(columns, given)
    try:
        result = by_rules(columns, plain_options(given), [])
    except DataError as error:
        raise Refusal("bad-dataset", str(error)) from None
    return as_servers(result, columns, algorithm_of(given).name, bool(given.get("return_confidence")))


def as_servers(
    result: DetectionResult, columns: Columns, algorithm: str, return_confidence: bool, **more: Any
) -> DetectionResult:
    """A result of the rules in the words of a server.

    `confidence` is the distance of a score from the verdict it did not get: max(score, 1 - score).
    """
    return DetectionResult.model_validate(
        {
            **result.model_dump(),
            "source": "server",
            "algorithm": algorithm,
            "identifiers": {
                column.name: list(map(_cell, columns[column.name]))
                for column in result.columns
                if column.type == "identifier"
            },
            "confidence": [max(score, 1.0 - score) for score in result.scores] if return_confidence else None,
            **more,
        }
    )


def _cell(value: Any) -> Any:
    return value if value is None or isinstance(value, str | int | float | bool) else str(value)
