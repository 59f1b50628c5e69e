"""What every object store can do, and how one is found by its URL."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

READ_BYTES: Final = 1024 * 1024
WRITE_BYTES: Final = 8 * 1024 * 1024
"""Also what is fetched of a remote object at once."""
_SEGMENT: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._=-]*")
_LONGEST_KEY: Final = 512


class ObjectMissingError(Exception):
    """There is no object under this key."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as a listing shows it."""

    key: str
    changed_at: datetime
    """When it was written (UTC)."""


class ObjectStore(ABC):
    """Whole objects under keys: written once and at once, read in a stream.

    An object is there completely or not at all, also after a crash; writing to a key again replaces its
    object. Every method raises `ValueError` for a key that is no plain relative path.
    """

    @staticmethod
    def from_url(url: str) -> ObjectStore:
        """The store at `file:///folder` or `s3://bucket/prefix`.

        Credentials and endpoint of S3 come from the usual `AWS_…` environment variables.

        Raises:
            ValueError: neither of the two.
        """
        parts = urlsplit(url)
        if parts.scheme == "file":
            from pynomaly_server.storage.local import LocalObjectStore

            return LocalObjectStore(Path(unquote(parts.path)))
        if parts.scheme == "s3":
            from pynomaly_server.storage.remote import RemoteObjectStore

            return RemoteObjectStore.s3(parts.netloc, parts.path.strip("/"))
        raise ValueError(
            f"{parts.scheme}:// is no storage that is known; use file:///folder or s3://bucket/prefix."
        )

    @abstractmethod
    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Store what `chunks` yields and return its size; where `chunks` raises, nothing is stored."""

    @abstractmethod
    def open_read(self, key: str) -> AsyncIterator[bytes]:
        """The bytes of an object, piece by piece; raises `ObjectMissingError`."""

    @abstractmethod
    async def delete(self, key: str) -> None:
        """Remove an object; one that is not there is no error."""

    @abstractmethod
    async def exists(self, key: str) -> bool:
        """Whether there is an object."""

    @abstractmethod
    def put_file(self, key: str, path: Path) -> int:
        """Store a file and return its size; for threads."""

    @abstractmethod
    def delete_now(self, key: str) -> None:
        """As `delete`, for threads."""

    @abstractmethod
    def local_path(self, key: str) -> AbstractContextManager[Path]:
        """A file with the object's bytes, to read only; for threads. Raises `ObjectMissingError`."""

    @abstractmethod
    def read_range(self, key: str, start: int, length: int) -> bytes:
        """`length` bytes of an object from `start` on; for threads. Raises `ObjectMissingError`."""

    @abstractmethod
    def read_tail(self, key: str, length: int) -> tuple[bytes, int]:
        """Up to `length` bytes from an object's end, and its size; as `read_range`."""

    @abstractmethod
    def list_objects(self, prefix: str, *, after: str = "") -> Iterator[StoredObject]:
        """Objects below `prefix/` with keys behind `after`, in the order of their keys; for threads."""

    @abstractmethod
    def discard_uploads(self, before: datetime) -> int:
        """Remove what uploads that broke off before this time have left, and say how many; for threads."""


def object_chunks(store: ObjectStore, key: str) -> Iterator[bytes]:
    """The bytes of an object, fetched piece by piece; for threads. Raises `ObjectMissingError`."""
    _, size = store.read_tail(key, 1)
    for start in range(0, size, WRITE_BYTES):
        yield store.read_range(key, start, min(WRITE_BYTES, size - start))


def checked_key(key: str) -> str:
    """`key`, where it stays inside the store.

    Raises:
        ValueError: it is empty, too long, or has a segment that is hidden, empty, `.` or `..`, or strange
        characters.
    """
    if len(key) > _LONGEST_KEY or not all(_SEGMENT.fullmatch(segment) for segment in key.split("/")):
        raise ValueError(
            f"{key[:100]!r} is no object key: it takes letters, digits and . _ = - in segments parted by /."
        )
    return key
