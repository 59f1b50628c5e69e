"""Detection in time series: rows put in the order of time, scored there, answered in the caller's order."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from pynomaly_server.detection.pipeline import Contribution, Scored
from pynomaly_server.detection.timeline import timeline
from pynomaly_server.detectors import registry
from pynomaly_server.detectors.auto import AutoDetector, Choice, choose, choose_for_series
from pynomaly_server.detectors.calibration import (
    Calibration,
    Contamination,
    calibrate,
    checked_contamination,
)
from pynomaly_server.detectors.errors import InvalidParameter, TooFewRows
from pynomaly_server.detectors.ordered.interface import ORDERED, OrderedDetector
from pynomaly_server.detectors.ordered.windows import WindowedDetector, Windows
from pynomaly_server.tabular.columns import ColumnEncoder, ColumnReport, TableWarning
from pynomaly_server.tabular.errors import BadOption, quoted

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from pynomaly_server.detectors.base import AlgorithmSpec, Detector, FloatArray
    from pynomaly_server.detectors.ordered.interface import SeriesScores
    from pynomaly_server.tabular.encodings import Value

_DEFAULT_LENGTH: Final = Windows().length


@dataclass(frozen=True, slots=True)
class Expectation:
    """What the method expects of every row, in the caller's order; None where it has no opinion.

    With several features the figures of a row are those of the one that makes it stand out most, `feature`.
    """

    feature: list[str]
    expected: list[float | None]
    lower: list[float | None]
    upper: list[float | None]


@dataclass(frozen=True, slots=True)
class SeriesDetection:
    """Time series scored; build it with `fit_series`.

    Says of the table what a `FittedPipeline` says of its training rows, and `expectation` where the method
    has one. `training` is in the order of the table.
    """

    algorithm: str
    training: Scored
    columns: list[ColumnReport]
    warnings: list[TableWarning]
    expectation: Expectation | None
    _encoder: ColumnEncoder
    _calibration: Calibration
    _scores: SeriesScores
    _position: NDArray[np.int64]

    @property
    def threshold(self) -> float:
        """The raw score from which on a row is anomalous."""
        return self._calibration.threshold

    @property
    def contamination(self) -> float:
        """The share of rows that is anomalous, as near to what was asked as ties allow."""
        return self._calibration.contamination

    @property
    def feature_names(self) -> list[str]:
        """The columns the detector uses; neither the time nor the series is one."""
        return self._encoder.feature_names

    def confidence(self, raw: FloatArray) -> FloatArray:
        """The probability that each prediction stays under a refit, float64 [n], from raw scores."""
        return self._calibration.confidence(raw)

    def explain(self, frame: pl.DataFrame, rows: Sequence[int]) -> list[list[Contribution]]:
        """For each of the rows at these positions all features, largest contribution first; they sum to 1.

        `frame` is the table the series were fitted on. The value expected is that of the method at this
        point, where it has one, otherwise the usual value of the column.

        Raises:
            InvalidParameter: the method cannot tell which column a score comes from.
        """
        if self._scores.parts is None:
            raise InvalidParameter(
                f"{self.algorithm} cannot say which column makes a point stand out. Leave "
                "`include_explanations` out, or take another algorithm.",
                "/include_explanations",
            )
        if not rows:
            return []
        at = np.asarray(rows, dtype=np.int64)
        shares = _shares(_by_feature(self._scores.parts(self._position[at]), self._encoder.groups))
        names = self.feature_names
        chosen = frame[at.tolist()]
        values = [self._encoder.values(chosen, name) for name in names]
        expected = [self._expected(feature, at) for feature in range(len(names))]
        order = np.argsort(-shares, axis=1, kind="stable")
        return [
            [
                Contribution(names[each], values[each][row], expected[each][row], float(shares[row, each]))
                for each in order[row].tolist()
            ]
            for row in range(len(rows))
        ]

    def identifiers(self, frame: pl.DataFrame) -> dict[str, list[Value]]:
        """The values of the identifier columns by column name."""
        return self._encoder.identifiers(frame)

    def _expected(self, feature: int, rows: NDArray[np.int64]) -> list[Value]:
        name = self.feature_names[feature]
        usual = self._encoder.expected(name)
        if self._scores.bands is None or name not in numeric_features(self._encoder):
            return [usual] * rows.size
        column = self._scores.bands.expected[:, self._encoder.groups[feature][0]]
        return [value if value is not None else usual for value in _cells(column[self._position[rows]])]


def fit_series(
    frame: pl.DataFrame,
    *,
    timestamp_column: str | None = None,
    series_column: str | None = None,
    windows: Windows | None = None,
    algorithm: str = "isolation_forest",
    parameters: Mapping[str, Any] | None = None,
    contamination: Contamination = 0.1,
    seed: int = 0,
    features: Sequence[str] | None = None,
    column_types: Mapping[str, str] | None = None,
) -> SeriesDetection:
    """Order the rows of a frame of plain types, detect in the series, fix the score map over all of them.

    An algorithm on rows works on sliding windows: those given, or the default ones with a warning. The same
    frame and options give the same answer, bit for bit, whatever the order of rows with distinct times.

    Raises:
        UnknownAlgorithm: there is no such algorithm.
        InvalidParameter: a parameter, the contamination or the windows are not allowed.
        TooFewRows: a series is too short.
        BadOption: an option does not fit the table.
        BadTable: a time cannot be read, or the table leaves nothing to learn from.
    """
    spec = registry.get(algorithm)
    if windows is not None and ORDERED in spec.capabilities:
        raise InvalidParameter(
            f"{spec.name} looks at ordered rows by itself. Leave `windows` out, or take another algorithm.",
            "/windows",
        )
    detector = spec.detector(parameters)
    share = checked_contamination(contamination)
    if frame.height < spec.min_rows:
        raise TooFewRows(spec.min_rows, frame.height, spec.name)
    times = timeline(frame, timestamp_column, series_column)
    roles = {
        name: note
        for name, note in (
            (timestamp_column, "orders the rows in time"),
            (series_column, "tells the series apart"),
        )
        if name is not None
    }
    _refuse_roles_as_features(roles, features)
    encoder = ColumnEncoder.fit(
        frame.drop(roles), features, {k: v for k, v in (column_types or {}).items() if k not in roles}
    )
    matrix = encoder.transform(frame)
    lengths = [rows.size for rows in times.series]
    ordered, assumed = _ordered(spec, detector, windows, lengths, matrix.shape[1])
    _, scores = ordered.fit_series([matrix[rows] for rows in times.series], seed)

    order = times.order
    raw = np.empty_like(scores.raw)
    raw[order] = scores.raw
    position = np.empty_like(order)
    position[order] = np.arange(order.size)
    calibration = calibrate(scores.raw, share)
    return SeriesDetection(
        algorithm=spec.name,
        training=Scored(raw, calibration.scores(raw), calibration.predictions(raw)),
        columns=_reports(frame, encoder, roles, timestamp_column),
        warnings=[*encoder.warnings, *times.warnings, *assumed],
        expectation=_expectation(encoder, scores, position),
        _encoder=encoder,
        _calibration=calibration,
        _scores=scores,
        _position=position,
    )


def numeric_features(encoder: ColumnEncoder) -> list[str]:
    """The features whose codes are the caller's own numbers."""
    numeric = {column.name for column in encoder.columns if column.type == "numeric"}
    return [name for name in encoder.feature_names if name in numeric]


def _ordered(
    spec: AlgorithmSpec, detector: Detector, windows: Windows | None, lengths: Sequence[int], columns: int
) -> tuple[OrderedDetector, list[TableWarning]]:
    """A detector of ordered rows for series of these lengths, and what to say of how it came about."""
    notes = []
    if windows is None and isinstance(detector, AutoDetector):
        choice = choose_for_series(min(lengths))
        if choice is not None:
            detector = choice.detector()
            notes.append(_auto_chosen(choice))
    if isinstance(detector, OrderedDetector):
        return detector, notes
    if windows is None:
        windows = Windows(max(2, min(_DEFAULT_LENGTH, min(lengths) // 4)))
        detail = (
            f"{spec.name} scores rows one by one; it was put on sliding windows of {windows.length} rows. "
            "Say `windows` to choose their length."
        )
        notes.append(TableWarning("default-windows", detail))
    if isinstance(detector, AutoDetector) and min(lengths) >= windows.length:
        n_windows = sum(windows.starts(n).size for n in lengths)
        choice = choose(n_windows, columns * windows.width)
        detector = choice.detector()
        notes.append(_auto_chosen(choice, " Its rows are the windows, its columns what a window holds."))
    return WindowedDetector(spec, detector, windows), notes


def _auto_chosen(choice: Choice, addition: str = "") -> TableWarning:
    return TableWarning("auto-chosen", choice.sentence + addition)


def _refuse_roles_as_features(roles: Mapping[str, str], features: Sequence[str] | None) -> None:
    for position, name in enumerate(features or ()):
        if name in roles:
            raise BadOption(
                f"Column {quoted(name)} {roles[name]} and cannot be a feature. Take it out of `features`.",
                f"/features/{position}",
            )


def _reports(
    frame: pl.DataFrame, encoder: ColumnEncoder, roles: Mapping[str, str], timestamp_column: str | None
) -> list[ColumnReport]:
    known = {report.name: report for report in encoder.columns}
    for name, note in roles.items():
        kind = "datetime" if name == timestamp_column else "categorical"
        known[name] = ColumnReport(name, kind, 0, used=False, note=note)  # type: ignore[arg-type]
    return [known[name] for name in frame.columns]


def _expectation(
    encoder: ColumnEncoder, scores: SeriesScores, position: NDArray[np.int64]
) -> Expectation | None:
    if scores.bands is None:
        return None
    groups = {name: group[0] for name, group in zip(encoder.feature_names, encoder.groups, strict=True)}
    names = numeric_features(encoder)
    if not names:
        return None
    columns = [groups[name] for name in names]
    rows = np.arange(position.size)
    parts = scores.parts(rows)[:, columns] if scores.parts is not None else np.zeros((rows.size, 1))
    loudest = parts.argmax(axis=1)[position]
    told = np.asarray(columns)[loudest]
    return Expectation(
        [names[each] for each in loudest.tolist()],
        _cells(scores.bands.expected[position, told]),
        _cells(scores.bands.lower[position, told]),
        _cells(scores.bands.upper[position, told]),
    )


def _by_feature(parts: FloatArray, groups: Sequence[Sequence[int]]) -> FloatArray:
    return np.column_stack([parts[:, list(group)].sum(axis=1) for group in groups])


def _shares(parts: FloatArray) -> FloatArray:
    largest = parts.max(axis=1, keepdims=True)
    relative = np.where(largest > 0, parts / np.where(largest > 0, largest, 1.0), 1.0)
    shares: FloatArray = relative / relative.sum(axis=1, keepdims=True)
    return shares


def _cells(values: FloatArray) -> list[float | None]:
    return [None if math.isnan(value) else value for value in values.tolist()]
