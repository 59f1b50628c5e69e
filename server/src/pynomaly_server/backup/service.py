"""Takes backups of a server that is at work, and makes a server of a backup."""

from __future__ import annotations

import asyncio
import hashlib
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO, Final

import sqlalchemy as sa

from pynomaly_server.backup.archive import SECRET_KEY, Archive, ArchiveWriter, BackupError, Contents
from pynomaly_server.backup.rows import digest, read_rows, references, tables_of, write_rows
from pynomaly_server.db.migrate import make_folder, upgrade
from pynomaly_server.db.revisions import current_revision, known_revisions
from pynomaly_server.db.session import make_engine
from pynomaly_server.settings import Settings
from pynomaly_server.storage.objects import READ_BYTES, ObjectMissingError, ObjectStore

_TRIES: Final = 5
_OF_TENANTS: Final = "tenants"
_OBJECTS: Final = "objects"
_TABLES: Final = "tables"


def back_up(settings: Settings, target: Path) -> tuple[Path, Contents]:
    """Write everything that the server keeps to `target`, a file or a folder for one; say which and what.

    The server may be at work. The rows are those of one moment; then the objects are copied, and where one
    that the rows name was removed meanwhile, the rows are taken once more. What was written is read again
    before it counts.

    Raises:
        BackupError: the file is there already or cannot be written, the database is not one of this version
            or an earlier one, or objects are missing.
    """
    if settings.secret_key is None:
        raise BackupError(
            f"There is no server's secret key in {settings.data_dir}, and PYNOMALY_SECRET_KEY is not set. "
            "Without it a backup would be worth nothing. Name the server's data folder with --data-dir."
        )
    path = target / f"pynomaly-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.tar" if target.is_dir() else target
    engine = make_engine(settings)
    try:
        with ArchiveWriter(path) as archive:
            dump = _copied(engine, settings.storage_url, archive, path.parent)
            sizes = [m.size for name, m in archive.members.items() if name.startswith(f"{_OBJECTS}/")]
            archive.add_bytes(SECRET_KEY, settings.secret_key.get_secret_value().encode() + b"\n")
            contents = archive.finish(
                Contents(
                    made_at=datetime.now(UTC).isoformat(timespec="seconds"),
                    version=version("pynomaly-server"),
                    revision=dump.revision,
                    tables=dump.rows,
                    objects=len(sizes),
                    object_bytes=sum(sizes),
                )
            )
    finally:
        engine.dispose()
    return path, contents


def restore(settings: Settings, archive: Archive) -> None:
    """Make the empty database and the empty storage of the settings what they were in the backup.

    Objects come first and rows last, all of them in one transaction; both are read again and compared with
    the backup. Then the database gets the tables of this version. A secret key that the settings do not have
    yet is put into the data folder, mode 0600.

    Raises:
        BackupError: something is there already, the backup is of a later version, or the settings have
            another secret key than the server that was backed up.
    """
    _check_revision(archive)
    secret_key = archive.read(SECRET_KEY).decode().strip()
    if settings.secret_key is not None and settings.secret_key.get_secret_value() != secret_key:
        raise BackupError(
            "PYNOMALY_SECRET_KEY, or the data folder, has another secret key than the server that was backed "
            "up, under which its API keys, credentials and models could not be read. Take it away; the "
            "backup brings its own."
        )
    store = ObjectStore.from_url(settings.storage_url)
    make_folder(settings)
    engine = make_engine(settings)
    try:
        with engine.connect() as connection:
            if sa.inspect(connection).get_table_names():
                raise BackupError(
                    "The database is not empty. Name an empty one with DATABASE_URL, or another data folder "
                    "with --data-dir; a backup is never mixed with something else."
                )
        for tenant_id in _tenants_of(archive):
            if next(store.list_objects(f"{_OF_TENANTS}/{tenant_id}"), None) is not None:
                raise BackupError(
                    f"{settings.storage_url} already has objects of this server. Name an empty storage with "
                    "PYNOMALY_STORAGE_URL."
                )
        asyncio.run(_put_objects(store, archive))
        upgrade(settings, archive.contents.revision)
        _insert_rows(engine, archive)
    finally:
        engine.dispose()
    upgrade(settings)
    if settings.secret_key is None:
        _keep_secret(settings.data_dir, secret_key)


class _Dump:
    """The rows of one moment, in files of a folder."""

    def __init__(self, engine: sa.Engine, folder: Path) -> None:
        self._folder = folder
        self.rows: dict[str, int] = {}
        with _one_moment(engine) as connection:
            revision = current_revision(connection)
            if revision is None or revision not in known_revisions():
                raise BackupError(
                    "The database has no tables of Pynomaly. Is DATABASE_URL, or --data-dir, the server's?"
                    if revision is None
                    else f"The database is of a later version (revision {revision}). Back it up with that."
                )
            self.revision = revision
            tables = {table.name: table for table in tables_of(connection)}
            for name, table in tables.items():
                with (folder / name).open("xb") as file:
                    self.rows[name] = write_rows(connection, table, file)
            self.tenants = list(connection.scalars(sa.select(tables[_OF_TENANTS].columns.id)))
            self._objects, self._results = references(connection, tables)

    def missing(self, copied: set[str]) -> set[str]:
        """Keys of objects that rows name and that are not among `copied`."""
        folders = {key.rpartition("/")[0] for key in copied}
        return (self._objects - copied) | (self._results - folders)

    def add_to(self, archive: ArchiveWriter) -> None:
        for name in self.rows:
            with (self._folder / name).open("rb") as file:
                archive.add(f"{_TABLES}/{name}", file)


def _copied(engine: sa.Engine, storage_url: str, archive: ArchiveWriter, folder: Path) -> _Dump:
    """Write rows and objects that belong together to the archive; `folder` has room for the rows."""
    store = ObjectStore.from_url(storage_url)
    missing: set[str] = set()
    for _ in range(_TRIES):
        with tempfile.TemporaryDirectory(dir=folder, prefix=".pynomaly-backup-") as beside:
            dump = _Dump(engine, Path(beside))
            _copy_objects(store, dump.tenants, archive)
            missing = dump.missing({name.partition("/")[2] for name in archive.members})
            if not missing:
                dump.add_to(archive)
                return dump
    raise BackupError(
        f"The database names {len(missing)} objects that {storage_url} does not have, {min(missing)} among "
        "them. Is PYNOMALY_STORAGE_URL the server's?"
    )


@contextmanager
def _one_moment(engine: sa.Engine) -> Iterator[sa.Connection]:
    """A connection whose statements all see the same rows: a snapshot, which keeps no writer waiting."""
    with engine.connect() as connection:
        if engine.dialect.name == "postgresql":
            connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


def _copy_objects(store: ObjectStore, tenants: list[str], archive: ArchiveWriter) -> None:
    """Copy the objects of these tenants that are not in the archive yet; one that vanishes is left out."""
    for tenant_id in tenants:
        for found in store.list_objects(f"{_OF_TENANTS}/{tenant_id}"):
            name = f"{_OBJECTS}/{found.key}"
            if name in archive:
                continue
            try:
                with store.local_path(found.key) as path, path.open("rb") as file:
                    archive.add(name, file)
            except (ObjectMissingError, FileNotFoundError):
                continue


def _check_revision(archive: Archive) -> None:
    if archive.contents.revision not in known_revisions():
        raise BackupError(
            f"{archive.path} was taken by version {archive.contents.version} with tables of a later version "
            f"(revision {archive.contents.revision}). Restore it with that version or a later one."
        )


def _tenants_of(archive: Archive) -> set[str]:
    keys = (name for name in archive.members if name.startswith(f"{_OBJECTS}/{_OF_TENANTS}/"))
    return {key.split("/")[2] for key in keys}


async def _put_objects(store: ObjectStore, archive: Archive) -> None:
    for key, file in archive.below(_OBJECTS):
        await store.put(key, _chunks(file))
        hashing = hashlib.sha256()
        async for chunk in store.open_read(key):
            hashing.update(chunk)
        if hashing.hexdigest() != archive.members[f"{_OBJECTS}/{key}"].sha256:
            raise BackupError(f"The storage does not give back {key} as it was stored. Is it sound?")


async def _chunks(file: IO[bytes]) -> AsyncIterator[bytes]:
    while chunk := file.read(READ_BYTES):
        yield chunk


def _insert_rows(engine: sa.Engine, archive: Archive) -> None:
    with engine.begin() as connection:
        for table in tables_of(connection):
            name = f"{_TABLES}/{table.name}"
            with archive.opened(name) as file:
                read_rows(connection, table, file)
            if digest(connection, table) != archive.members[name].sha256:
                raise BackupError(
                    f"The database does not give back the rows of {table.name} as they were inserted, so "
                    "none was kept. Please report this with the versions of both databases."
                )


def _keep_secret(data_dir: Path, secret_key: str) -> None:
    data_dir.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(data_dir / "secret.key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(secret_key + "\n")
