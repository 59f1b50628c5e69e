"""However often a submission is repeated under its key, and whenever the API dies: one job, one answer."""

from __future__ import annotations

import os
import random
import tempfile
import threading
import time
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Self

import pytest

from pynomaly import PynomalyClient
from pynomaly.errors import APIError
from pynomaly.requests import BatchDetectionRequest
from pynomaly.transport import CallOptions

from .parts import DATABASE, PATIENCE, Postgres, Server, Valkey, free_port  # noqa: TID252 - the file beside this one

WHOLE = os.environ.get("PYNOMALY_CHAOS") == "whole"
KEYS, DUPLICATES, DEATHS = (1_000, 20, 40) if WHOLE else (20, 10, 3)
SEED = 0


class Api:
    """An API process that dies after some of its answers and is started again."""

    def __init__(self, folder: Path, postgres: Postgres, valkey: Valkey) -> None:
        address = postgres.socket.parent
        self._server = Server(
            folder,
            f"postgresql://postgres@/{DATABASE}?host={address}",
            f"redis://127.0.0.1:{valkey.port}/0",
            {"rate_limit": "1000000/1"},
        )
        self._server.run("migrate")
        key = self._server.run("keys", "create", "chaos").strip()
        port = free_port()
        self._process = self._server.start("api", "--port", str(port))
        self.client = PynomalyClient(
            api_key=key, base_url=f"http://127.0.0.1:{port}", timeout=30, max_retries=0
        )
        self.deaths = 0
        self._answers = 0
        self._lock = threading.Lock()
        drawn = random.Random(SEED)
        self._deadly = {drawn.randrange(1, KEYS * DUPLICATES) for _ in range(DEATHS)}

    def insist(self, call):
        """Call until there is an answer, and count it; at some of the counts the API dies meanwhile."""
        give_up = time.monotonic() + PATIENCE
        while True:
            try:
                answer = call()
            except APIError:
                if time.monotonic() > give_up:
                    raise
                time.sleep(0.2)
                continue
            with self._lock:
                self._answers += 1
                if self._answers in self._deadly:
                    self._process.kill_and_restart()
                    self.deaths += 1
            return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self._server.stop()


@pytest.fixture
def parts():
    # Paths of sockets are short, and PostgreSQL's own user must be able to get there.
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        folder.chmod(0o755)
        with ExitStack() as stack:
            postgres = Postgres(folder / "postgres")
            stack.callback(postgres.stop)
            valkey = Valkey(folder / "valkey")
            stack.callback(valkey.kill)
            yield stack.enter_context(Api(folder, postgres, valkey)), postgres


@pytest.mark.slow
def test_a_key_makes_one_job_and_every_submission_under_it_has_the_same_answer(parts):
    api, postgres = parts
    dataset = api.insist(lambda: api.client.upload_dataset([[float(row % 7)] for row in range(30)]))
    request = BatchDetectionRequest(data_sources=[dataset.dataset_id], algorithm="iqr")
    answers = defaultdict(list)

    def submit(key):
        job = api.insist(
            lambda: api.client.jobs.batch_detect(
                request, idempotency_key=key, options=CallOptions(timeout=30)
            )
        )
        answers[key].append(job.model_dump_json())

    keys = [f"key-{number}" for number in range(KEYS)]
    # The duplicates of a key stand together, so that they are under way at the same time.
    with ThreadPoolExecutor(DUPLICATES) as callers:
        for _ in callers.map(submit, [key for key in keys for _ in range(DUPLICATES)]):
            pass
    assert [len(answers[key]) for key in keys] == [DUPLICATES] * KEYS
    assert {len(set(answers[key])) for key in keys} == {1}
    assert dict(postgres.ask("SELECT idempotency_key, count(*) FROM jobs GROUP BY 1")) == dict.fromkeys(
        keys, 1
    )
    assert api.deaths == len(api._deadly) > 0
    print(f"\n{KEYS} keys x {DUPLICATES} submissions, the API killed {api.deaths} times: {KEYS} jobs")
