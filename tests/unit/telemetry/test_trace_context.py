"""A caller's trace is taken over where it is well formed, and another begins otherwise."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynomaly_server.problems import ProblemError
from pynomaly_server.telemetry.trace_context import TraceContext, begun, current, parse, working_in

TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize(("flags", "sampled"), [("01", True), ("00", False), ("03", True), ("02", False)])
def test_a_traceparent_is_read(flags, sampled):
    assert parse(f"00-{TRACE}-{SPAN}-{flags}") == TraceContext(TRACE, SPAN, sampled)


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "hello",
        f"00-{TRACE.upper()}-{SPAN}-01",
        f"00-{'0' * 32}-{SPAN}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"ff-{TRACE}-{SPAN}-01",
        f"00-{TRACE}-{SPAN}-01-more",
        f"00-{TRACE}-{SPAN}-01\n",
        f"00-{TRACE}-{SPAN}",
        "00-" + "٣" * 32 + f"-{SPAN}-01",
    ],
)
def test_what_is_malformed_is_nobodys_trace(header):
    assert parse(header) is None


def test_a_later_version_may_say_more():
    assert parse(f"01-{TRACE}-{SPAN}-01-more") == TraceContext(TRACE, SPAN, True)


@given(st.text(max_size=80))
def test_whatever_is_sent_is_read_or_left(header):
    place = parse(header)
    assert place is None or re.fullmatch(r"[0-9a-f]{32}", place.trace_id)


@given(st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.booleans())
def test_what_is_written_is_read_again(trace_id, span_id, sampled):
    place = TraceContext(f"{trace_id:032x}", f"{span_id:016x}", sampled)
    assert parse(place.traceparent) == place


def test_work_goes_on_in_the_trace_that_it_came_with():
    place = begun(TraceContext(TRACE, SPAN, True))
    assert (place.trace_id, place.sampled) == (TRACE, True)
    assert place.span_id != SPAN


def test_a_trace_that_begins_here_is_new_each_time():
    assert len({begun(None).trace_id for _ in range(100)}) == 100


def test_a_problem_names_the_trace_it_happened_in():
    problem = ProblemError("not-found", "No.")
    with working_in(TraceContext(TRACE, SPAN)):
        assert problem.document("req_1")["trace_id"] == TRACE
    assert current() is None
    assert "trace_id" not in problem.document("req_1")
