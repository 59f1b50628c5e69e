"""Chains of audit entries in a database: they grow without gaps, and what is done to them is found."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from pynomaly_server.audit.chain import Chain, Deed, Head, Outcome
from pynomaly_server.audit.trail import AuditTrail
from pynomaly_server.audit.verification import Verification
from pynomaly_server.cli import main
from pynomaly_server.db.session import make_async_engine, make_async_sessions
from pynomaly_server.db.tables import AuditHeadRow, AuditRow, TenantRow
from pynomaly_server.db.types import utc_now
from pynomaly_server.settings import Settings

SECRET = "integration-tests-only-0123456789abcdef"
OURS, THEIRS = "ten_ours", "ten_theirs"
OF_OURS = AuditRow.tenant_id == OURS


def deed(tenant: str = OURS, action: str = "createApiKey", request_id: str = "req_1") -> Deed:
    return Deed(
        tenant_id=tenant,
        time=datetime.now(UTC),
        actor="key_1",
        action=action,
        resource="key_2",
        outcome=Outcome.SUCCEEDED,
        status=201,
        address="192.0.2.7",
        request_id=request_id,
    )


@pytest.fixture
def settings(database_url, tmp_path):
    return Settings.load(
        data_dir=tmp_path, database_url=database_url, secret_key=SECRET, redis_url="redis://nobody.asks"
    )


@pytest.fixture
async def sessions(settings):
    engine = make_async_engine(settings)
    sessions = make_async_sessions(engine)
    async with sessions.write() as session:
        for tenant in (OURS, THEIRS):
            await session.execute(sa.insert(TenantRow).values(id=tenant, name=tenant, created_at=utc_now()))
        await session.commit()
    yield sessions
    await engine.dispose()


@pytest.fixture
async def trail(sessions):
    trail = AuditTrail(sessions, Chain(SECRET))
    yield trail
    await trail.aclose()


async def rows(sessions, tenant=OURS):
    async with sessions.read() as session:
        statement = sa.select(AuditRow).where(AuditRow.tenant_id == tenant).order_by(AuditRow.seq)
        return (await session.scalars(statement)).all()


async def faults(sessions, noted=None):
    verdicts = await Verification(sessions, Chain(SECRET)).verify(noted)
    return {verdict.tenant_id: verdict.faults for verdict in verdicts}


async def do(sessions, *statements):
    async with sessions.write() as session:
        for statement in statements:
            await session.execute(statement.execution_options(synchronize_session=False))
        await session.commit()


async def test_each_entry_follows_the_one_before_and_tenants_have_chains_of_their_own(trail, sessions):
    for number in range(3):
        await trail.append(deed(request_id=f"req_{number}"))
    await trail.append(deed(THEIRS))
    ours, theirs = await rows(sessions), await rows(sessions, THEIRS)
    assert [row.seq for row in ours] == [1, 2, 3]
    assert [row.previous_hash for row in ours] == ["0" * 64, ours[0].hash, ours[1].hash]
    assert [row.seq for row in theirs] == [1]
    assert await faults(sessions) == {OURS: [], THEIRS: []}


async def test_what_comes_at_once_is_stored_in_order_and_without_gaps(trail, sessions):
    await asyncio.gather(
        *(
            trail.append(deed(OURS if number % 3 else THEIRS, request_id=f"req_{number:03}"))
            for number in range(300)
        )
    )
    ours = await rows(sessions)
    assert [row.seq for row in ours] == list(range(1, 201))
    assert [row.request_id for row in ours] == sorted(row.request_id for row in ours)
    assert await faults(sessions) == {OURS: [], THEIRS: []}


async def test_an_entry_whose_caller_has_gone_is_stored_all_the_same(trail, sessions):
    gone = asyncio.create_task(trail.append(deed(request_id="req_gone")))
    await asyncio.sleep(0)
    gone.cancel()
    await trail.append(deed(request_id="req_next"))
    assert [row.request_id for row in await rows(sessions)] == ["req_gone", "req_next"]


async def test_whoever_waits_is_told_when_nothing_can_be_stored_and_later_entries_are(trail, sessions):
    with pytest.raises(SQLAlchemyError):
        await trail.append(deed("ten_nobody"))
    await trail.append(deed())
    assert len(await rows(sessions)) == 1


async def test_an_entry_that_cannot_be_stored_takes_none_of_its_neighbours_with_it(trail, sessions):
    handed_in = [trail.hand_in(deed(tenant)) for tenant in (OURS, "ten_nobody", THEIRS, OURS)]
    told = await asyncio.gather(*handed_in, return_exceptions=True)
    assert [isinstance(each, SQLAlchemyError) for each in told] == [False, True, False, False]
    assert (len(await rows(sessions)), len(await rows(sessions, THEIRS))) == (2, 1)
    assert await faults(sessions) == {OURS: [], THEIRS: []}


APPEND = """
import asyncio, sys
from datetime import UTC, datetime
from pynomaly_server.audit.chain import Chain, Deed, Outcome
from pynomaly_server.audit.trail import AuditTrail
from pynomaly_server.db.session import make_async_engine, make_async_sessions
from pynomaly_server.settings import Settings

async def append():
    settings = Settings.load()
    engine = make_async_engine(settings)
    trail = AuditTrail(make_async_sessions(engine), Chain(settings.secret))
    print("ready", flush=True)
    sys.stdin.readline()
    for number in range(60):
        await trail.append(Deed(
            tenant_id="ten_ours", time=datetime.now(UTC), actor=sys.argv[1], action="cancelJob",
            resource=None, outcome=Outcome.SUCCEEDED, status=200, address=None, request_id=f"req_{number:03}",
        ))
    await engine.dispose()

asyncio.run(append())
"""


async def test_two_processes_that_append_at_once_make_one_chain(settings, sessions):
    env = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "DATABASE_URL": settings.database_url,
        "PYNOMALY_DATA_DIR": str(settings.data_dir),
        "PYNOMALY_SECRET_KEY": SECRET,
        "REDIS_URL": "redis://nobody.asks",
    }
    processes = [
        subprocess.Popen(  # noqa: ASYNC220 - nothing else runs in this loop
            [sys.executable, "-c", APPEND, actor],
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for actor in ("key_a", "key_b")
    ]
    for process in processes:
        assert process.stdout.readline() == "ready\n"
    for process in processes:
        process.stdin.write("go\n")
        process.stdin.flush()
    assert [process.wait() for process in processes] == [0, 0]
    for process in processes:
        process.stdin.close()
        process.stdout.close()
    found = await rows(sessions)
    assert [row.seq for row in found] == list(range(1, 121))
    for actor in ("key_a", "key_b"):
        assert [row.request_id for row in found if row.actor == actor] == [f"req_{n:03}" for n in range(60)]
    assert await faults(sessions) == {OURS: []}


def edited():
    return [sa.update(AuditRow).where(OF_OURS, AuditRow.seq == 3).values(actor="key_9")]


def deleted():
    return [sa.delete(AuditRow).where(OF_OURS, AuditRow.seq.in_([3, 4]))]


def deleted_and_closed_up():
    return [
        sa.delete(AuditRow).where(OF_OURS, AuditRow.seq == 5),
        sa.update(AuditRow).where(OF_OURS, AuditRow.seq == 6).values(seq=5),
        sa.update(AuditHeadRow).where(AuditHeadRow.tenant_id == OURS).values(seq=5),
    ]


def reordered():
    return [
        sa.update(AuditRow).where(OF_OURS, AuditRow.seq == 2).values(seq=99),
        sa.update(AuditRow).where(OF_OURS, AuditRow.seq == 3).values(seq=2),
        sa.update(AuditRow).where(OF_OURS, AuditRow.seq == 99).values(seq=3),
    ]


def rehashed_without_the_key():
    return [sa.update(AuditRow).where(OF_OURS, AuditRow.seq == 6).values(status=200, hash="f" * 64)]


def cut_off():
    return [sa.delete(AuditRow).where(OF_OURS, AuditRow.seq == 6)]


def beginning_removed():
    return [sa.delete(AuditRow).where(OF_OURS, AuditRow.seq == 1)]


def head_removed():
    return [sa.delete(AuditHeadRow).where(AuditHeadRow.tenant_id == OURS)]


def head_set_back():
    return [sa.update(AuditHeadRow).where(AuditHeadRow.tenant_id == OURS).values(seq=5)]


TAMPERINGS = {
    edited: ["entry 3 was changed or moved"],
    deleted: ["entries 3 to 4 are missing"],
    deleted_and_closed_up: ["entry 5 does not follow the one before it", "entry 5 was changed or moved"],
    reordered: [
        "entry 2 does not follow the one before it",
        "entry 2 was changed or moved",
        "entry 3 does not follow the one before it",
        "entry 3 was changed or moved",
        "entry 4 does not follow the one before it",
    ],
    rehashed_without_the_key: ["entry 6 was changed or moved", "the head is not entry 6 as it is there"],
    cut_off: ["the head is entry 6, but the log ends at entry 5: its end is missing"],
    beginning_removed: ["entry 1 is missing"],
    head_removed: ["the head is missing, which says where the log ends"],
    head_set_back: ["the head is entry 5, but the log goes on to entry 6: it was set back"],
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("tampering", TAMPERINGS, ids=lambda tampering: tampering.__name__)
async def test_tampering_is_found_and_named(trail, sessions, tampering):
    for number in range(6):
        await trail.append(deed(request_id=f"req_{number}"))
    await do(sessions, *tampering())
    assert await faults(sessions) == {OURS: TAMPERINGS[tampering]}


async def test_a_log_that_was_cut_off_cleanly_shows_against_a_head_noted_before(trail, sessions):
    for number in range(3):
        await trail.append(deed(request_id=f"req_{number}"))
    [noted] = await Verification(sessions, Chain(SECRET)).heads()
    second = (await rows(sessions))[1]
    await do(
        sessions,
        sa.delete(AuditRow).where(OF_OURS, AuditRow.seq == 3),
        sa.update(AuditHeadRow).where(AuditHeadRow.tenant_id == OURS).values(seq=2, hash=second.hash),
    )
    assert await faults(sessions) == {OURS: []}
    assert await faults(sessions, {OURS: noted}) == {
        OURS: ["entry 3, which was noted as the head, is not there: the log was cut off or written anew"]
    }


async def test_a_noted_head_lies_on_a_log_that_went_on(trail, sessions):
    await trail.append(deed())
    [noted] = await Verification(sessions, Chain(SECRET)).heads()
    await trail.append(deed())
    assert noted == Head(OURS, 1, (await rows(sessions))[0].hash)
    assert await faults(sessions, {OURS: noted}) == {OURS: []}


async def test_a_log_that_vanished_as_a_whole_shows_against_a_noted_head(sessions):
    assert await faults(sessions, {OURS: Head(OURS, 4, "a" * 64)}) == {
        OURS: ["entry 4, which was noted as the head, is not there: the log was cut off or written anew"]
    }


async def test_the_command_verifies_and_prints_heads(
    trail, sessions, settings, monkeypatch, capsys, tmp_path
):
    monkeypatch.setenv("DATABASE_URL", settings.database_url)
    monkeypatch.setenv("PYNOMALY_SECRET_KEY", SECRET)
    arguments = ["--data-dir", str(settings.data_dir)]

    async def run(*words):
        status = await asyncio.to_thread(main, ["audit", *words, *arguments])
        return status, capsys.readouterr().out

    assert await run("verify") == (0, "There are no entries yet.\n")
    await trail.append(deed())
    await trail.append(deed())
    assert await run("verify") == (0, f"{OURS}  2 entries  sound\n")
    status, heads = await run("head")
    assert (status, heads) == (0, f"{OURS} 2 {(await rows(sessions))[1].hash}\n")
    (tmp_path / "heads").write_text(heads)
    assert (await run("verify", "--heads", str(tmp_path / "heads")))[0] == 0
    await do(sessions, *[sa.update(AuditRow).where(AuditRow.seq == 2).values(action="deleteDataset")])
    status, said = await run("verify")
    assert (status, said) == (1, f"{OURS}  2 entries  NOT SOUND\n    entry 2 was changed or moved\n")
