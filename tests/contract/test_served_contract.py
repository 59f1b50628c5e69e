"""What the server serves is the contract, and every answer fits it."""

from __future__ import annotations

import json
import os
from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import load_all_checks
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test

from pynomaly_server.contract.operations import OPERATIONS

CONTRACT = Path(__file__).parents[2] / "server/src/pynomaly_server/contract/openapi.json"


def as_bytes(_context: schemathesis.SerializationContext, value: Any) -> bytes:
    """What is no table in this media type is worth sending too."""
    return value if isinstance(value, bytes) else str(value).encode()


TABLES = ["x-ndjson", "vnd.apache.parquet", "vnd.apache.arrow.stream", "x-npy"]
PACKAGE = "vnd.pynomaly.model-package"
schemathesis.serializer(*(f"application/{name}" for name in [*TABLES, PACKAGE]))(as_bytes)

# Valid by its schema is not yet a table to learn from, nor a dataset that exists: 413 and 422 may answer it.
FOR_VALID_DATA = ["2xx", "401", "403", "404", "409", "413", "422"]
FOR_INVALID_DATA = ["400", "401", "403", "404", "405", "406", "409", "413", "414", "415", "422", "431"]
config = schemathesis.Config.from_dict(
    {
        "checks": {
            "positive_data_acceptance": {"expected-statuses": FOR_VALID_DATA},
            "negative_data_rejection": {"expected-statuses": FOR_INVALID_DATA},
        }
    }
)
# Beside the hundred or so that each operation's own limits and formats make.
EXAMPLES = 100 if os.environ.get("PYNOMALY_CHAOS") == "whole" else 10
# Read from the file that the server serves, so that each operation is a test of its own; a test below holds
# the two equal.
schema = schemathesis.openapi.from_path(CONTRACT, config=config)


@pytest.mark.proof("requests made from the contract")
@pytest.mark.parametrize("operation_id", sorted(OPERATIONS))
def test_whatever_is_sent_the_answer_fits_the_contract(
    stack: Any, tried: Counter[str], operation_id: str
) -> None:
    known = {
        "base_url": f"{stack.base_url}/api/v1",
        "headers": {"Authorization": f"Bearer {stack.api_key}"},
        "timeout": 60,
    }

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), derandomize=True)
    def sent(case: schemathesis.Case) -> None:
        tried["requests made from the contract"] += 1
        case.call_and_validate(**known)

    load_all_checks()
    # `schema.parametrize()` makes the cases of every operation when tests are collected, which took every
    # process of a run half a minute; this makes those of one operation when its turn comes.
    build_operation_test(
        config=schema.config,
        operation=schema.find_operation_by_id(operation_id),
        test_func=sent,
        given_kwargs={},
        feedback=FeedbackSources(),
    )()


@pytest.mark.proof("requests that follow from answers")
def test_calls_that_follow_from_one_anothers_answers_fit_the_contract(
    stack: Any, tried: Counter[str]
) -> None:
    """What one operation makes, others are asked about: ids of answers go into the next requests."""
    known = {
        "base_url": f"{stack.base_url}/api/v1",
        "headers": {"Authorization": f"Bearer {stack.api_key}"},
        "timeout": 60,
    }

    # The contract's schema of an event stream is that of the data of each event; schemathesis takes it for
    # that of the event around them.
    followed = schema.exclude(operation_id="streamJobEvents")

    class Callers(followed.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: schemathesis.Case) -> dict[str, Any]:
            tried["requests that follow from answers"] += 1
            return known

    Callers.run(
        settings=settings(
            max_examples=10,
            stateful_step_count=8,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        )
    )


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
