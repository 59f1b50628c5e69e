"""Structured logs: one configuration for our own lines and those of the libraries, no secret in any."""

from __future__ import annotations

import logging.config
import re
from collections.abc import Mapping, MutableMapping
from typing import Any, Final, Literal

import structlog

from pynomaly_server.redaction import HIDDEN, in_lines, on_one_line, without_secrets
from pynomaly_server.settings import Settings
from pynomaly_server.telemetry.trace_context import current

_SECRET_NAME: Final = re.compile(r"api[_-]?key|authorization|token|secret|password|cookie", re.IGNORECASE)
_OF_LINES: Final = frozenset({"exception", "stack"})
_LEVELS: Final = {
    "debug": logging.DEBUG,
    "info": logging.INFO,
    "warning": logging.WARNING,
    "error": logging.ERROR,
}
MOST_HELD: Final = 256
"""Lines that are held back at most."""
Event = MutableMapping[str, Any]


def redact(_logger: Any, _method: str, event: Event) -> Event:
    """Processor that hides values of secret-sounding names, and secret-shaped text wherever it stands.

    Control characters are spelt out, so that nothing a caller sends can look like a line of its own.
    """
    for name, value in event.items():
        if _SECRET_NAME.search(name) and value is not None:
            event[name] = HIDDEN
        elif name in _OF_LINES and isinstance(value, str):
            event[name] = in_lines(without_secrets(value))
        else:
            event[name] = _clean(value)
    return event


def add_trace(_logger: Any, _method: str, event: Event) -> Event:
    """Processor that says in which trace it happened."""
    place = current()
    if place is not None:
        event["trace_id"] = place.trace_id
    return event


def _clean(value: Any) -> Any:
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {
            key: HIDDEN if isinstance(key, str) and _SECRET_NAME.search(key) else _clean(inner)
            for key, inner in value.items()
        }
    if isinstance(value, list | tuple | set | frozenset):
        return [_clean(inner) for inner in value]
    return on_one_line(without_secrets(value if isinstance(value, str) else str(value)))


class HoldingHandler(logging.StreamHandler[Any]):
    """Writes lines to stderr; such as nobody waits for are held back, to be written together.

    A line that is not held goes behind those that are.

    Args:
        form: What lines look like, `json` or `console`.
    """

    def __init__(self, form: str) -> None:
        super().__init__()
        self.form = form
        self._held: list[str] = []

    def hold(self, line: str) -> bool:
        """Keep a whole line for later; whether it is the first, so that `write_held` is to be called."""
        self.acquire()
        try:
            self._held.append(line)
            if len(self._held) < MOST_HELD:
                return len(self._held) == 1
        finally:
            self.release()
        self.write_held()
        return False

    def write_held(self) -> None:
        """Write what is held."""
        self.acquire()
        try:
            held, self._held = self._held, []
            if held:
                self.stream.write("".join(held))
                self.stream.flush()
        except (OSError, ValueError):
            # Nobody reads any more; there is nowhere to say so.
            return
        finally:
            self.release()

    def emit(self, record: logging.LogRecord) -> None:
        """Write what is held, then this."""
        self.write_held()
        super().emit(record)

    def flush(self) -> None:
        """Write what is held, also when the process ends."""
        self.write_held()
        super().flush()


def write_held_lines() -> None:
    """Write what handlers of this process hold back; before it ends."""
    for handler in logging.getLogger().handlers:
        handler.flush()


_SHARED: Final[list[Any]] = [
    structlog.contextvars.merge_contextvars,
    add_trace,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.PositionalArgumentsFormatter(),
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.StackInfoRenderer(),
    structlog.processors.format_exc_info,
    structlog.processors.UnicodeDecoder(),
    redact,
]


def stdlib_config(level: str, form: Literal["json", "console"]) -> dict[str, Any]:
    """The `logging.config` dictionary that sends every library's lines through the same processors.

    Granian takes it as `log_dictconfig`; everything else gets it from `configure_logging`.
    """
    renderer: Any = (
        structlog.processors.JSONRenderer() if form == "json" else structlog.dev.ConsoleRenderer(colors=False)
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structlog": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": _SHARED,
                "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
            }
        },
        "handlers": {"stderr": {"()": HoldingHandler, "form": form, "formatter": "structlog"}},
        "root": {"handlers": ["stderr"], "level": _LEVELS[level]},
        "loggers": {
            name: {"level": max(_LEVELS[level], least), "handlers": [], "propagate": True}
            for name, least in _CHATTY.items()
        },
    }


_CHATTY: Final = {
    "_granian": logging.INFO,
    "granian.access": logging.INFO,
    "celery": logging.INFO,
    "celery.worker.strategy": logging.WARNING,  # a line per task, which our own say with the job id
    "celery.app.trace": logging.WARNING,
    "kombu": logging.WARNING,
    "amqp": logging.WARNING,
    "sqlalchemy": logging.WARNING,
    "alembic": logging.WARNING,
    "aiosqlite": logging.WARNING,
    "asyncio": logging.WARNING,
    "httpx": logging.WARNING,  # a line per request, whose URL may be a signed one
    "httpcore": logging.WARNING,
    "psycopg": logging.WARNING,
}


def configure_logging(settings: Settings) -> None:
    """Set up logging for this process: once, before the first line."""
    logging.config.dictConfig(stdlib_config(settings.log_level, settings.log_format))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *_SHARED,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
