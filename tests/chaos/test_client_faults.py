"""The client behind a gateway that fails almost a third of its requests: every call ends as promised."""

from __future__ import annotations

import os
import random
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from pynomaly import PynomalyClient, PynomalyError
from pynomaly.errors import APIError

from .gateway import Gateway  # noqa: TID252 - the file beside this one

CALLS = 10_000 if os.environ.get("PYNOMALY_CHAOS") == "whole" else 600
SHARE, STALLS = 0.3, 0.002
TIMEOUT, RETRIES = 5.0, 3
ROWS = [[float(value % 7), float(value % 5)] for value in range(20)] + [[90.0, 90.0]]


def call(client: PynomalyClient, dataset_id: str, number: int):
    kind = random.Random(number).random()
    if kind < 0.7:
        return client.detect_anomalies(ROWS, random_state=number)
    if kind < 0.95:
        return client.algorithms.get_algorithm("ecod")
    return client.batch_detect(data_sources=[dataset_id], random_state=number)


@pytest.mark.slow
def test_no_call_is_doubled_late_or_without_an_outcome(stack):
    with (
        stack.client() as direct,
        Gateway(stack.base_url, share=SHARE, stalls=STALLS, stall_seconds=2 * TIMEOUT) as gateway,
        PynomalyClient(
            api_key=stack.api_key, base_url=gateway.url, timeout=TIMEOUT, max_retries=RETRIES
        ) as client,
    ):
        before = {job.job_id for job in direct.jobs.list_jobs_iter()}
        dataset = direct.upload_dataset(ROWS, name="rows")
        outcomes: Counter[str] = Counter()
        jobs: list[str] = []
        beyond: list[PynomalyError] = []

        def one(number: int) -> None:
            try:
                result = call(client, dataset.dataset_id, number)
            except PynomalyError as error:
                outcomes[type(error).__name__] += 1
                late = isinstance(error, APIError) and any(
                    attempt.started >= TIMEOUT for attempt in error.attempts
                )
                if late or len(getattr(error, "attempts", ())) > 1 + RETRIES:
                    beyond.append(error)
            else:
                outcomes[type(result).__name__] += 1
                if hasattr(result, "job_id"):
                    jobs.append(result.job_id)

        with ThreadPoolExecutor(8) as pool:
            list(pool.map(one, range(CALLS)))
        made = {job.job_id for job in direct.jobs.list_jobs_iter()} - before
        print(f"\n{CALLS:,} calls: {dict(outcomes)}; requests: {dict(gateway.played)}; {len(made)} jobs")
        assert beyond == [], "attempts after the deadline, or more of them than allowed"
        assert sum(outcomes.values()) == CALLS
        assert len(jobs) == len(set(jobs))
        assert set(jobs) <= made
        assert len(made) == len(gateway.submissions), "a submission made no job, or more than one"
        # How many calls meet an open breaker depends on how fast the others are; of the rest, most succeed.
        succeeded = sum(outcomes[kind] for kind in ("DetectionResult", "Algorithm", "JobHandle"))
        assert succeeded > (CALLS - outcomes["CircuitOpenError"]) / 2
