"""What the server serves is the contract, and every answer fits it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from pynomaly_server.contract.operations import OPERATIONS

CONTRACT = Path(__file__).parents[2] / "server/src/pynomaly_server/contract/openapi.json"


@pytest.fixture
def known(stack: Any) -> dict[str, Any]:
    """How to reach the server."""
    return {
        "base_url": f"{stack.base_url}/api/v1",
        "headers": {"Authorization": f"Bearer {stack.api_key}"},
        "timeout": 60,
    }


@pytest.mark.proof("requests made from the contract")
@pytest.mark.parametrize("operation_id", sorted(OPERATIONS))
def test_whatever_is_sent_the_answer_fits_the_contract(
    known: dict[str, Any], tried: Counter[str], operation_id: str
) -> None:
    from tests.contract.schema_requests import send_to

    send_to(operation_id, known, lambda: tried.update(["requests made from the contract"]))


@pytest.mark.proof("requests that follow from answers")
def test_calls_that_follow_from_one_anothers_answers_fit_the_contract(
    known: dict[str, Any], tried: Counter[str]
) -> None:
    """What one operation makes, others are asked about: ids of answers go into the next requests."""
    from tests.contract.schema_requests import follow

    follow(known, lambda: tried.update(["requests that follow from answers"]))


def test_the_served_document_is_the_bundled_contract(stack: Any) -> None:
    served_document = httpx.get(f"{stack.base_url}/api/v1/openapi.json")
    assert served_document.headers["content-type"] == "application/json"
    assert served_document.json() == json.loads(CONTRACT.read_bytes())


def test_every_operation_of_the_document_is_in_the_operation_table() -> None:
    document = json.loads(CONTRACT.read_bytes())
    named = {operation["operationId"] for path in document["paths"].values() for operation in path.values()}
    assert named == set(OPERATIONS)


def test_every_description_ends_in_who_may_call() -> None:
    document = json.loads(CONTRACT.read_bytes())
    for path in document["paths"].values():
        for described in path.values():
            operation = OPERATIONS[described["operationId"]]
            last = described["description"].rpartition("\n\n")[2]
            assert last.startswith("Access: ")
            assert ("everybody" in last) == operation.public
            assert all(f"`{scope}`" in last for scope in operation.scopes)


def test_the_documentation_page_asks_nothing_of_another_host(stack: Any) -> None:
    page = httpx.get(f"{stack.base_url}/api/v1/docs")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "http://" not in page.text
    assert "https://" not in page.text


def test_every_file_of_the_documentation_page_is_served(stack: Any) -> None:
    page = httpx.get(f"{stack.base_url}/docs", follow_redirects=True).text
    files = [part.split('"')[0] for part in page.split('="') if part.startswith("/api/v1/docs/assets/")]
    assert len(files) == 4
    assert {httpx.get(stack.base_url + file).status_code for file in files} == {200}
