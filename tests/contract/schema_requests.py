"""Requests that schemathesis makes from the contract: loading it takes seconds, and few tests need it."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import schemathesis
from hypothesis import HealthCheck, settings
from schemathesis.checks import load_all_checks
from schemathesis.generation.feedback import FeedbackSources
from schemathesis.pytest._test_builder import build_operation_test

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
# Read from the file that the server serves, so that each operation is a test of its own; a test holds
# the two equal.
schema = schemathesis.openapi.from_path(CONTRACT, config=config)


def send_to(operation_id: str, known: dict[str, Any], sending: Callable[[], None]) -> None:
    """Send requests to one operation, valid ones and others, and fail where an answer does not fit.

    Args:
        operation_id: of the contract.
        known: how to reach the server, as `case.call_and_validate` takes it.
        sending: called before each request.
    """

    @settings(max_examples=EXAMPLES, suppress_health_check=list(HealthCheck), derandomize=True)
    def sent(case: schemathesis.Case) -> None:
        sending()
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


def follow(known: dict[str, Any], sending: Callable[[], None]) -> None:
    """Send requests that take their ids from earlier answers, and fail where an answer does not fit."""
    # The contract's schema of an event stream is that of the data of each event; schemathesis takes it for
    # that of the event around them.
    followed = schema.exclude(operation_id="streamJobEvents")

    class Callers(followed.as_state_machine()):  # type: ignore[misc]
        def get_call_kwargs(self, case: schemathesis.Case) -> dict[str, Any]:
            sending()
            return known

    Callers.run(
        settings=settings(
            max_examples=10,
            stateful_step_count=8,
            suppress_health_check=list(HealthCheck),
            derandomize=True,
        )
    )
