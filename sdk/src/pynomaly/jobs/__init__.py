"""Follows jobs: handles that wait, cancel and fetch results, tokens to take a job up later, and the progress
bar. The async handle is written by hand, the sync one is made from it by `python sdk/unasync.py`."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pynomaly.jobs.async_handle import AsyncJobHandle, AsyncJobs
    from pynomaly.jobs.handle import JobHandle, Jobs

__all__ = ["AsyncJobHandle", "AsyncJobs", "JobHandle", "Jobs"]

_HOMES = {
    "AsyncJobHandle": "pynomaly.jobs.async_handle",
    "AsyncJobs": "pynomaly.jobs.async_handle",
    "JobHandle": "pynomaly.jobs.handle",
    "Jobs": "pynomaly.jobs.handle",
}


def __getattr__(name: str) -> Any:
    # At its first use, so that a program of one colour does not load the other.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = getattr(importlib.import_module(_HOMES[name]), name)
    globals()[name] = value
    return value
