"""Short transactions: the same on both databases, and failures as SQLAlchemy tells them."""

from __future__ import annotations

from datetime import UTC

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given
from hypothesis import settings as trying
from hypothesis import strategies as st

from pynomaly_server.db import session as db
from pynomaly_server.db.transactions import ManyRows, transaction
from pynomaly_server.db.types import UtcDateTime, utc_now

THINGS = sa.Table(
    "things",
    sa.MetaData(),
    sa.Column("name", sa.String(64), primary_key=True),
    sa.Column("number", sa.BigInteger),
    sa.Column("share", sa.Float),
    sa.Column("good", sa.Boolean),
    sa.Column("said", sa.JSON),
    sa.Column("at", UtcDateTime),
    sa.Column("kind", sa.String(8)),
    sa.Column("made_at", UtcDateTime),
)
VALUES = ("name", "number", "share", "good", "said", "at")
MANY = ManyRows(THINGS, VALUES, fixed={"kind": "thing", "made_at": utc_now()}, returning=("name", "made_at"))
FIND = sa.select(THINGS.c.number).where(THINGS.c.name == sa.bindparam("wanted", type_=sa.String))
RENAME = (
    sa.update(THINGS)
    .where(THINGS.c.name == sa.bindparam("wanted", type_=sa.String))
    .values(name=sa.bindparam("new", type_=sa.String))
)
END_OTHERS = sa.text(
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
# PostgreSQL keeps no text with NUL, and neither keeps half of a surrogate pair.
TEXTS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=20)
ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "name": TEXTS,
            "number": st.none() | st.integers(-(2**63), 2**63 - 1),
            "share": st.none() | st.floats(allow_nan=False, allow_infinity=False),
            "good": st.none() | st.booleans(),
            "said": st.dictionaries(
                TEXTS,
                st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | TEXTS, st.lists),
                max_size=3,
            ),
            "at": st.none() | st.datetimes(timezones=st.just(UTC)),
        }
    ),
    min_size=1,
    max_size=8,
    unique_by=lambda row: row["name"],
)


def thing(name, number=1):
    return {"name": name, "number": number, "share": None, "good": None, "said": {}, "at": None}


@pytest.fixture
async def sessions(settings):
    sessions = db.make_async_sessions(db.make_async_engine(settings))
    async with sessions.engine.begin() as connection:
        await connection.run_sync(THINGS.create)
    yield sessions
    await sessions.engine.dispose()


async def stored(sessions):
    async with sessions.read() as session:
        return (await session.execute(sa.select(THINGS))).mappings().all()


async def names(sessions):
    return sorted([row["name"] for row in await stored(sessions)])


@trying(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=ROWS)
async def test_rows_are_stored_as_they_were_given_however_many_at_once(sessions, rows):
    async with sessions.write() as session:
        await session.execute(sa.delete(THINGS))
        await session.commit()
    async with transaction(sessions) as storing:
        told = await storing.insert(MANY, rows)
        await storing.commit()
    found = {row["name"]: row for row in await stored(sessions)}
    assert {row.name: row.made_at for row in told} == {name: row["made_at"] for name, row in found.items()}
    assert {row["kind"] for row in found.values()} == {"thing"}
    assert {name: {each: row[each] for each in VALUES} for name, row in found.items()} == {
        row["name"]: row for row in rows
    }


async def test_what_is_not_committed_is_undone(sessions):
    async with transaction(sessions) as storing:
        await storing.insert(MANY, [thing("a")])
        assert [row.number for row in await storing.rows(FIND, {"wanted": "a"})] == [1]
    assert await names(sessions) == []


async def test_a_statement_without_rows_has_none_and_does_its_work(sessions):
    async with transaction(sessions) as storing:
        await storing.insert(MANY, [thing("a"), thing("b")])
        assert list(await storing.rows(RENAME, {"wanted": "b", "new": "c"})) == []
        await storing.commit()
    assert await names(sessions) == ["a", "c"]


async def test_what_fails_within_a_nested_one_is_undone_by_itself(sessions):
    async with transaction(sessions) as storing:
        await storing.insert(MANY, [thing("a")])
        with pytest.raises(sa.exc.IntegrityError):
            async with storing.nested():
                await storing.insert(MANY, [thing("b"), thing("a")])
        async with storing.nested():
            await storing.insert(MANY, [thing("c")])
        await storing.commit()
    assert await names(sessions) == ["a", "c"]


async def test_a_failure_is_told_as_a_session_would_and_the_next_transaction_works(sessions):
    for _ in range(2):
        with pytest.raises(sa.exc.IntegrityError):
            async with transaction(sessions) as storing:
                await storing.insert(MANY, [thing("a"), thing("a")])
    async with transaction(sessions) as storing:
        await storing.insert(MANY, [thing("a")])
        await storing.commit()
    assert await names(sessions) == ["a"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_connection_that_the_database_ends_under_way_is_told_and_not_used_again(sessions):
    async def broken_off():
        async with transaction(sessions) as storing:
            await storing.insert(MANY, [thing("a")])
            async with sessions.read() as other:
                await other.execute(END_OTHERS)
            await storing.commit()

    with pytest.raises(sa.exc.OperationalError):
        await broken_off()
    async with transaction(sessions) as storing:
        await storing.insert(MANY, [thing("b")])
        await storing.commit()
    assert await names(sessions) == ["b"]


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_statement_with_a_list_of_any_length_is_refused_by_name(sessions):
    async with transaction(sessions) as storing:
        with pytest.raises(ValueError, match="Give each value its own name"):
            await storing.rows(sa.select(THINGS.c.name).where(THINGS.c.name.in_(["a", "b"])))


@pytest.mark.parametrize("database_url", ["postgresql"], indirect=True)
async def test_a_database_that_is_away_is_an_operational_error(settings):
    away = settings.model_copy(update={"database_url": "postgresql://nobody@127.0.0.1:1/none"})
    sessions = db.make_async_sessions(db.make_async_engine(away))
    with pytest.raises(sa.exc.OperationalError):
        async with transaction(sessions):
            pass
    await sessions.engine.dispose()
