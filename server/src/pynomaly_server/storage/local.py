"""Objects as files below one folder."""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Final

from pynomaly_server.storage.objects import (
    READ_BYTES,
    WRITE_BYTES,
    ObjectMissingError,
    ObjectStore,
    StoredObject,
    checked_key,
)
from pynomaly_server.threads import in_thread

_MOST_REMEMBERED: Final = 10_000
_INCOMING: Final = ".incoming"  # no key can name it: segments do not begin with a dot


class LocalObjectStore(ObjectStore):
    """Writes beside the objects, syncs to the disk, and renames: a crash leaves the old object or the new.

    obstore's own local store renames too but does not sync, so that a power failure could leave an empty
    object under a row that says otherwise.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._safe: set[Path] = set()

    async def put(self, key: str, chunks: AsyncIterator[bytes]) -> int:
        """Store what `chunks` yields; see `ObjectStore.put`."""
        target = self._path(key)
        file = await in_thread(self._open_incoming)
        try:
            size = pending = 0
            waiting: list[bytes] = []
            async for chunk in chunks:
                waiting.append(chunk)
                pending += len(chunk)
                if pending >= WRITE_BYTES:
                    full, waiting = waiting, []
                    size, pending = size + pending, 0
                    await in_thread(file.writelines, full)
            await in_thread(self._settle, file, waiting, target)
        except BaseException:
            _discard(file)
            raise
        return size + pending

    async def open_read(self, key: str) -> AsyncIterator[bytes]:
        """The bytes of an object; see `ObjectStore.open_read`."""
        path = self._path(key)
        try:
            file = await in_thread(path.open, "rb")
        except FileNotFoundError:
            raise ObjectMissingError(key) from None
        with file:
            while chunk := await in_thread(file.read, READ_BYTES):
                yield chunk

    async def delete(self, key: str) -> None:
        """Remove an object."""
        await in_thread(self.delete_now, key)

    async def exists(self, key: str) -> bool:
        """Whether there is an object."""
        return await in_thread(self._path(key).is_file)

    def put_file(self, key: str, path: Path) -> int:
        """Store a copy of a file."""
        target = self._path(key)
        file = self._open_incoming()
        try:
            with path.open("rb") as source:
                shutil.copyfileobj(source, file, READ_BYTES)
            size = file.tell()
            self._settle(file, [], target)
        except BaseException:
            _discard(file)
            raise
        return size

    def delete_now(self, key: str) -> None:
        """Remove an object."""
        self._path(key).unlink(missing_ok=True)

    @contextmanager
    def local_path(self, key: str) -> Iterator[Path]:
        """The object's own file."""
        path = self._path(key)
        if not path.is_file():
            raise ObjectMissingError(key)
        yield path

    def read_range(self, key: str, start: int, length: int) -> bytes:
        """Bytes from the middle of an object."""
        with self.local_path(key) as path, path.open("rb") as file:
            file.seek(start)
            return file.read(length)

    def read_tail(self, key: str, length: int) -> tuple[bytes, int]:
        """Bytes from the end of an object, and its size."""
        with self.local_path(key) as path, path.open("rb") as file:
            size = file.seek(0, os.SEEK_END)
            file.seek(max(size - length, 0))
            return file.read(), size

    def list_objects(self, prefix: str, *, after: str = "") -> Iterator[StoredObject]:
        """See `ObjectStore.list_objects`."""
        yield from self._below(checked_key(prefix), after)

    def discard_uploads(self, before: datetime) -> int:
        """Remove files of processes that died while they were writing."""
        removed = 0
        with contextlib.suppress(FileNotFoundError):
            for path in (self.root / _INCOMING).iterdir():
                # Another sweeper may be faster.
                with contextlib.suppress(FileNotFoundError):
                    if path.stat().st_mtime < before.timestamp():
                        path.unlink()
                        removed += 1
        return removed

    def _below(self, folder: str, after: str) -> Iterator[StoredObject]:
        try:
            entries = list(os.scandir(self.root / folder))
        except FileNotFoundError:
            return
        # As in S3, where the key of everything in a folder goes on with a slash.
        for entry in sorted(entries, key=lambda entry: f"{entry.name}/" if entry.is_dir() else entry.name):
            key = f"{folder}/{entry.name}"
            if entry.is_dir(follow_symlinks=False):
                if f"{key}/" > after or after.startswith(f"{key}/"):
                    yield from self._below(key, after)
            elif key > after:
                with contextlib.suppress(FileNotFoundError):
                    yield StoredObject(key, datetime.fromtimestamp(entry.stat().st_mtime, UTC))

    def _path(self, key: str) -> Path:
        return self.root / checked_key(key)

    def _open_incoming(self) -> IO[bytes]:
        folder = self.root / _INCOMING
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return tempfile.NamedTemporaryFile(dir=folder, delete=False)

    def _settle(self, file: IO[bytes], rest: list[bytes], target: Path) -> None:
        file.writelines(rest)
        file.flush()
        os.fsync(file.fileno())
        file.close()
        made = self._make(target.parent)
        Path(file.name).replace(target)
        _sync_folder(target.parent)
        self._sync_entries(target.parent, made)

    def _make(self, folder: Path) -> set[Path]:
        """Make a folder and those above it; returns those that were not there."""
        made = set()
        above = folder
        while above != self.root and not above.is_dir():
            made.add(above)
            above = above.parent
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return made

    def _sync_entries(self, folder: Path, made: set[Path]) -> None:
        """Let a power cut find the folder, and all above it, where they are now.

        Whoever else has made one of them may not have come to that yet, so a folder counts as safe only once
        this store has seen to it.
        """
        while folder != self.root and (folder in made or folder not in self._safe):
            _sync_folder(folder.parent)
            self._safe.add(folder)
            folder = folder.parent
        if len(self._safe) > _MOST_REMEMBERED:
            self._safe.clear()


def _discard(file: IO[bytes]) -> None:
    with contextlib.suppress(OSError):  # the disk may be full, and closing flushes
        file.close()
    Path(file.name).unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
