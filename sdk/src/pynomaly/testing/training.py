"""Training on the fake server: the rules of `pynomaly.local`, fitted once and kept."""

from __future__ import annotations

import hashlib
import json
import platform
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, Protocol, cast

from pynomaly._generated.models import DetectionResult, TrainingRequest, Warning  # noqa: A004
from pynomaly._version import __version__
from pynomaly.errors import DataError
from pynomaly.evaluation import average_precision, roc_auc
from pynomaly.fallback import by_fitted_rules, fitted_rules
from pynomaly.frames import DetectionOptions
from pynomaly.local import LocalRules, RarityRule, plain_cell
from pynomaly.testing.contract import Asked
from pynomaly.testing.datasets import Datasets, Table, joined
from pynomaly.testing.detection import (
    Columns,
    algorithm_of,
    as_servers,
    check_size,
    check_table,
    n_rows,
    options_of,
    plain_options,
    read_columns,
)
from pynomaly.testing.jobs import FakeJob, Jobs
from pynomaly.testing.problems import Refusal
from pynomaly.testing.profiles import column_profiles
from pynomaly.testing.replies import Reply

MODEL_ID = re.compile(r"mdl_[0-9a-f]{32}")
_JSON = "application/json"
_NOT_OF_THE_FIT = ("name", "label_column")
_LABELS = {"true": True, "1": True, "1.0": True, "false": False, "0": False, "0.0": False}


@dataclass(frozen=True, slots=True)
class Trained:
    """A model that can score.

    Attributes:
        rules: What it learnt.
        options: What it was asked to learn.
        label_column: The column that it never saw.
        columns: Names of the others.
        described: What a version says of it in the contract's words.
    """

    rules: LocalRules
    options: DetectionOptions
    label_column: str | None
    columns: tuple[str, ...]
    described: Mapping[str, Any]

    def score(
        self, columns: Columns, wanted: Mapping[str, Any], threshold: float | None, **more: Any
    ) -> DetectionResult:
        """Score rows, each from itself alone.

        Args:
            columns: The rows.
            wanted: `return_confidence`, `include_explanations` and `explain_rows`.
            threshold: The score from which rows are anomalous, where an alias has one of its own.
            **more: Further fields of the result.

        Raises:
            Refusal: `bad-dataset`, naming the columns that do not fit.
        """
        columns = {name: values for name, values in columns.items() if name != self.label_column}
        self._check(columns)
        rules = self.rules if threshold is None else self.rules.at(threshold)
        options = replace(
            self.options,
            contamination=self.described["contamination"],
            include_explanations=wanted.get("include_explanations"),
            explain_rows=wanted.get("explain_rows"),
        )
        try:
            result = by_fitted_rules(rules, columns, options, _unseen(rules, columns))
        except DataError as error:
            raise self._unfit(str(error), []) from None
        confident = bool(wanted.get("return_confidence"))
        return as_servers(result, columns, self.described["algorithm"], confident, **more)

    def _check(self, columns: Columns) -> None:
        features = self.described["feature_names"]
        faults = [
            *(
                (name, f"Column {name!r} is missing; null stands for unknown values.")
                for name in features
                if name not in columns
            ),
            *(
                (name, f"Column {name!r} is not one of the model's; leave it out.")
                for name in columns
                if name not in self.columns
            ),
        ]
        if faults:
            told = [(f"/{name.replace('~', '~0').replace('/', '~1')}", detail) for name, detail in faults]
            raise self._unfit(" ".join(detail for _, detail in faults), told)

    def _unfit(self, what: str, faults: Sequence[tuple[str, str]]) -> Refusal:
        names = ", ".join(map(repr, self.columns))
        detail = f"The rows do not fit the model. {what} It was trained with the columns {names}."
        return Refusal("bad-dataset", detail, faults)


class Recorder(Protocol):
    """Keeps what trainings make."""

    def record(self, name: str, trained: Trained, job: FakeJob) -> dict[str, Any]:
        """Keep a version of the model `name`; returns the version as its job names it."""
        ...


class Training:
    """Takes trainings as jobs.

    Args:
        datasets: Where the rows are.
        jobs: Where the jobs are.
        models: What keeps a version at the end of its job.
        max_rows: Most rows of one request.
    """

    def __init__(self, datasets: Datasets, jobs: Jobs, models: Recorder, max_rows: int) -> None:
        self._datasets = datasets
        self._jobs = jobs
        self._models = models
        self._max_rows = max_rows

    def submit(self, asked: Asked) -> Reply:
        """Take a training.

        Raises:
            Refusal: `validation`, `bad-dataset`, `not-found` or `payload-too-large`.
        """
        body = cast("TrainingRequest", asked.body)
        given = {name: value for name, value in options_of(asked).items() if name not in _NOT_OF_THE_FIT}
        _check(body)
        _check_algorithm(given)
        sources = body.data_sources or [self._stored(asked, str(body.name))]
        tables = self._datasets.tables(cast("Any", sources))
        columns = joined(tables)
        trained, failure = None, None
        try:
            trained = _fitted(columns, given, body.label_column, tables)
        except Refusal as refusal:
            failure = refusal
        return self._jobs.submit(
            "training",
            asked,
            [table.name for table in tables],
            n_rows(columns),
            failure=failure,
            recorded=None if trained is None else partial(self._models.record, str(body.name), trained),
        )

    def _stored(self, asked: Asked, name: str) -> str:
        """The id of the dataset that rows of the request itself become."""
        fields = json.loads(asked.content)
        rows = {key: fields[key] for key in ("data", "column_names") if key in fields}
        content = json.dumps(rows).encode()
        check_size(read_columns(content, _JSON), self._max_rows)
        return self._datasets.add(content, _JSON, f"rows of {name}")["dataset_id"]


def _check(body: TrainingRequest) -> None:
    faults: list[tuple[str, str]] = []
    if (body.data is None) == (body.data_sources is None):
        faults.append(("", "names its rows either in data or in data_sources, and not in both or neither"))
    if body.column_names is not None and body.data is None:
        faults.append(("/column_names", "is for rows in data alone; data sources have names of their own"))
    if MODEL_ID.fullmatch(str(body.name)):
        faults.append(("/name", "looks like the id of a model; take a name"))
    if body.label_column is not None and body.label_column in (body.features or ()):
        detail = f"names {body.label_column!r}, the column of labels; a label is no feature"
        faults.append(("/features", detail))
    if faults:
        listed = "; ".join(f"{pointer or 'the body'} {detail}" for pointer, detail in faults)
        raise Refusal("validation", f"The request does not fit the contract: {listed}.", faults)


def _check_algorithm(given: Mapping[str, Any]) -> None:
    known = algorithm_of(given)
    if known.ordered:
        detail = (
            f"{known.name} looks at time series as a whole and scores no row by itself, so there is no model "
            "of it to keep. Train another algorithm, or detect in the series with detectAnomalies."
        )
        raise Refusal("validation", detail, [("/algorithm", detail)])


def _fitted(
    columns: Columns, given: Mapping[str, Any], label_column: str | None, tables: Sequence[Table]
) -> Trained:
    labels = None
    if label_column is not None:
        labels = _labels(columns, label_column)
        columns = {name: values for name, values in columns.items() if name != label_column}
    check_table(columns, given)
    options = plain_options(given)
    try:
        rules = fitted_rules(columns, options)
        result = by_fitted_rules(rules, columns, options, [])
    except DataError as error:
        raise Refusal("bad-dataset", str(error)) from None
    metrics = None if labels is None else _metrics(labels, result)
    artefact = repr(rules).encode()
    rows = n_rows(columns)
    sources = b"".join(bytes.fromhex(table.sha256) for table in tables)
    members = given.get("ensemble_methods")
    described = {
        "algorithm": algorithm_of(given).name,
        "parameters": {**(options.parameters or {}), **({"methods": list(members)} if members else {})},
        "contamination": result.contamination,
        "threshold": result.threshold,
        "random_state": given.get("random_state", 0),
        "feature_names": result.feature_names,
        "columns": [column.model_dump(mode="json") for column in result.columns],
        "label_column": label_column,
        "data": {
            "sha256": hashlib.sha256(sources).hexdigest(),
            "n_rows": rows,
            "n_fitted_rows": rows,
            "sources": [table.name for table in tables],
        },
        "profile": column_profiles(columns),
        "metrics": metrics,
        "validation": None,
        "warnings": _of_labels(metrics),
        "libraries": {"python": platform.python_version(), "pynomaly-sdk": __version__},
        "artefact": {"sha256": hashlib.sha256(artefact).hexdigest(), "size_bytes": len(artefact)},
        "imported": None,
    }
    return Trained(rules, options, label_column, tuple(columns), described)


def _labels(columns: Columns, label_column: str) -> list[bool | None]:
    if label_column not in columns:
        names = ", ".join(map(repr, columns))
        raise Refusal(
            "bad-dataset",
            f"There is no column {label_column!r} to take labels from; the columns are {names}.",
        )
    if len(columns) == 1:
        raise Refusal(
            "bad-dataset",
            f"The column {label_column!r} of labels is the only one: no column is left to learn from.",
        )
    labels: list[bool | None] = []
    for row, value in enumerate(columns[label_column]):
        cell = plain_cell(value)
        if cell is not None and str(cell).lower() not in _LABELS:
            raise Refusal(
                "bad-dataset",
                f"The label column {label_column!r} holds {str(cell)!r} in row {row:,}. Labels are true or 1 "
                "for an anomaly, false or 0 for a normal row, and empty where that is not known.",
            )
        labels.append(None if cell is None else _LABELS[str(cell).lower()])
    return labels


def _metrics(labels: Sequence[bool | None], result: DetectionResult) -> dict[str, Any]:
    known = [
        (label, score, prediction == 1)
        for label, score, prediction in zip(labels, result.scores, result.predictions, strict=True)
        if label is not None
    ]
    truth = [label for label, _, _ in known]
    scores = [score for _, score, _ in known]
    found = sum(predicted for _, _, predicted in known)
    both = sum(label and predicted for label, _, predicted in known)
    return {
        "n_labelled": len(known),
        "n_anomalies": sum(truth),
        "roc_auc": roc_auc(truth, scores),
        "average_precision": average_precision(truth, scores),
        "precision": both / found if found else None,
        "recall": both / sum(truth) if any(truth) else None,
    }


def _of_labels(metrics: Mapping[str, Any] | None) -> list[dict[str, Any]]:
    if metrics is None or 0 < metrics["n_anomalies"] < metrics["n_labelled"]:
        return []
    said = "No row has a label"
    if metrics["n_labelled"]:
        said = f"Every label says {'anomalous' if metrics['n_anomalies'] else 'normal'}"
    detail = f"{said}, so that some metrics are not defined."
    return [{"code": "one-sided-labels", "detail": detail, "column": None}]


def _unseen(rules: LocalRules, columns: Columns) -> list[Warning]:
    warnings: list[Warning] = []
    for name, rule in rules.rules.items():
        if not isinstance(rule, RarityRule) or rule.boolean:
            continue
        cells = [plain_cell(value) for value in columns.get(name, ())]
        count = sum(cell is not None and str(cell) not in rule.rarities for cell in cells)
        if count:
            values = "value" if count == 1 else "values"
            detail = (
                f"Column {name!r} has {count:,} {values} of categories that were not in the training data; "
                "they count as rarer than any other."
            )
            warnings.append(Warning(code="unseen-category", detail=detail, column=name))
    return warnings
