"""The line of a request looks as structlog would write it, with all that other lines go through."""

from __future__ import annotations

import asyncio
import io
import json
import logging
import os
import re
from contextlib import contextmanager

import pytest
import structlog
from hypothesis import given, settings
from hypothesis import strategies as st

from pynomaly_server import request_log
from pynomaly_server.auth.keys import new_key
from pynomaly_server.logs import MOST_HELD, HoldingHandler, configure_logging, write_held_lines
from pynomaly_server.redaction import HIDDEN
from pynomaly_server.request_log import HELD_SECONDS, tell_request
from pynomaly_server.settings import Settings
from pynomaly_server.telemetry.trace_context import begun, working_in

REQUEST = {
    "method": "POST",
    "path": "/api/v1/detect",
    "status": 200,
    "address": "127.0.0.1",
    "caller": "key_1",
    "elapsed_ms": 1.25,
}
_TIME = re.compile(r'"timestamp": "\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z"')


@contextmanager
def logging_to(stream, level="info", form="json"):
    """Logs are configured for a block, and written to a stream."""
    root = logging.getLogger()
    before = root.handlers[:], root.level
    configure_logging(Settings.load(data_dir=os.curdir, log_level=level, log_format=form))
    root.handlers[0].setStream(stream)
    try:
        yield root.handlers[0]
    finally:
        root.handlers[:], root.level = before
        structlog.reset_defaults()


def written(tell, level="info", form="json") -> str:
    """What is written of a request by `tell`, within an event loop, a request and a trace."""

    async def work():
        tell()
        write_held_lines()

    stream = io.StringIO()
    with logging_to(stream, level, form):
        asyncio.run(work())
    return stream.getvalue()


def told(request_id, **request):
    with structlog.contextvars.bound_contextvars(request_id=request_id), working_in(begun(None)):
        tell_request(**{**REQUEST, **request}, request_id=request_id)


def told_by_structlog(request_id, **request):
    with structlog.contextvars.bound_contextvars(request_id=request_id), working_in(begun(None)):
        structlog.get_logger(request_log.LOGGER).info("request", **{**REQUEST, **request})


def without_chance(line: str) -> str:
    """A line without what differs from one to the next."""
    assert _TIME.search(line)
    return re.sub(r'"trace_id": "[0-9a-f]{32}"', "trace", _TIME.sub("time", line))


TEXT = st.one_of(
    st.text(max_size=40),
    st.sampled_from([new_key()[0], "/a\nb", "/\u202e/x", '"quoted"', "x" * 300, "?sig=abcdef", "Bearer abc"]),
)


@settings(deadline=None, max_examples=40)
@given(
    path=TEXT,
    caller=TEXT | st.none(),
    address=st.none() | st.sampled_from(["::1", "10.0.0.1"]),
    request_id=st.sampled_from(["req_" + "0" * 32, "a-caller's.own_id", "pyn_" + "a" * 8 + "_" + "b" * 30]),
    status=st.sampled_from([0, 200, 404]),
    elapsed_ms=st.floats(0, 1e7).map(lambda ms: round(ms, 2)),
)
def test_the_line_is_that_of_the_general_way(path, caller, address, request_id, status, elapsed_ms):
    given_ = {
        "path": path,
        "caller": caller,
        "address": address,
        "status": status,
        "elapsed_ms": elapsed_ms,
    }
    quick = written(lambda: told(request_id, **given_))
    general = written(lambda: told_by_structlog(request_id, **given_))
    assert without_chance(quick) == without_chance(general)
    assert len(quick.splitlines()) == 1


def test_a_key_in_a_path_is_hidden():
    plain, _ = new_key()
    line = json.loads(written(lambda: told("req_" + "0" * 32, path=f"/api/v1/{plain}")))
    assert line["path"] == f"/api/v1/{HIDDEN}"


@pytest.mark.parametrize(("level", "form", "lines"), [("warning", "json", 0), ("info", "console", 1)])
def test_level_and_form_of_the_log_hold_for_it(level, form, lines):
    assert len(written(lambda: told("req_" + "0" * 32), level, form).splitlines()) == lines


def test_lines_are_written_together_soon_and_before_any_that_comes_later():
    stream = io.StringIO()

    async def work():
        with logging_to(stream):
            for _ in range(3):
                told("req_" + "0" * 32)
            assert stream.getvalue() == ""
            async with asyncio.timeout(60):
                while True:
                    await asyncio.sleep(HELD_SECONDS)
                    if stream.getvalue():
                        break
            assert stream.getvalue().count("\n") == 3
            told("req_" + "0" * 32, path="/before")
            logging.getLogger("pynomaly.test").warning("after")
            before, after = stream.getvalue().splitlines()[3:]
            assert (json.loads(before)["path"], json.loads(after)["event"]) == ("/before", "after")

    asyncio.run(work())


def test_no_more_than_a_bounded_number_of_lines_is_held():
    stream = io.StringIO()
    with logging_to(stream) as handler:
        assert isinstance(handler, HoldingHandler)
        firsts = [handler.hold(f"{number}\n") for number in range(MOST_HELD + 1)]
    assert stream.getvalue().count("\n") == MOST_HELD
    assert [at for at, first in enumerate(firsts) if first] == [0, MOST_HELD]
