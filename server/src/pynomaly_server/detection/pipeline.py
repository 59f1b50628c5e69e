"""From a table to calibrated, explained scores: typed columns, a fitted detector and its score map in one.

One fitted pipeline serves both ways to detect: a request that fits and answers for the same rows, and a job
that fits on some rows and then scores the whole table chunk by chunk.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from pynomaly_server.contract.structs import Column
from pynomaly_server.detectors import envelope, registry
from pynomaly_server.detectors.auto import AutoDetector, choose
from pynomaly_server.detectors.border import Border, border_at, lowest_raw
from pynomaly_server.detectors.calibration import (
    Calibration,
    Contamination,
    calibrate,
    checked_contamination,
)
from pynomaly_server.detectors.errors import TooFewRows
from pynomaly_server.detectors.explain import Background, background, contributions
from pynomaly_server.detectors.parameters import validated
from pynomaly_server.tabular.columns import ColumnEncoder, ColumnReport, TableWarning
from pynomaly_server.tabular.encodings import (
    BooleanEncoding,
    CategoricalEncoding,
    DatetimeEncoding,
    NumericEncoding,
)
from pynomaly_server.tabular.number_rows import NumberRows, Rows, frame_of, numbers_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl
    from numpy.typing import NDArray

    from pynomaly_server.detectors.base import FittedDetector, FloatArray
    from pynomaly_server.tabular.encodings import Value


@dataclass(frozen=True, slots=True)
class Scored:
    """Rows scored: raw scores float64 [n], scores in [0, 1] float64 [n], predictions 0 or 1 int8 [n]."""

    raw: FloatArray
    scores: FloatArray
    predictions: NDArray[np.int8]

    @property
    def n_anomalies(self) -> int:
        """How many rows are predicted anomalous."""
        return int(np.count_nonzero(self.predictions))


@dataclass(frozen=True, slots=True)
class Contribution:
    """The share of one feature in a row's abnormality, in [0, 1], with its value and the usual one."""

    feature: str
    value: Value
    expected: Value
    contribution: float


@dataclass(frozen=True)
class FittedPipeline:
    """A detector fitted on a table; build it with `fit_pipeline`, keep it with `dump_pipeline`.

    `algorithm` is the canonical name, `parameters` are all of its parameters, `notes` what the algorithm has
    to say of itself, and `training` the scored rows that it was fitted on, in their order.
    """

    algorithm: str
    parameters: dict[str, Any]
    notes: tuple[TableWarning, ...]
    _encoder: ColumnEncoder
    _detector: FittedDetector
    _calibration: Calibration | Border
    _usual: Background
    training: Scored = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        scored = _scored(self._detector.training_scores, self._calibration)
        object.__setattr__(self, "training", scored)

    @property
    def threshold(self) -> float:
        """The raw score from which on a row is anomalous."""
        return self._calibration.threshold

    @property
    def contamination(self) -> float:
        """The share of training rows that is anomalous, as near to what was asked as ties allow."""
        return self._calibration.contamination

    @property
    def feature_names(self) -> list[str]:
        """The columns the model uses."""
        return self._encoder.feature_names

    @cached_property
    def number_names(self) -> list[str] | None:
        """The columns the model uses where all of them are numbers, so that `score_numbers` will do."""
        return self.feature_names if self._encoder.reads_numbers_alone else None

    @cached_property
    def number_columns(self) -> list[Column]:
        """How the columns of `number_names` are read in rows that are numbers: nothing is missing in them."""
        return [
            Column(name=each.name, type=each.type, missing=0, used=each.used, note=each.note)
            for each in self.columns
            if each.name in self.feature_names
        ]

    @property
    def columns(self) -> list[ColumnReport]:
        """How every column of the training table was read."""
        return self._encoder.columns

    @property
    def warnings(self) -> list[TableWarning]:
        """What the owner of the training table should know."""
        return [*self._encoder.warnings, *self.notes]

    def at(self, score: float, raw: float | None = None) -> FittedPipeline:
        """The same with another threshold: rows are anomalous whose score by this one is at least `score`.

        `raw` is what `raw_at` says of that score, where somebody has asked before.
        """
        assert isinstance(self._calibration, Calibration), (
            "a pipeline with another threshold has no further one"
        )
        moved = copy.copy(self)
        object.__setattr__(moved, "_calibration", border_at(self._calibration, score, raw))
        return moved

    def raw_at(self, score: float) -> float:
        """The least raw score of rows whose score is at least `score`."""
        assert isinstance(self._calibration, Calibration)
        return lowest_raw(self._calibration, score)

    def scored(self, raw: FloatArray) -> Scored:
        """Rows scored, from their raw scores."""
        return _scored(raw, self._calibration)

    def score(self, frame: pl.DataFrame, first_row: int = 0) -> Scored:
        """Score rows; each row's result depends on the row alone.

        `first_row` is the position of the frame's first row in its table, for messages.

        Raises:
            BadTable: a feature's column is missing or holds values of another type.
        """
        return _scored(self._detector.score_raw(self._encoder.transform(frame, first_row)), self._calibration)

    def score_numbers(self, matrix: FloatArray) -> Scored:
        """As `score`, of finite numbers in the order of `number_names`: float64 [n, d], in C order."""
        return _scored(self._detector.score_raw(matrix), self._calibration)

    def confidence(self, raw: FloatArray) -> FloatArray:
        """The probability that each prediction stays under a refit, float64 [n], from raw scores."""
        return self._calibration.confidence(raw)

    def explain(self, frame: pl.DataFrame, rows: Sequence[int]) -> list[list[Contribution]]:
        """For each of the rows at these positions all features, largest contribution first; they sum to 1.

        A row costs at most 65 scorings (see `detectors.explain`).

        Raises:
            BadTable: a feature's column is missing or holds values of another type.
        """
        chosen = frame[list(rows)]
        if chosen.height == 0:
            return []
        shares = contributions(self._detector, self._encoder.transform(chosen), self._usual)
        values = [self._encoder.values(chosen, feature) for feature in self.feature_names]
        expected = [self._encoder.expected(feature) for feature in self.feature_names]
        order = np.argsort(-shares, axis=1, kind="stable")
        return [
            [
                Contribution(self.feature_names[at], values[at][row], expected[at], float(shares[row, at]))
                for at in order[row].tolist()
            ]
            for row in range(chosen.height)
        ]

    def identifiers(self, frame: pl.DataFrame) -> dict[str, list[Value]]:
        """The values of the identifier columns, which the model does not use, by column name."""
        return self._encoder.identifiers(frame)

    def misfits(self, frame: pl.DataFrame) -> dict[str, str]:
        """What is wrong with features that hold a value of another type than in training, by column name."""
        return self._encoder.misfits(frame)

    def unseen(self, frame: pl.DataFrame) -> dict[str, int]:
        """How many values of each feature are of categories that training never saw, where there are any."""
        return self._encoder.unseen(frame)

    def features(self, frame: pl.DataFrame, names: Sequence[str]) -> dict[str, pl.Series]:
        """These of its features in the form of their types; raises `BadTable` as `score` does."""
        return self._encoder.formed(frame, names)

    def described_features(self) -> list[dict[str, Any]]:
        """The feature schema as an envelope's header says it."""
        return [{"name": each.name, "type": each.type, "used": each.used} for each in self.columns]

    def described_score_map(self) -> dict[str, float]:
        """The score map as an envelope's header says it."""
        return {"threshold": self.threshold, "contamination": self.contamination}


def fit_pipeline(
    rows: Rows,
    *,
    algorithm: str = "isolation_forest",
    parameters: Mapping[str, Any] | None = None,
    contamination: Contamination = 0.1,
    seed: int = 0,
    features: Sequence[str] | None = None,
    column_types: Mapping[str, str] | None = None,
) -> FittedPipeline:
    """Type the columns of a frame of plain types, fit the algorithm, fix the score map.

    The same frame and options give the same pipeline, bit for bit, and rows of numbers that of their frame.

    Raises:
        UnknownAlgorithm: there is no such algorithm.
        InvalidParameter: a parameter or the contamination is not allowed.
        TooFewRows: the algorithm cannot learn from so few rows.
        BadOption: `features` or `column_types` does not fit the table.
        BadTable: the table leaves nothing to learn from.
    """
    spec = registry.get(algorithm)
    detector = spec.detector(parameters)
    share = checked_contamination(contamination)
    if rows.height < spec.min_rows:
        raise TooFewRows(spec.min_rows, rows.height, spec.name)
    encoder, matrix = _encoded(rows, features, column_types)
    notes: tuple[TableWarning, ...] = ()
    if isinstance(detector, AutoDetector):
        choice = choose(*matrix.shape, only_categories=_only_categories(encoder))
        detector, notes = choice.detector(), (TableWarning("auto-chosen", choice.sentence),)
    fitted = detector.fit(matrix, seed)
    calibration = calibrate(fitted.training_scores, share)
    if share != "auto" and calibration.contamination == 0:
        detail = (
            f"No row is predicted anomalous: of {rows.height:,} rows and their ties, none is nearer to a "
            f"share of {share:g} than any. Ask for a larger contamination, or read the scores."
        )
        notes = (*notes, TableWarning("no-anomalies", detail))
    return FittedPipeline(
        algorithm=spec.name,
        parameters=validated(spec.parameters, parameters or {}),
        notes=notes,
        _encoder=encoder,
        _detector=fitted,
        _calibration=calibration,
        _usual=background(matrix, encoder.groups, encoder.expected_codes),
    )


def _encoded(
    rows: Rows, features: Sequence[str] | None, column_types: Mapping[str, str] | None
) -> tuple[ColumnEncoder, FloatArray]:
    """What the columns are, and the rows in numbers."""
    if features is None and not column_types:
        numbers = rows if isinstance(rows, NumberRows) else numbers_of(rows)
        if numbers is not None:
            return ColumnEncoder.of_numbers(numbers.names, numbers.matrix), numbers.matrix
    frame = frame_of(rows)
    encoder = ColumnEncoder.fit(frame, features, column_types)
    return encoder, encoder.transform(frame)


def _only_categories(encoder: ColumnEncoder) -> bool:
    return all(each.type in ("categorical", "boolean") for each in encoder.columns if each.used)


def dump_pipeline(pipeline: FittedPipeline, key: bytes) -> bytes:
    """A pipeline in a signed envelope; `key` is a secret of at least 32 bytes.

    Raises:
        NotKeepable: an own algorithm holds something that no envelope holds.
        ValueError: the key is too short.
    """
    return envelope.dumps(pipeline, key)


def load_pipeline(data: bytes | memoryview, key: bytes, former: Sequence[bytes] = ()) -> FittedPipeline:
    """A pipeline that scores bit for bit as the one that was kept, under `key` or one of those before it.

    Raises:
        CorruptEnvelope: the bytes are no envelope of a pipeline, or were cut short.
        BadSignature: a byte was changed, or the key is another one.
        UnsupportedVersion: its form or its classes are not known to this release.
        UnknownAlgorithm: its algorithm is not installed here.
        ValueError: the key is too short.
    """
    try:
        loaded = envelope.loads(data, key)
    except envelope.BadSignature:
        if not former:
            raise
        return load_pipeline(data, former[0], former[1:])
    if not isinstance(loaded, FittedPipeline):
        raise envelope.CorruptEnvelope(
            f"The envelope holds a {type(loaded).__name__}, not a pipeline. Say one of `dump_pipeline`."
        )
    return loaded


envelope.allow(
    FittedPipeline,
    ColumnEncoder,
    ColumnReport,
    TableWarning,
    NumericEncoding,
    CategoricalEncoding,
    BooleanEncoding,
    DatetimeEncoding,
)


def _scored(raw: FloatArray, calibration: Calibration | Border) -> Scored:
    return Scored(raw, calibration.scores(raw), calibration.predictions(raw))
