"""Objects in the memory of this process, for what is kept elsewhere and read as if it were stored."""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from pynomaly_server.storage.objects import ObjectMissingError, ObjectStore, StoredObject, checked_key


class MemoryObjectStore(ObjectStore):
    """An object store that ends with its process; it is for one thread at a time."""

    def __init__(self, objects: Mapping[str, bytes] | None = None) -> None:
        self._objects = {checked_key(key): data for key, data in (objects or {}).items()}
        self._opened_at = datetime.now(UTC)

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Store what `chunks` yields; see `ObjectStore.put`."""
        data = b"".join([chunk async for chunk in chunks])
        self._objects[checked_key(key)] = data
        return len(data)

    async def open_read(self, key: str) -> AsyncIterator[bytes]:
        """The bytes of an object in one piece; see `ObjectStore.open_read`."""
        yield self._found(key)

    async def delete(self, key: str) -> None:
        """Remove an object."""
        self.delete_now(key)

    async def exists(self, key: str) -> bool:
        """Whether there is an object."""
        return checked_key(key) in self._objects

    def put_file(self, key: str, path: Path) -> int:
        """Store a copy of a file."""
        data = path.read_bytes()
        self._objects[checked_key(key)] = data
        return len(data)

    def delete_now(self, key: str) -> None:
        """Remove an object."""
        self._objects.pop(checked_key(key), None)

    @contextmanager
    def local_path(self, key: str) -> Iterator[Path]:
        """The object in a temporary file."""
        data = self._found(key)
        with tempfile.NamedTemporaryFile(prefix="pynomaly-") as file:
            file.write(data)
            file.flush()
            yield Path(file.name)

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """Bytes from the middle of an object."""
        return self._found(key)[start : start + length]

    def read_tail(self, key: str, length: int) -> tuple[bytes, int]:
        """Bytes from the end of an object, and its size."""
        data = self._found(key)
        return data[max(len(data) - length, 0) :], len(data)

    def list_objects(self, prefix: str, *, after: str = "") -> Iterator[StoredObject]:
        """See `ObjectStore.list_objects`; all are as old as the store."""
        below = f"{checked_key(prefix)}/"
        for key in sorted(key for key in self._objects if key.startswith(below) and key > after):
            yield StoredObject(key, self._opened_at)

    def discard_uploads(self, before: datetime) -> int:  # noqa: ARG002
        """Nothing: what is written is there at once."""
        return 0

    def _found(self, key: str) -> bytes:
        try:
            return self._objects[checked_key(key)]
        except KeyError:
            raise ObjectMissingError(key) from None
