"""Stores uploaded tables and says what they are."""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Final

import structlog

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import Dataset
from pynomaly_server.datasets.limits import dataset_limits
from pynomaly_server.datasets.repository import DatasetRepository
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import DatasetRow
from pynomaly_server.detection.faults import as_problems
from pynomaly_server.ids import new_id
from pynomaly_server.problems import Fault, ProblemError, invalid
from pynomaly_server.settings import Settings
from pynomaly_server.storage.objects import ObjectStore
from pynomaly_server.tabular.reading import inspect_table
from pynomaly_server.threads import in_thread

SPLIT_REMEDY: Final = "Split the table into several datasets."
_PARALLEL_INSPECTIONS: Final = 2
_log = structlog.get_logger("pynomaly.datasets")


@dataclass(frozen=True, slots=True)
class StoredDataset:
    """Where a dataset lies, for a job that is to read it."""

    dataset_id: str
    object_key: str
    media_type: str
    n_rows: int


class DatasetService:
    """Uploads and describes datasets; a foreign dataset is answered as one that does not exist."""

    def __init__(self, sessions: AsyncSessions, store: ObjectStore, settings: Settings) -> None:
        self._sessions = sessions
        self._store = store
        self._max_bytes = settings.dataset_max_bytes
        self._limits = dataset_limits(settings)
        self._inspections = asyncio.Semaphore(_PARALLEL_INSPECTIONS)

    async def upload(
        self, principal: Principal, media_type: str, name: str | None, body: AsyncIterator[bytes]
    ) -> Dataset:
        """Store a table, read it through, and note it.

        Whatever goes wrong, the caller hanging up included, leaves no object behind.

        Raises:
            ProblemError: `payload-too-large`, `bad-dataset` or `validation`.
        """
        _check_name(name)
        dataset_id = new_id("dts")
        key = f"tenants/{principal.tenant_id}/datasets/{dataset_id}"
        try:
            size = await self._store.put(key, self._bounded(body))
            async with self._inspections:
                n_rows, n_columns = await in_thread(self._inspect, key, media_type)
            async with self._sessions.write() as session:
                row = await DatasetRepository(session, principal.tenant_id).add(
                    id=dataset_id,
                    name=name,
                    media_type=media_type,
                    size_bytes=size,
                    n_rows=n_rows,
                    n_columns=n_columns,
                    object_key=key,
                )
                await session.commit()
        except BaseException:
            await self._remove(key)
            raise
        return _described(row)

    async def get(self, principal: Principal, dataset_id: str) -> Dataset:
        """Describe a dataset; raises `ProblemError` `not-found`."""
        return _described((await self._rows(principal, [dataset_id]))[0])

    async def locate(self, principal: Principal, dataset_ids: Sequence[str]) -> list[StoredDataset]:
        """Where these datasets lie, in this order; raises `not-found` naming one that is not there."""
        return [
            StoredDataset(row.id, row.object_key, row.media_type, row.n_rows)
            for row in await self._rows(principal, dataset_ids)
        ]

    async def _rows(self, principal: Principal, dataset_ids: Sequence[str]) -> list[DatasetRow]:
        async with self._sessions.read() as session:
            found = await DatasetRepository(session, principal.tenant_id).find(dataset_ids)
        for dataset_id in dataset_ids:
            if dataset_id not in found:
                raise ProblemError(
                    "not-found", f"There is no dataset {dataset_id}. Upload it with uploadDataset first."
                )
        return [found[dataset_id] for dataset_id in dataset_ids]

    async def _bounded(self, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        size = 0
        async for chunk in body:
            size += len(chunk)
            if size > self._max_bytes:
                raise ProblemError(
                    "payload-too-large",
                    f"The dataset has more than {self._max_bytes:,} bytes, the limit. {SPLIT_REMEDY}",
                )
            yield chunk

    def _inspect(self, key: str, media_type: str) -> tuple[int, int]:
        """Rows and columns of a stored table, read to its end."""
        with as_problems(SPLIT_REMEDY), self._store.local_path(key) as path:
            summary = inspect_table(path, media_type, self._limits)
        return summary.n_rows, len(summary.names)

    async def _remove(self, key: str) -> None:
        """Remove an object that nobody will refer to, also while the caller's task is being cancelled."""
        removal = asyncio.ensure_future(self._store.delete(key))
        try:
            await asyncio.shield(removal)
        except asyncio.CancelledError:
            await asyncio.wait([removal])
        except Exception:  # noqa: BLE001 - the fault that led here is the one to report
            _log.warning("object of a refused upload was not removed", key=key, exc_info=True)


def _check_name(name: str | None) -> None:
    if name is not None and any(unicodedata.category(character) in {"Cc", "Cs"} for character in name):
        raise invalid([Fault("?name", "must not hold control characters")])


def _described(row: DatasetRow) -> Dataset:
    return Dataset(
        dataset_id=row.id,
        name=row.name,
        media_type=row.media_type,
        size_bytes=row.size_bytes,
        n_rows=row.n_rows,
        n_columns=row.n_columns,
        created_at=row.created_at,
    )
