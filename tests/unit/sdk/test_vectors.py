"""Every case of `openapi/vectors/`, in both colours."""

import json
from pathlib import Path

import httpx
import pytest
from pydantic import BaseModel
from tests.unit.sdk.conftest import ORIGIN, operation

from pynomaly import (
    APIConnectionError,
    APIError,
    APITimeoutError,
    BreakerPolicy,
    BudgetPolicy,
    CallOptions,
    CircuitOpenError,
    ResiliencePolicy,
)
from pynomaly.errors import redact
from pynomaly.local import detect_locally
from pynomaly.resilience import Guards, PollPolicy, parse_retry_after

FOLDER = Path(__file__).parents[3] / "openapi" / "vectors"
FILES = {path.stem: json.loads(path.read_text()) for path in sorted(FOLDER.glob("*.json"))}
PLAYED = ("retry", "breaker", "budget", "base_urls")
TABLES = ("local", "polling", "redaction", "retry_after")
KINDS = {"circuit-open": CircuitOpenError, "timeout": APITimeoutError, "connection": APIConnectionError}
FAILURES = {
    "connect": httpx.ConnectError,
    "reset": httpx.ReadError,
    "truncated": httpx.RemoteProtocolError,
    "timeout": httpx.ReadTimeout,
}


def cases(*files: str):
    return [
        pytest.param(case, id=f"{file}: {case['name']}") for file in files for case in FILES[file]["cases"]
    ]


class Thing(BaseModel):
    name: str


class Script:
    """What the servers of a case do, attempt by attempt."""

    def __init__(self, clock) -> None:
        self._clock = clock
        self.steps: dict[int, list[dict]] = {}
        self.asked: list[int] = []
        self.keys: set[str | None] = set()

    def play(self, request: httpx.Request) -> httpx.Response:
        server = request.url.port - 9
        self.asked.append(server)
        self.keys.add(request.headers.get("idempotency-key"))
        step = self.steps[server].pop(0)
        self._clock.now += step.get("takes", 0)
        if "fails" in step:
            raise FAILURES[step["fails"]]("as the script says", request=request)
        if step["status"] == 200:
            return httpx.Response(200, json={"name": "a"})
        document = {
            "type": "about:blank",
            "title": "It did not work",
            "status": step["status"],
            "detail": "It did not work.",
            "code": step.get("code", "some-code"),
            "request_id": "req_1",
        }
        headers = {"content-type": "application/problem+json", **step.get("headers", {})}
        return httpx.Response(step["status"], json=document, headers=headers)


def policy(case: dict) -> ResiliencePolicy:
    given = case.get("policy", {})
    breaker, budget = given.get("breaker"), given.get("budget")
    return ResiliencePolicy(
        breaker=None if breaker is None else BreakerPolicy(**breaker),
        budget=None if budget is None else BudgetPolicy(**budget),
    )


def outcome(attempt) -> str:
    if attempt.status is not None:
        return str(attempt.status)
    return "timeout" if attempt.outcome in ("timeout", "ConnectTimeout") else "connection"


def check_error(error: APIError, expected: dict) -> None:
    for name in ("status", "code"):
        if name in expected:
            assert getattr(error, name) == expected[name]
    if "kind" in expected:
        assert isinstance(error, KINDS[expected["kind"]])


def test_no_vector_is_left_out():
    assert sorted(FILES) == sorted(PLAYED + TABLES)
    for name, file in FILES.items():
        names = [case["name"] for case in file["cases"]]
        assert len(set(names)) == len(names) > 0, name


@pytest.mark.parametrize("case", cases(*PLAYED))
async def test_a_call_decides_as_the_vector_says(colour, case):
    script = Script(colour.clock)
    started = colour.clock.now
    addresses = max(len(call.get("servers", [[]])) for call in case["calls"])
    driver = colour.driver(
        f"{ORIGIN}/api/v1",
        further=[f"http://127.0.0.1:{9 + place}/api/v1" for place in range(1, addresses)],
        guards=(guards := Guards(policy(case))),
        http_client=colour.http_client(script.play),
        random=lambda: case.get("random", 1.0),
    )
    for call in case["calls"]:
        expect = call["expect"]
        given = {**case.get("operation", {}), **call.get("operation", {})}
        op = operation(**{"breaker": "things", **given}, method="POST" if given else "GET")
        limits = {"timeout": 60.0, **case.get("options", {}), **call.get("options", {})}
        if "at" in call:
            colour.clock.now = max(colour.clock.now, started + call["at"])
        scripts = call.get("servers", [call.get("server", [])])
        script.steps = {place: list(steps) for place, steps in enumerate(scripts)}
        script.asked, script.keys, colour.clock.slept = [], set(), []

        error = None
        try:
            answer = await driver.call(op, Thing, path={"name": "a"}, options=CallOptions(**limits))
            assert answer == Thing(name="a")
        except APIError as caught:
            error = caught
            attempts = [outcome(attempt) for attempt in error.attempts]
            where = [f"{server} " if addresses > 1 else "" for server in script.asked]
            assert [f"{server}{each}" for server, each in zip(where, attempts, strict=True)] == (
                expect["attempts"]
            )
            check_error(error, expect["error"])
        assert ("answer" if error is None else "error") == expect["result"]
        if error is None:
            assert len(script.asked) == len(expect["attempts"])
            if addresses > 1:
                assert [str(server) for server in script.asked] == [
                    each.split()[0] for each in expect["attempts"]
                ]
        assert colour.clock.slept == pytest.approx(expect["waits"])
        assert not any(script.steps.values()), "steps of the script were not played"
        if "breaker" in expect:
            state = guards.states(colour.clock.now)[ORIGIN, op.breaker]
            assert state.value == expect["breaker"]
        if expect.get("same_idempotency_key"):
            assert len(script.keys) == 1
            assert None not in script.keys


@pytest.mark.parametrize("case", cases("retry_after"))
def test_retry_after_is_read_as_the_vector_says(case):
    assert parse_retry_after(case["value"], now=1_700_000_000.0) == case["seconds"]


@pytest.mark.parametrize("case", cases("redaction"))
def test_text_is_redacted_as_the_vector_says(case):
    assert redact(case["text"]) == case["redacted"]


@pytest.mark.parametrize("case", cases("polling"))
def test_a_job_is_polled_at_the_pace_of_the_vector(case):
    policy = PollPolicy()
    if "wait" in case:
        assert policy.wait(case["remaining"]) == case["wait"]
    else:
        pause = policy.pause(case["polls"], case["took"], lambda: case["random"])
        assert pause == pytest.approx(case["pause"])


@pytest.mark.parametrize("case", cases("local"))
def test_the_local_rules_find_what_the_vector_says(case):
    found = detect_locally(case["columns"], case["contamination"])
    expect = case["expect"]
    assert found.predictions == expect["predictions"]
    assert found.scores == pytest.approx(expect["scores"], abs=1e-6)
    assert found.threshold == pytest.approx(expect["threshold"], abs=1e-6)
    assert [column.type for column in found.columns] == expect["types"]
    assert [column.expected for column in found.columns] == expect["expected"]
    assert [[name for name, _ in row] for row in found.contributions] == expect["reasons"]
