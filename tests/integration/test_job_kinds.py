"""Kinds of jobs on the one machine that works on all of them."""

from __future__ import annotations

from dataclasses import replace

import msgspec
import pytest

from pynomaly_server.jobs import kinds
from pynomaly_server.jobs.kinds import JobKind, kind_of, register
from pynomaly_server.jobs.state import Stage
from pynomaly_server.jobs.tasks import JobTools, run_attempt

# Nothing here depends on the database's own ways.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


def run_job(job_id, tools):
    """Work on this job if it can be had."""
    if not tools.shutdown.requested() and (attempt := tools.attempts.claim(job_id)) is not None:
        run_attempt(attempt, tools)


class Staying:
    """A worker that nobody tells to stop."""

    def requested(self):
        return False


class CountRequest(msgspec.Struct):
    up_to: int


@pytest.fixture
def counting():
    """A kind of job that counts, registered for the length of a test."""
    counted = []

    def count(request, work):
        for number in range(request.up_to):
            work.lease.report(Stage.SCORING, number, request.up_to)
            counted.append(number)
        return work.attempt.result_key

    register(JobKind("counting", CountRequest, count))
    yield counted
    del kinds._kinds["counting"]


async def run(world, kind, request):
    job = await world.submit(rows=20)
    world.change(job.job_id, kind=kind, request=request)
    run_job(job.job_id, JobTools(world.attempts, world.store, world.settings, Staying()))
    return await world.jobs.get(world.principal, job.job_id)


async def test_a_registered_kind_is_run_with_its_own_request(world, counting):
    job = await run(world, "counting", {"up_to": 3})
    assert (job.state, counting) == ("succeeded", [0, 1, 2])


async def test_a_job_of_an_unknown_kind_fails_at_once_and_says_which(world):
    job = await run(world, "tasting", {})
    assert (job.state, job.attempt, job.error.code) == ("failed", 1, "internal")
    assert job.error.detail.startswith("The worker knows no jobs of kind 'tasting', only ")
    assert "detection" in job.error.detail


async def test_a_stored_request_that_does_not_fit_its_kind_fails_at_once(world, counting):
    job = await run(world, "counting", {"up_to": "three"})
    assert (job.state, job.attempt, job.error.code, counting) == ("failed", 1, "internal", [])
    assert "Expected `int`, got `str` - at `$.up_to`" in job.error.detail


async def test_a_name_is_for_one_kind_only(world, counting):
    job = await world.submit(rows=20)
    detection = kind_of(world.attempts.claim(job.job_id))
    with pytest.raises(ValueError, match="There is a kind of job 'detection' already"):
        register(replace(detection, request=CountRequest))
