"""Spans without a collector cost nothing, and with one they need OpenTelemetry."""

from __future__ import annotations

import importlib.util

import pytest

from pynomaly_server.settings import Settings, SettingsError
from pynomaly_server.telemetry import tracing
from pynomaly_server.telemetry.trace_context import current

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
TRACEPARENT = f"00-{TRACE}-00f067aa0ba902b7-01"


@pytest.mark.parametrize("missing", ["opentelemetry", "opentelemetry.sdk"])
def test_a_collector_without_opentelemetry_is_refused_at_the_start(monkeypatch, tmp_path, missing):
    found = importlib.util.find_spec
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None if name == missing else found(name))
    tracing.check(Settings.load(data_dir=tmp_path))
    with pytest.raises(SettingsError, match=r"Install pynomaly-server\[tracing\], or leave the variable out"):
        tracing.check(Settings.load(data_dir=tmp_path, otlp_endpoint="http://127.0.0.1:4318"))


@pytest.mark.parametrize(
    "url", ["collector:4318", "grpc://collector:4317", "http://ada:secret@collector:4318"]
)
def test_a_collector_is_named_by_its_url(tmp_path, url):
    with pytest.raises(
        SettingsError, match=r"OTEL_EXPORTER_OTLP_ENDPOINT is .*, but must be http://host:4318"
    ):
        Settings.load(data_dir=tmp_path, otlp_endpoint=url)


def test_without_a_collector_work_is_in_its_trace_all_the_same():
    with tracing.entered(TRACEPARENT, "work", "CONSUMER", {}) as span:
        assert not span.is_heard
        span.say({"pynomaly.job_id": "job_1"})
        span.fail("ValueError")
        place = current()
        assert place is not None
        assert (place.trace_id, tracing.traceparent()) == (TRACE, place.traceparent)
    assert current() is None


def test_a_message_carries_the_trace_of_the_work_that_sent_it():
    with tracing.sent(TRACEPARENT, "send", {}) as carried:
        assert carried == TRACEPARENT
    with tracing.sent(None, "send", {}) as carried:
        assert carried is None
