"""What is told of all rows that a job scores with a model, gathered chunk by chunk and part by part."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Self

import msgspec
import polars as pl

from pynomaly_server.contract.structs import Column
from pynomaly_server.contract.structs import Warning as ResultWarning
from pynomaly_server.detection.pipeline import FittedPipeline, Scored
from pynomaly_server.models.drift.cells import Baseline
from pynomaly_server.models.drift.sketch import Sketch
from pynomaly_server.models.rows import columns_in, warnings_of_unseen


class _Kept(msgspec.Struct):
    """A tally as the shards of a job hand it on."""

    columns: list[Column]
    unseen: dict[str, int]
    n_rows: int
    n_anomalies: int
    cells: list[list[int]]


class Tally:
    """Columns with their missing values, categories that training never saw, and counts for the drift.

    Attributes:
        counted: What the version has scored, by its own threshold.
    """

    def __init__(self) -> None:
        self._columns: dict[str, Column] = {}
        self._unseen: Counter[str] = Counter()
        self.counted = Sketch()

    def add(
        self, pipeline: FittedPipeline, baseline: Baseline | None, frame: pl.DataFrame, scored: Scored
    ) -> None:
        """Take further rows, as the version itself has scored them."""
        self._add(
            columns_in(frame, pipeline), pipeline.unseen(frame), Sketch.of(baseline, pipeline, frame, scored)
        )

    @property
    def columns(self) -> list[Column]:
        """How each column of the training was read, with the missing values of all rows."""
        return list(self._columns.values())

    @property
    def warnings(self) -> list[ResultWarning]:
        """What is to be told of categories that training never saw."""
        return warnings_of_unseen(self._unseen)

    def kept(self) -> bytes:
        """This, for `of_parts`."""
        counted = self.counted
        return msgspec.json.encode(
            _Kept(self.columns, self._unseen, counted.n_rows, counted.n_anomalies, counted.kept())
        )

    @classmethod
    def of_parts(cls, parts: Iterable[bytes]) -> Self:
        """That of all rows of these, each as `kept` has said it."""
        whole = cls()
        for part in parts:
            kept = msgspec.json.decode(part, type=_Kept)
            whole._add(
                kept.columns, kept.unseen, Sketch.read(kept.n_rows, kept.n_anomalies, 0, 0, kept.cells)
            )
        return whole

    def _add(self, columns: Sequence[Column], unseen: dict[str, int], counted: Sketch) -> None:
        for column in columns:
            before = self._columns.get(column.name)
            missing = column.missing + (before.missing if before else 0)
            self._columns[column.name] = msgspec.structs.replace(column, missing=missing)
        self._unseen.update(unseen)
        self.counted += counted
