"""The migrations make exactly the tables that the code expects."""

from __future__ import annotations

import asyncio
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from multiprocessing import get_context

import psycopg
import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from tests.integration.conftest import create_database
from tests.integration.registry import Staying

from pynomaly_server.backup.rows import tables_of
from pynomaly_server.db import migrate
from pynomaly_server.db.migrate import UnknownRevisionError, downgrade, upgrade
from pynomaly_server.db.revisions import MIGRATIONS, known_revisions, lacking
from pynomaly_server.db.session import make_engine, make_sessions
from pynomaly_server.db.tables import Base, TenantRow
from pynomaly_server.db.types import utc_now
from pynomaly_server.ids import new_id
from pynomaly_server.jobs.state import JobState
from pynomaly_server.jobs.tasks import JobTools, run_attempt
from pynomaly_server.services import Services
from pynomaly_server.settings import Settings


@pytest.fixture(params=["sqlite", "postgresql"])
def fresh(request, tmp_path):
    """The settings of a database that is empty."""
    if request.param == "sqlite":
        database_url = f"sqlite:///{tmp_path / 'pynomaly.db'}"
    else:
        postgres = request.getfixturevalue("postgres")
        database_url = postgres.get_uri(create_database(postgres))
    return Settings.load(data_dir=tmp_path, database_url=database_url, secret_key="x" * 32)


def differences(settings):
    engine = make_engine(settings)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        found = compare_metadata(context, Base.metadata)
    engine.dispose()
    return found


def test_the_migrated_schema_is_that_of_the_tables(fresh):
    upgrade(fresh)
    assert differences(fresh) == []


def test_migrating_twice_changes_nothing(fresh):
    upgrade(fresh)
    upgrade(fresh)
    assert differences(fresh) == []


def test_processes_may_migrate_at_once(fresh):
    with ProcessPoolExecutor(3, mp_context=get_context("spawn")) as pool:
        list(pool.map(upgrade, [fresh] * 3))
    assert differences(fresh) == []


def test_the_states_of_the_code_are_those_of_the_table():
    [constraint] = [
        check for check in Base.metadata.tables["jobs"].constraints if isinstance(check, sa.CheckConstraint)
    ]
    assert all(f"'{state}'" in str(constraint.sqltext) for state in JobState)


@pytest.fixture
def sessions(fresh):
    upgrade(fresh)
    sessions = make_sessions(make_engine(fresh))
    yield sessions
    sessions.engine.dispose()


def test_moments_come_back_in_utc_whatever_zone_they_were_given_in(sessions):
    given = datetime(2026, 5, 1, 14, 30, 15, 123456, tzinfo=timezone(timedelta(hours=2)))
    with sessions.write() as session:
        session.add(TenantRow(id="ten_1", name="a", created_at=given))
        session.commit()
    with sessions.read() as session:
        kept = session.get(TenantRow, "ten_1").created_at
    assert (kept, kept.tzinfo) == (given, UTC)


def test_the_databases_clock_can_be_stored_and_compared(sessions):
    with sessions.write() as session:
        session.execute(sa.insert(TenantRow).values(id="ten_1", name="a", created_at=utc_now(-5)))
        session.commit()
    with sessions.read() as session:
        moment = session.get(TenantRow, "ten_1").created_at
        older = session.scalar(sa.select(TenantRow.id).where(TenantRow.created_at < utc_now(-4)))
        newer = session.scalar(sa.select(TenantRow.id).where(TenantRow.created_at > utc_now(-4)))
    assert abs(moment - datetime.now(UTC)) < timedelta(seconds=60)
    assert (older, newer) == ("ten_1", None)


def test_a_moment_without_time_zone_is_refused(sessions):
    with sessions.write() as session, pytest.raises(sa.exc.StatementError, match="has no time zone"):
        session.execute(
            sa.insert(TenantRow).values(id="ten_1", name="a", created_at=datetime(2026, 5, 1))  # noqa: DTZ001
        )


def test_the_names_of_their_files_tell_the_migrations_in_the_order_in_which_they_run():
    scripts = ScriptDirectory(str(MIGRATIONS)).walk_revisions()
    assert [script.revision for script in scripts] == list(reversed(known_revisions()))


def test_every_migration_goes_forward_and_back_under_rows_of_all_that_came_before(fresh):
    """From each earlier revision to the next, back, and forward again; no row is lost that has a table."""
    known = known_revisions()
    for before, revision in zip([None, *known], known, strict=False):
        upgrade(fresh, revision)
        kept = rows_of(fresh)
        if before is not None:
            downgrade(fresh, before)
            upgrade(fresh, revision)
        assert {name: len(rows) for name, rows in kept.items() if rows} == {
            name: len(rows) for name, rows in rows_of(fresh).items() if rows
        }
        fill(fresh)
    assert differences(fresh) == []
    assert all(len(rows) == 1 for rows in rows_of(fresh).values())
    downgrade(fresh, known[0])
    assert rows_of(fresh)["tenants"]


def rows_of(settings):
    engine = make_engine(settings)
    with engine.connect() as connection:
        rows = {
            table.name: [tuple(row) for row in connection.execute(sa.select(table.primary_key.columns))]
            for table in tables_of(connection)
        }
    engine.dispose()
    return rows


OF_COLUMN = {"state": "queued", "role": "viewer", "outcome": "failed", "queue": "small"}
OF_TABLE = {
    "webhook_deliveries": {"state": "pending"},
    "job_shards": {"state": "waiting"},
    "jobs": {"outcome": {}},
}


def fill(settings):
    """One row in each table that has none."""
    engine = make_engine(settings)
    with engine.begin() as connection:
        for table in tables_of(connection):
            if connection.scalar(sa.select(sa.func.count()).select_from(table)):
                continue
            values = {column.name: of(column) for column in table.columns if not column.nullable}
            values |= {
                name: value
                for name, value in (OF_COLUMN | OF_TABLE.get(table.name, {})).items()
                if name in values
            }
            connection.execute(table.insert().values(values))
    engine.dispose()


def of(column):
    for kind, value in {
        sa.Boolean: False,
        sa.Integer: 1,
        sa.Float: 1.0,
        sa.DateTime: datetime(2026, 5, 1),  # noqa: DTZ001 - as SQLite keeps it
        sa.JSON: [],
        sa.LargeBinary: b"x",
        sa.Date: datetime(2026, 5, 1).date(),  # noqa: DTZ001
    }.items():
        if isinstance(column.type, kind):
            return value
    return "x"


def test_what_is_no_revision_is_not_gone_back_to(fresh):
    upgrade(fresh)
    with pytest.raises(UnknownRevisionError, match="0000 is no revision of this version"):
        downgrade(fresh, "0000")
    assert differences(fresh) == []


async def test_this_version_works_beside_the_next_on_tables_that_have_grown(world):
    """As in a rolling upgrade: the next release has migrated, and processes of this one go on."""
    next_release = (
        "ALTER TABLE jobs ADD COLUMN priority INTEGER DEFAULT 0 NOT NULL",
        "ALTER TABLE datasets ADD COLUMN origin VARCHAR(40)",
        "CREATE TABLE regions (id VARCHAR(40) PRIMARY KEY)",
        "UPDATE alembic_version SET version_num = '9999'",
    )
    waiting = await world.submit(rows=60)
    with world.sessions.write() as session:
        for statement in next_release:
            session.execute(sa.text(statement))
        session.commit()
    upgrade(world.settings)
    for job_id in (waiting.job_id, (await world.submit(rows=60)).job_id):
        tools = JobTools(world.attempts, world.store, world.settings, Staying())
        run_attempt(world.attempts.claim(job_id), tools)
        assert await world.state(job_id) == "succeeded"
    with world.sessions.read() as session:
        assert session.scalar(sa.text("SELECT version_num FROM alembic_version")) == "9999"
        assert session.scalar(sa.text("SELECT sum(priority) FROM jobs")) == 0
    assert lacking("9999") == ""


def test_a_migration_that_finds_a_table_in_use_lets_others_pass_and_tries_again(
    postgres, tmp_path, monkeypatch
):
    name = new_id("test")
    with psycopg.connect(postgres.get_uri(), autocommit=True) as connection:
        connection.execute(f'CREATE DATABASE "{name}"')
    settings = Settings.load(data_dir=tmp_path, database_url=postgres.get_uri(name), secret_key="x" * 32)
    upgrade(settings, "0001")
    monkeypatch.setattr(migrate, "_LOCK_SECONDS", 1)
    monkeypatch.setattr(migrate, "_REST_SECONDS", 0.05)
    with psycopg.connect(settings.database_url) as reader, ThreadPoolExecutor(1) as pool:
        reader.execute("SELECT * FROM jobs")  # a transaction that goes on, and keeps the table as it is
        migrating = pool.submit(upgrade, settings)
        with psycopg.connect(settings.database_url, autocommit=True) as other:
            while not other.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchall():
                assert not migrating.done()
            # Behind the migration that waits, and let through once that gives up.
            other.execute("SELECT count(*) FROM jobs")
        assert not migrating.done()
        reader.rollback()
        migrating.result()
    assert differences(settings) == []


def test_a_database_that_lacks_migrations_is_told_with_the_remedy():
    assert lacking(None) == "its tables are missing; run `pynomaly migrate`"
    known = known_revisions()
    assert lacking(known[0]) == (
        f"its tables are of an earlier version (0001, not {known[-1]}); run `pynomaly migrate`"
    )
    assert lacking(known[-1]) == ""


async def test_health_says_that_tables_are_missing_or_of_an_earlier_version(settings):
    services = Services(settings)

    async def database():
        [found] = [each for each in (await services._health.health()).checks if each.name == "database"]
        return found.status, found.detail

    try:
        known = known_revisions()
        assert await database() == ("ok", "answered")
        await asyncio.to_thread(downgrade, settings, known[-2])
        assert await database() == ("down", lacking(known[-2]))
        engine = make_engine(settings)
        with engine.begin() as connection:
            connection.execute(sa.text("DROP TABLE alembic_version"))
        engine.dispose()
        assert await database() == ("down", "its tables are missing; run `pynomaly migrate`")
    finally:
        services._publisher.close()
        await services._broker.aclose()
        await services._engine.dispose()
