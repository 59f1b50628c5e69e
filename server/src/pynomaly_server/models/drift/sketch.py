"""What is remembered of scored rows: counts by cell, which add up in any order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    import polars as pl

    from pynomaly_server.detection.pipeline import FittedPipeline, Scored
    from pynomaly_server.models.drift.cells import Baseline, Counts


@dataclass(frozen=True, slots=True)
class Sketch:
    """Counts of the rows that one version has scored.

    `cells` has the counts of each feature's cells and of the scores', in the order of `Baseline.all`; it is
    empty while no row was counted. `n_errors` are predictions that failed through no fault of the rows, and
    `n_skipped` are rows that were scored but came too fast to be counted by cell.
    """

    n_rows: int = 0
    n_anomalies: int = 0
    n_errors: int = 0
    n_skipped: int = 0
    cells: tuple[Counts, ...] = ()

    def __add__(self, other: Sketch) -> Sketch:
        """The sketch of the rows of both; associative, commutative, and `Sketch()` changes nothing.

        Raises:
            ValueError: they are of different cells.
        """
        if not self.cells or not other.cells:
            cells = self.cells or other.cells
        else:
            cells = tuple(mine + others for mine, others in zip(self.cells, other.cells, strict=True))
        return Sketch(
            self.n_rows + other.n_rows,
            self.n_anomalies + other.n_anomalies,
            self.n_errors + other.n_errors,
            self.n_skipped + other.n_skipped,
            cells,
        )

    @classmethod
    def of(
        cls, baseline: Baseline | None, pipeline: FittedPipeline, frame: pl.DataFrame, scored: Scored
    ) -> Sketch:
        """The sketch of scored rows; of a version without a baseline the rows alone are counted."""
        counted = Sketch(n_rows=frame.height, n_anomalies=scored.n_anomalies)
        if baseline is None:
            return counted
        columns = pipeline.features(frame, [cells.name for cells in baseline.features])
        cells = [each.count(columns[each.name]) for each in baseline.features]
        return counted + Sketch(cells=(*cells, baseline.scores.count_numbers(scored.scores)))

    def kept(self) -> list[list[int]]:
        """The cells as they are kept in the database."""
        return [counts.tolist() for counts in self.cells]

    @classmethod
    def read(
        cls, n_rows: int, n_anomalies: int, n_errors: int, n_skipped: int, cells: Sequence[Any]
    ) -> Sketch:
        """A sketch from the database."""
        arrays = tuple(np.array(counts, np.int64) for counts in cells)
        return cls(n_rows, n_anomalies, n_errors, n_skipped, arrays)
