"""Sends spans to a collector: OTLP over HTTP, as JSON.

Written over the standard library, so that tracing needs OpenTelemetry's SDK and nothing else: its own
exporter brings protobuf and a second HTTP client.
"""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping, Sequence
from typing import Any, Final
from urllib.parse import urlsplit

import structlog
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SpanExporter, SpanExportResult

from pynomaly_server.redaction import without_secrets

_TIMEOUT_SECONDS: Final = 10.0
_PATH: Final = "/v1/traces"
_log = structlog.get_logger("pynomaly.telemetry")


class OtlpExporter(SpanExporter):  # type: ignore[misc]
    """Posts batches of spans to `<endpoint>/v1/traces`; a batch that cannot be sent is lost and logged."""

    def __init__(self, endpoint: str) -> None:
        parts = urlsplit(endpoint)
        self._https = parts.scheme == "https"
        self._host = parts.hostname or "localhost"
        self._port = parts.port or (443 if self._https else 80)
        self._path = parts.path.rstrip("/") + _PATH

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        """Send these spans."""
        body = json.dumps(as_otlp(spans)).encode()
        kind = http.client.HTTPSConnection if self._https else http.client.HTTPConnection
        connection = kind(self._host, self._port, timeout=_TIMEOUT_SECONDS)
        try:
            connection.request("POST", self._path, body, {"Content-Type": "application/json"})
            status = connection.getresponse().status
        except (OSError, http.client.HTTPException) as error:
            _log.warning("spans are lost: the collector does not answer", error=type(error).__name__)
            return SpanExportResult.FAILURE
        finally:
            connection.close()
        if status >= http.client.BAD_REQUEST:
            _log.warning("spans are lost: the collector has refused them", status=status)
            return SpanExportResult.FAILURE
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        """There is nothing to close."""

    def force_flush(self, timeout_millis: int = 30_000) -> bool:  # noqa: ARG002 - the interface's
        """There is nothing that waits."""
        return True


def as_otlp(spans: Sequence[ReadableSpan]) -> dict[str, Any]:
    """The spans of one process as OTLP's JSON; text that is shaped like a secret is hidden in it."""
    if not spans:
        return {"resourceSpans": []}
    first = spans[0]
    scope = first.instrumentation_scope
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": _attributes(first.resource.attributes)},
                "scopeSpans": [
                    {
                        "scope": {
                            "name": scope.name if scope else "",
                            "version": (scope.version if scope else None) or "",
                        },
                        "spans": [_span(span) for span in spans],
                    }
                ],
            }
        ]
    }


def _span(span: ReadableSpan) -> dict[str, Any]:
    context = span.get_span_context()
    assert context is not None
    return {
        "traceId": f"{context.trace_id:032x}",
        "spanId": f"{context.span_id:016x}",
        "parentSpanId": "" if span.parent is None else f"{span.parent.span_id:016x}",
        "name": span.name,
        "kind": span.kind.value + 1,  # OTLP begins with an unspecified one
        "startTimeUnixNano": str(span.start_time or 0),
        "endTimeUnixNano": str(span.end_time or 0),
        "attributes": _attributes(span.attributes or {}),
        "status": {"code": span.status.status_code.value},
    }


def _attributes(attributes: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [{"key": name, "value": _value(value)} for name, value in attributes.items()]


def _value(value: Any) -> dict[str, Any]:
    if isinstance(value, bool):
        return {"boolValue": value}
    if isinstance(value, int):
        return {"intValue": str(value)}
    return {"stringValue": without_secrets(str(value))}
