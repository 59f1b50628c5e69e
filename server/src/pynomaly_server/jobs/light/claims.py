"""What a worker holds that has claimed several jobs at once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from pynomaly_server.jobs.attempts import Attempt


@dataclass(slots=True)
class LightBatch:
    """Attempts of light jobs, claimed at once and under one name, to be worked on in turn.

    `position` is that of the job which is being worked on.
    """

    attempts: Sequence[Attempt]
    position: int = 0

    def in_turn(self) -> Iterator[Attempt]:
        """Each attempt, which is the current one until the next is asked for."""
        for position, attempt in enumerate(self.attempts):
            self.position = position
            yield attempt

    @property
    def current(self) -> Attempt:
        """The attempt that is being worked on."""
        return self.attempts[self.position]

    @property
    def job_id(self) -> str:
        """The job that is being worked on."""
        return self.current.job_id

    @property
    def job_ids(self) -> list[str]:
        """All jobs, in their turn."""
        return [attempt.job_id for attempt in self.attempts]

    @property
    def ran_seconds(self) -> float:
        """None of them is over its time when work on it begins."""
        return 0.0
