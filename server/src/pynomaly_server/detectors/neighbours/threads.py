"""Rows shared out among threads where there are so many that it pays.

Threads of Python around serial kernels rather than numba's own: its default threading layer ends the
process when two threads of a server enter it at once. Every row is computed by itself, so neither the
number of threads nor the shares change a result.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final

import numba

if TYPE_CHECKING:
    from collections.abc import Callable

_WORTH_SHARING: Final = 50_000


def over_rows(n: int, work: Callable[[int, int], None]) -> None:
    """Call work(start, stop) on ranges that together are [0, n), each once; from this thread if n is small.

    At most as many threads as `NUMBA_NUM_THREADS` allows; `work` must release the GIL to gain from it.
    """
    # numba makes its settings attributes when it is imported, out of the type checker's sight.
    allowed = int(numba.config.NUMBA_NUM_THREADS)  # type: ignore[attr-defined]
    threads = min(allowed, n // (_WORTH_SHARING // 2))
    if n < _WORTH_SHARING or threads < 2:
        work(0, n)
        return
    edges = [n * share // threads for share in range(threads + 1)]
    with ThreadPoolExecutor(threads, thread_name_prefix="neighbours") as pool:
        for done in [pool.submit(work, edges[share], edges[share + 1]) for share in range(threads)]:
            done.result()
