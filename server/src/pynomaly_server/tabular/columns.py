"""From a frame to a matrix: every column typed once, its encoding learnt at fit time, the report of both."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import polars as pl

from pynomaly_server.tabular.column_types import (
    ColumnType,
    as_type,
    checked_features,
    checked_types,
    guessed_type,
)
from pynomaly_server.tabular.encodings import (
    BooleanEncoding,
    CategoricalEncoding,
    DatetimeEncoding,
    Encoding,
    NumericEncoding,
    Value,
    as_cell,
)
from pynomaly_server.tabular.errors import BadOption, BadTable, at_row, quoted
from pynomaly_server.tabular.written_numbers import numbers_read_as_text

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

_ENCODINGS: Final[dict[ColumnType, type[Encoding]]] = {
    "numeric": NumericEncoding,
    "categorical": CategoricalEncoding,
    "boolean": BooleanEncoding,
    "datetime": DatetimeEncoding,
}
_UNUSED: Final[dict[ColumnType, str]] = {"identifier": "an identifier", "text": "text"}
_EXPECTED_FORM: Final[dict[ColumnType, str]] = {
    "numeric": "a number",
    "categorical": "text",
    "boolean": "true or false",
    "datetime": "a date or time such as 2024-05-01T12:00:00Z",
}


@dataclass(frozen=True, slots=True)
class ColumnReport:
    """How one column was read: its type, its missing values, whether the model uses it and why not."""

    name: str
    type: ColumnType
    missing: int
    used: bool
    note: str | None = None


@dataclass(frozen=True, slots=True)
class TableWarning:
    """What the owner of a table should know: a stable code, a sentence, the column it is about."""

    code: str
    detail: str
    column: str | None = None


@dataclass(frozen=True, slots=True)
class ColumnEncoder:
    """Types and encodings learnt from one frame; build it with `ColumnEncoder.fit`.

    `columns` reports every column of that frame in order, `feature_names` are the columns the model uses,
    in order, `groups` the positions of the encoded columns of each feature, `warnings` what the owner
    should know.
    """

    columns: list[ColumnReport]
    feature_names: list[str]
    groups: list[list[int]]
    warnings: list[TableWarning]
    _types: dict[str, ColumnType]
    _encodings: dict[str, Encoding]

    @classmethod
    def fit(
        cls,
        frame: pl.DataFrame,
        features: Sequence[str] | None = None,
        column_types: Mapping[str, str] | None = None,
    ) -> ColumnEncoder:
        """Type every column of a frame of plain types and learn the encoding of those the model uses.

        `features` names the columns the model may use; a column named there is not taken for an identifier
        or text by its looks. `column_types` says types that are not to be guessed.

        Raises:
            BadOption: `features` or `column_types` names what is not there, or a type the values do not have.
            BadTable: nothing is left that a model could use, or a date lies outside the calendar.
        """
        said = checked_types(column_types, frame)
        wanted = checked_features(features, frame)
        explicit = set(features or ())
        reports: list[ColumnReport] = []
        warnings: list[TableWarning] = []
        types: dict[str, ColumnType] = {}
        encodings: dict[str, Encoding] = {}
        for column in frame.iter_columns():
            name = column.name
            types[name] = said.get(name) or _typed(column, explicit)
            if types[name] in _UNUSED and name in explicit:
                raise BadOption(
                    f"Column {quoted(name)} is said to be {_UNUSED[types[name]]}, which no model uses, and "
                    "is named in `features`. Take it out of one of them.",
                    "/features",
                )
            encoding = _learnt(column, types[name], frame) if name in wanted else None
            report, found = _reported(column, types[name], encoding, left_out=name not in wanted)
            reports.append(report)
            warnings += found
            if name in wanted and name not in said and (detail := numbers_read_as_text(column, types[name])):
                warnings.append(TableWarning("numbers-as-text", detail, name))
            if report.used and encoding is not None:
                encodings[name] = encoding
        if not encodings:
            raise BadTable(_nothing_left(reports))
        groups: list[list[int]] = []
        for encoding in encodings.values():
            start = groups[-1][-1] + 1 if groups else 0
            groups.append(list(range(start, start + encoding.width)))
        return cls(reports, list(encodings), groups, warnings, types, encodings)

    @classmethod
    def of_numbers(cls, names: Sequence[str], matrix: NDArray[np.float64]) -> ColumnEncoder:
        """As `fit` where every column is numbers and none is missing: float64 [n, d], finite.

        No name may be an identifier's, unless its column is known to hold fractional numbers.
        """
        encodings: dict[str, Encoding] = dict(zip(names, NumericEncoding.of_columns(matrix), strict=True))
        return cls(
            columns=[ColumnReport(name, "numeric", 0, used=True) for name in names],
            feature_names=list(names),
            groups=[[position] for position in range(len(names))],
            warnings=[],
            _types=dict.fromkeys(names, "numeric"),
            _encodings=encodings,
        )

    @property
    def expected_codes(self) -> NDArray[np.float64]:
        """What is usual in every encoded column, float64 [d]."""
        return np.array([code for encoding in self._encodings.values() for code in encoding.expected_codes])

    @property
    def reads_numbers_alone(self) -> bool:
        """Whether every feature is a number, and so a row of them its own encoding."""
        return all(type(encoding) is NumericEncoding for encoding in self._encodings.values())

    @property
    def identifier_names(self) -> list[str]:
        """The columns that tell rows apart and that the model does not use."""
        return [name for name, kind in self._types.items() if kind == "identifier"]

    def transform(self, frame: pl.DataFrame, first_row: int = 0) -> NDArray[np.float64]:
        """The rows in finite numbers, float64 [n, d], each from itself alone; extra columns are ignored.

        `first_row` is the position of the frame's first row in its table, for messages.

        Raises:
            BadTable: a column is missing, or a value is not of the column's type.
        """
        plain = self._as_they_are(frame)
        if plain is not None:
            return plain
        given = frame.columns
        absent = [name for name in self.feature_names if name not in given]
        if absent:
            raise BadTable(
                f"The table lacks {'column' if len(absent) == 1 else 'columns'} "
                f"{', '.join(quoted(name) for name in absent[:10])}{', …' if len(absent) > 10 else ''}, "
                "which the model was trained with. Add what is missing; null stands for an unknown value."
            )
        return np.hstack(
            [
                encoding.codes(self._formed(frame[name], first_row))
                for name, encoding in self._encodings.items()
            ]
        )

    def _as_they_are(self, frame: pl.DataFrame) -> NDArray[np.float64] | None:
        """The frame as a matrix where that is all there is to do: numbers alone, none of them missing."""
        if frame.columns != self.feature_names or any(dtype != pl.Float64 for dtype in frame.dtypes):
            return None
        if not self.reads_numbers_alone:
            return None
        matrix = frame.to_numpy(order="c")
        # A missing value has become NaN.
        return matrix if np.isfinite(matrix).all() else None

    def misfits(self, frame: pl.DataFrame, first_row: int = 0) -> dict[str, str]:
        """What is wrong with columns that hold a value of another type than in training, by name."""
        found = {}
        for name in self.feature_names:
            try:
                self._formed(frame[name], first_row)
            except BadTable as error:
                found[name] = str(error)
        return found

    def unseen(self, frame: pl.DataFrame) -> dict[str, int]:
        """How many values of each categorical feature are of a category that training never saw, if any."""
        counts = {
            name: encoding.unseen(self._formed(frame[name], 0))
            for name, encoding in self._encodings.items()
            if isinstance(encoding, CategoricalEncoding)
        }
        return {name: count for name, count in counts.items() if count}

    def formed(self, frame: pl.DataFrame, names: Sequence[str]) -> dict[str, pl.Series]:
        """These columns in the form of their types; raises `BadTable` where a value has another."""
        return {name: self._formed(frame[name], 0) for name in names}

    def describe(self, frame: pl.DataFrame, row: int, feature: str) -> Value:
        """The value of a feature in one row, in the caller's terms; times as ISO 8601 text."""
        return self.values(frame.slice(row, 1), feature, row)[0]

    def values(self, frame: pl.DataFrame, feature: str, first_row: int = 0) -> list[Value]:
        """The values of a feature in every row, as `describe` gives them."""
        encoding = self._encodings[feature]
        return [encoding.value(cell) for cell in self._formed(frame[feature], first_row).to_list()]

    def expected(self, feature: str) -> Value:
        """The usual value of a feature in the caller's terms: the median, or the most frequent."""
        return self._encodings[feature].expected

    def identifiers(self, frame: pl.DataFrame) -> dict[str, list[Value]]:
        """The identifier columns of a frame by name; times as ISO 8601 text."""
        return {
            name: [as_cell(value) for value in frame[name].to_list()]
            for name in self.identifier_names
            if name in frame.columns
        }

    def _formed(self, column: pl.Series, first_row: int) -> pl.Series:
        kind = self._types[column.name]
        formed = as_type(column, kind, first_row)
        if formed is None:
            position = next(
                index
                for index in range(column.len())
                if as_type(column.slice(index, 1), kind, first_row) is None
            )
            raise BadTable(
                f"Column {quoted(column.name)} holds {quoted(str(column[position]))} in "
                f"{at_row(first_row + position)}, where the model was trained on {_EXPECTED_FORM[kind]}. "
                "Correct it, or leave it empty."
            )
        return formed


def _typed(column: pl.Series, explicit: set[str]) -> ColumnType:
    kind = guessed_type(column)
    if kind in _UNUSED and column.name in explicit:
        return "categorical" if column.dtype == pl.String else "numeric"
    return kind


def _learnt(column: pl.Series, kind: ColumnType, frame: pl.DataFrame) -> Encoding | None:
    if kind in _UNUSED or column.null_count() == frame.height:
        return None
    formed = as_type(column, kind)
    if formed is None:
        raise BadOption(
            f"Column {quoted(column.name)} cannot be read as {kind}: not every value is "
            f"{_EXPECTED_FORM[kind]}{_example(column, kind)}. Correct the values, or say another type.",
            "/column_types/" + column.name.replace("~", "~0").replace("/", "~1"),
        )
    return _ENCODINGS[kind].learnt(formed)


def _example(column: pl.Series, kind: ColumnType) -> str:
    """The first value that keeps a text column from being read as `kind`, with its place."""
    if column.dtype != pl.String:
        return ""
    for index, value in enumerate(column):
        if value is not None and as_type(pl.Series(column.name, [value]), kind) is None:
            return f", the first that is not is {quoted(value)} in {at_row(index)}"
    return ""


def _reported(
    column: pl.Series, kind: ColumnType, encoding: Encoding | None, *, left_out: bool
) -> tuple[ColumnReport, list[TableWarning]]:
    name, missing = column.name, column.null_count()
    if kind == "identifier":
        return ColumnReport(
            name, kind, missing, used=False, note="tells rows apart; kept out of the model"
        ), []
    if left_out:
        return ColumnReport(name, kind, missing, used=False, note="not among the features asked for"), []
    if kind == "text" and missing < column.len():
        detail = (
            f"Column {quoted(name)} is free text, which no model here reads, and is left out. Say another "
            "type in `column_types`, such as categorical for how rare each text is, or send features of it."
        )
        return ColumnReport(name, kind, missing, used=False, note="free text; kept out of the model"), [
            TableWarning("text-column", detail, name)
        ]
    if encoding is None:
        note = "has no values"
        detail = f"Column {quoted(name)} has no values and is left out."
        return ColumnReport(name, kind, missing, used=False, note=note), [
            TableWarning("empty-column", detail, name)
        ]
    filled = encoding.stand_in
    if not missing:
        return ColumnReport(name, kind, missing, used=True), []
    if filled is None:
        return ColumnReport(
            name, kind, missing, used=True, note="missing values are a category of their own"
        ), []
    values = "value" if missing == 1 else "values"
    detail = f"Column {quoted(name)} has {missing:,} missing {values}, taken as {filled}."
    return (
        ColumnReport(name, kind, missing, used=True, note=f"missing values are taken as {filled}"),
        [TableWarning("missing-values", detail, name)],
    )


def _nothing_left(reports: list[ColumnReport]) -> str:
    for report in reports:
        if report.type in _UNUSED:
            return (
                f"No column is left for a model to learn from: {quoted(report.name)} looks like "
                f"{_UNUSED[report.type]}. Add columns, or say its type in `column_types`."
            )
    return (
        "No column is left for a model to learn from: none has a value. Send at least one column with values."
    )
