"""Stores uploaded tables and says what they are."""

from __future__ import annotations

import asyncio
import hashlib
import unicodedata
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import msgspec
import structlog
from sqlalchemy.ext.asyncio import AsyncSession

from pynomaly_server.auth.principal import Principal
from pynomaly_server.contract.structs import Dataset, DatasetList, DatasetProfile
from pynomaly_server.cursors import Cursors
from pynomaly_server.datasets.limits import dataset_limits
from pynomaly_server.datasets.profiles import Profiles, profile_key
from pynomaly_server.datasets.repository import DatasetRepository, hold
from pynomaly_server.db.session import AsyncSessions
from pynomaly_server.db.tables import DatasetRow
from pynomaly_server.db.transactions import Transaction
from pynomaly_server.detection.faults import as_problems
from pynomaly_server.features import Feature, Features
from pynomaly_server.idempotency import KeyedRows
from pynomaly_server.ids import new_id
from pynomaly_server.problems import Fault, ProblemError, invalid
from pynomaly_server.quotas.quota import storage_used_up
from pynomaly_server.quotas.service import Quotas
from pynomaly_server.settings import Settings
from pynomaly_server.storage.objects import ObjectMissingError, ObjectStore
from pynomaly_server.tabular.reading import inspect_table
from pynomaly_server.threads import in_thread

if TYPE_CHECKING:
    from hashlib import _Hash as Digest

SPLIT_REMEDY: Final = "Split the table into several datasets."
_PARALLEL_INSPECTIONS: Final = 2
_log = structlog.get_logger("pynomaly.datasets")

StoredBeside = Callable[[AsyncSession, str], Awaitable[int]]
"""Counts the bytes of what else a tenant stores, given a session and the tenant."""

ReaderOf = Callable[[AsyncSession, str, str], Awaitable[str | None]]
"""Names what will still read a dataset, given a session, the tenant and the dataset's id."""


@dataclass(frozen=True, slots=True)
class StoredDataset:
    """Where a dataset lies, for a job that is to read it."""

    dataset_id: str
    object_key: str
    media_type: str
    n_rows: int
    n_bytes: int


class DatasetService:
    """Uploads and describes datasets; a foreign dataset is answered as one that does not exist.

    `quotas` and `features` are those that a process holds for all its services, where settings are reloaded.
    """

    def __init__(
        self,
        sessions: AsyncSessions,
        store: ObjectStore,
        settings: Settings,
        quotas: Quotas | None = None,
        features: Features | None = None,
    ) -> None:
        self._sessions = sessions
        self._keyed = KeyedRows(sessions, DatasetRow)
        self._quotas = quotas or Quotas(sessions, settings)
        self._features = features or Features(settings.switched_off)
        self._store = store
        self._max_bytes = settings.dataset_max_bytes
        self._limits = dataset_limits(settings)
        self._inspections = asyncio.Semaphore(_PARALLEL_INSPECTIONS)
        self._cursors = Cursors(settings.secret, settings.former_secrets)
        self._readers: list[ReaderOf] = []
        self._beside: list[StoredBeside] = []
        self._profiles = Profiles(store, self._limits)

    def keep_for(self, reader_of: ReaderOf) -> None:
        """Delete no dataset for which `reader_of` names a reader, such as `job job_…`."""
        self._readers.append(reader_of)

    def count_beside(self, stored: StoredBeside) -> None:
        """Count what `stored` counts towards the quota of bytes, too."""
        self._beside.append(stored)

    async def upload(
        self, principal: Principal, media_type: str, name: str | None, body: AsyncIterator[bytes]
    ) -> Dataset:
        """Store a table, read it through, and note it.

        Whatever goes wrong, the caller hanging up included, leaves no object behind.

        Raises:
            ProblemError: `payload-too-large`, `bad-dataset`, `quota-exceeded`, `switched-off` or
                `validation`.
        """
        _check_name(name)
        return (await self._store_dataset(principal, media_type, name, body, None))[0]

    async def upload_once(
        self,
        principal: Principal,
        media_type: str,
        name: str | None,
        body: AsyncIterator[bytes],
        idempotency_key: str,
    ) -> tuple[Dataset, bool]:
        """As `upload`; of uploads with one key within 24 hours one makes a dataset.

        What was uploaded is known only at its end, so that a repeated upload is read through, too.

        Returns:
            The dataset, and whether it is that of an earlier upload.

        Raises:
            ProblemError: as `upload` does, or `idempotency-mismatch` where the key belongs to another table.
        """
        _check_name(name)
        earlier = await self._keyed.find(principal.tenant_id, idempotency_key)
        if earlier is None:
            return await self._store_dataset(principal, media_type, name, body, idempotency_key)
        digest = _digest(media_type, name)
        async for chunk in self._bounded(body):
            digest.update(chunk)
        return _described(self._keyed.confirm(earlier, digest.hexdigest())), True

    async def _store_dataset(
        self,
        principal: Principal,
        media_type: str,
        name: str | None,
        body: AsyncIterator[bytes],
        idempotency_key: str | None,
    ) -> tuple[Dataset, bool]:
        self._features.check(Feature.UPLOADS)
        digest = _digest(media_type, name)
        dataset_id = new_id("dts")
        key = f"tenants/{principal.tenant_id}/datasets/{dataset_id}"
        try:
            bounded = self._bounded(body)
            size = await self._store.put(
                key, bounded if idempotency_key is None else _digested(bounded, digest)
            )
            async with self._inspections:
                n_rows, n_columns = await in_thread(self._inspect, key, media_type)
            request_hash = digest.hexdigest()
            quota = await self.storage_quota(principal)
        except BaseException:
            await self._remove(key)
            raise

        async def add(session: AsyncSession) -> DatasetRow:
            datasets = DatasetRepository(session, principal.tenant_id)
            await self.check_room(session, principal, quota, size, "dataset")
            return await datasets.add(
                id=dataset_id,
                name=name,
                media_type=media_type,
                size_bytes=size,
                n_rows=n_rows,
                n_columns=n_columns,
                object_key=key,
                idempotency_key=idempotency_key,
                request_hash=None if idempotency_key is None else request_hash,
            )

        try:
            row, replayed = await self._keyed.insert(principal.tenant_id, idempotency_key, request_hash, add)
        except BaseException:
            await self._even_if_cancelled(self._remove_unless_noted(principal, dataset_id, key), key)
            raise
        if replayed:
            await self._remove(key)
        return _described(row), replayed

    async def stored_bytes(self, principal: Principal) -> int:
        """Bytes of all that the tenant stores: datasets, and what is counted beside them."""
        async with self._sessions.read() as session:
            datasets = await DatasetRepository(session, principal.tenant_id).stored()
            return datasets + await self._stored_beside(session, principal)

    async def storage_quota(self, principal: Principal) -> int | None:
        """How many bytes the tenant may store in all; None for any number."""
        return (await self._quotas.of(principal.tenant_id)).stored_bytes

    async def check_room(
        self, session: AsyncSession, principal: Principal, quota: int | None, size: int, what: str
    ) -> None:
        """Refuse bytes beyond the quota; nobody else adds some before the transaction ends.

        Raises:
            ProblemError: `quota-exceeded`, of this `what`.
        """
        if quota is None:
            return
        stored = await DatasetRepository(session, principal.tenant_id).stored_for_adding()
        stored += await self._stored_beside(session, principal)
        if stored + size > quota:
            raise storage_used_up(quota, stored, size, what)

    async def _stored_beside(self, session: AsyncSession, principal: Principal) -> int:
        return sum([await stored(session, principal.tenant_id) for stored in self._beside])

    async def get(self, principal: Principal, dataset_id: str) -> Dataset:
        """Describe a dataset; raises `ProblemError` `not-found`."""
        return _described((await self._rows(principal, [dataset_id]))[0])

    async def newest_named(self, principal: Principal, name: str) -> str:
        """The id of the newest dataset of this name; raises `ProblemError` `not-found`."""
        async with self._sessions.read() as session:
            dataset_id = await DatasetRepository(session, principal.tenant_id).newest_named(name)
        if dataset_id is None:
            raise ProblemError(
                "not-found",
                f"There is no dataset named {name!r}. Upload one of that name with uploadDataset.",
            )
        return dataset_id

    async def list(self, principal: Principal, *, limit: int, cursor: str | None = None) -> DatasetList:
        """A page of datasets, newest first; raises `ProblemError` `validation` for the cursor."""
        of_list = (principal.tenant_id, "listDatasets")
        before = self._cursors.position(cursor, *of_list)
        async with self._sessions.read() as session:
            rows = await DatasetRepository(session, principal.tenant_id).newest(
                limit=limit + 1, before=before
            )
        page, more = self._cursors.page(rows, limit, *of_list)
        return DatasetList(items=[_described(row) for row in page], next_cursor=more)

    async def profile(self, principal: Principal, dataset_id: str) -> DatasetProfile:
        """What a dataset holds; made at the first call.

        Raises:
            ProblemError: `not-found`, `overloaded`, or why the table cannot be read any more.
        """

        async def is_there() -> bool:
            async with self._sessions.read() as session:
                return bool(await DatasetRepository(session, principal.tenant_id).find([dataset_id]))

        (row,) = await self._rows(principal, [dataset_id])
        try:
            return await self._profiles.of(dataset_id, row.object_key, row.media_type, is_there=is_there)
        except (ObjectMissingError, ProblemError):
            # Whatever a deletion in between does to the reading, it is the reason.
            if not await is_there():
                raise missing(dataset_id) from None
            raise

    async def delete(self, principal: Principal, dataset_id: str) -> None:
        """Remove a dataset that nobody will read any more.

        Whoever comes first wins: a job that is being submitted holds its datasets until it is stored, and
        this waits for it and then finds the job.

        Raises:
            ProblemError: `not-found`, or `conflict` naming who will read it.
        """
        async with self._sessions.write() as session:
            datasets = DatasetRepository(session, principal.tenant_id)
            if not await datasets.hold_alone(dataset_id):
                raise missing(dataset_id)
            for reader_of in self._readers:
                reader = await reader_of(session, principal.tenant_id, dataset_id)
                if reader is not None:
                    raise ProblemError(
                        "conflict",
                        f"The {reader} has not ended and reads the dataset {dataset_id}. "
                        "Cancel it or wait for its end, then delete the dataset.",
                    )
            key = await datasets.delete(dataset_id)
            await session.commit()
        # Only now: a row without its object would fail every job, an object without its row fails nothing.
        if key is not None:
            await self._remove(profile_key(key))
            await self._remove(key)

    @staticmethod
    async def hold(
        transaction: Transaction, principal: Principal, dataset_ids: Sequence[str]
    ) -> dict[str, StoredDataset]:
        """Where those of the datasets lie that are there, by id.

        None of them is deleted before the transaction ends.
        """
        if not dataset_ids:
            return {}
        held = await hold(transaction, principal.tenant_id, dataset_ids)
        return {
            row.id: StoredDataset(row.id, row.object_key, row.media_type, row.n_rows, row.size_bytes)
            for row in held
        }

    async def _rows(self, principal: Principal, dataset_ids: Sequence[str]) -> Sequence[DatasetRow]:
        async with self._sessions.read() as session:
            found = await DatasetRepository(session, principal.tenant_id).find(dataset_ids)
        for dataset_id in dataset_ids:
            if dataset_id not in found:
                raise missing(dataset_id)
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
        await self._even_if_cancelled(self._store.delete(key), key)

    async def _remove_unless_noted(self, principal: Principal, dataset_id: str, key: str) -> None:
        """Remove the object of a row that was cut short on its way in, where it did not get there."""
        async with self._sessions.read() as session:
            noted = await DatasetRepository(session, principal.tenant_id).find([dataset_id])
        if not noted:
            await self._store.delete(key)

    async def _even_if_cancelled(self, removal: Coroutine[Any, Any, None], key: str) -> None:
        removing = asyncio.ensure_future(removal)
        try:
            await asyncio.shield(removing)
        except asyncio.CancelledError:
            await asyncio.wait([removing])
        except Exception:  # noqa: BLE001 - what the caller is told does not depend on it
            _log.warning("object that nothing refers to was not removed", key=key, exc_info=True)


def missing(dataset_id: str) -> ProblemError:
    """What is answered where there is no such dataset, or it is another tenant's."""
    return ProblemError("not-found", f"There is no dataset {dataset_id}. Upload it with uploadDataset first.")


def _digest(media_type: str, name: str | None) -> Digest:
    """The beginning of what tells an upload from others; its bytes are to follow."""
    return hashlib.sha256(msgspec.json.encode([media_type, name]))


async def _digested(chunks: AsyncIterator[bytes], digest: Digest) -> AsyncIterator[bytes]:
    async for chunk in chunks:
        digest.update(chunk)
        yield chunk


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
