"""Models over HTTP, with a whole server around them."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path

import httpx
import pytest

from pynomaly_server.ids import new_id

PAGES = Path(__file__).parents[2] / "docs"
TABLE = "amount,country\n" + "".join(f"{n * 37 % 50},{'FR' if n % 3 else 'DE'}\n" for n in range(100))


@pytest.fixture(scope="module")
def api(stack):
    with httpx.Client(
        base_url=f"{stack.base_url}/api/v1", headers={"X-API-Key": stack.api_key}, timeout=120
    ) as api:
        yield api


@pytest.fixture(scope="module")
def model(api):
    """The name of a model that was trained on an uploaded table."""
    dataset = api.post("/datasets", content=TABLE, headers={"Content-Type": "text/csv"}).json()
    name = f"own-{new_id('x').removeprefix('x_')}"
    answer = api.post("/models", json={"name": name, "data_sources": [dataset["dataset_id"]]})
    assert answer.status_code == 202
    job = api.get(answer.headers["Location"].removeprefix("/api/v1"), params={"wait": 60}).json()
    assert (job["kind"], job["state"], job["model"]["version"]) == ("training", "succeeded", 1)
    return name


@pytest.mark.parametrize("page", ["models.md", "drift.md", "retraining.md"])
def test_the_pages_on_models_print_what_they_say(stack, page):
    text = (PAGES / page).read_text()
    program, printed = (
        re.findall(rf"```{kind}\n(.*?)```", text, re.DOTALL)[0] for kind in ("python", "text")
    )
    done = stack.run_python("-c", program)
    assert (done.stdout, done.stderr) == (printed, "")


def test_a_table_in_a_media_type_of_its_own_scores_as_the_rows_in_json(api, model):
    rows = [
        dict(zip(("amount", "country"), line.split(","), strict=True)) for line in TABLE.splitlines()[1:6]
    ]
    rows = [{**row, "amount": int(row["amount"])} for row in rows]
    as_json = api.post(f"/models/{model}/predict", json={"data": rows}).json()
    as_csv = api.post(
        f"/models/{model}@1/predict",
        params={"return_confidence": True},
        content="\n".join(TABLE.splitlines()[:6]),
        headers={"Content-Type": "text/csv"},
    ).json()
    assert as_csv["scores"] == as_json["scores"]
    assert len(as_csv["confidence"]) == 5


def test_a_detection_that_names_a_model_is_a_prediction_and_takes_no_options_of_a_fit(api, model):
    body = {"data": [{"amount": 7, "country": "DE"}], "model_id": model}
    detected = api.post("/detect", json=body).json()
    predicted = api.post(f"/models/{model}/predict", json={"data": body["data"]}).json()
    assert (detected["scores"], detected["model"]) == (predicted["scores"], predicted["model"])
    refused = api.post("/detect", json=body | {"contamination": 0.2}).json()
    assert (refused["code"], refused["errors"][0]["pointer"]) == ("validation", "/contamination")


def test_a_detection_with_a_model_needs_the_scope_to_use_models(api, stack, model):
    key = api.post("/api-keys", json={"name": "detects", "scopes": ["detect:run"]}).json()["key"]
    body = {"data": [{"amount": 7, "country": "DE"}], "model_id": model}
    answer = httpx.post(f"{stack.base_url}/api/v1/detect", json=body, headers={"X-API-Key": key}, timeout=60)
    assert (answer.status_code, answer.json()["code"]) == (403, "forbidden")
    assert "models:use" in answer.json()["detail"]


def test_changes_of_a_model_are_in_the_audit_log_under_its_name(api, model):
    api.put(f"/models/{model}/aliases/candidate", json={"version": 1})
    refused = api.delete(f"/models/{model}/versions/1")
    assert (refused.status_code, refused.json()["code"]) == (409, "conflict")
    api.delete(f"/models/{model}/aliases/candidate")
    log = api.get("/audit-log", params={"resource": f"{model}@candidate"}).json()["items"]
    assert [entry["action"] for entry in log] == ["deleteModelAlias", "setModelAlias"]


def test_threads_that_swap_an_alias_under_predictions_cause_neither_a_mix_nor_an_error(api, model):
    body = {"data": [{"amount": n * 7 % 50, "country": "DE"} for n in range(10)]}
    dataset = api.post("/datasets", content=TABLE, headers={"Content-Type": "text/csv"}).json()
    training = {"name": model, "data_sources": [dataset["dataset_id"]], "random_state": 1}
    job = api.post("/models", json=training).json()
    assert api.get(f"/jobs/{job['job_id']}", params={"wait": 60}).json()["model"]["version"] == 2
    scores = {n: api.post(f"/models/{model}@{n}/predict", json=body).json()["scores"] for n in (1, 2)}
    assert scores[1] != scores[2]

    def swap(turn):
        return api.put(f"/models/{model}/aliases/production", json={"version": 1 + turn % 2})

    def predict(_turn):
        return api.post(f"/models/{model}@production/predict", json=body)

    swap(0)
    with ThreadPoolExecutor(4) as pool:
        swaps = [pool.submit(swap, turn) for turn in range(30)]
        predictions = [pool.submit(predict, turn) for turn in range(30)]
    assert {each.result().status_code for each in swaps} == {200}
    answers = [each.result().json() for each in predictions]
    assert all(answer["scores"] == scores[answer["model"]["version"]] for answer in answers)
    history = api.get(f"/models/{model}/aliases/production").json()["history"]
    assert all(one["version"] != before["version"] for one, before in pairwise(history))
