"""Sessions on SQLite: durable, strict, and patient with each other."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from pynomaly_server.db.session import make_engine, make_sessions
from pynomaly_server.db.tables import ApiKeyRow, TenantRow
from pynomaly_server.db.types import utc_now
from pynomaly_server.settings import Settings


@pytest.fixture
def sessions(sqlite_url, tmp_path):
    settings = Settings.load(data_dir=tmp_path, database_url=sqlite_url, secret_key="x" * 32)
    sessions = make_sessions(make_engine(settings))
    yield sessions
    sessions.engine.dispose()


def pragma(sessions, name):
    with sessions.read() as session:
        return session.scalar(sa.text(f"PRAGMA {name}"))


def test_the_database_is_in_wal_mode_and_synced_at_each_commit(sessions):
    assert (pragma(sessions, "journal_mode"), pragma(sessions, "synchronous")) == ("wal", 2)


def test_a_row_needs_its_tenant(sessions):
    orphan = sa.insert(ApiKeyRow).values(
        id="key_1", tenant_id="ten_x", name="n", prefix="p", key_hash="h", scopes=[], created_at=utc_now()
    )
    with sessions.write() as session, pytest.raises(sa.exc.IntegrityError):
        session.execute(orphan)


def test_nothing_is_kept_without_a_commit(sessions):
    with sessions.write() as session:
        session.add(TenantRow(id="ten_1", name="a", created_at=datetime.now(UTC)))
        session.flush()
    with sessions.read() as session:
        assert session.get(TenantRow, "ten_1") is None


def test_writers_that_read_first_wait_for_each_other(sessions):
    """Without a place in the queue from the beginning, SQLite would refuse all but one of them at once."""
    with sessions.write() as session:
        session.add(TenantRow(id="ten_1", name="0", created_at=datetime.now(UTC)))
        session.commit()
    together = threading.Barrier(4)

    def count_up(_):
        together.wait()
        for _ in range(10):
            with sessions.write() as session:
                number = int(session.scalar(sa.select(TenantRow.name)))
                session.execute(sa.update(TenantRow).values(name=str(number + 1)))
                session.commit()

    with ThreadPoolExecutor(4) as threads:
        list(threads.map(count_up, range(4)))
    with sessions.read() as session:
        assert session.scalar(sa.select(TenantRow.name)) == "40"


def test_a_time_within_a_statement_is_that_of_this_statement_and_not_of_one_before_it(sessions):
    with sessions.read() as session:
        now, later, again = [session.scalar(sa.select(utc_now(seconds))) for seconds in (0.0, 3_600.0, 0.0)]
    assert 3_590 < (later - now).total_seconds() < 3_610
    assert (again - now).total_seconds() < 10


def test_statements_with_times_are_compiled_once():
    def change(seconds):
        return sa.update(TenantRow).values(served_at=utc_now(seconds))._generate_cache_key()

    assert change(15.0) is not None
    assert change(15.0) == change(15.0) != change(20.0)
