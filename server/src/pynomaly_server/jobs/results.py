"""A job's result as it is stored: the rows in a Parquet object, and a JSON object with what holds for all.

The two objects of a small result are kept in the database, in the transaction that ends the job.

Columns: `row`, `score`, `prediction`, `confidence` where it was asked for, one per identifier column,
`feature`, `expected`, `lower` and `upper` where the method expects something of time series, and
`explanation` (JSON text) where it was asked for. An identifier column whose name is one of these is stored
as `identifier.<name>`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np
import polars as pl
from numpy.typing import NDArray

from pynomaly_server.contract.structs import Contribution, ResultSummary, SeriesExpectation
from pynomaly_server.jobs.result_objects import MOST_HELD_BYTES, HeldResult, rows_key, summary_key
from pynomaly_server.storage.objects import ObjectStore

SERIES: Final = ("feature", "expected", "lower", "upper")
RESERVED: Final = ("row", "score", "prediction", "confidence", *SERIES, "explanation")
ROWS_PER_GROUP: Final = 20_000
MOST_IN_MEMORY: Final = 8 * 1024 * 1024
"""Bytes of scored rows that are kept in memory, so that what a shard has scored is written once."""
Explanation = Sequence[Contribution]


class StoredSummary(msgspec.Struct, kw_only=True):
    """The JSON object: the contract's summary, and what is needed to read the rows."""

    summary: ResultSummary
    identifiers: dict[str, str]
    """Stored column of each identifier column, by the identifier's own name."""
    series: bool = False
    """Whether there are the columns of what the method expects of time series."""


class ResultWriter:
    """Gathers scored rows, chunk by chunk, and stores them as one result.

    Memory holds the last chunk, and those before it as long as all are no more than `MOST_IN_MEMORY`; the
    others lie in a folder, which is asked for where it is needed.
    """

    def __init__(
        self, folder: Callable[[], Path], identifiers: Mapping[str, pl.DataType], first_row: int = 0
    ) -> None:
        self._first_row = first_row
        self._folder = folder
        self._recent: list[pl.DataFrame] = []
        self._recent_bytes = 0
        self._types = {name: _stored_type(kind) for name, kind in identifiers.items()}
        self._columns = stored_names(list(identifiers))
        self._parts: list[Path] = []
        self._series = False
        self.n_rows = 0
        self.n_anomalies = 0

    def add(
        self,
        scores: NDArray[np.float64],
        predictions: NDArray[Any],
        *,
        identifiers: Mapping[str, Sequence[Any]],
        confidence: NDArray[np.float64] | None = None,
        series: SeriesExpectation | None = None,
        explanations: Mapping[int, Explanation] | None = None,
    ) -> None:
        """Append rows, float64 [n] and integers [n], and what is expected of these rows as a series.

        `explanations` are by position in this chunk.
        """
        count = len(scores)
        first = self._first_row + self.n_rows
        columns: dict[str, Any] = {
            "row": pl.Series(np.arange(first, first + count, dtype=np.int64)),
            "score": pl.Series(scores, dtype=pl.Float64),
            "prediction": pl.Series(np.asarray(predictions, dtype=np.int8)),
        }
        if confidence is not None:
            columns["confidence"] = pl.Series(confidence, dtype=pl.Float64)
        for name, values in identifiers.items():
            columns[self._columns[name]] = _series(values, self._types[name])
        if series is not None:
            self._series = True
            columns["feature"] = pl.Series(series.feature, dtype=pl.String)
            for name, figures in zip(SERIES[1:], (series.expected, series.lower, series.upper), strict=True):
                columns[name] = pl.Series(figures, dtype=pl.Float64)
        if explanations is not None:
            texts = [
                msgspec.json.encode(explanations[position]).decode() if position in explanations else None
                for position in range(count)
            ]
            columns["explanation"] = pl.Series(texts, dtype=pl.String)
        chunk = pl.DataFrame(columns)
        size = int(chunk.estimated_size())
        if self._recent_bytes + size > MOST_IN_MEMORY:
            self._put_aside()
        self._recent.append(chunk)
        self._recent_bytes += size
        self.n_rows += count
        self.n_anomalies += int(np.count_nonzero(predictions))

    def held(self, summary: ResultSummary, most_rows: int) -> HeldResult | None:
        """The result as the database keeps it, where it came in one chunk and is small enough for that."""
        if self._parts or len(self._recent) != 1 or self.n_rows > most_rows:
            return None
        held = HeldResult.of(self._recent[0], msgspec.json.encode(self._described(summary)))
        return held if len(held.rows) + len(held.summary) <= MOST_HELD_BYTES else None

    def store(self, store: ObjectStore, result_key: str, summary: ResultSummary) -> None:
        """Put the result under `result_key`: the summary last, so that what has a summary is whole."""
        self._put_aside()
        store_result(store, result_key, self._folder(), self._parts, self._described(summary))

    def store_rows(self, store: ObjectStore, key: str) -> None:
        """Put the rows alone under `key`, as a part of a result."""
        whole = self._folder() / "rows.parquet"
        # As fast as can be: it is read once, by those who join it with others.
        if self._parts:
            self._put_aside()
            pl.scan_parquet(self._parts).sink_parquet(whole, compression="lz4", row_group_size=ROWS_PER_GROUP)
        else:
            pl.concat(self._recent).write_parquet(whole, compression="lz4", row_group_size=ROWS_PER_GROUP)
        store.put_file(key, whole)

    def _described(self, summary: ResultSummary) -> StoredSummary:
        return StoredSummary(summary=summary, identifiers=self._columns, series=self._series)

    def _put_aside(self) -> None:
        if not self._recent:
            return
        part = self._folder() / f"{len(self._parts):06d}.parquet"
        pl.concat(self._recent).write_parquet(part, compression="lz4")
        self._parts.append(part)
        self._recent, self._recent_bytes = [], 0


def store_result(
    store: ObjectStore, result_key: str, folder: Path, parts: Sequence[Path], stored: StoredSummary
) -> None:
    """Join Parquet files of rows and store them with their summary; `folder` is for what lies in between."""
    whole = folder / "rows.parquet"
    pl.scan_parquet(list(parts)).sink_parquet(whole, compression="zstd", row_group_size=ROWS_PER_GROUP)
    store.put_file(rows_key(result_key), whole)
    described = folder / "summary.json"
    described.write_bytes(msgspec.json.encode(stored))
    store.put_file(summary_key(result_key), described)


def read_summary(store: ObjectStore, result_key: str) -> StoredSummary:
    """The summary of a stored result; raises `ObjectMissingError`."""
    with store.local_path(summary_key(result_key)) as path:
        return msgspec.json.decode(path.read_bytes(), type=StoredSummary)


def stored_names(identifiers: Sequence[str]) -> dict[str, str]:
    """A column for each identifier; none is called as one of ours or as another identifier."""
    taken = {*RESERVED, *identifiers}
    names = {}
    for name in identifiers:
        stored = name
        while stored in RESERVED or (stored != name and stored in taken):
            stored = f"identifier.{stored}"
        taken.add(stored)
        names[name] = stored
    return names


def _stored_type(kind: pl.DataType) -> pl.DataType:
    if kind.is_integer():
        return pl.UInt64() if kind == pl.UInt64 else pl.Int64()
    if kind.is_float():
        return pl.Float64()
    return pl.Boolean() if kind == pl.Boolean else pl.String()


def _series(values: Sequence[Any], kind: pl.DataType) -> pl.Series:
    if kind == pl.String:
        values = [None if value is None else str(value) for value in values]
    return pl.Series(values, dtype=kind)
