"""Connections to PostgreSQL: asked whether they are good where that may have changed, and no more."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from pynomaly_server.db import session as db

pytestmark = pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
END_ALL = sa.text(
    "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)


def ended_by_the_database(settings):
    other = sa.create_engine(db.database_url(settings, asynchronous=False))
    with other.connect() as connection:
        assert connection.scalar(END_ALL) > 0
    other.dispose()


def test_one_that_the_database_has_ended_is_replaced_without_a_word(settings, monkeypatch):
    monkeypatch.setattr(db, "TRUSTED_SECONDS", 0.0)
    sessions = db.make_sessions(db.make_engine(settings))
    for _ in range(2):
        with sessions.write() as session:
            assert session.scalar(sa.select(1)) == 1
        ended_by_the_database(settings)
    sessions.engine.dispose()


async def test_the_same_for_coroutines(settings, monkeypatch):
    monkeypatch.setattr(db, "TRUSTED_SECONDS", 0.0)
    engine = db.make_async_engine(settings)
    sessions = db.make_async_sessions(engine)
    for _ in range(2):
        async with sessions.read() as session:
            assert await session.scalar(sa.select(1)) == 1
        ended_by_the_database(settings)
    await engine.dispose()


def test_one_that_was_used_a_moment_ago_is_not_asked(settings, monkeypatch):
    monkeypatch.setattr(db, "TRUSTED_SECONDS", 3_600.0)
    engine = db.make_engine(settings)
    asked = []
    monkeypatch.setattr(engine.dialect, "do_ping", asked.append)
    sessions = db.make_sessions(engine)
    for _ in range(3):
        with sessions.read() as session:
            session.scalar(sa.select(1))
    assert asked == []
    engine.dispose()


def test_whoever_only_looks_opens_no_transaction_and_whoever_changes_does(settings):
    sessions = db.make_sessions(db.make_engine(settings))
    state = sa.text("SELECT pg_current_xact_id_if_assigned() IS NULL AND now() < clock_timestamp()")
    with sessions.read() as session:
        first, second = (session.scalar(sa.select(sa.func.now())) for _ in range(2))
        assert first < second
        assert session.scalar(state)
    with sessions.write() as session:
        first, second = (session.scalar(sa.select(sa.func.now())) for _ in range(2))
        assert first == second
    sessions.engine.dispose()
