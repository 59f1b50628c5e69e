"""The result of a detection: the contract's model with the caller's own rows beside it."""

from __future__ import annotations

import importlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import PrivateAttr

from pynomaly._generated import models
from pynomaly.errors import DataError
from pynomaly.frames.local import LocalRows, UnknownRows
from pynomaly.rows import RowResult, RowTable
from pynomaly.saving import save_rows

# A generated model is completed at its first use; a subclass in another module needs it complete.
models.DetectionResult.model_rebuild()


class DetectionResult(models.DetectionResult):
    """Scores and predictions, one of each per row, in the order of the rows.

    Everything the server answered is an attribute and a key: `result.scores[0]`, `result["scores"][0]`.
    `len(result)` is the number of rows, `str(result)` a summary with the most anomalous rows.
    """

    _local: LocalRows = PrivateAttr(default_factory=UnknownRows)

    def beside(self, local: LocalRows) -> Self:
        """Set the caller's rows, `local`, beside the result; returns the result."""
        self._local = local
        return self

    def __getitem__(self, key: str) -> Any:
        if key in type(self).model_fields or key in (self.model_extra or {}):
            return getattr(self, key)
        raise KeyError(f"a result has no {key!r}; it has {', '.join(type(self).model_fields)}")

    def __len__(self) -> int:
        return len(self.scores)

    def row(self, position: int) -> RowResult:
        """Return the result of the row at `position`, from 0."""
        names = [column.name for column in self.columns]
        return RowResult(
            row=position,
            index=self._local.label(position),
            score=self.scores[position],
            prediction=self.predictions[position],
            confidence=self.confidence[position] if self.confidence else None,
            explanation=self._explained().get(position),
            series=self._point(position),
            identifiers={name: values[position] for name, values in self.identifiers.items()},
            values=self._local.values(position, names),
        )

    def rows(self) -> RowTable:
        """Return every row in the order of the data."""
        return RowTable([self.row(position) for position in range(len(self))], self._summary())

    def anomalies(self, limit: int | None = None) -> RowTable:
        """Return the rows predicted anomalous, the most anomalous first.

        Args:
            limit: Most rows to return; all of them where None.
        """
        places = [place for place, prediction in enumerate(self.predictions) if prediction == 1]
        places.sort(key=lambda place: (-self.scores[place], place))
        return RowTable([self.row(place) for place in places[:limit]], self._summary())

    def top(self, n: int = 10) -> RowTable:
        """Return the `n` rows with the highest scores, predicted anomalous or not, the highest first."""
        places = sorted(range(len(self)), key=lambda place: (-self.scores[place], place))
        return RowTable([self.row(place) for place in places[: max(n, 0)]], self._summary())

    def explain(self, position: int) -> list[models.Contribution]:
        """Return what made the row at `position`, from 0, stand out: its features by contribution.

        Raises:
            IndexError: There is no such row.
            DataError: The row was not explained.
        """
        if not -len(self) <= position < len(self):
            raise IndexError(f"there is no row {position}; the result has {len(self)} rows")
        explained = self._explained().get(position % len(self))
        if explained is None:
            raise DataError(
                f"Row {position} was not explained; ask with include_explanations=True (anomalous rows) or "
                "with detect_anomalies_batch (every row)."
            )
        return explained

    def save(self, path: str | os.PathLike[str]) -> Path:
        """Write every row with its identifiers, values, score, prediction, confidence and reasons to a file.

        Args:
            path: Its suffix says the format: `.xlsx` (needs xlsxwriter), `.csv`, `.json`, `.ndjson`, `.html`
                or `.parquet` (needs polars or pandas with pyarrow). Texts that a spreadsheet would run as
                formulas are quoted in `.csv`, and are texts in `.xlsx`.

        Returns:
            The file.

        Raises:
            DataError: The suffix is none of these, or a library is missing.
            OSError: The file cannot be written.
        """
        return save_rows(self.rows(), Path(path))

    def plot(self, ax: Any = None) -> Any:
        """Draw the scores in the order of the rows, the anomalies marked, with matplotlib.

        Args:
            ax: The axes to draw on; new ones where None.

        Returns:
            The axes.

        Raises:
            DataError: matplotlib is not installed.
        """
        if ax is None:
            _, ax = _library("matplotlib.pyplot").subplots(figsize=(9, 3))
        found = [place for place, prediction in enumerate(self.predictions) if prediction]
        ax.plot(range(len(self)), self.scores, ".", markersize=3, color="0.6", label="rows")
        ax.plot(found, [self.scores[place] for place in found], "o", color="tab:red", label="anomalies")
        ax.axhline(0.5, linewidth=1, color="tab:red", linestyle=":")
        ax.set(xlabel="row", ylabel="score", ylim=(-0.02, 1.02), title=self._summary())
        ax.legend(loc="upper left")
        return ax

    def to_pandas(self) -> Any:
        """Return the caller's columns, where known, followed by `score`, `prediction` and `confidence`, as a
        pandas frame.

        Its index is that of the caller's pandas frame. Where a column of that name is there already, the
        result's column is named `pynomaly_score` and so on.
        """
        pandas = _library("pandas")
        own = self._local.frame()
        if own is not None and hasattr(own, "iloc"):
            return own.assign(**self._result_columns(own.columns))
        known = self._known_columns()
        return pandas.DataFrame({**known, **self._result_columns(known)})

    def to_polars(self) -> Any:
        """Return the same as `to_pandas` as a polars frame."""
        polars = _library("polars")
        own = self._local.frame()
        if own is not None and hasattr(own, "with_columns"):
            added = self._result_columns(own.columns)
            return own.with_columns(**{name: polars.Series(values) for name, values in added.items()})
        known = self._known_columns()
        return polars.DataFrame({**known, **self._result_columns(known)}, strict=False)

    def __str__(self) -> str:
        return str(self.anomalies())

    def __repr__(self) -> str:
        return f"<DetectionResult: {self._summary()}>"

    def _repr_html_(self) -> str:
        return self.anomalies().to_html()

    def _summary(self) -> str:
        source = "" if self.source == "server" else f", from {self.source}"
        return f"{self.n_anomalies} of {self.n_rows} rows are anomalous ({self.algorithm}{source})"

    def _point(self, position: int) -> models.SeriesPoint | None:
        found = self.series
        if found is None:
            return None
        return models.SeriesPoint(
            feature=found.feature[position],
            expected=found.expected[position],
            lower=found.lower[position],
            upper=found.upper[position],
        )

    def _explained(self) -> Mapping[int, list[models.Contribution]]:
        return {each.row: list(each.contributions) for each in self.explanations or []}

    def _known_columns(self) -> dict[str, list[Any]]:
        names = [column.name for column in self.columns]
        rows = [self._local.values(place, names) for place in range(len(self))]
        if not rows or any(row is None for row in rows):
            return dict(self.identifiers)
        filled = [row or {} for row in rows]
        columns = dict.fromkeys(name for row in filled for name in row)
        return {name: [row.get(name) for row in filled] for name in columns}

    def _result_columns(self, taken: Any) -> dict[str, Any]:
        names = {str(name) for name in taken}
        columns = {"score": self.scores, "prediction": self.predictions, "confidence": self.confidence}
        return {
            f"pynomaly_{name}" if name in names else name: list(values)
            for name, values in columns.items()
            if values is not None
        }


def _library(name: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError:
        package = name.partition(".")[0]
        raise DataError(f"This needs {package}; install it with: pip install {package}") from None
