"""Two API processes serve one model while its alias moves: no mix, no error, nothing old after an answer."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import httpx
import pytest

ROWS = [[float(n * 37 % 50), float(n * 11 % 7) / 4] for n in range(60)]
CONNECTIONS = 16
SWAPS = 12


@pytest.fixture(scope="module")
def scores(pair):
    """The scores of a few rows by each of a model's two versions."""
    with pair.client() as client:
        scores = {}
        for seed in (1, 2):
            model = client.train_model(ROWS, model_name="swapped", random_state=seed)
            answer = model.predict(ROWS[:5])
            scores[answer.model.version] = list(answer.scores)
    assert scores[1] != scores[2]
    return scores


@pytest.fixture
def connections(pair, scores, eventually):
    """Connections of their own each, so many that either process has some."""
    port = httpx.URL(pair.base_url).port
    headers = {"X-API-Key": pair.api_key}
    with ExitStack() as stack:

        def connected() -> httpx.Client:
            client = httpx.Client(
                base_url=f"{pair.base_url}/api/v1/models/swapped", headers=headers, timeout=120
            )
            stack.enter_context(client).put("/aliases/production", json={"version": 1}).raise_for_status()
            return client

        def has_some(process) -> bool:
            open_ones = process.net_connections()
            return any(each.laddr.port == port and each.status == "ESTABLISHED" for each in open_ones)

        def opened() -> list[httpx.Client]:
            stack.close()
            these = [connected() for _ in range(CONNECTIONS)]
            return these if sum(map(has_some, pair.part("api").children(recursive=True))) == 2 else []

        found = []
        # One that another test has killed takes a while to be there again.
        eventually(lambda: found.extend(opened()) or found)
        yield found


def test_swaps_under_load_give_neither_a_mix_nor_an_error_nor_an_old_version(pair, scores, connections):
    over = threading.Event()
    url = f"{pair.base_url}/api/v1/models/swapped@production/predict"
    seen = []

    def predict(connection):
        while not over.is_set():
            answer = connection.post(url, json={"data": ROWS[:5]})
            seen.append((answer.status_code, answer.json()))

    def version_now(connection):
        return connection.post(url, json={"data": ROWS[:5]}).json()["model"]["version"]

    swapping, *others = connections
    with ThreadPoolExecutor(CONNECTIONS) as pool:
        loading = [pool.submit(predict, each) for each in others[: CONNECTIONS // 2]]
        try:
            for turn in range(SWAPS):
                version = 2 - turn % 2
                swapping.put("/aliases/production", json={"version": version}).raise_for_status()
                # Once that has been answered, neither process scores with the version before.
                assert [version_now(each) for each in others[CONNECTIONS // 2 :]] == [version] * 7
        finally:
            over.set()
    for each in loading:
        each.result()
    assert {status for status, _ in seen} == {200}
    assert {answer["model"]["version"] for _, answer in seen} == {1, 2}
    assert all(answer["scores"] == scores[answer["model"]["version"]] for _, answer in seen)
