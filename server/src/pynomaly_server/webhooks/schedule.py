"""When a message that did not arrive is tried again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

_MINUTE: Final = 60.0
_HOUR: Final = 3_600.0
WAITS: Final = (5.0, 5 * _MINUTE, 30 * _MINUTE, 2 * _HOUR, 4 * _HOUR, 7 * _HOUR, 10 * _HOUR)
"""Seconds between one attempt and the next: eight attempts within about a day, in the manner that Standard
Webhooks suggests."""
JITTER: Final = 0.1


def wait_after(
    tries: int, uniform: Callable[[float, float], float], asked: float | None = None
) -> float | None:
    """Seconds to wait after `tries` attempts, None when none is left.

    Give or take a tenth, so that receivers that were down are not met by everything at once. A receiver that
    has `asked` for more seconds is waited for, though not beyond the schedule's longest wait.
    """
    if tries > len(WAITS):
        return None
    planned = WAITS[tries - 1] * uniform(1 - JITTER, 1 + JITTER)
    return planned if asked is None else max(planned, min(asked, WAITS[-1]))
