"""Objects in S3, or in whatever speaks its protocol, by obstore."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import obstore
from obstore.store import ObjectStore as Backend
from obstore.store import S3Store

from pynomaly_server.secret_files import secret_from_file
from pynomaly_server.storage.objects import (
    READ_BYTES,
    WRITE_BYTES,
    ObjectMissingError,
    ObjectStore,
    StoredObject,
    checked_key,
)

if TYPE_CHECKING:
    from obstore.store import S3Config

_SMALLEST_PART: Final = 5 * 1024 * 1024  # S3's own limit
_PARALLEL_PARTS: Final = 4


class RemoteObjectStore(ObjectStore):
    """Objects of a bucket below a prefix; S3 itself makes writes atomic and durable."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend

    @classmethod
    def s3(cls, bucket: str, prefix: str) -> RemoteObjectStore:
        """A bucket; credentials, region and endpoint come from `AWS_…` variables of the environment.

        The credentials may lie in files that `AWS_ACCESS_KEY_ID_FILE` and its neighbour name.

        Raises:
            SecretFileError: one of these files cannot be used.
        """
        endpoint = os.environ.get("AWS_ENDPOINT_URL") or os.environ.get("AWS_ENDPOINT", "")
        return cls(
            S3Store(
                bucket,
                prefix=prefix or None,
                config=_credentials_in_files(),
                client_options={"allow_http": endpoint.startswith("http://")},
            )
        )

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Store what `chunks` yields; see `ObjectStore.put`."""
        size = 0

        async def counted() -> AsyncIterator[bytes]:
            nonlocal size
            async for chunk in chunks:
                size += len(chunk)
                yield chunk

        await obstore.put_async(
            self._backend,
            checked_key(key),
            counted(),
            chunk_size=max(WRITE_BYTES, _SMALLEST_PART),
            max_concurrency=_PARALLEL_PARTS,
        )
        return size

    async def open_read(self, key: str) -> AsyncIterator[bytes]:
        """The bytes of an object; see `ObjectStore.open_read`."""
        try:
            found = await obstore.get_async(self._backend, checked_key(key))
        except FileNotFoundError:
            raise ObjectMissingError(key) from None
        async for chunk in found.stream(min_chunk_size=READ_BYTES):
            yield bytes(chunk)

    async def delete(self, key: str) -> None:
        """Remove an object."""
        with contextlib.suppress(FileNotFoundError):
            await obstore.delete_async(self._backend, checked_key(key))

    async def exists(self, key: str) -> bool:
        """Whether there is an object."""
        try:
            await obstore.head_async(self._backend, checked_key(key))
        except FileNotFoundError:
            return False
        return True

    def put_file(self, key: str, path: Path) -> int:
        """Store a copy of a file."""
        obstore.put(
            self._backend, checked_key(key), path, chunk_size=WRITE_BYTES, max_concurrency=_PARALLEL_PARTS
        )
        return path.stat().st_size

    def delete_now(self, key: str) -> None:
        """Remove an object."""
        with contextlib.suppress(FileNotFoundError):
            obstore.delete(self._backend, checked_key(key))

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """Bytes from the middle of an object, and no others."""
        try:
            return bytes(obstore.get_range(self._backend, checked_key(key), start=start, length=length))
        except FileNotFoundError:
            raise ObjectMissingError(key) from None

    def read_tail(self, key: str, length: int) -> tuple[bytes, int]:
        """Bytes from the end of an object, and its size, in two requests: not every S3 takes suffixes."""
        try:
            size = obstore.head(self._backend, checked_key(key))["size"]
        except FileNotFoundError:
            raise ObjectMissingError(key) from None
        length = min(length, size)
        return self.read_range(key, size - length, length), size

    def list_objects(self, prefix: str, *, after: str = "") -> Iterator[StoredObject]:
        """See `ObjectStore.list_objects`."""
        for page in obstore.list(self._backend, checked_key(prefix), offset=after or None):
            for found in page:
                yield StoredObject(found["path"], found["last_modified"])

    def discard_uploads(self, before: datetime) -> int:  # noqa: ARG002
        """Nothing: parts of broken uploads are no objects; a lifecycle rule of the bucket removes them."""
        return 0

    @contextmanager
    def local_path(self, key: str) -> Iterator[Path]:
        """The object in a temporary file."""
        with tempfile.NamedTemporaryFile(prefix="pynomaly-") as file:
            try:
                found = obstore.get(self._backend, checked_key(key))
            except FileNotFoundError:
                raise ObjectMissingError(key) from None
            for chunk in found.stream(min_chunk_size=READ_BYTES):
                file.write(chunk)
            file.flush()
            yield Path(file.name)


def _credentials_in_files() -> S3Config:
    found: S3Config = {}
    if (access_key := secret_from_file("AWS_ACCESS_KEY_ID")) is not None:
        found["access_key_id"] = access_key
    if (secret_key := secret_from_file("AWS_SECRET_ACCESS_KEY")) is not None:
        found["secret_access_key"] = secret_key
    return found
