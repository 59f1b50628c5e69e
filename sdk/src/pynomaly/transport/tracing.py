"""Spans for OpenTelemetry: one for each call and one for each of its attempts, and `traceparent` for the
server.

Nothing is imported here: a program that traces has loaded OpenTelemetry's API itself, and in any other this
costs a look into a dictionary. Spans carry what `_ALLOWED` lists and nothing else; no header, no query, no
value of a path, no body and no message, for all of these may hold secrets or data.
"""

from __future__ import annotations

import importlib
import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Protocol
from urllib.parse import urlsplit

from pynomaly._version import __version__

_API = "opentelemetry.trace"
_PROPAGATOR = "opentelemetry.trace.propagation.tracecontext"

_ALLOWED = frozenset(
    {
        "error.type",
        "http.request.method",
        "http.request.resend_count",
        "http.response.status_code",
        "pynomaly.attempts",
        "pynomaly.operation",
        "pynomaly.outcome",
        "pynomaly.request_id",
        "pynomaly.to",
        "pynomaly.wait",
        "server.address",
        "server.port",
        "url.scheme",
        "url.template",
    }
)
"""Attributes that a span may have; those without `pynomaly.` are of OpenTelemetry's conventions."""

_tracer: tuple[Any, Any] = (None, None)


class Traced(Protocol):
    """What is told of the operation that is called."""

    @property
    def id(self) -> str:
        """Its `operationId`."""
        ...

    @property
    def method(self) -> str:
        """HTTP method."""
        ...

    @property
    def path(self) -> str:
        """Path below `/api/v1`, with `{names}` of its parameters."""
        ...


class CallTrace:
    """The span of one call and, while one is under way, that of its attempt.

    Args:
        api: `opentelemetry.trace`.
        tracer: Makes the spans.
        op: The operation.
    """

    def __init__(self, api: Any, tracer: Any, op: Traced) -> None:
        self._api = api
        self._tracer = tracer
        self._op = op
        self._attempts = 0
        self._attempt: Any = None
        self._span: Any = tracer.start_span(
            f"pynomaly {op.id}", kind=api.SpanKind.INTERNAL, attributes=_kept({"pynomaly.operation": op.id})
        )
        self._current: Any = None

    @property
    def is_heard(self) -> bool:
        """Whether somebody takes spans, or wants the server to know the trace."""
        return bool(self._span.get_span_context().is_valid)

    def __enter__(self) -> None:
        self._current = self._api.use_span(
            self._span, end_on_exit=True, record_exception=False, set_status_on_exception=False
        )
        self._current.__enter__()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._finish("abandoned")
        self._span.set_attributes(_kept({"pynomaly.attempts": self._attempts}))
        if kind is not None:
            self._fail(self._span, kind.__name__)
        self._current.__exit__(kind, error, trace)

    def attempt(self, origin: str) -> None:
        """An attempt begins."""
        self._finish("abandoned")
        self._attempts += 1
        parts = urlsplit(origin)
        self._attempt = self._tracer.start_span(
            f"{self._op.method} {self._op.path}",
            context=self._api.set_span_in_context(self._span),
            kind=self._api.SpanKind.CLIENT,
            attributes=_kept(
                {
                    "http.request.method": self._op.method,
                    "http.request.resend_count": self._attempts - 1 or None,
                    "pynomaly.operation": self._op.id,
                    "server.address": parts.hostname,
                    "server.port": parts.port or (443 if parts.scheme == "https" else 80),
                    "url.scheme": parts.scheme,
                    "url.template": f"/api/v1{self._op.path}",
                }
            ),
        )

    def ended(self, outcome: str, status: int | None, request_id: str | None, *, failed: bool) -> None:
        """The attempt is over."""
        if self._attempt is None:
            return
        self._attempt.set_attributes(
            _kept({"http.response.status_code": status, "pynomaly.request_id": request_id})
        )
        if failed:
            self._fail(self._attempt, str(status or outcome))
        self._finish(outcome)

    def waits(self, seconds: float) -> None:
        """Another attempt follows after some seconds."""
        self._span.add_event("retry", _kept({"pynomaly.wait": seconds}))

    def moves_on(self, origin: str) -> None:
        """The next address is asked."""
        self._span.add_event("fallback", _kept({"pynomaly.to": origin}))

    def headers(self, headers: Mapping[str, str]) -> dict[str, str]:
        """The headers of a request with the trace; what the caller set stays as it is."""
        carried: dict[str, str] = {}
        propagator = importlib.import_module(_PROPAGATOR).TraceContextTextMapPropagator()
        propagator.inject(carried, self._api.set_span_in_context(self._attempt or self._span))
        return {**carried, **headers}

    def _finish(self, outcome: str) -> None:
        if self._attempt is not None:
            self._attempt.set_attributes(_kept({"pynomaly.outcome": outcome}))
            self._attempt.end()
            self._attempt = None

    def _fail(self, span: Any, kind: str) -> None:
        span.set_attributes(_kept({"error.type": kind}))
        span.set_status(self._api.Status(self._api.StatusCode.ERROR))


def start_trace(op: Traced) -> CallTrace | None:
    """The trace of a call; None where nobody traces."""
    api: Any = sys.modules.get(_API)
    if api is None:
        return None
    trace = CallTrace(api, _tracer_of(api), op)
    return trace if trace.is_heard else None


def _tracer_of(api: Any) -> Any:
    """The tracer of the program's provider, made once."""
    global _tracer  # noqa: PLW0603  one tracer for the process, as OpenTelemetry has one provider
    provider = api.get_tracer_provider()
    known, tracer = _tracer
    if known is not provider:
        tracer = provider.get_tracer("pynomaly", __version__)
        _tracer = provider, tracer
    return tracer


def _kept(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if name in _ALLOWED and value is not None}
