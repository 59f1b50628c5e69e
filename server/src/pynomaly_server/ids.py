"""Ids that say what they name and sort by time: `job_`, `dts_`, … and a UUIDv7 (RFC 9562) in hex."""

from __future__ import annotations

import os
import struct
import threading
import time
import uuid
from typing import Final

_DRAWN_AT_ONCE: Final = 256
_DRAW: Final = struct.Struct(f"{_DRAWN_AT_ONCE}Q")
_drawn: Final[list[int]] = []
# Two processes must not hand out the same ones.
os.register_at_fork(after_in_child=_drawn.clear)
_lock: Final = threading.Lock()
_last_tick = 0


def new_id(prefix: str) -> str:
    """`<prefix>_` and 32 hex digits.

    Ids of one process are strictly increasing; those of several are in the order of their clocks.
    """
    return f"{prefix}_{_number():032x}"


def uuid7() -> uuid.UUID:
    """A UUIDv7 with the fraction of its millisecond in the 12 bits behind it (RFC 9562, 6.2, method 3)."""
    return uuid.UUID(int=_number())


def _number() -> int:
    """What `uuid7` is made of; each request has such an id, and an object of it costs as much again."""
    global _last_tick  # noqa: PLW0603 - order within a process needs one memory of what came before
    nanoseconds = time.time_ns()
    milliseconds, rest = divmod(nanoseconds, 1_000_000)
    tick = milliseconds << 12 | rest * 4096 // 1_000_000
    with _lock:
        tick = max(tick, _last_tick + 1)
        _last_tick = tick
    random = _chance() & ((1 << 62) - 1)
    return (tick >> 12) << 80 | 0x7 << 76 | (tick & 0xFFF) << 64 | 0b10 << 62 | random


def _chance() -> int:
    """64 random bits of the operating system, which is asked for many at once."""
    while True:
        try:
            return _drawn.pop()
        except IndexError:
            _drawn.extend(_DRAW.unpack(os.urandom(_DRAW.size)))
