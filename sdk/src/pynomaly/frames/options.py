"""The options of a detection, wherever they travel: in the JSON body or in the query."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal, cast

Oversize = Literal["job", "error"]
"""What becomes of a detection that is over the server's limit for one request."""


@dataclass(frozen=True, slots=True)
class DetectionOptions:
    """Options a caller gave; None where the server's default holds.

    Attributes:
        algorithm: Name or alias of an algorithm.
        contamination: Expected share of anomalies in (0, 0.5], or `auto`.
        return_confidence: Whether the result has `confidence`.
        include_explanations: Whether the result has `explanations`.
        explain_rows: `anomalies` or `all`.
        ensemble_methods: Algorithms that score together.
        features: Columns the model may use.
        column_types: Types of columns by name.
        timestamp_column: The column that orders the rows in time.
        series_column: The column that tells several series apart.
        windows: Sliding windows; a number is their length.
        random_state: Seed.
        model_id: A trained model that scores instead of one fitted to the rows.
        parameters: Parameters of the algorithm.
    """

    algorithm: str | None = None
    contamination: float | Literal["auto"] | None = None
    return_confidence: bool | None = None
    include_explanations: bool | None = None
    explain_rows: str | None = None
    ensemble_methods: Sequence[str] | None = None
    features: Sequence[str] | None = None
    column_types: Mapping[str, str] | None = None
    timestamp_column: str | None = None
    series_column: str | None = None
    windows: Mapping[str, Any] | int | None = None
    random_state: int | None = None
    model_id: str | None = None
    parameters: Mapping[str, Any] | None = None

    def given(self) -> dict[str, Any]:
        """The options that were given, by their names in the contract."""
        named = {field.name: getattr(self, field.name) for field in fields(self)}
        given = {name: value for name, value in named.items() if value is not None}
        if not given.get("parameters"):
            given.pop("parameters", None)
        for names in ("ensemble_methods", "features"):
            if names in given:
                given[names] = [str(name) for name in given[names]]
        plain = {name: _plain(value) for name, value in given.items()}
        if isinstance(plain.get("windows"), int):
            plain["windows"] = {"length": plain["windows"]}
        return plain


def _plain(value: Any) -> Any:
    """The value without NumPy's scalars, which JSON does not know."""
    if isinstance(value, Mapping):
        return {str(name): _plain(item) for name, item in cast("Mapping[Any, Any]", value).items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in cast("Sequence[Any]", value)]
    return value.item() if getattr(value, "ndim", None) == 0 else value
