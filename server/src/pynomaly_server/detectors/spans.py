"""Long work of a kernel shared out over threads; what comes out does not depend on how many there are.

Threads of our own rather than numba's: its threading layers abort the process when two of the server's
threads enter them at once, or when a process that used them forks.
"""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final, TypeVar

from numba.core import config

T = TypeVar("T")

ROWS_PER_THREAD: Final = 25_000
"""Fewer rows than this are scored sooner than a thread is started and joined."""


def in_spans(work: Callable[[int, int], T], total: int, least: int = ROWS_PER_THREAD) -> list[T]:
    """`work(start, stop)` over consecutive spans of [0, total), each of `least` or more; results in order.

    As many spans as `NUMBA_NUM_THREADS` allows (else one per core); less than twice `least` stays in the
    caller's thread. `work` must release the GIL to gain from it.
    """
    if total < 2 * least:
        return [work(0, total)]
    threads: int = config.NUMBA_NUM_THREADS  # type: ignore[attr-defined] # set from the environment
    spans = max(1, min(threads, total // least))
    if spans == 1:
        return [work(0, total)]
    bounds = [total * span // spans for span in range(spans + 1)]
    with ThreadPoolExecutor(spans) as pool:
        return list(pool.map(work, bounds[:-1], bounds[1:]))
