"""Makes profiles of stored tables, a few at a time, and keeps each beside its table."""

from __future__ import annotations

import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Final

import msgspec

from pynomaly_server.contract.structs import DatasetProfile
from pynomaly_server.detection.faults import as_problems
from pynomaly_server.shared_lookups import SharedLookups
from pynomaly_server.shedding.lane import Lane
from pynomaly_server.storage.objects import ObjectMissingError, ObjectStore
from pynomaly_server.tabular.limits import TableLimits
from pynomaly_server.tabular.profile import profile_table
from pynomaly_server.threads import in_thread

_FORMAT: Final = 1  # one more, whenever a kept profile would no longer be what is made today
_PARALLEL: Final = 2
_MOST_WAITING: Final = 32
_REMEDY: Final = "Split the table into several datasets."


class _Kept(msgspec.Struct):
    format: int
    profile: DatasetProfile


def profile_key(object_key: str) -> str:
    """Where the profile of a table lies."""
    return f"{object_key}.profile.json"


class Profiles:
    """Profiles of stored tables; two callers that ask for the same one share the work."""

    def __init__(self, store: ObjectStore, limits: TableLimits) -> None:
        self._store = store
        self._limits = limits
        self._lane = Lane("profiles to make", places=_PARALLEL, most_waiting=_MOST_WAITING)
        self._making: SharedLookups[str, DatasetProfile] = SharedLookups()

    async def of(
        self, dataset_id: str, object_key: str, media_type: str, *, is_there: Callable[[], Awaitable[bool]]
    ) -> DatasetProfile:
        """The profile of a table, from its object or made now.

        A caller that hangs up does not end the work, so that the next one finds it done. `is_there` says,
        once a profile is made, whether its table is still there; if not, no profile is left behind.

        Raises:
            ProblemError: `overloaded`, or why the table cannot be read.
            ObjectMissingError: the table is gone.
        """
        kept = await in_thread(self._kept, object_key)
        if kept is not None:
            return kept

        def begin() -> Awaitable[DatasetProfile]:
            self._lane.check()
            return self._make(dataset_id, object_key, media_type, is_there)

        return await self._making.get(object_key, begin)

    async def _make(
        self, dataset_id: str, object_key: str, media_type: str, is_there: Callable[[], Awaitable[bool]]
    ) -> DatasetProfile:
        async with self._lane.place():
            profile = await in_thread(self._compute, dataset_id, object_key, media_type)
        # A deletion after this look removes what was just written; one before it has not seen it.
        if not await is_there():
            await self._store.delete(profile_key(object_key))
            raise ObjectMissingError(object_key)
        return profile

    def _kept(self, object_key: str) -> DatasetProfile | None:
        try:
            with self._store.local_path(profile_key(object_key)) as path:
                kept = msgspec.json.decode(path.read_bytes(), type=_Kept)
        except (ObjectMissingError, msgspec.DecodeError):
            return None
        return kept.profile if kept.format == _FORMAT else None

    def _compute(self, dataset_id: str, object_key: str, media_type: str) -> DatasetProfile:
        with as_problems(_REMEDY), self._store.local_path(object_key) as path:
            made = profile_table(path, media_type, self._limits)
        told = {"dataset_id": dataset_id, **msgspec.to_builtins(made)}
        profile = msgspec.convert(told, DatasetProfile)
        with tempfile.NamedTemporaryFile(prefix="pynomaly-profile-") as file:
            file.write(msgspec.json.encode(_Kept(_FORMAT, profile)))
            file.flush()
            self._store.put_file(profile_key(object_key), Path(file.name))
        return profile
