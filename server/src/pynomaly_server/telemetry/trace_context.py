"""Which trace the present work belongs to (W3C Trace Context), whether or not anybody collects spans.

A caller's `traceparent` is taken over where it is well formed; otherwise a trace begins here. Its id is in
every line of the log, in problems, and in the rows of the jobs that are submitted in it.
"""

from __future__ import annotations

import os
import random
import re
from contextvars import ContextVar
from types import TracebackType
from typing import Final

import msgspec

_TRACEPARENT: Final = re.compile(r"([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?")
_INVALID_VERSION: Final = "ff"
_FIRST_VERSION: Final = "00"
_NO_TRACE: Final = "0" * 32
_NO_SPAN: Final = "0" * 16
_SAMPLED: Final = 0x01
# Ids, and no secrets: a generator of our own, which nobody else seeds, saves each request a system call.
_chance: Final = random.Random()  # noqa: S311  # nosec B311
os.register_at_fork(after_in_child=_chance.seed)


class TraceContext(msgspec.Struct, frozen=True):
    """A place in a trace: ids in lower-case hexadecimal, and whether its spans are collected."""

    trace_id: str
    span_id: str
    sampled: bool = False

    @property
    def traceparent(self) -> str:
        """The place as a header says it."""
        return f"00-{self.trace_id}-{self.span_id}-{'01' if self.sampled else '00'}"


_current: ContextVar[TraceContext | None] = ContextVar("pynomaly_trace", default=None)


def parse(traceparent: str | None) -> TraceContext | None:
    """What a `traceparent` header says; None where there is none, or it is malformed."""
    match = None if traceparent is None else _TRACEPARENT.fullmatch(traceparent)
    if match is None:
        return None
    version, trace_id, span_id, flags, more = match.groups()
    if version == _INVALID_VERSION or (version == _FIRST_VERSION and more):
        return None
    if trace_id == _NO_TRACE or span_id == _NO_SPAN:
        return None
    return TraceContext(trace_id, span_id, bool(int(flags, 16) & _SAMPLED))


def begun(parent: TraceContext | None) -> TraceContext:
    """A new place in the trace of `parent`, or in a new trace."""
    if parent is None:
        return TraceContext(f"{_chance.getrandbits(128):032x}", f"{_chance.getrandbits(64):016x}")
    return TraceContext(parent.trace_id, f"{_chance.getrandbits(64):016x}", parent.sampled)


def current() -> TraceContext | None:
    """The place of the present work; None outside of requests and jobs."""
    return _current.get()


def working_in(place: TraceContext) -> Working:
    """Do the work of the block at this place."""
    return Working(place)


class Working:
    """A block at a place; no generator, since each request has one and they cost more."""

    __slots__ = ("_place", "_token")

    def __init__(self, place: TraceContext) -> None:
        self._place = place

    def __enter__(self) -> None:
        self._token = _current.set(self._place)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        _current.reset(self._token)
