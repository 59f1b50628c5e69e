"""The states of a job and the stages of its work."""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class JobState(StrEnum):
    """`queued` and `running` lead to one of the others, which are final."""

    QUEUED = "queued"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


class ShardState(StrEnum):
    """A shard has no other end than `done`: what else ends, ends its job."""

    WAITING = "waiting"
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"


class Stage(StrEnum):
    """What a job is busy with."""

    QUEUED = "queued"
    READING = "reading"
    FITTING = "fitting"
    SCORING = "scoring"
    WRITING = "writing"
    DONE = "done"


FINAL: Final = frozenset({JobState.SUCCEEDED, JobState.FAILED, JobState.CANCELLED})
