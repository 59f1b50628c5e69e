"""Spans of calls and attempts, by OpenTelemetry's own SDK and its exporter in memory."""

import os
import re
import subprocess
import sys
from pathlib import Path

import httpx
import pytest
from tests.unit.sdk.conftest import KEY, Awaited

import pynomaly
from pynomaly import APIConnectionError, NotFoundError, ServiceUnavailableError
from pynomaly.testing import FakeServer
from pynomaly.transport import tracing

trace = pytest.importorskip("opentelemetry.trace")
sdk = pytest.importorskip("opentelemetry.sdk.trace")
exporting = pytest.importorskip("opentelemetry.sdk.trace.export.in_memory_span_exporter")
from opentelemetry.sdk.trace.export import SimpleSpanProcessor  # noqa: E402 - where it is installed

ROWS = [[1.0], [1.1], [0.9], [1.0], [30.0]]
SECRET = "a-secret-of-the-caller"


@pytest.fixture
def spans(monkeypatch):
    """What was exported since the test began, in the order of its end."""
    exporter = exporting.InMemorySpanExporter()
    provider = sdk.TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    monkeypatch.setattr(trace, "get_tracer_provider", lambda: provider)
    return exporter.get_finished_spans


@pytest.fixture
def server():
    return FakeServer()


@pytest.fixture
def client(colour, server):
    def make(**options):
        return server.async_client(**options) if colour.name == "async" else Awaited(server.client(**options))

    return make


async def test_a_call_is_a_span_with_a_span_for_its_attempt(client, spans):
    await client().algorithms.get_algorithm("ecod")
    attempt, call = spans()
    assert (call.name, attempt.name) == ("pynomaly getAlgorithm", "GET /algorithms/{name}")
    assert attempt.parent.span_id == call.context.span_id
    assert attempt.kind is trace.SpanKind.CLIENT
    assert dict(attempt.attributes) == {
        "http.request.method": "GET",
        "http.response.status_code": 200,
        "pynomaly.operation": "getAlgorithm",
        "pynomaly.outcome": "200",
        "pynomaly.request_id": "req_fake00000001",
        "server.address": "pynomaly.test",
        "server.port": 443,
        "url.scheme": "https",
        "url.template": "/api/v1/algorithms/{name}",
    }
    assert dict(call.attributes) == {"pynomaly.operation": "getAlgorithm", "pynomaly.attempts": 1}


async def test_each_attempt_of_a_retried_call_is_a_span_of_its_own(client, server, spans):
    server.fail_next(1, 503, retry_after=2.0)
    server.fail_next(1, "reset")
    await client().algorithms.list_algorithms()
    first, second, third, call = spans()
    assert [each.attributes["pynomaly.outcome"] for each in (first, second, third)] == [
        "503 overloaded",
        "ReadError",
        "200",
    ]
    assert [each.attributes.get("http.request.resend_count") for each in (first, second, third)] == [
        None,
        1,
        2,
    ]
    assert [each.attributes.get("error.type") for each in (first, second)] == ["503", "ReadError"]
    assert call.attributes["pynomaly.attempts"] == 3
    assert [event.name for event in call.events] == ["retry", "retry"]
    assert call.events[0].attributes["pynomaly.wait"] == 2.0
    assert call.status.is_ok


async def test_a_call_that_fails_says_what_kind_of_error_and_no_message(client, server, spans):
    server.fail_always("connect")
    with pytest.raises(APIConnectionError):
        await client(max_retries=0).health_check()
    attempt, call = spans()
    assert call.attributes["error.type"] == "APIConnectionError"
    assert not call.status.is_ok
    assert not attempt.status.is_ok
    assert (call.status.description, list(call.events)) == (None, [])


async def test_the_server_gets_the_trace_of_the_attempt(client, server, spans):
    server.fail_next(1, 503)
    await client().algorithms.list_algorithms()
    first, second, _ = spans()
    for span, recorded in zip((first, second), server.calls, strict=True):
        _, trace_id, span_id, flags = recorded.headers["traceparent"].split("-")
        assert int(flags, 16) & 1, "it is sampled"
        assert int(trace_id, 16) == span.context.trace_id
        assert int(span_id, 16) == span.context.span_id


async def test_a_call_is_part_of_the_trace_around_it(client, spans):
    with trace.get_tracer_provider().get_tracer("app").start_as_current_span("request") as around:
        await client().health_check()
    attempt, call, _ = spans()
    assert call.parent.span_id == around.context.span_id
    assert attempt.context.trace_id == around.context.trace_id


async def test_a_trace_that_the_caller_sends_stays(client, server, spans):
    given = f"00-{'1' * 32}-{'2' * 16}-00"
    await client(headers={"traceparent": given}).health_check()
    assert server.calls[0].headers["traceparent"] == given


async def test_baggage_of_the_program_stays_in_it(client, server, spans):
    from opentelemetry import baggage, context

    token = context.attach(baggage.set_baggage("customer", SECRET))
    try:
        await client().health_check()
    finally:
        context.detach(token)
    assert "baggage" not in server.calls[0].headers


async def test_no_span_holds_a_secret_an_id_or_data(client, server, spans):
    talker = client(headers={"X-Secret": SECRET}, max_retries=0)
    await talker.detect_anomalies([[SECRET], ["b"], ["b"], ["b"]])
    with pytest.raises(NotFoundError):
        await talker.algorithms.get_algorithm(SECRET)
    server.fail_next(1, 503)
    with pytest.raises(ServiceUnavailableError):
        await talker.datasets.list_datasets(cursor=SECRET)
    written = " ".join(span.to_json() for span in spans())
    assert len(spans()) == 6
    assert SECRET not in written
    assert server.api_key not in written
    assert KEY not in written
    assert {name for span in spans() for name in span.attributes} <= tracing._ALLOWED


async def test_a_stream_is_traced_until_it_begins(colour, server, spans):
    if colour.name == "async":
        client = server.async_client()
        job = await client.batch_detect(data_sources=[ROWS])
        async for _event in client.jobs.stream_job_events(job.job_id):
            pass
    else:
        client = server.client()
        list(client.jobs.stream_job_events(client.batch_detect(data_sources=[ROWS]).job_id))
    assert [span.name for span in spans()][-1] == "pynomaly streamJobEvents"
    assert all(span.end_time is not None for span in spans())


async def test_where_no_provider_is_set_nothing_is_sent(client, server):
    await client().health_check()
    assert "traceparent" not in server.calls[0].headers


def test_a_program_that_does_not_trace_loads_nothing_of_opentelemetry():
    code = (
        "import sys\n"
        "from pynomaly.testing import FakeServer\n"
        "FakeServer().client().health_check()\n"
        "assert not [name for name in sys.modules if name.startswith('opentelemetry')]"
    )
    path = str(Path(pynomaly.__file__).parents[1])
    subprocess.run([sys.executable, "-c", code], check=True, env={"PYTHONPATH": path})


def test_the_page_lists_every_attribute_that_a_span_may_have():
    page = (Path(__file__).parents[3] / "docs" / "tracing.md").read_text()
    table = page.split("| attribute |")[1].split("\n\n")[0]
    assert set(re.findall(r"^\| `([a-z._]+)`", table, re.MULTILINE)) == tracing._ALLOWED


def test_the_code_of_the_page_prints_the_spans():
    page = (Path(__file__).parents[3] / "docs" / "tracing.md").read_text()
    code = page.split("```python\n")[1].split("```")[0]
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert '"name": "pynomaly detectAnomalies"' in done.stdout
    assert re.search(r"^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$", done.stdout, re.MULTILINE)


def test_httpx_itself_is_not_needed_to_carry_a_trace(server, spans):
    http = httpx.Client(transport=server)
    with (
        server.client() as client,
        pynomaly.PynomalyClient(api_key=server.api_key, base_url=server.base_url, http_client=http) as other,
    ):
        client.health_check()
        other.health_check()
    assert all("traceparent" in call.headers for call in server.calls)
