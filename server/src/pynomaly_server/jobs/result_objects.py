"""The two objects of a result: their keys, and how those of a small result are kept in the database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from pynomaly_server.db.tables import JobResultRow
from pynomaly_server.storage.memory import MemoryObjectStore
from pynomaly_server.storage.objects import ObjectStore

MOST_HELD_BYTES: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class HeldResult:
    """The bytes of both objects of a result that is kept in the database."""

    rows: bytes
    summary: bytes

    def as_objects(self, result_key: str) -> ObjectStore:
        """A store that has this result under its key, for those who read results."""
        return MemoryObjectStore({rows_key(result_key): self.rows, summary_key(result_key): self.summary})


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
