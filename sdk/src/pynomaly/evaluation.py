"""How well a detection tells labelled anomalies from normal rows, in figures that are exact with ties."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from pynomaly.errors import DataError
from pynomaly.results import DetectionResult

_ANOMALOUS = frozenset({"1", "1.0", "true", "yes", "anomaly", "anomalous", "outlier"})
_NORMAL = frozenset({"0", "0.0", "false", "no", "normal", "inlier"})
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The figures of one detection on labelled rows.

    Attributes:
        algorithm: What scored the rows.
        n_rows: Rows that have a label.
        n_labelled: Rows labelled anomalous.
        n_found: Rows predicted anomalous.
        roc_auc: Probability that an anomaly scores higher than a normal row, a tie counting half (Hanley and
            McNeil, 1982); None where the labels are all alike.
        average_precision: Precision averaged over the anomalies in the order of their scores, rows of one
            score taken together; None where no row is labelled anomalous.
        precision: Share of the rows found that are labelled anomalous; None where none was found.
        recall: Share of the rows labelled anomalous that were found; None where there is none.
        f1: Harmonic mean of the two; None where no row is labelled anomalous and none was found.
    """

    algorithm: str
    n_rows: int
    n_labelled: int
    n_found: int
    roc_auc: float | None
    average_precision: float | None
    precision: float | None
    recall: float | None
    f1: float | None


def evaluated(result: DetectionResult, labels: Sequence[bool]) -> Evaluation:
    """Compare a result with what its rows are in truth.

    Args:
        result: The result of a detection.
        labels: Whether each row is an anomaly, in the order of the rows.

    Raises:
        DataError: There are more labels than rows, or fewer.
    """
    if len(labels) != len(result):
        raise DataError(f"There are {len(labels):,} labels for {len(result):,} rows; give one for each row.")
    labelled = sum(labels)
    found = sum(result.predictions)
    both = sum(
        1 for label, prediction in zip(labels, result.predictions, strict=True) if label and prediction
    )
    return Evaluation(
        algorithm=result.algorithm,
        n_rows=len(labels),
        n_labelled=labelled,
        n_found=found,
        roc_auc=roc_auc(labels, result.scores),
        average_precision=average_precision(labels, result.scores),
        precision=_share(both, found),
        recall=_share(both, labelled),
        f1=_share(2 * both, found + labelled),
    )


def roc_auc(labels: Sequence[bool], scores: Sequence[float]) -> float | None:
    """Area under the ROC curve; None where the labels are all alike.

    Args:
        labels: Whether each row is an anomaly.
        scores: One finite number per row, higher for what is more anomalous.
    """
    anomalies = sum(labels)
    normal = len(labels) - anomalies
    # Pairs of an anomaly and a normal row, twice, so that a tie counts in whole numbers.
    won = above = 0
    for anomalous, others in _steps(labels, scores):
        above += others
        won += anomalous * (2 * (normal - above) + others)
    return _share(won, 2 * anomalies * normal)


def average_precision(labels: Sequence[bool], scores: Sequence[float]) -> float | None:
    """Precision at each score, weighted by the anomalies that have it; None where no row is an anomaly.

    Args:
        labels: Whether each row is an anomaly.
        scores: One finite number per row, higher for what is more anomalous.
    """
    anomalies = sum(labels)
    hits = seen = 0
    parts: list[float] = []
    for anomalous, others in _steps(labels, scores):
        hits += anomalous
        seen += anomalous + others
        parts.append(anomalous * hits / seen)
    return math.fsum(parts) / anomalies if anomalies else None


def _steps(labels: Sequence[bool], scores: Sequence[float]) -> Iterator[tuple[int, int]]:
    """Anomalies and normal rows of each score, the highest score first."""
    ranked = sorted(zip(scores, labels, strict=True), key=lambda pair: -pair[0])
    for _, tied in groupby(ranked, key=lambda pair: pair[0]):
        marks = [label for _, label in tied]
        anomalous = sum(marks)
        yield anomalous, len(marks) - anomalous


def _share(part: int, whole: int) -> float | None:
    return part / whole if whole else None


def read_labels(values: Sequence[Any], anomaly: str | None = None) -> list[bool]:
    """Turn the values of a column into labels: whether each row is an anomaly.

    Args:
        values: One per row.
        anomaly: The value that marks anomalies, any other marking normal rows; where None, 1, true, yes,
            anomaly, anomalous and outlier mark anomalies, 0, false, no, normal and inlier normal rows, in
            upper or lower case.

    Raises:
        DataError: A row has no label, or one that is not known; the message names them.
    """
    texts = [_text(value) for value in values]
    for row, text in enumerate(texts):
        if not text:
            raise DataError(f"Row {row:,} has no label; give every row one, or leave the row out.")
    if anomaly is not None:
        if anomaly not in texts:
            raise DataError(f"No row is labelled {anomaly!r}; the labels are {_listed(texts)}.")
        return [text == anomaly for text in texts]
    known = [text.lower() for text in texts]
    if set(known) <= _ANOMALOUS | _NORMAL:
        return [text in _ANOMALOUS for text in known]
    raise DataError(
        f"It is not clear which of the labels {_listed(texts)} mark anomalies; say which one does "
        "(--anomaly=VALUE), or label anomalies 1 and normal rows 0."
    )


def matched_labels(
    columns: Mapping[str, Sequence[Any]], label_column: str | None, result: DetectionResult
) -> tuple[Sequence[Any], str | None]:
    """Bring the labels of another table into the order of a result's rows.

    Rows are matched by the first column of the table that is also an identifier of the result, and by their
    order where there is none.

    Args:
        columns: The table with the labels.
        label_column: The column that has them; the only one beside identifiers where None.
        result: What the labels are for.

    Returns:
        One value per row of the result, and the name of the column the rows were matched by.

    Raises:
        DataError: It is not clear which column has the labels, or a row of the result has none.
    """
    if not columns:
        raise DataError("The table with the labels is empty; give it a heading and one label for each row.")
    shared = next((name for name in columns if name in result.identifiers and name != label_column), None)
    column = label_column or _only_column(columns, shared)
    if column not in columns:
        raise DataError(f"The labels have no column {column!r}; they have {_listed(columns)}.")
    values = columns[column]
    if shared is None:
        if len(values) != len(result):
            raise DataError(
                f"There are {len(values):,} labels for {len(result):,} rows, and no identifier to match them "
                "by; give one label for each row, in the same order."
            )
        return values, None
    return _by_identifier(shared, columns[shared], values, result), shared


def _only_column(columns: Mapping[str, Sequence[Any]], shared: str | None) -> str:
    left = [name for name in columns if name != shared]
    if len(left) != 1:
        raise DataError(
            f"The labels have the columns {_listed(columns)}; say which one holds them with --label-column."
        )
    return left[0]


def _by_identifier(
    name: str, identifiers: Sequence[Any], values: Sequence[Any], result: DetectionResult
) -> list[Any]:
    known = dict(zip(map(_text, identifiers), values, strict=True))
    if len(known) != len(identifiers):
        raise DataError(f"The labels name a {name!r} twice; give each one label.")
    wanted = [_text(value) for value in result.identifiers[name]]
    missing = [text for text in wanted if text not in known]
    if missing:
        raise DataError(f"There is no label for {len(missing):,} rows, among them {name} {_listed(missing)}.")
    return [known[text] for text in wanted]


def _text(value: Any) -> str:
    """A value as text, so that 1, 1.0 and "1" are one."""
    if value is None:
        return ""
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.17g}"
    return str(value).strip()


def _listed(values: Sequence[str] | Mapping[str, Any]) -> str:
    distinct = list(dict.fromkeys(values))
    more = f" and {len(distinct) - _SHOWN} more" if len(distinct) > _SHOWN else ""
    return ", ".join(map(repr, distinct[:_SHOWN])) + more
