"""`pynomaly jobs` on the database of a server, as its operator types it."""

from __future__ import annotations

import asyncio
import re

import pytest
import sqlalchemy as sa

from pynomaly_server.cli import main
from pynomaly_server.db.tables import TenantRow
from pynomaly_server.jobs.shards.claims import PlannedShard
from pynomaly_server.jobs.state import JobState
from pynomaly_server.problems import ProblemError

BAD_DATA = ProblemError("bad-dataset", "The table cannot be used. " + "It has no columns. " * 20)
STATES = [str(state) for state in JobState]


@pytest.fixture
def jobs(world, monkeypatch, capsys):
    """Runs `pynomaly jobs …` and returns its status and what it printed."""
    monkeypatch.setenv("DATABASE_URL", world.settings.database_url)
    monkeypatch.setenv("PYNOMALY_DATA_DIR", str(world.settings.data_dir))

    async def run(*arguments):
        capsys.readouterr()
        status = await asyncio.to_thread(main, ["jobs", *arguments])
        said = capsys.readouterr()
        return status, said.out + said.err

    return run


async def job_in(world, state):
    """A job in `state`, brought there as workers and callers do."""
    job_id = (await world.submit(10)).job_id
    if state == "cancelled":
        await world.jobs.cancel(world.principal, job_id)
    elif state != "queued":
        attempt = world.attempts.claim(job_id)
        if state == "failed":
            world.attempts.fail(attempt, BAD_DATA)
        elif state == "succeeded":
            world.attempts.succeed(attempt, attempt.result_key)
    assert world.row(job_id).state == state
    return job_id


async def test_without_jobs_the_list_says_so(jobs):
    assert await jobs("list") == (0, "There are no jobs.\n")
    assert await jobs("list", "--state", "failed") == (0, "There are no failed jobs.\n")


async def test_the_list_is_newest_first_within_a_hundred_columns(world, jobs):
    made = [await job_in(world, state) for state in STATES]
    world.change(made[0], total=1_000_000_000, attempt=1000)
    status, table = await jobs("list")
    heading, *lines = table.splitlines()
    assert status == 0
    assert heading.split() == ["ID", "STATE", "ROWS", "DONE", "TRIES", "SUBMITTED", "TENANT"]
    listed = [tuple(line.split()[:2]) for line in lines]
    assert listed == list(zip(made, STATES, strict=True))[::-1]
    assert max(map(len, table.splitlines())) <= 100


async def test_the_list_has_the_whole_names_of_tenants(world, jobs):
    await job_in(world, "queued")
    name = "a tenant whose name is longer than the column that is left for it"
    with world.sessions.write() as session:
        session.execute(sa.update(TenantRow).values(name=name))
        session.commit()
    _, table = await jobs("list")
    assert table.splitlines()[1].endswith(f"  {name}")


async def test_the_list_can_be_of_one_state_and_says_when_it_was_cut(world, jobs):
    queued = [await job_in(world, "queued") for _ in range(3)]
    await job_in(world, "failed")
    _, table = await jobs("list", "--state", "queued", "--limit", "2")
    assert re.findall(r"job_\w+", table) == [queued[2], queued[1]]
    assert table.splitlines()[-1] == "There are more; --limit 4 lists up to 4."


async def test_show_tells_a_job_and_its_error(world, jobs):
    job_id = await job_in(world, "failed")
    status, text = await jobs("show", job_id)
    assert status == 0
    facts = dict(re.findall(r"^(\S[\w ]{0,12}?) {2,}(.*)$", text, re.MULTILINE))
    assert (facts["job"], facts["state"]) == (job_id, "failed")
    assert facts["progress"] == "0 of 10 rows, 0%, stage reading"
    assert world.principal.tenant_id in facts["tenant"]
    assert BAD_DATA.detail.strip() in " ".join(text.split())
    assert max(map(len, text.splitlines())) <= 100


@pytest.mark.parametrize("action", ["show", "cancel", "retry"])
async def test_a_job_that_is_not_there_is_named(jobs, action):
    assert await jobs(action, "job_0") == (
        1,
        "pynomaly: There is no job job_0. `pynomaly jobs list` shows those there are.\n",
    )


async def test_a_queued_job_is_cancelled_at_once(world, jobs):
    job_id = await job_in(world, "queued")
    assert await jobs("cancel", job_id) == (0, f"Cancelled {job_id}.\n")
    assert world.row(job_id).finished_at is not None


async def test_a_running_job_is_asked_to_end(world, jobs):
    job_id = (await world.submit(10)).job_id
    attempt = world.attempts.claim(job_id)
    status, said = await jobs("cancel", job_id)
    assert (status, said) == (0, f"{job_id} is running; its worker ends it in a moment.\n")
    assert world.attempts.renew(attempt) is True
    assert "running, to be cancelled" in (await jobs("show", job_id))[1]


async def test_a_job_in_shards_is_shown_with_them_and_cancelled_at_once(world, jobs):
    job_id = (await world.submit(10)).job_id
    plan = [PlannedShard(0, (4,)), PlannedShard(4, (3, 3))]
    assert world.shards.hand_over(world.attempts.claim(job_id), plan)
    world.shards.claim(job_id)
    said = (await jobs("show", job_id))[1]
    assert "1 queued, 1 running, 1 waiting (the last one joins the others)" in said
    assert "None" not in said
    assert await jobs("cancel", job_id) == (0, f"Cancelled {job_id}.\n")
    assert await world.state(job_id) == "cancelled"


@pytest.mark.parametrize("state", ["succeeded", "failed", "cancelled"])
async def test_an_ended_job_is_not_cancelled(world, jobs, state):
    job_id = await job_in(world, state)
    before = world.row(job_id).version
    status, said = await jobs("cancel", job_id)
    assert (status, said) == (1, f"pynomaly: {job_id} has ended ({state}) and cannot be cancelled.\n")
    assert world.row(job_id).version == before


@pytest.mark.parametrize("state", ["failed", "cancelled"])
async def test_an_ended_job_that_is_retried_is_a_fresh_attempt(world, jobs, state):
    job_id = await job_in(world, state)
    before = world.row(job_id)
    world.change(job_id, crashes=3)
    assert await jobs("retry", job_id) == (
        0,
        f"{job_id} is queued again; the sweeper hands it to a worker.\n",
    )
    assert list(world.attempts.due(waiting_seconds=60)) == [job_id]
    row = world.row(job_id)
    assert (row.state, row.crashes, row.error, row.cancel_requested) == ("queued", 0, None, False)
    assert (row.started_at, row.finished_at) == (None, None)
    attempt = world.attempts.claim(job_id)
    assert attempt.number == before.attempt + 1
    assert world.attempts.succeed(attempt, attempt.result_key)


@pytest.mark.parametrize(
    ("state", "remedy"),
    [("queued", "cancel it first"), ("running", "cancel it first"), ("succeeded", "its result is there")],
)
async def test_a_job_that_has_not_come_to_nothing_is_not_retried(world, jobs, state, remedy):
    job_id = await job_in(world, state)
    before = world.row(job_id).version
    assert await jobs("retry", job_id) == (
        1,
        f"pynomaly: {job_id} is {state}, and only a failed or cancelled job can be retried; {remedy}.\n",
    )
    assert world.row(job_id).version == before


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_folder_without_a_server_is_named_and_left_as_it_is(jobs, tmp_path, monkeypatch):
    monkeypatch.delenv("DATABASE_URL")
    empty = tmp_path / "empty"
    status, said = await jobs("list", "--data-dir", str(empty))
    assert (status, said) == (
        1,
        (
            f"pynomaly: There is no database at {empty}/pynomaly.db. Name the server's data folder with "
            "--data-dir, or its database with DATABASE_URL; `pynomaly batch list` asks a server for your own "
            "jobs.\n"
        ),
    )
    assert not empty.exists()
