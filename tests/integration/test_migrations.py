"""The migrations make exactly the tables that the code expects."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from datetime import UTC, datetime, timedelta, timezone
from multiprocessing import get_context

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from tests.integration.conftest import create_database

from pynomaly_server.db.migrate import upgrade
from pynomaly_server.db.session import make_engine, make_sessions
from pynomaly_server.db.tables import Base, TenantRow
from pynomaly_server.db.types import utc_now
from pynomaly_server.jobs.state import JobState
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
