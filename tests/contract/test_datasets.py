"""The statuses of the tag `datasets` on the wire."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec
import pytest

from pynomaly_server.contract.structs import DatasetProfile

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


def test_a_repeated_upload_is_answered_as_the_first_was(api: httpx.Client) -> None:
    headers = {**CSV, "idempotency-key": uuid.uuid4().hex}
    first, again = (api.post("/datasets", content=b"a\n1\n2\n", headers=headers) for _ in range(2))
    assert (first.status_code, again.status_code, again.json()) == (201, 201, first.json())
    assert [answer.headers.get("idempotency-replayed") for answer in (first, again)] == [None, "true"]
    assert first.headers["location"] == again.headers["location"]
    other = api.post("/datasets", content=b"a\n1\n3\n", headers=headers)
    assert "was used for another request" in problem(other, 422, "idempotency-mismatch")


OPERATIONS = [
    ("GET", "/datasets"),
    ("GET", f"/datasets/{NOBODYS}"),
    ("GET", f"/datasets/{NOBODYS}/profile"),
    ("DELETE", f"/datasets/{NOBODYS}"),
]


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


TABLES = {
    "text/csv": b"a,b\n1,x\n2,y\n3,x\n",
    "application/json": b'[{"a":1,"b":"x"},{"a":2,"b":"y"},{"a":3,"b":"x"}]',
    "application/x-ndjson": b'{"a":1,"b":"x"}\n{"a":2,"b":"y"}\n{"a":3,"b":"x"}\n',
}


@pytest.mark.parametrize("media_type", TABLES)
def test_a_profile_fits_the_contract_in_every_text_format(api: httpx.Client, media_type: str) -> None:
    made = api.post("/datasets", content=TABLES[media_type], headers={"content-type": media_type}).json()
    answer = api.get(f"/datasets/{made['dataset_id']}/profile")
    assert answer.status_code == 200
    profile = msgspec.json.decode(answer.content, type=DatasetProfile, strict=True)
    assert [column.type for column in profile.columns] == ["numeric", "categorical"]
    assert (profile.n_rows, profile.duplicate_rows.count) == (3, 0)


def test_a_profile_in_no_offered_type_is_406(api: httpx.Client) -> None:
    answer = api.get(f"/datasets/{upload(api)}/profile", headers={"accept": "text/csv"})
    problem(answer, 406, "not-acceptable")
