"""A stored result in the formats that callers ask for, a batch of rows at a time."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Final

import msgspec
import polars as pl

from pynomaly_server.contract.structs import Contribution, ResultRow, SeriesPoint
from pynomaly_server.formulas import guarded
from pynomaly_server.jobs import workbook
from pynomaly_server.jobs.result_objects import rows_key
from pynomaly_server.jobs.results import SERIES, StoredSummary, read_summary
from pynomaly_server.jobs.stored_rows import Only, page_frame, result_frames, scan
from pynomaly_server.storage.objects import READ_BYTES, ObjectStore, object_chunks


def read_page(
    store: ObjectStore, result_key: str, *, after: int, limit: int, only: Only
) -> tuple[list[ResultRow], bool, StoredSummary]:
    """Up to `limit` rows behind the row `after` (-1 for the first), whether more follow, and the summary."""
    stored = read_summary(store, result_key)
    frame = page_frame(store, result_key, after=after, count=limit + 1, only=only)
    return list(_result_rows(frame.head(limit), stored)), frame.height > limit, stored


def json_chunks(store: ObjectStore, result_key: str, only: Only) -> Generator[bytes]:
    """The whole result as one JSON document in the shape of a page without a next one."""
    stored = read_summary(store, result_key)
    encode = msgspec.json.Encoder().encode
    yield b'{"items":['
    first = True
    for frame in result_frames(store, result_key, only):
        rows = b",".join(encode(row) for row in _result_rows(frame, stored))
        if rows:
            yield rows if first else b"," + rows
            first = False
    yield b'],"next_cursor":null,"summary":' + encode(stored.summary) + b"}"


def ndjson_chunks(store: ObjectStore, result_key: str, only: Only) -> Generator[bytes]:
    """One JSON object per row and line."""
    stored = read_summary(store, result_key)
    encode = msgspec.json.Encoder().encode
    for frame in result_frames(store, result_key, only):
        if frame.height:
            yield b"".join(encode(row) + b"\n" for row in _result_rows(frame, stored))


def csv_chunks(store: ObjectStore, result_key: str, only: Only) -> Generator[bytes]:
    """A header and one line per row; text that a spreadsheet would run as a formula gets an apostrophe."""
    text = io.StringIO()
    # The line end of RFC 4180; the writer then also quotes cells with a lone CR, which would end a line.
    writer = csv.writer(text, lineterminator="\r\n")
    header_due = True
    for frame in result_frames(store, result_key, only):
        if header_due:
            writer.writerow([guarded(name) for name in frame.columns])
            header_due = False
        writer.writerows([guarded(value) for value in row] for row in frame.iter_rows())
        if lines := text.getvalue():
            yield lines.encode()
            text.seek(0)
            text.truncate()


def parquet_chunks(store: ObjectStore, result_key: str, only: Only) -> Generator[bytes]:
    """A Parquet file."""
    if only == "all":
        yield from object_chunks(store, rows_key(result_key))
        return
    with (
        tempfile.TemporaryDirectory(prefix="pynomaly-") as folder,
        store.local_path(rows_key(result_key)) as path,
    ):
        chosen = Path(folder) / "rows.parquet"
        scan(path, only).sink_parquet(chosen, compression="zstd")
        with chosen.open("rb") as file:
            while chunk := file.read(READ_BYTES):
                yield chunk


RENDERERS: Final[dict[str, Callable[[ObjectStore, str, Only], Generator[bytes]]]] = {
    "application/json": json_chunks,
    "application/x-ndjson": ndjson_chunks,
    "text/csv": csv_chunks,
    "application/vnd.apache.parquet": parquet_chunks,
    workbook.MEDIA_TYPE: workbook.excel_chunks,
}


def _result_rows(frame: pl.DataFrame, stored: StoredSummary) -> Iterator[ResultRow]:
    for row in frame.iter_rows(named=True):
        explanation = row.get("explanation")
        yield ResultRow(
            row=row["row"],
            score=row["score"],
            prediction=row["prediction"],
            confidence=row.get("confidence"),
            identifiers={name: row[column] for name, column in stored.identifiers.items()},
            series=SeriesPoint(**{name: row[name] for name in SERIES}) if stored.series else None,
            explanation=None
            if explanation is None
            else msgspec.json.decode(explanation, type=list[Contribution]),
        )
