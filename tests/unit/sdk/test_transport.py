"""One call over HTTP, in both colours: what is sent, what is tried again, and what comes of it."""

import json
import math

import httpx
import pytest
import respx
from pydantic import BaseModel
from tests.unit.sdk.conftest import KEY, ROOT, collected, operation

from pynomaly import (
    APIConnectionError,
    APIResponseError,
    APIStatusError,
    APITimeoutError,
    CallOptions,
    ConfigurationError,
    ConflictError,
    Content,
    NotFoundError,
    RateLimitError,
    ServiceUnavailableError,
)
from pynomaly.transport import ServerEvent

GET = operation()
POST = operation(id="makeThing", method="POST", path="/things", retry="idempotency-key")
ONCE = operation(id="upload", method="POST", path="/things", retry="never")
URL = f"{ROOT}/things/a"


class Thing(BaseModel):
    name: str
    size: int | None = None


def problem(status: int, code: str = "overloaded", **headers: str) -> httpx.Response:
    document = {
        "type": f"https://pynomaly.dev/problems/{code}",
        "title": "It did not work",
        "status": status,
        "detail": "It did not work this time.",
        "code": code,
        "request_id": "req_problem",
    }
    names = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(
        status, json=document, headers={"content-type": "application/problem+json", **names}
    )


def good(name: str = "a", **headers: str) -> httpx.Response:
    return httpx.Response(200, json={"name": name}, headers=headers)


async def get(driver, **kwargs) -> Thing:
    return await driver.call(GET, Thing, path={"name": "a"}, **kwargs)


@respx.mock
async def test_an_answer_is_read_as_the_promised_model(colour):
    route = respx.get(URL).mock(return_value=good())
    assert await get(colour.driver()) == Thing(name="a")
    request = route.calls.last.request
    assert request.headers["authorization"] == f"Bearer {KEY}"
    assert request.headers["accept"] == "application/json"
    assert request.headers["user-agent"].startswith("pynomaly-python/")


@respx.mock
async def test_path_values_are_escaped_so_that_they_stay_one_segment(colour):
    route = respx.get(url__regex=".*").mock(return_value=good())
    await colour.driver().call(GET, Thing, path={"name": "../a b/?#%ä"})
    assert route.calls.last.request.url.raw_path == b"/api/v1/things/..%2Fa%20b%2F%3F%23%25%C3%A4"


@respx.mock
async def test_query_values_take_the_form_the_contract_says(colour):
    route = respx.get(url__regex=".*").mock(return_value=good())
    query = {
        "none": None,
        "flag": True,
        "number": 0.5,
        "many": ["a b", "c&d"],
        "object": {"a": [1]},
        "text": "ä",
    }
    await get(colour.driver(), query=query)
    assert route.calls.last.request.url.query == (
        b"flag=true&number=0.5&many=a%20b&many=c%26d&object=%7B%22a%22%3A%5B1%5D%7D&text=%C3%A4"
    )


@respx.mock
async def test_a_model_is_sent_without_the_fields_nobody_set(colour):
    route = respx.post(f"{ROOT}/things").mock(return_value=good())
    await colour.driver().call(POST, Thing, body=Thing(name="ä"))
    request = route.calls.last.request
    assert request.content == '{"name":"ä"}'.encode()
    assert request.headers["content-type"] == "application/json"


@respx.mock
async def test_a_file_is_streamed_with_its_length_and_again_for_every_attempt(colour, tmp_path):
    file = tmp_path / "rows.csv"
    file.write_bytes(b"a,b\n" * 200_000)
    route = respx.post(f"{ROOT}/things").mock(side_effect=[problem(503), good()])
    await colour.driver().call(POST, Thing, body=Content("text/csv", file))
    for call in route.calls:
        assert call.request.content == b"a,b\n" * 200_000
        assert call.request.headers["content-length"] == "800000"
        assert "transfer-encoding" not in call.request.headers


@respx.mock
async def test_a_body_that_can_be_read_only_once_is_sent_once(colour):
    route = respx.post(f"{ROOT}/things").mock(return_value=problem(503))
    with pytest.raises(ServiceUnavailableError):
        await colour.driver().call(POST, Thing, body=Content("text/csv", iter([b"a", b"b"])))
    assert route.call_count == 1


@respx.mock
async def test_a_transient_failure_is_tried_again_with_growing_waits(colour):
    route = respx.get(URL).mock(
        side_effect=[problem(503), httpx.ConnectError("refused"), problem(429), good()]
    )
    await get(colour.driver())
    assert route.call_count == 4
    assert colour.clock.slept == [0.5, 1.0, 2.0]


@respx.mock
async def test_the_error_tells_what_happened_in_every_attempt(colour):
    respx.get(URL).mock(side_effect=[httpx.ConnectError("refused"), problem(503, x_request_id="req_2")])
    with pytest.raises(ServiceUnavailableError) as caught:
        await get(colour.driver(), options=CallOptions(max_retries=1))
    first, second = caught.value.attempts
    assert (first.number, first.outcome, first.status, first.wait) == (1, "ConnectError", None, 0.5)
    assert (second.number, second.outcome, second.status, second.wait) == (2, "503 overloaded", 503, None)
    assert (second.started, second.request_id) == (0.5, "req_2")


@respx.mock
async def test_retry_after_replaces_the_jitter(colour):
    respx.get(URL).mock(side_effect=[problem(429, retry_after="4"), good()])
    await get(colour.driver())
    assert colour.clock.slept == [4.0]


@respx.mock
async def test_a_retry_after_date_is_measured_against_the_wall_clock(colour):
    colour.clock.now = 0.0
    respx.get(URL).mock(side_effect=[problem(503, retry_after="Tue, 14 Nov 2023 22:13:25 GMT"), good()])
    await get(colour.driver())
    assert colour.clock.slept == [5.0]


@respx.mock
async def test_a_retry_after_past_the_deadline_is_not_waited_for(colour):
    respx.get(URL).mock(return_value=problem(429, code="rate-limited", retry_after="60"))
    with pytest.raises(RateLimitError) as caught:
        await get(colour.driver(), options=CallOptions(timeout=10))
    assert colour.clock.slept == []
    assert caught.value.retry_after == 60.0
    assert caught.value.__notes__ == ["Not tried again: the next wait would pass the timeout of 10 s."]


@respx.mock
async def test_attempts_and_waits_together_never_pass_the_timeout(colour):
    def slow(request):
        colour.clock.now += min(3, request.extensions["timeout"]["read"])
        raise httpx.ReadTimeout("slow", request=request)

    respx.get(URL).mock(side_effect=slow)
    began = colour.clock.now
    with pytest.raises(APITimeoutError):
        await get(colour.driver(), options=CallOptions(timeout=10, max_retries=50))
    assert colour.clock.now - began <= 10


@respx.mock
async def test_every_attempt_is_bounded_by_what_is_left(colour):
    def slow(request):
        colour.clock.now += 4
        raise httpx.ConnectError("late", request=request)

    route = respx.get(URL).mock(side_effect=slow)
    with pytest.raises(APIConnectionError):
        await get(colour.driver(), options=CallOptions(timeout=10, max_retries=1))
    first, second = (call.request.extensions["timeout"] for call in route.calls)
    assert first == {"connect": 5.0, "read": 10, "write": 10, "pool": 10}
    assert second == {"connect": 5.0, "read": 5.5, "write": 5.5, "pool": 5.5}


@respx.mock
async def test_without_a_limit_reads_wait_for_ever_and_connecting_does_not(colour):
    route = respx.get(URL).mock(return_value=good())
    await get(colour.driver(), options=CallOptions(timeout=math.inf))
    timeouts = route.calls.last.request.extensions["timeout"]
    assert timeouts == {"connect": 5.0, "read": None, "write": None, "pool": None}


@pytest.mark.parametrize(("kind", "seconds"), [("short", 10), ("normal", 30), ("long", 120)])
@respx.mock
async def test_an_operation_brings_its_own_timeout(colour, kind, seconds):
    route = respx.get(URL).mock(return_value=good())
    await colour.driver().call(operation(timeout=kind), Thing, path={"name": "a"})
    assert route.calls.last.request.extensions["timeout"]["read"] == seconds


@respx.mock
async def test_the_options_of_a_call_win_over_those_of_the_client(colour):
    route = respx.get(URL).mock(return_value=good())
    driver = colour.driver(options=CallOptions(timeout=7, headers={"x-a": "1", "x-b": "1"}))
    await get(driver, options=CallOptions(timeout=3, headers={"x-b": "2"}))
    request = route.calls.last.request
    assert request.extensions["timeout"]["read"] == 3
    assert (request.headers["x-a"], request.headers["x-b"]) == ("1", "2")


@respx.mock
async def test_an_operation_that_must_never_be_repeated_is_tried_once(colour):
    route = respx.post(f"{ROOT}/things").mock(return_value=problem(503))
    with pytest.raises(ServiceUnavailableError):
        await colour.driver().call(ONCE, Thing)
    assert route.call_count == 1
    assert "idempotency-key" not in route.calls.last.request.headers


@respx.mock
async def test_every_attempt_carries_the_same_generated_idempotency_key(colour):
    route = respx.post(f"{ROOT}/things").mock(
        side_effect=[problem(409, "request-in-progress"), problem(500), good()]
    )
    await colour.driver().call(POST, Thing)
    keys = [call.request.headers["idempotency-key"] for call in route.calls]
    assert len(keys) == 3
    assert len(set(keys)) == 1


@respx.mock
async def test_two_calls_have_two_idempotency_keys(colour):
    route = respx.post(f"{ROOT}/things").mock(return_value=good())
    driver = colour.driver()
    for _ in range(2):
        await driver.call(POST, Thing)
    first, second = (call.request.headers["idempotency-key"] for call in route.calls)
    assert first != second


@respx.mock
async def test_the_callers_idempotency_key_is_used(colour):
    route = respx.post(f"{ROOT}/things").mock(return_value=good())
    await colour.driver().call(POST, Thing, headers={"Idempotency-Key": "mine", "X-None": None})
    await colour.driver().call(POST, Thing, options=CallOptions(idempotency_key="ours"))
    assert [call.request.headers["idempotency-key"] for call in route.calls] == ["mine", "ours"]
    assert "x-none" not in route.calls.last.request.headers


@respx.mock
async def test_a_conflict_is_final(colour):
    route = respx.post(f"{ROOT}/things").mock(return_value=problem(409, "conflict"))
    with pytest.raises(ConflictError):
        await colour.driver().call(POST, Thing)
    assert route.call_count == 1


@respx.mock
async def test_a_refusal_carries_the_problem_and_the_request_id(colour):
    respx.get(URL).mock(return_value=problem(404, "not-found", x_request_id="req_header"))
    with pytest.raises(NotFoundError) as caught:
        await get(colour.driver())
    error = caught.value
    assert (error.status, error.code, error.request_id) == (404, "not-found", "req_header")
    assert error.problem.detail == "It did not work this time."
    assert len(error.attempts) == 1


@respx.mock
async def test_a_proxys_page_is_a_typed_error_that_quotes_it(colour):
    respx.get(URL).mock(return_value=httpx.Response(502, html="<h1>Bad gateway</h1>"))
    with pytest.raises(APIStatusError, match=r'HTTP 502 without a problem document: "<h1>Bad gateway</h1>"'):
        await get(colour.driver(), options=CallOptions(max_retries=0))


@pytest.mark.parametrize(
    ("response", "why"),
    [
        (httpx.Response(200, html="<p>Sign in</p>"), "it is text/html instead of application/json"),
        (
            httpx.Response(200, content=b"{", headers={"content-type": "application/json"}),
            "the whole body: Invalid JSON",
        ),
        (httpx.Response(200, json={"name": 5}), "name: Input should be a valid string"),
        (httpx.Response(204), "it is of no media type instead of application/json"),
    ],
)
@respx.mock
async def test_a_good_status_with_another_body_is_an_error_that_says_why(colour, response, why):
    respx.get(URL).mock(return_value=response)
    with pytest.raises(
        APIResponseError, match=f"the body is not what the contract promises: {why}"
    ) as caught:
        await get(colour.driver())
    assert caught.value.status == response.status_code


@respx.mock
async def test_a_redirect_is_not_followed(colour):
    elsewhere = respx.get("https://elsewhere.example/x").mock(return_value=good())
    respx.get(URL).mock(
        return_value=httpx.Response(307, headers={"location": "https://elsewhere.example/x?key=1"})
    )
    with pytest.raises(
        APIStatusError, match=r"redirect \(HTTP 307\) to https://elsewhere.example\. "
    ) as caught:
        await get(colour.driver())
    assert not elsewhere.called
    assert "key=1" not in str(caught.value)


@respx.mock
async def test_an_answer_without_a_body_is_none(colour):
    respx.get(URL).mock(return_value=httpx.Response(204))
    assert await colour.driver().call(GET, type(None), path={"name": "a"}) is None


@respx.mock
async def test_bytes_are_read_as_they_are(colour):
    respx.get(URL).mock(return_value=httpx.Response(200, html="<p>"))
    assert await colour.driver().read(GET, path={"name": "a"}) == b"<p>"


@respx.mock
async def test_a_header_that_cannot_be_sent_is_not_quoted(colour):
    respx.get(URL).mock(side_effect=httpx.LocalProtocolError("Illegal header value b'secret\\n'"))
    with pytest.raises(ConfigurationError) as caught:
        await get(colour.driver())
    assert str(caught.value) == (
        "The request to http://127.0.0.1:9 cannot be sent: an extra header or the address holds forbidden "
        "characters."
    )


@respx.mock
async def test_server_sent_events_are_read_as_models(colour):
    text = ': hello\n\nid: 1\nevent: job\ndata: {\ndata: "name": "a"}\n\ndata: {"name": "b"}\n\ndata: cut'
    respx.get(URL).mock(
        return_value=httpx.Response(200, text=text, headers={"content-type": "text/event-stream"})
    )
    events = await collected(colour.driver().events(GET, Thing, path={"name": "a"}))
    assert events == [ServerEvent("1", "job", Thing(name="a")), ServerEvent("1", "message", Thing(name="b"))]


async def test_a_driver_with_other_options_shares_the_connections_and_does_not_close_them(colour):
    http = colour.http_client(lambda request: httpx.Response(200, json={"name": request.headers["x-a"]}))
    driver = colour.driver(http_client=http)
    inner = driver if colour.name == "async" else driver._inner
    other = inner.with_options(CallOptions(headers={"x-a": "1"}))
    assert other._wire is inner._wire
    if colour.name == "async":
        await other.aclose()
    else:
        other.close()
    assert not http.is_closed


def test_json_in_the_query_is_what_the_server_decodes():
    from pynomaly.transport.request import encode_query

    encoded = encode_query({"column_types": {"id": "identifier"}})
    assert json.loads(httpx.QueryParams(encoded)["column_types"]) == {"id": "identifier"}
