"""Reads the rows of a stored result in frames of bounded size."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Final, Literal

import polars as pl

from pynomaly_server.jobs.result_objects import rows_key
from pynomaly_server.jobs.row_groups import RowGroup, open_row_groups
from pynomaly_server.storage.objects import ObjectStore

Only = Literal["all", "anomalies"]
_ROWS: Final = 5_000


def scan(path: Path, only: Only) -> pl.LazyFrame:
    """The rows of a file, none read yet."""
    rows = pl.scan_parquet(path, glob=False)
    return rows.filter(pl.col("prediction") == 1) if only == "anomalies" else rows


def page_frame(store: ObjectStore, result_key: str, *, after: int, count: int, only: Only) -> pl.DataFrame:
    """Up to `count` rows behind the row `after` (-1 for the first); reads no row group but theirs."""
    frames = []
    missing = count
    with open_row_groups(store, rows_key(result_key)) as file:
        for group in file.groups:
            if group.first + group.rows <= after + 1 or (only == "anomalies" and _has_no_anomaly(group)):
                continue
            rows = file.read(group).filter(pl.col("row") > after)
            if only == "anomalies":
                rows = rows.filter(pl.col("prediction") == 1)
            frames.append(rows.head(missing))
            missing -= frames[-1].height
            if missing == 0:
                break
    return pl.concat(frames) if frames else pl.DataFrame()


def _has_no_anomaly(group: RowGroup) -> bool:
    greatest = group.greatest.get("prediction")
    return greatest is not None and int.from_bytes(greatest, "little", signed=True) == 0


def result_frames(store: ObjectStore, result_key: str, only: Only) -> Iterator[pl.DataFrame]:
    """The rows in frames of bounded size, fetched group by group as they are asked for.

    There is at least one frame, so that an empty result has its columns too.
    """
    with open_row_groups(store, rows_key(result_key)) as file:
        yield file.no_rows()
        for group in file.groups:
            if only == "anomalies" and _has_no_anomaly(group):
                continue
            rows = file.read(group)
            if only == "anomalies":
                rows = rows.filter(pl.col("prediction") == 1)
            yield from rows.iter_slices(_ROWS)
