"""Rows against the schema that a model was trained with: what is wrong with them, what is new in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from pynomaly_server.contract.structs import Column
from pynomaly_server.contract.structs import Warning as ResultWarning
from pynomaly_server.detection.pipeline import FittedPipeline, Scored
from pynomaly_server.problems import Fault, ProblemError
from pynomaly_server.tabular.errors import BadTable, quoted
from pynomaly_server.tabular.number_rows import NumberRows, Rows, frame_of

_SHOWN = 10


def scored_rows(rows: Rows, pipeline: FittedPipeline, label_column: str | None) -> Scored:
    """The rows scored; a column of labels, as in training, may be there and is left alone.

    Rows that are numbers have the pipeline's own columns (`FittedPipeline.number_names`).

    Raises:
        ProblemError: `bad-dataset`, naming every column that is missing, unknown or of another type.
    """
    if isinstance(rows, NumberRows) and list(rows.names) == pipeline.number_names:
        return pipeline.score_numbers(rows.matrix)
    frame = frame_of(rows)
    faults = _faults_of_names(frame, pipeline, label_column)
    if not faults:
        try:
            return pipeline.score(frame)
        except BadTable:
            faults = [_fault(name, detail) for name, detail in pipeline.misfits(frame).items()]
            if not faults:
                raise
    shown = " ".join(fault.detail for fault in faults[:_SHOWN])
    more = f" And {len(faults) - _SHOWN:,} more columns." if len(faults) > _SHOWN else ""
    names = ", ".join(quoted(column.name) for column in pipeline.columns[:_SHOWN])
    raise ProblemError(
        "bad-dataset",
        f"The rows do not fit the model. {shown}{more} It was trained with the columns {names}"
        f"{', …' if len(pipeline.columns) > _SHOWN else ''}.",
        faults[:100],
    )


def columns_in(rows: Rows, pipeline: FittedPipeline) -> list[Column]:
    """How each column of the training is read in these rows, those that are left out included."""
    if isinstance(rows, NumberRows):
        return pipeline.number_columns
    missing = dict(zip(rows.columns, rows.null_count().row(0), strict=True))
    return [
        Column(
            name=column.name,
            type=column.type,
            missing=missing[column.name],
            used=column.used,
            note=column.note,
        )
        for column in pipeline.columns
        if column.name in missing
    ]


def unseen_categories(rows: Rows, pipeline: FittedPipeline) -> list[ResultWarning]:
    """A warning for each categorical column with values that training never saw."""
    return [] if isinstance(rows, NumberRows) else warnings_of_unseen(pipeline.unseen(rows))


def warnings_of_unseen(counts: Mapping[str, int]) -> list[ResultWarning]:
    """The same from the number of such values in each column."""
    return [
        ResultWarning(
            code="unseen-category",
            detail=f"Column {quoted(name)} has {count:,} {'value' if count == 1 else 'values'} of categories "
            "that were not in the training data; they count as rarer than any other.",
            column=name,
        )
        for name, count in counts.items()
    ]


def _faults_of_names(
    frame: pl.DataFrame, pipeline: FittedPipeline, label_column: str | None
) -> Sequence[Fault]:
    known = {column.name for column in pipeline.columns}
    given = frame.columns
    missing = [name for name in pipeline.feature_names if name not in given]
    extra = [name for name in given if name not in known and name != label_column]
    return [
        *(
            _fault(name, f"Column {quoted(name)} is missing; null stands for unknown values.")
            for name in missing
        ),
        *(_fault(name, f"Column {quoted(name)} is not one of the model's; leave it out.") for name in extra),
    ]


def _fault(column: str, detail: str) -> Fault:
    return Fault("/" + column[:256].replace("~", "~0").replace("/", "~1"), detail)
