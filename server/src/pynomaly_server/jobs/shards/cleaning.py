"""Removes what shards have read and made, once their job has ended."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

import sqlalchemy as sa
import structlog

from pynomaly_server.db.session import Sessions
from pynomaly_server.db.tables import JobRow, JobShardRow
from pynomaly_server.db.types import utc_now
from pynomaly_server.jobs.state import FINAL, ShardState
from pynomaly_server.storage.objects import ObjectStore

_JOBS_AT_ONCE: Final = 100
_ATTEMPT: Final = re.compile(r"\d+")
_log = structlog.get_logger("pynomaly.jobs")


class Cleaning:
    """Removes every object of an ended job that was staged but its result, and the rows of its shards.

    A job may be retried meanwhile, so nothing of an attempt behind the one that was seen is touched. While
    somebody may still work on a shard, it waits; what is written even later is found by `Retention`.
    """

    def __init__(self, sessions: Sessions, store: ObjectStore) -> None:
        self._sessions = sessions
        self._store = store

    def clean(self, job_id: str) -> None:
        """Look at this job."""
        self._clean(JobRow.id == job_id)

    def sweep(self) -> int:
        """Look at up to 100 jobs, those first that staged first, and say how many were cleaned."""
        return self._clean()

    def _clean(self, *which: sa.ColumnElement[bool]) -> int:
        busy = sa.exists().where(
            JobShardRow.job_id == JobRow.id,
            JobShardRow.state == ShardState.RUNNING,
            JobShardRow.lease_until > utc_now(),
        )
        with self._sessions.read() as session:
            found: Sequence[sa.Row[str, str, int, str | None]] = session.execute(
                sa.select(JobRow.id, JobRow.tenant_id, JobRow.attempt, JobRow.result_key)
                .where(JobRow.staged_at.is_not(None), JobRow.state.in_(FINAL), ~busy, *which)
                .order_by(JobRow.staged_at)
                .limit(_JOBS_AT_ONCE)
            ).all()
        cleaned = 0
        for job_id, tenant_id, attempt, result_key in found:
            try:
                self._remove_objects(f"tenants/{tenant_id}/jobs/{job_id}", attempt, result_key)
            except Exception:  # noqa: BLE001 - whatever keeps it, the jobs behind it are not to wait for it
                _log.warning("objects of shards were not removed", job_id=job_id, exc_info=True)
                continue
            self._forget(job_id, attempt)
            cleaned += 1
        return cleaned

    def _remove_objects(self, prefix: str, attempt: int, result_key: str | None) -> None:
        for found in list(self._store.list_objects(prefix)):
            number = _ATTEMPT.match(found.key.removeprefix(f"{prefix}/"))
            kept = result_key is not None and found.key.startswith(f"{result_key}/")
            if number is not None and int(number[0]) <= attempt and not kept:
                self._store.delete_now(found.key)

    def _forget(self, job_id: str, attempt: int) -> None:
        with self._sessions.write() as session:
            cleaned = session.scalar(
                sa.update(JobRow)
                .where(JobRow.id == job_id, JobRow.attempt == attempt, JobRow.state.in_(FINAL))
                .values(staged_at=None)
                .returning(JobRow.id)
                .execution_options(synchronize_session=False)
            )
            if cleaned is not None:
                session.execute(
                    sa.delete(JobShardRow)
                    .where(JobShardRow.job_id == job_id)
                    .execution_options(synchronize_session=False)
                )
            session.commit()
