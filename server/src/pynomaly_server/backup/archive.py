"""The file of a backup: a tar archive whose last members say what all the others have to be.

`manifest.json` has size and SHA-256 of every member before it, and `manifest.sha256` has that of the
manifest. So a file that was cut off, or changed in a single bit, is known before anything of it is used.
"""

from __future__ import annotations

import contextlib
import hashlib
import io
import json
import os
import tarfile
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Final, Self

FORMAT: Final = 1
MANIFEST: Final = "manifest.json"
SECRET_KEY: Final = "secret.key"  # noqa: S105 - the name of a member
_DIGEST: Final = "manifest.sha256"
_READ_BYTES: Final = 1024 * 1024
_MOST_MANIFEST_BYTES: Final = 2**30


class BackupError(Exception):
    """A backup cannot be taken or restored; the message says why, and what to do."""


@dataclass(frozen=True, slots=True)
class Contents:
    """What a backup says about itself.

    Attributes:
        made_at: when it was taken (UTC, ISO 8601).
        version: of the server that took it.
        revision: of the database's schema, the id of a migration.
        tables: rows by table.
        objects: how many datasets, results, models and parts of jobs it holds.
        object_bytes: their bytes together.
    """

    made_at: str
    version: str
    revision: str
    tables: Mapping[str, int]
    objects: int
    object_bytes: int

    @property
    def rows(self) -> int:
        """Rows of all tables."""
        return sum(self.tables.values())


@dataclass(frozen=True, slots=True)
class Member:
    """Size and digest of one member."""

    size: int
    sha256: str


class ArchiveWriter:
    """Writes an archive beside its place, for its owner's eyes alone, and puts it there once it is whole."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
        self._members: dict[str, Member] = {}

    def __enter__(self) -> Self:
        if self._path.exists():
            raise BackupError(f"{self._path} is there already. Name another file; none is overwritten.")
        try:
            handle = os.open(self._partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as fault:
            raise BackupError(f"{self._path} cannot be written: {fault.strerror}.") from None
        self._file = os.fdopen(handle, "wb")
        self._tar = tarfile.open(fileobj=self._file, mode="w", format=tarfile.PAX_FORMAT)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()
        with contextlib.suppress(FileNotFoundError):
            self._partial.unlink()

    def __contains__(self, name: str) -> bool:
        return name in self._members

    @property
    def members(self) -> Mapping[str, Member]:
        """What has been written so far."""
        return self._members

    def add(self, name: str, file: IO[bytes]) -> None:
        """Write what is left of `file`, which has to be a real one, as a member."""
        size = os.fstat(file.fileno()).st_size
        self._add(name, file, size)

    def add_bytes(self, name: str, content: bytes) -> None:
        """Write `content` as a member."""
        self._add(name, io.BytesIO(content), len(content))

    def finish(self, contents: Contents) -> Contents:
        """Write what the archive says about itself, read all of it again, and put it in its place.

        Returns:
            What the archive says when it is read.

        Raises:
            BackupError: it is not what was written.
        """
        said = {
            "format": FORMAT,
            **asdict(contents),
            "members": {name: asdict(member) for name, member in self._members.items()},
        }
        manifest = json.dumps(said, indent=1).encode()
        self.add_bytes(MANIFEST, manifest)
        self.add_bytes(_DIGEST, hashlib.sha256(manifest).hexdigest().encode())
        self._tar.close()
        self._file.flush()
        os.fsync(self._file.fileno())
        found = Archive(self._partial).contents
        self._partial.replace(self._path)
        return found

    def _add(self, name: str, file: IO[bytes], size: int) -> None:
        reading = _Hashed(file)
        entry = tarfile.TarInfo(name)
        entry.size, entry.mode = size, 0o600
        self._tar.addfile(entry, reading)
        self._members[name] = Member(size, reading.digest())


class _Hashed:
    """A file that is hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._hash = hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        chunk = self._file.read(size)
        self._hash.update(chunk)
        return chunk

    def digest(self) -> str:
        return self._hash.hexdigest()


class Archive:
    """An archive that was read from its first byte to its last and found whole.

    Raises:
        BackupError: it cannot be read, is no backup, is damaged, or has a form that is not known here.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            manifest, self.members = _verified(path)
        except OSError as fault:
            raise BackupError(f"{path} cannot be read: {fault.strerror or fault}.") from None
        except (tarfile.TarError, EOFError, ValueError, KeyError, TypeError) as fault:
            raise BackupError(
                f"{path} is no backup of Pynomaly, or is damaged: {fault}. Take another copy of it."
            ) from None
        self.contents = Contents(
            made_at=manifest["made_at"],
            version=manifest["version"],
            revision=manifest["revision"],
            tables=manifest["tables"],
            objects=manifest["objects"],
            object_bytes=manifest["object_bytes"],
        )

    def read(self, name: str) -> bytes:
        """The bytes of one member."""
        with self.opened(name) as file:
            return file.read()

    @contextlib.contextmanager
    def opened(self, name: str) -> Iterator[IO[bytes]]:
        """One member, to read from its beginning."""
        with tarfile.open(self.path, "r:") as tar:
            file = tar.extractfile(name)
            if file is None:
                raise KeyError(name)
            yield file

    def below(self, folder: str) -> Iterator[tuple[str, IO[bytes]]]:
        """The members of a folder, each with its name in it, in the order of the file."""
        with tarfile.open(self.path, "r:") as tar:
            for entry in tar:
                inside, _, name = entry.name.partition("/")
                if inside == folder and (file := tar.extractfile(entry)) is not None:
                    yield name, file


def _verified(path: Path) -> tuple[dict[str, Any], dict[str, Member]]:
    found: dict[str, Member] = {}
    kept: dict[str, bytes] = {}
    with tarfile.open(path, "r:") as tar:
        for entry in tar:
            file = tar.extractfile(entry) if entry.isreg() else None
            if file is None or entry.name in found:
                raise ValueError(f"its member {entry.name[:100]!r} is out of place")
            if entry.name in {MANIFEST, _DIGEST}:
                if entry.size > _MOST_MANIFEST_BYTES:
                    raise ValueError("its manifest is too large")
                kept[entry.name] = file.read()
                continue
            digest = hashlib.sha256()
            while chunk := file.read(_READ_BYTES):
                digest.update(chunk)
            found[entry.name] = Member(entry.size, digest.hexdigest())
    if set(kept) != {MANIFEST, _DIGEST}:
        raise ValueError("its end is missing")
    if hashlib.sha256(kept[MANIFEST]).hexdigest().encode() != kept[_DIGEST]:
        raise ValueError("its manifest was changed")
    manifest: dict[str, Any] = json.loads(kept[MANIFEST])
    if manifest["format"] != FORMAT:
        raise ValueError(f"its form is {manifest['format']!r}, and this version knows form {FORMAT}")
    said = {name: Member(**member) for name, member in manifest["members"].items()}
    for name in said.keys() | found.keys():
        if said.get(name) != found.get(name):
            raise ValueError(f"{name} is not what was backed up")
    return manifest, found
