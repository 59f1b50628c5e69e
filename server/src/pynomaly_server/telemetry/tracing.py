"""Spans for OpenTelemetry, where a collector is named: of requests, messages, jobs and statements.

OpenTelemetry's SDK is the extra `tracing` and imported only then. Without it everything here costs next to
nothing, and traces are carried all the same (`trace_context`). Spans carry what `_ALLOWED` lists and nothing
else: no path value, query, header, body, statement or message.
"""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Final, Literal

import sqlalchemy as sa

from pynomaly_server import __version__
from pynomaly_server.settings import Settings, SettingsError
from pynomaly_server.telemetry.trace_context import TraceContext, Working, begun, current, parse, working_in

Kind = Literal["SERVER", "CLIENT", "PRODUCER", "CONSUMER"]
Attributes = Mapping[str, str | int | None]

_ALLOWED: Final = frozenset(
    {
        "db.operation.name",
        "db.system.name",
        "error.type",
        "http.request.method",
        "http.response.status_code",
        "http.route",
        "messaging.destination.name",
        "messaging.system",
        "pynomaly.attempt",
        "pynomaly.job_id",
        "pynomaly.job_kind",
        "pynomaly.operation",
        "pynomaly.request_id",
        "pynomaly.shard",
    }
)
"""Attributes that a span may have; those without `pynomaly.` are of OpenTelemetry's conventions."""
_EXPORT_MILLISECONDS: Final = 1_000
_FLUSH_MILLISECONDS: Final = 2_000
_SPANS_OF: Final = "pynomaly_spans"


class _Tracer:
    """The parts of OpenTelemetry that are used, once it is configured."""

    def __init__(self, endpoint: str, service: str) -> None:
        from opentelemetry import trace
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor

        from pynomaly_server.telemetry.otlp import OtlpExporter

        self.api = trace
        resource = Resource.create({"service.name": service, "service.version": __version__})
        self.provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self.provider.add_span_processor(
            BatchSpanProcessor(OtlpExporter(endpoint), schedule_delay_millis=_EXPORT_MILLISECONDS)
        )
        self.tracer = self.provider.get_tracer("pynomaly_server", __version__)

    def parent(self, place: TraceContext | None) -> Any:
        """The context in which a span has this parent."""
        if place is None:
            return self.api.set_span_in_context(self.api.INVALID_SPAN)
        remote = self.api.SpanContext(
            int(place.trace_id, 16),
            int(place.span_id, 16),
            is_remote=True,
            trace_flags=self.api.TraceFlags(int(place.sampled)),
        )
        return self.api.set_span_in_context(self.api.NonRecordingSpan(remote))

    def place(self, span: Any) -> TraceContext:
        """Where a span is."""
        context = span.get_span_context()
        return TraceContext(
            f"{context.trace_id:032x}", f"{context.span_id:016x}", bool(context.trace_flags.sampled)
        )


_configured: dict[str, _Tracer] = {}


def _installed() -> bool:
    # Asking for a part of a package that is not there at all raises.
    return bool(importlib.util.find_spec("opentelemetry") and importlib.util.find_spec("opentelemetry.sdk"))


def check(settings: Settings) -> None:
    """Refuse to start where spans are wanted and OpenTelemetry is not installed.

    Raises:
        SettingsError: the extra `tracing` is missing.
    """
    if settings.otlp_endpoint and not _installed():
        fault = (
            "OTEL_EXPORTER_OTLP_ENDPOINT is set, but OpenTelemetry is not installed. Install "
            "pynomaly-server[tracing], or leave the variable out."
        )
        raise SettingsError([fault])


def configure(settings: Settings, part: str) -> None:
    """Send the spans of this process to the settings' collector, where there is one; after a fork.

    `part` is what the process is: api, worker or sweeper.
    """
    if settings.otlp_endpoint and part not in _configured:
        check(settings)
        _configured[part] = _Tracer(settings.otlp_endpoint, f"pynomaly-{part}")


def close() -> None:
    """Send what is left, within a bounded time."""
    while _configured:
        _, tracer = _configured.popitem()
        tracer.provider.force_flush(_FLUSH_MILLISECONDS)
        tracer.provider.shutdown()


class Span:
    """A span that may be one of nobody's: then nothing that it is told goes anywhere."""

    def __init__(self, tracer: _Tracer | None, span: Any) -> None:
        self._tracer = tracer
        self._span = span

    @property
    def is_heard(self) -> bool:
        """Whether it goes anywhere."""
        return self._tracer is not None

    def rename(self, name: str) -> None:
        """Call it by what became known of it."""
        if self._tracer is not None:
            self._span.update_name(name)

    def say(self, attributes: Attributes) -> None:
        """Add attributes, those that are None left out."""
        if self._tracer is not None:
            self._span.set_attributes(_kept(attributes))

    def fail(self, kind: str) -> None:
        """The work has failed, with an error of this kind."""
        if self._tracer is not None:
            self.say({"error.type": kind})
            self._span.set_status(self._tracer.api.Status(self._tracer.api.StatusCode.ERROR))


_NOBODYS: Final = Span(None, None)


class _Unheard(Working):
    """Work that nobody collects spans of."""

    __slots__ = ()

    def __enter__(self) -> Span:  # type: ignore[override]
        super().__enter__()
        return _NOBODYS


def entered(
    traceparent: str | None, name: str, kind: Kind, attributes: Attributes
) -> AbstractContextManager[Span]:
    """Do the work of the block in the trace that it came with, under a span of this name.

    Without a collector there is no span, and the block is in the trace all the same.
    """
    parent = parse(traceparent)
    tracer = _tracer()
    return _Unheard(begun(parent)) if tracer is None else _heard(tracer, parent, name, kind, attributes)


@contextmanager
def _heard(
    tracer: _Tracer, parent: TraceContext | None, name: str, kind: Kind, attributes: Attributes
) -> Iterator[Span]:
    with tracer.tracer.start_as_current_span(
        name,
        context=tracer.parent(parent),
        kind=tracer.api.SpanKind[kind],
        attributes=_kept(attributes),
        record_exception=False,
        set_status_on_exception=False,
    ) as span:
        told = Span(tracer, span)
        with working_in(tracer.place(span)):
            try:
                yield told
            except BaseException as error:
                told.fail(type(error).__name__)
                raise


@contextmanager
def sent(traceparent: str | None, name: str, attributes: Attributes) -> Iterator[str | None]:
    """Send a message in the block: gives the `traceparent` that it is to carry.

    `traceparent` is that of the work which sends it; a message that belongs to none has neither.
    """
    tracer, parent = _tracer(), parse(traceparent)
    if tracer is None or parent is None:
        yield traceparent
        return
    with tracer.tracer.start_as_current_span(
        name,
        context=tracer.parent(parent),
        kind=tracer.api.SpanKind.PRODUCER,
        attributes=_kept(attributes),
        record_exception=False,
    ) as span:
        yield tracer.place(span).traceparent


def traceparent() -> str | None:
    """The place of the present work, for a row or a message; None outside of requests and jobs."""
    place = current()
    return None if place is None else place.traceparent


@contextmanager
def told_statement(statement: str, system: str) -> Iterator[None]:
    """Give a statement that does not go through an engine a span of its own, as `watch_statements` would."""
    tracer = _tracer()
    if tracer is None or not tracer.api.get_current_span().is_recording():
        yield
        return
    span = _span_of(tracer, statement, system)
    try:
        yield
    except Exception as error:
        Span(tracer, span).fail(type(error).__name__)
        raise
    finally:
        span.end()


def _span_of(tracer: _Tracer, statement: str, system: str) -> Any:
    verb = statement.split(None, 1)[0].upper()[:16]
    return tracer.tracer.start_span(
        verb,
        kind=tracer.api.SpanKind.CLIENT,
        attributes=_kept({"db.system.name": system, "db.operation.name": verb}),
    )


def watch_statements(engine: sa.Engine) -> None:
    """Give each statement of a request or a job a span of its own; only the statement's verb is told."""

    @sa.event.listens_for(engine, "before_cursor_execute")
    def _begin(connection: sa.Connection, _cursor: Any, statement: str, *_: Any) -> None:
        tracer = _tracer()
        if tracer is None or not tracer.api.get_current_span().is_recording():
            return
        system = "postgresql" if engine.dialect.name == "postgresql" else "sqlite"
        connection.info.setdefault(_SPANS_OF, []).append(_span_of(tracer, statement, system))

    @sa.event.listens_for(engine, "after_cursor_execute")
    def _end(connection: sa.Connection, *_: Any) -> None:
        if spans := connection.info.get(_SPANS_OF):
            spans.pop().end()

    @sa.event.listens_for(engine, "handle_error")
    def _fail(context: sa.engine.ExceptionContext) -> None:
        connection, tracer = context.connection, _tracer()
        if connection is None or connection.invalidated or not (spans := connection.info.get(_SPANS_OF)):
            return
        span = spans.pop()
        Span(tracer, span).fail(type(context.original_exception).__name__)
        span.end()


def _tracer() -> _Tracer | None:
    for tracer in _configured.values():
        return tracer
    return None


def _kept(attributes: Attributes) -> dict[str, str | int]:
    return {name: value for name, value in attributes.items() if name in _ALLOWED and value is not None}
