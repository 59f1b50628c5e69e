"""The line of each request in the log: as every other line looks, for a tenth of the work of one.

Where the log is JSON, a line is put together here, held for a moment, and written with those that come
meanwhile. All that the other lines go through happens to it as well: secrets are hidden, control characters
spelt out. Of a process that is killed, the lines of its last `HELD_SECONDS` are lost.
"""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

import structlog

from pynomaly_server.logs import HoldingHandler
from pynomaly_server.redaction import on_one_line, without_secrets
from pynomaly_server.telemetry.trace_context import current

HELD_SECONDS: Final = 0.05
LOGGER: Final = "pynomaly.http"
_EVENT: Final = "request"
_OUR_ID: Final = re.compile(r"req_[0-9a-f]{32}")
_LONGEST_REMEMBERED: Final = 256
_logger: Final = logging.getLogger(LOGGER)
_root: Final = logging.getLogger()
_log = structlog.get_logger(LOGGER)


def tell_request(
    *,
    method: str,
    path: str,
    status: int,
    address: str | None,
    caller: str | None,
    elapsed_ms: float,
    request_id: str,
) -> None:
    """Write the line of a request that was answered; within the event loop, bound to its id and its trace."""
    if not _logger.isEnabledFor(logging.INFO):
        return
    handler = _root.handlers[0] if len(_root.handlers) == 1 else None
    if not isinstance(handler, HoldingHandler) or handler.form != "json":
        _log.info(
            _EVENT,
            method=method,
            path=path,
            status=status,
            address=address,
            caller=caller,
            elapsed_ms=elapsed_ms,
        )
        return
    place = current()
    trace = "" if place is None else f', "trace_id": "{place.trace_id}"'
    own = _OUR_ID.fullmatch(request_id) is not None
    said_id = f'"{request_id}"' if own else _clean(request_id)
    second, fraction = divmod(time.time_ns() // 1_000, 1_000_000)
    line = (
        f'{{"method": {_said(method)}, "path": {_said(path)}, "status": {status}, '
        f'"address": {_said(address)}, "caller": {_said(caller)}, "elapsed_ms": {elapsed_ms}, '
        f'"event": "{_EVENT}", "request_id": {said_id}{trace}, '
        f'"level": "info", "logger": "{LOGGER}", "timestamp": "{_written(second)}.{fraction:06}Z"}}\n'
    )
    if handler.hold(line):
        asyncio.get_running_loop().call_later(HELD_SECONDS, handler.write_held)


@lru_cache(maxsize=2)
def _written(second: int) -> str:
    return datetime.fromtimestamp(second, UTC).isoformat().removesuffix("+00:00")


def _said(text: str | None) -> str:
    if text is None:
        return "null"
    return _remembered(text) if len(text) <= _LONGEST_REMEMBERED else _clean(text)


def _clean(text: str) -> str:
    return json.dumps(on_one_line(without_secrets(text)))


_remembered: Final = lru_cache(maxsize=4_096)(_clean)
