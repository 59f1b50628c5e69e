"""Token buckets of this process alone, for when the shared ones cannot be reached."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import Final

from pynomaly_server.ratelimit.limits import Charge, Decision

MOST_BUCKETS: Final = 10_000


class LocalBuckets:
    """The same arithmetic as the shared buckets, on a monotonic clock in microseconds.

    The bucket longest unused is forgotten, and so full again, once there are more than `MOST_BUCKETS`.
    """

    def __init__(self, clock: Callable[[], int] = lambda: time.monotonic_ns() // 1000) -> None:
        self._clock = clock
        self._buckets: OrderedDict[str, tuple[int, int]] = OrderedDict()

    def take(self, charge: Charge) -> Decision:
        """Take a charge where its bucket holds enough."""
        limit, name, now = charge.limit, charge.name, self._clock()
        level, at = self._buckets.pop(name, (limit.full, now))
        level = min(limit.full, level + (now - at) * limit.tokens)
        units = limit.units(charge.millitokens)
        admitted = units <= level
        if admitted:
            level -= units
        self._buckets[name] = (level, now)
        if len(self._buckets) > MOST_BUCKETS:
            self._buckets.popitem(last=False)
        return limit.decide(units, admitted, level)
