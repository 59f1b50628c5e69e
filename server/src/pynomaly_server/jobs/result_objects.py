"""The two objects of a result: their keys, and how those of a small result are kept in the database."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Self

import sqlalchemy as sa
from sqlalchemy.orm import Session

from pynomaly_server.db.tables import JobResultRow
from pynomaly_server.storage.memory import MemoryObjectStore
from pynomaly_server.storage.objects import ObjectStore

if TYPE_CHECKING:
    import polars as pl

MOST_HELD_BYTES: Final = 256 * 1024
_PARQUET: Final = b"PAR1"


@dataclass(frozen=True, slots=True)
class HeldResult:
    """A small result as the database keeps it.

    Attributes:
        rows: A stream of Arrow, which takes a twentieth of the time that the Parquet of an object takes.
        summary: The bytes of that object.
    """

    rows: bytes
    summary: bytes

    @classmethod
    def of(cls, rows: pl.DataFrame, summary: bytes) -> Self:
        """The result with these rows."""
        stream = io.BytesIO()
        rows.write_ipc_stream(stream, compression="zstd")
        return cls(stream.getvalue(), summary)

    def as_objects(self, result_key: str) -> ObjectStore:
        """A store that has this result under its key, for those who read results."""
        return MemoryObjectStore(
            {rows_key(result_key): self._as_parquet(), summary_key(result_key): self.summary}
        )

    def _as_parquet(self) -> bytes:
        import polars as pl  # here, since those who end jobs need no numeric libraries

        if self.rows.startswith(_PARQUET):  # as they were kept at first
            return self.rows
        file = io.BytesIO()
        pl.read_ipc_stream(io.BytesIO(self.rows)).write_parquet(file, compression="zstd")
        return file.getvalue()


def rows_key(result_key: str) -> str:
    """Object of the rows."""
    return f"{result_key}/rows.parquet"


def summary_key(result_key: str) -> str:
    """Object of the summary."""
    return f"{result_key}/summary.json"


def keep(session: Session, results: Mapping[str, HeldResult]) -> None:
    """Keep results, by the jobs that the transaction of `session` has ended with them."""
    rows = [
        {"job_id": job_id, "rows": held.rows, "summary": held.summary} for job_id, held in results.items()
    ]
    if rows:
        session.execute(sa.insert(JobResultRow), rows)


def remove_result(store: ObjectStore, result_key: str) -> None:
    """Remove what an attempt stored that did not become the job's result."""
    store.delete_now(summary_key(result_key))
    store.delete_now(rows_key(result_key))
