"""The statuses of the tag `datasets` on the wire."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import httpx
import pytest

NOBODYS = f"dts_{'0' * 32}"
CSV = {"content-type": "text/csv"}


@pytest.fixture(scope="module")
def api(stack: Any) -> Iterator[httpx.Client]:
    with httpx.Client(
        base_url=f"{stack.base_url}/api/v1", headers={"Authorization": f"Bearer {stack.api_key}"}, timeout=60
    ) as client:
        yield client


def upload(api: httpx.Client) -> str:
    made = api.post("/datasets", content=b"a,b\n1,x\n2,y\n3,x\n", headers=CSV, params={"name": "small.csv"})
    assert made.status_code == 201
    return str(made.json()["dataset_id"])


def problem(answer: httpx.Response, status: int, code: str) -> str:
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert answer.headers["content-type"] == "application/problem+json"
    return str(answer.json()["detail"])


OPERATIONS = [("GET", "/datasets"), ("GET", f"/datasets/{NOBODYS}"), ("DELETE", f"/datasets/{NOBODYS}")]


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_nobody_is_told_anything_without_a_key(stack: Any, method: str, path: str) -> None:
    answer = httpx.request(method, f"{stack.base_url}/api/v1{path}")
    problem(answer, 401, "unauthenticated")
    assert answer.headers["www-authenticate"]


@pytest.mark.parametrize(("method", "path"), OPERATIONS[1:])
def test_a_dataset_that_is_not_there_is_404(api: httpx.Client, method: str, path: str) -> None:
    assert problem(api.request(method, path), 404, "not-found") == (
        f"There is no dataset {NOBODYS}. Upload it with uploadDataset first."
    )


@pytest.mark.parametrize(("method", "path"), OPERATIONS[1:])
def test_what_is_no_id_names_nothing(api: httpx.Client, method: str, path: str) -> None:
    problem(api.request(method, path.replace(NOBODYS, "dts_1")), 404, "not-found")


@pytest.mark.parametrize("query", ["limit=0", "limit=1001", "limit=x", "cursor=made-up", "sort=name"])
def test_a_list_takes_what_the_contract_says_alone(api: httpx.Client, query: str) -> None:
    problem(api.get(f"/datasets?{query}"), 422, "validation")


def test_a_list_goes_on_where_its_page_ended(api: httpx.Client) -> None:
    newest = [upload(api) for _ in range(3)][::-1]
    first = api.get("/datasets", params={"limit": 2}).json()
    rest = api.get("/datasets", params={"limit": 1, "cursor": first["next_cursor"]}).json()
    assert [item["dataset_id"] for item in first["items"] + rest["items"]] == newest


def test_a_deletion_answers_204_without_a_body_whatever_is_accepted(api: httpx.Client) -> None:
    gone = api.delete(f"/datasets/{upload(api)}", headers={"accept": "text/html"})
    assert (gone.status_code, gone.content) == (204, b"")
    assert "content-type" not in gone.headers


def test_a_deleted_dataset_is_404(api: httpx.Client) -> None:
    dataset_id = upload(api)
    api.delete(f"/datasets/{dataset_id}")
    problem(api.delete(f"/datasets/{dataset_id}"), 404, "not-found")
    problem(api.post("/batch", json={"data_sources": [dataset_id]}), 404, "not-found")
