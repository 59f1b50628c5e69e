"""One trace from the client through the API, the broker and a worker to the database, at a real collector."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
from tests.e2e.collector import Collector, values

from pynomaly_server.auth.keys import new_key

TABLE = "a,b\n" + "".join(f"{n % 7},{n % 5}\n" for n in range(60))


@pytest.fixture(scope="module")
def collector() -> Iterator[Collector]:
    collector = Collector()
    yield collector
    collector.close()


@pytest.fixture(scope="module")
def server(started, collector):
    return started(OTEL_EXPORTER_OTLP_ENDPOINT=collector.endpoint)


@pytest.fixture(scope="module")
def exporter() -> Iterator[InMemorySpanExporter]:
    """The spans of this process, which is the caller's program."""
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    with pytest.MonkeyPatch.context() as patch:
        # One that is set as a program sets it stays for the tests of other modules.
        patch.setattr(trace, "get_tracer_provider", lambda: provider)
        yield exporter


def in_one_trace(exporter: InMemorySpanExporter, work: Any) -> tuple[str, set[str], Any]:
    """Do something under a span: the trace's id, the ids of the client's spans, and what came of it."""
    exporter.clear()
    with trace.get_tracer("tests").start_as_current_span("the caller's program") as span:
        trace_id = f"{span.get_span_context().trace_id:032x}"
        came = work()
    spans = exporter.get_finished_spans()
    assert {f"{each.get_span_context().trace_id:032x}" for each in spans} == {trace_id}
    return trace_id, {f"{each.get_span_context().span_id:016x}" for each in spans}, came


def is_whole(spans: list[dict[str, Any]], of_client: set[str]) -> bool:
    """Whether every span hangs on another of the trace."""
    known = {span["spanId"] for span in spans} | of_client
    return bool(spans) and all(span["parentSpanId"] in known for span in spans)


def test_a_detection_is_one_trace_from_the_client_to_the_database(server, collector, exporter, eventually):
    with server.client() as client:
        trace_id, of_client, _ = in_one_trace(
            exporter, lambda: client.detect_anomalies([[float(n % 7)] for n in range(60)])
        )
    eventually(lambda: is_whole(collector.spans(trace_id), of_client))
    spans = collector.spans(trace_id)
    [request] = [span for span in spans if span["kind"] == 2]
    assert request["name"] == "POST /api/v1/detect"
    assert request["parentSpanId"] in of_client
    said = values(request["attributes"])
    assert (said["pynomaly.operation"], said["http.response.status_code"]) == ("detectAnomalies", "200")
    assert trace_id in (server.data_dir / "logs" / "api.log").read_text()


def test_a_job_is_one_trace_from_the_client_through_broker_and_worker_to_the_database(
    server, collector, exporter, eventually
):
    with server.client() as client:
        dataset = _uploaded(server)
        trace_id, of_client, job = in_one_trace(exporter, lambda: client.batch_detect(data_sources=[dataset]))
        job.wait()
        eventually(lambda: {span["service"] for span in collector.spans(trace_id)} >= {"pynomaly-worker"})
        eventually(
            lambda: (
                is_whole(collector.spans(trace_id), of_client)
                and any(
                    span["service"] == "pynomaly-worker" and "db.system.name" in values(span["attributes"])
                    for span in collector.spans(trace_id)
                )
            )
        )
        said = httpx.get(
            f"{server.base_url}/api/v1/jobs/{job.job_id}", headers={"X-API-Key": server.api_key}, timeout=60
        ).json()
    spans = collector.spans(trace_id)
    names = {(span["service"], span["name"]) for span in spans}
    assert {
        ("pynomaly-api", "POST /api/v1/batch"),
        ("pynomaly-api", "INSERT"),
        ("pynomaly-api", "send jobs.small"),
        ("pynomaly-worker", "work on detection"),
        ("pynomaly-worker", "UPDATE"),
    } <= names
    assert said["trace_id"] == trace_id
    for log in ("api.log", "worker.log"):
        assert trace_id in (server.data_dir / "logs" / log).read_text()


def _uploaded(server: Any) -> str:
    answer = httpx.post(
        f"{server.base_url}/api/v1/datasets",
        content=TABLE,
        headers={"X-API-Key": server.api_key, "Content-Type": "text/csv"},
        timeout=60,
    )
    return str(answer.json()["dataset_id"])


def test_a_problem_names_the_trace_of_its_caller(server):
    trace_id = secrets.token_hex(16)
    headers = {"X-API-Key": server.api_key, "traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01"}
    answer = httpx.get(f"{server.base_url}/api/v1/jobs/job_{'0' * 32}", headers=headers, timeout=60)
    assert (answer.status_code, answer.json()["trace_id"]) == (404, trace_id)


def test_whoever_sends_no_trace_gets_one(server):
    answers = [httpx.get(f"{server.base_url}/api/v1/me", timeout=60).json() for _ in range(2)]
    assert len({answer["trace_id"] for answer in answers}) == 2


def test_no_span_has_a_secret(server, collector, eventually):
    planted = [new_key()[0] for _ in range(4)]
    trace_id = secrets.token_hex(16)
    with httpx.Client(
        base_url=f"{server.base_url}/api/v1",
        headers={"X-API-Key": server.api_key, "traceparent": f"00-{trace_id}-{secrets.token_hex(8)}-01"},
        timeout=60,
    ) as api:
        api.get(f"/jobs/{planted[0]}")
        api.get("/jobs", params={"api_key": planted[1]})
        api.post("/detect", json={"data": [[1]], "algorithm": planted[2]})
        api.get("/me", headers={"X-Request-Id": planted[3], "tracestate": f"k={planted[0]}"})
        api.request(planted[0][:20], "/me")
    eventually(lambda: len([span for span in collector.spans(trace_id) if span["kind"] == 2]) == 5)
    sent = b"".join(collector.bodies).decode()
    assert [secret for secret in [*planted, planted[0][:20], server.api_key] if secret in sent] == []
    assert "[hidden]" in sent  # what was shaped like a key in the request's id
