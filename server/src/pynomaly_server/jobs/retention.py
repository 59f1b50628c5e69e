"""Removes from storage what nobody will ask for any more.

Results past their time; results of attempts that came to nothing; datasets and models without a row; files
of uploads whose process died. It takes little at a time, and several sweepers do no harm to each other: rows
change by conditional statements, and removing an object twice is no error.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Final

import sqlalchemy as sa
import structlog

from pynomaly_server.db.session import Sessions
from pynomaly_server.db.tables import DatasetRow, JobResultRow, JobRow, ModelVersionRow, TenantRow
from pynomaly_server.db.types import utc_now
from pynomaly_server.jobs.result_objects import remove_result
from pynomaly_server.jobs.shards.cleaning import Cleaning
from pynomaly_server.jobs.state import FINAL
from pynomaly_server.storage.objects import ObjectStore, StoredObject

PASS_SECONDS: Final = 60.0
PARTS_SECONDS: Final = 5.0
"""Parts of large jobs are as large as the jobs, and no use once these have ended."""
DOWNLOAD_SECONDS: Final = 3_600.0
"""A result outlives its time by this, for the downloads that began in it."""
LEFT_OVER_AFTER: Final = timedelta(days=1)
"""What has no row and is younger may be about to get one."""
_RESULTS_AT_ONCE: Final = 100
_OBJECTS_AT_ONCE: Final = 1_000
_log = structlog.get_logger("pynomaly.retention")


class Retention:
    """One pass at a time, each going on where the one before has stopped."""

    def __init__(self, sessions: Sessions, store: ObjectStore) -> None:
        self._sessions = sessions
        self._store = store
        self._tenants: list[str] = []
        self._seen = ""

    def sweep(self) -> None:
        """Remove up to 100 expired results, and look at up to 1,000 objects."""
        expired = self.remove_expired()
        uploads = self._store.discard_uploads(datetime.now(UTC) - LEFT_OVER_AFTER)
        left_over = self.remove_left_over()
        if expired or uploads or left_over:
            _log.info("storage swept", expired=expired, uploads=uploads, left_over=left_over)

    def remove_expired(self) -> int:
        """Remove results past their time; the rows first, so that nobody is sent to what is gone."""
        due = (JobRow.result_key.is_not(None), JobRow.expires_at < utc_now(-DOWNLOAD_SECONDS))
        with self._sessions.write() as session:
            rows = session.execute(
                sa.select(JobRow.id, JobRow.result_key)
                .where(*due)
                .order_by(JobRow.expires_at)
                .limit(_RESULTS_AT_ONCE)
            ).all()
            expired = [row.id for row in rows]
            session.execute(sa.delete(JobResultRow).where(JobResultRow.job_id.in_(expired)))
            session.execute(
                sa.update(JobRow)
                .where(*due, JobRow.id.in_(expired))
                .values(result_key=None)
                .execution_options(synchronize_session=False)
            )
            session.commit()
        for row in rows:
            remove_result(self._store, row.result_key)
        return len(rows)

    def remove_left_over(self) -> int:
        """Look at the next objects of the tenants in turn, and remove those that no row knows.

        Only what belongs to a tenant of this database is looked at: another server may keep its objects in
        the same storage.
        """
        if not self._tenants:
            with self._sessions.read() as session:
                self._tenants = list(session.scalars(sa.select(TenantRow.id).order_by(TenantRow.id)))
            self._seen = ""
        budget = _OBJECTS_AT_ONCE
        removed = 0
        while self._tenants and budget > 0:
            prefix = f"tenants/{self._tenants[0]}"
            objects = list(islice(self._store.list_objects(prefix, after=self._seen), budget))
            for key in self._left_over(prefix, objects):
                self._store.delete_now(key)
                removed += 1
            if len(objects) < budget:
                self._tenants.pop(0)
                self._seen = ""
            else:
                self._seen = objects[-1].key
            budget -= len(objects)
        return removed

    def _left_over(self, prefix: str, objects: Sequence[StoredObject]) -> Iterator[str]:
        before = datetime.now(UTC) - LEFT_OVER_AFTER
        datasets: dict[str, str] = {}
        jobs: dict[str, str] = {}
        models: set[str] = set()
        for found in objects:
            kind, _, rest = found.key.removeprefix(f"{prefix}/").partition("/")
            if found.changed_at >= before or not rest:
                continue
            if kind == "models":
                models.add(found.key)
            elif kind in {"datasets", "jobs"}:
                (datasets if kind == "datasets" else jobs)[found.key] = rest.partition("/")[0]
        with self._sessions.read() as session:
            known = set(
                session.scalars(sa.select(DatasetRow.id).where(DatasetRow.id.in_(set(datasets.values()))))
            )
            kept = set(
                session.scalars(
                    sa.select(ModelVersionRow.artefact_key).where(ModelVersionRow.artefact_key.in_(models))
                )
            )
            rows = {
                row.id: row
                for row in session.execute(
                    sa.select(JobRow.id, JobRow.state, JobRow.result_key).where(
                        JobRow.id.in_(set(jobs.values()))
                    )
                )
            }
        yield from sorted(models - kept)
        yield from (key for key, dataset_id in datasets.items() if dataset_id not in known)
        for key, job_id in jobs.items():
            row = rows.get(job_id)
            if row is None or (
                row.state in FINAL and not (row.result_key and key.startswith(f"{row.result_key}/"))
            ):
                yield key


def sweep_storage(sessions: Sessions, store: ObjectStore, stop: threading.Event) -> threading.Thread:
    """Sweep now and then once a minute, parts of jobs more often, in a thread of its own until `stop` is set.

    No failure ends it. Removing from a slow storage must not keep the search for lost jobs waiting.
    """
    retention = Retention(sessions, store)
    cleaning = Cleaning(sessions, store)

    def work() -> None:
        next_pass = time.monotonic()
        while not stop.is_set():
            _sweep_once(cleaning.sweep)
            if time.monotonic() >= next_pass:
                _sweep_once(retention.sweep)
                next_pass = time.monotonic() + PASS_SECONDS
            stop.wait(PARTS_SECONDS)

    thread = threading.Thread(target=work, name="pynomaly-retention", daemon=True)
    thread.start()
    return thread


def _sweep_once(sweep: Callable[[], object]) -> None:
    """By itself, so that what one sweep cannot remove keeps no other from its work."""
    try:
        sweep()
    except Exception:  # noqa: BLE001 - database or storage are away; the next pass goes on
        _log.warning("sweep of the storage failed", exc_info=True)
