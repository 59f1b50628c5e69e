"""Follows jobs: handles that wait, cancel and fetch results, tokens to take a job up later, and the progress
bar. The async handle is written by hand, the sync one is made from it by `python sdk/unasync.py`."""

from pynomaly.jobs.async_handle import AsyncJobHandle, AsyncJobs
from pynomaly.jobs.handle import JobHandle, Jobs

__all__ = ["AsyncJobHandle", "AsyncJobs", "JobHandle", "Jobs"]
