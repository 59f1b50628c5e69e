"""Kernels: functions of arrays and numbers that numba compiles when they are first called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba

Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(function: Kernel) -> Kernel:
    """The function as machine code that runs without the GIL.

    The code is kept beside the module (`__pycache__`, or where `NUMBA_CACHE_DIR` says) and is made anew when
    the module's file changes. Kernels that a kernel calls become part of it, so a change of theirs in another
    file shows only after `make clean`. Floating point is strict: additions keep their order, so a row's
    result does not depend on the rows beside it.
    """
    return cast("Kernel", numba.njit(cache=True, nogil=True, fastmath=False)(function))
