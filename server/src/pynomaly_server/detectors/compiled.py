"""Kernels: functions of arrays and numbers that numba compiles when they are first called."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar, cast

import numba
import numpy as np
from numpy.typing import NDArray

Scalar = TypeVar("Scalar", bound=np.generic)
Kernel = TypeVar("Kernel", bound=Callable[..., Any])


def compiled(function: Kernel) -> Kernel:
    """The function as machine code that runs without the GIL.

    The code is kept beside the module (`__pycache__`, or where `NUMBA_CACHE_DIR` says) and is made anew when
    the module's file changes. Kernels that a kernel calls become part of it, so a change of theirs in another
    file shows only after `make clean`. Floating point is strict: additions keep their order, so a row's
    result does not depend on the rows beside it.
    """
    return cast("Kernel", numba.njit(cache=True, nogil=True, fastmath=False)(function))


def compiled_fused(function: Kernel) -> Kernel:
    """As `compiled`, but multiplying and adding may be one step, which is quicker and rounds once.

    Only for what is made exact afterwards: how it rounds depends on the processor.
    """
    return cast("Kernel", numba.njit(cache=True, nogil=True, fastmath={"contract"})(function))


def as_read_only(array: NDArray[Scalar]) -> NDArray[Scalar]:
    """The array, aligned and in C order, so that it cannot be written to; copied only where it must be.

    Kernels are compiled for each kind of array they are given, and an array that can be written to is another
    kind than one that cannot. What is read from a file or a request cannot; passing everything as read-only
    spares whoever is first to send such an array the wait for the compiler.
    """
    flags = array.flags
    if flags.c_contiguous and flags.aligned:
        if not flags.writeable:
            return array
        view = array.view()
    else:
        view = np.require(array, requirements=("C", "A")).view()
    view.flags.writeable = False
    return view
