"""What answers a detection where no server does: a function of the caller's, or the rules of
`pynomaly.local`.

A request that the server refuses is never answered by anything else: the fault is the request's.
"""

from __future__ import annotations

import time
from collections.abc import Awaitable, Callable, Generator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, cast

from pynomaly.errors import APIError, APIStatusError, DataError
from pynomaly.frames import DetectionOptions, columns_of
from pynomaly.transport.fault import may_pass

if TYPE_CHECKING:
    from pynomaly._generated.models import RowExplanation, Warning  # noqa: A004
    from pynomaly.local import LocalColumn, LocalDetection, LocalRules
    from pynomaly.results import DetectionResult

FallbackFunction = Callable[[Any, APIError], Any] | Callable[[Any, APIError], Awaitable[Any]]
FallbackStep = Literal["local"] | FallbackFunction
Fallback = FallbackStep | Sequence[FallbackStep]

_NOT_OF_THE_SERVER = (409,)
_DEFAULT_CONTAMINATION = 0.1


def fallback_steps(fallback: Fallback | None) -> tuple[FallbackStep, ...]:
    """The steps of a `fallback=` argument in their order.

    Raises:
        DataError: One is neither `"local"` nor a function.
    """
    if fallback is None:
        return ()
    given = cast("Sequence[FallbackStep]", fallback if isinstance(fallback, list | tuple) else [fallback])
    steps = tuple(given)
    for step in steps:
        if step != "local" and not callable(step):
            raise DataError(f'fallback= takes "local", a function, or a list of them, not {step!r}.')
    return steps


def may_fall_back(error: APIError) -> bool:
    """Whether something else may answer: the server could not be reached, is overloaded or failed."""
    if isinstance(error, APIStatusError) and (error.status in _NOT_OF_THE_SERVER):
        return False
    return may_pass(error)


def from_function(value: Any, data: Any, options: DetectionOptions, error: APIError) -> DetectionResult:
    """The result of what a caller's function gave.

    Args:
        value: A `DetectionResult`, or a score in [0, 1] per row.
        data: What was to be looked at.
        options: The options of the call.
        error: Why the server did not answer.

    Raises:
        DataError: It gave something else.
    """
    from pynomaly.results import DetectionResult

    why = _why(error, "a function of this program answered")
    if isinstance(value, DetectionResult):
        return value.model_copy(update={"source": "fallback", "warnings": [*value.warnings, why]})
    try:
        scores = [float(score) for score in value]
    except (TypeError, ValueError):
        raise DataError(
            "The function of fallback= must return a DetectionResult or one score in [0, 1] per row, not "
            f"a {type(value).__name__}."
        ) from None
    n_rows = max(map(len, columns_of(data).values()), default=0)
    if len(scores) != n_rows or not all(0.0 <= score <= 1.0 for score in scores):
        raise DataError(
            f"The function of fallback= must return one score in [0, 1] for each of the {n_rows} rows."
        )
    return _result(
        scores=scores,
        threshold=0.5,
        options=options,
        columns=[],
        explanations=None,
        algorithm="fallback_function",
        warnings=[why],
        elapsed_ms=0.0,
    )


def from_rules(data: Any, options: DetectionOptions, error: APIError) -> DetectionResult:
    """The result of the local rules.

    Raises:
        DataError: The data cannot be read on this machine.
    """
    why = _why(error, "robust rules on this machine answered (median and MAD, quartiles, rare categories)")
    return by_rules(columns_of(data), options, [why])


def by_rules(
    columns: Mapping[str, list[Any]], options: DetectionOptions, warnings: list[Warning]
) -> DetectionResult:
    """What the local rules make of columns, as a result with these warnings.

    Raises:
        DataError: They cannot look at these columns.
    """
    from pynomaly.local import detect_locally

    began = time.perf_counter()
    columns = _chosen(columns, options)
    with _as_data_errors():
        found = detect_locally(columns, _contamination(options))
    return _told(found, columns, options, warnings, began)


def fitted_rules(columns: Mapping[str, list[Any]], options: DetectionOptions) -> LocalRules:
    """The local rules fitted on columns.

    Raises:
        DataError: They cannot look at these columns.
    """
    from pynomaly.local import fit_locally

    with _as_data_errors():
        return fit_locally(_chosen(columns, options), _contamination(options))


def by_fitted_rules(
    rules: LocalRules, columns: Mapping[str, list[Any]], options: DetectionOptions, warnings: list[Warning]
) -> DetectionResult:
    """What rules that were fitted before make of columns, as a result with these warnings.

    Raises:
        DataError: The columns are not those that the rules were fitted on.
    """
    began = time.perf_counter()
    columns = _chosen(columns, options)
    with _as_data_errors():
        found = rules.score(columns)
    return _told(found, columns, options, warnings, began)


def _told(
    found: LocalDetection,
    columns: Mapping[str, list[Any]],
    options: DetectionOptions,
    warnings: list[Warning],
    began: float,
) -> DetectionResult:
    """What the rules have found, as a result; the work began at `began` of `time.perf_counter`."""
    from pynomaly.local import ALGORITHM

    explanations = _explanations(found, columns, options) if options.include_explanations else None
    return _result(
        scores=found.scores,
        threshold=found.threshold,
        options=options,
        columns=found.columns,
        explanations=explanations,
        algorithm=ALGORITHM,
        warnings=warnings,
        elapsed_ms=(time.perf_counter() - began) * 1000,
    )


@contextmanager
def _as_data_errors() -> Generator[None]:
    try:
        yield
    except ValueError as exc:
        raise DataError(f"The local rules cannot look at these data: {exc}.") from None


def _contamination(options: DetectionOptions) -> Any:
    return _DEFAULT_CONTAMINATION if options.contamination is None else options.contamination


def _why(error: APIError, instead: str) -> Warning:
    from pynomaly._generated.models import Warning  # noqa: A004

    reason = f"{type(error).__name__}: {error}"
    return Warning(code="fallback", detail=f"No server answered, so {instead}. {reason}")


def _chosen(columns: Mapping[str, list[Any]], options: DetectionOptions) -> dict[str, list[Any]]:
    types = dict(options.column_types or {})
    for name in (options.timestamp_column, options.series_column):
        if name is not None:
            types[name] = "identifier"
    wanted = None if options.features is None else {str(name) for name in options.features}
    chosen: dict[str, list[Any]] = {}
    for name, values in columns.items():
        kind = types.get(name)
        if (wanted is not None and name not in wanted) or kind in ("identifier", "text", "datetime"):
            continue
        chosen[name] = (
            [None if value is None else f"{value}" for value in values] if (kind == "categorical") else values
        )
    return chosen


def _explanations(
    found: LocalDetection, columns: Mapping[str, list[Any]], options: DetectionOptions
) -> list[RowExplanation]:
    from pynomaly._generated.models import Contribution, RowExplanation

    expected = {column.name: column.expected for column in found.columns}
    return [
        RowExplanation(
            row=row,
            contributions=[
                Contribution(
                    feature=name,
                    value=_shown(columns[name][row]),
                    expected=expected[name],
                    contribution=share,
                )
                for name, share in found.contributions[row]
            ],
        )
        for row, prediction in enumerate(found.predictions)
        if prediction or options.explain_rows == "all"
    ]


def _shown(value: Any) -> Any:
    if hasattr(value, "item") and not isinstance(value, str):
        value = value.item()
    return value if value is None or isinstance(value, str | bool | int | float) else str(value)


def _result(
    *,
    scores: list[float],
    threshold: float,
    options: DetectionOptions,
    columns: Sequence[LocalColumn],
    explanations: list[RowExplanation] | None,
    algorithm: str,
    warnings: list[Warning],
    elapsed_ms: float,
) -> DetectionResult:
    from pynomaly._generated.models import Column
    from pynomaly.results import DetectionResult

    predictions = [1 if score >= 0.5 else 0 for score in scores]
    given = options.contamination
    share = sum(predictions) / len(predictions) if predictions else 0.0
    return DetectionResult(
        predictions=predictions,
        scores=scores,
        explanations=explanations,
        threshold=threshold,
        contamination=share if given == "auto" else _DEFAULT_CONTAMINATION if given is None else given,
        n_rows=len(scores),
        n_anomalies=sum(predictions),
        feature_names=[column.name for column in columns if column.type != "identifier"],
        columns=[
            Column(
                name=column.name,
                type=column.type,
                missing=column.missing,
                used=column.type != "identifier",
            )
            for column in columns
        ],
        identifiers={},
        algorithm=algorithm,
        warnings=warnings,
        source="fallback",
        elapsed_ms=elapsed_ms,
    )
