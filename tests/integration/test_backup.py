"""A server is backed up while it is there, and goes on elsewhere from the file."""

from __future__ import annotations

import asyncio
import stat

import psycopg
import pytest
import sqlalchemy as sa
from pydantic import SecretStr
from tests.integration.conftest import SECRET, free_port
from tests.integration.registry import UNLABELLED, Staying, one_database
from tests.integration.test_credentials import s3 as keys_of_a_bucket
from tests.integration.test_credentials import wanted

from pynomaly_server.auth.service import AuthService
from pynomaly_server.backup.archive import Archive, ArchiveWriter, BackupError
from pynomaly_server.backup.service import back_up, restore
from pynomaly_server.credentials.vault import open_now
from pynomaly_server.db.migrate import upgrade
from pynomaly_server.db.session import make_async_engine, make_async_sessions, make_engine
from pynomaly_server.db.tables import Base
from pynomaly_server.ids import new_id
from pynomaly_server.jobs.tasks import JobTools, run_attempt
from pynomaly_server.settings import Settings
from pynomaly_server.storage.objects import ObjectStore


@pytest.fixture
async def lived_in(world, registry):
    """A server with a job done and one waiting, a model and a credential."""
    done = await world.submit(rows=1_500)
    attempt = world.attempts.claim(done.job_id)
    run_attempt(attempt, JobTools(world.attempts, world.store, world.settings, Staying()))
    assert await world.state(done.job_id) == "succeeded"
    await registry.train()
    await world.credentials.create(world.principal, wanted(s3=keys_of_a_bucket()))
    await world.submit(rows=20)
    return world


@pytest.fixture
async def backup(lived_in, tmp_path):
    path, _ = await asyncio.to_thread(back_up, lived_in.settings, tmp_path / "backup.tar")
    return path


@pytest.fixture
def elsewhere(tmp_path):
    """An installation that has nothing yet, on SQLite."""
    return Settings.load(data_dir=tmp_path / "elsewhere", redis_url=f"redis://127.0.0.1:{free_port()}/0")


async def restored(settings, path):
    await asyncio.to_thread(lambda: restore(settings, Archive(path)))


def rows_of(settings):
    engine = make_engine(settings)
    with engine.connect() as connection:
        found = {
            table.name: sorted(map(repr, connection.execute(sa.select(table)).all()))
            for table in Base.metadata.sorted_tables
        }
    engine.dispose()
    return found


def objects_of(settings, tenant_id):
    store = ObjectStore.from_url(settings.storage_url)
    found = {}
    for each in store.list_objects(f"tenants/{tenant_id}"):
        with store.local_path(each.key) as path:
            found[each.key] = path.read_bytes()
    return found


async def test_every_row_and_object_is_as_it_was_in_the_server_that_was_restored(lived_in, backup, elsewhere):
    await restored(elsewhere, backup)
    rows = rows_of(elsewhere)
    assert rows == rows_of(lived_in.settings)
    assert [len(rows[name]) for name in ("jobs", "model_versions", "credentials", "api_keys")] == [3, 1, 1, 1]
    tenant_id = lived_in.principal.tenant_id
    objects = objects_of(elsewhere, tenant_id)
    assert objects == objects_of(lived_in.settings, tenant_id)
    assert len(objects) >= 4


async def test_keys_credentials_and_models_work_in_the_server_that_was_restored(
    lived_in, registry, backup, elsewhere
):
    plain, _ = await lived_in.auth.create_key(lived_in.principal.tenant_id, "later", ["*"])
    expected = (await registry.predict("fraud", UNLABELLED)).scores
    await restored(elsewhere, backup)
    settings = Settings.load(data_dir=elsewhere.data_dir, redis_url=elsewhere.redis_url)
    assert settings.secret_key == SecretStr(SECRET)
    [credential] = (await lived_in.credentials.list(lived_in.principal, limit=10)).items
    secrets = open_now(settings, lived_in.principal.tenant_id, credential.credential_id)
    assert secrets == open_now(lived_in.settings, lived_in.principal.tenant_id, credential.credential_id)
    engine = make_async_engine(settings)
    auth = AuthService(make_async_sessions(engine), settings.secret)
    assert await auth.authenticate(plain) is None, "a key made after the backup is not in it"
    made, _ = await auth.create_key(lived_in.principal.tenant_id, "there", ["*"])
    assert (await auth.authenticate(made)).tenant_id == lived_in.principal.tenant_id
    await engine.dispose()
    registry.world.settings.data_dir.joinpath("objects").rename(lived_in.settings.data_dir / "lost")
    elsewhere.data_dir.joinpath("objects").rename(lived_in.settings.data_dir / "objects")
    registry.cache.__init__(0)
    assert (await registry.predict("fraud", UNLABELLED)).scores == expected


@one_database
async def test_what_sqlite_has_kept_goes_on_in_postgresql(lived_in, backup, postgres, tmp_path):
    name = new_id("test")
    with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    settings = Settings.load(data_dir=tmp_path / "moved", database_url=postgres.get_uri(name))
    await restored(settings, backup)
    assert rows_of(settings) == rows_of(lived_in.settings)


async def test_a_backup_of_earlier_tables_is_restored_to_those_of_this_version(tmp_path, elsewhere):
    earlier = Settings.load(data_dir=tmp_path / "earlier", secret_key=SECRET)
    upgrade(earlier, "0003")
    engine = make_engine(earlier)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO tenants (id, name, created_at) VALUES ('ten_1', 'a', '2026-05-01 12:00:00.000000')"
        )
    engine.dispose()
    path, contents = await asyncio.to_thread(back_up, earlier, tmp_path / "earlier.tar")
    assert (contents.revision, contents.rows) == ("0003", 1)
    await restored(elsewhere, path)
    assert "'ten_1'" in rows_of(elsewhere)["tenants"][0]


@one_database
async def test_a_backup_is_for_its_owners_eyes_and_overwrites_nothing(lived_in, backup, tmp_path):
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    with pytest.raises(BackupError, match="is there already"):
        await asyncio.to_thread(back_up, lived_in.settings, backup)
    folder = tmp_path / "folder"
    folder.mkdir()
    path, _ = await asyncio.to_thread(back_up, lived_in.settings, folder)
    assert list(folder.iterdir()) == [path]


@one_database
@pytest.mark.parametrize("place", [0.001, 0.2, 0.5, 0.8, 0.97])
async def test_a_changed_bit_anywhere_is_found_before_anything_is_restored(backup, elsewhere, place):
    content = bytearray(backup.read_bytes())
    # Not in the zeros between members, which are nothing.
    at = next(at for at in range(int(len(content) * place), len(content)) if content[at])
    content[at] ^= 4
    backup.write_bytes(content)
    with pytest.raises(BackupError, match="damaged"):
        await restored(elsewhere, backup)
    assert not elsewhere.data_dir.exists()


@one_database
async def test_a_file_that_was_cut_off_or_is_something_else_is_refused(backup, tmp_path):
    content = backup.read_bytes()
    for kept in (0, 100, len(content) // 2, len(content) - 20_000):
        backup.write_bytes(content[:kept])
        with pytest.raises(BackupError, match="damaged"):
            Archive(backup)
    with pytest.raises(BackupError, match="cannot be read: No such file"):
        Archive(tmp_path / "nowhere.tar")


async def test_a_target_that_is_not_empty_is_left_as_it_is(lived_in, backup):
    before = rows_of(lived_in.settings)
    with pytest.raises(BackupError, match="The database is not empty"):
        await restored(lived_in.settings, backup)
    assert rows_of(lived_in.settings) == before


@one_database
async def test_a_server_with_another_secret_key_is_refused(backup, tmp_path):
    other = Settings.load(data_dir=tmp_path / "other", secret_key="another" * 8)
    with pytest.raises(BackupError, match="another secret key"):
        await restored(other, backup)


@one_database
async def test_tables_of_a_later_version_are_refused(backup, elsewhere, tmp_path):
    later = tmp_path / "later.tar"
    archive = Archive(backup)
    said = archive.contents
    with ArchiveWriter(later) as writer:
        writer.add_bytes("secret.key", archive.read("secret.key"))
        writer.finish(type(said)(said.made_at, "9.9", "9999", said.tables, said.objects, said.object_bytes))
    with pytest.raises(BackupError, match=r"taken by version 9\.9 with tables of a later version"):
        await restored(elsewhere, later)


@one_database
async def test_a_backup_without_what_its_rows_name_is_not_made(lived_in, tmp_path):
    for found in lived_in.store.list_objects(f"tenants/{lived_in.principal.tenant_id}"):
        if "/models/" in found.key:
            lived_in.store.delete_now(found.key)
    with pytest.raises(BackupError, match="names 1 objects that file://"):
        await asyncio.to_thread(back_up, lived_in.settings, tmp_path / "backup.tar")
    assert [path.name for path in tmp_path.iterdir() if "backup" in path.name] == []


@one_database
async def test_what_is_removed_while_it_is_copied_is_not_missed(lived_in, tmp_path, monkeypatch):
    """The rows are taken anew, as often as one that they name has gone."""
    tenant_id = lived_in.principal.tenant_id
    listed = type(lived_in.store).list_objects

    def deleting_first(store, prefix, *, after=""):
        monkeypatch.undo()
        with lived_in.sessions.write() as session:
            session.execute(sa.delete(Base.metadata.tables["model_versions"]))
            session.commit()
        for found in list(listed(lived_in.store, f"tenants/{tenant_id}/models")):
            lived_in.store.delete_now(found.key)
        yield from listed(store, prefix, after=after)

    monkeypatch.setattr(type(lived_in.store), "list_objects", deleting_first)
    path, contents = await asyncio.to_thread(back_up, lived_in.settings, tmp_path / "backup.tar")
    assert contents.tables["model_versions"] == 0
    assert not any("/models/" in name for name in Archive(path).members)


@one_database
async def test_objects_go_to_s3_and_come_back_from_there(backup, s3, tmp_path):
    settings = Settings.load(data_dir=tmp_path / "cloud", storage_url="s3://bucket/restored")
    await restored(settings, backup)
    settings = Settings.load(data_dir=tmp_path / "cloud", storage_url="s3://bucket/restored")
    again, _ = await asyncio.to_thread(back_up, settings, tmp_path / "again.tar")
    assert Archive(again).members == Archive(backup).members
    other = Settings.load(data_dir=tmp_path / "other", storage_url="s3://bucket/restored")
    with pytest.raises(BackupError, match="s3://bucket/restored already has objects of this server"):
        await restored(other, backup)
