"""What a worker holds that works on one shard, and what it leaves."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from pynomaly_server.jobs.attempts import Attempt


@dataclass(frozen=True, slots=True)
class PlannedShard:
    """Rows to score by themselves: the position of the first, and how many to score at once, in order."""

    first_row: int
    batches: tuple[int, ...]

    @property
    def n_rows(self) -> int:
        """How many rows it has."""
        return sum(self.batches)


@dataclass(frozen=True, slots=True)
class ShardClaim:
    """One claim of one shard; `attempt` is the job's attempt that it belongs to."""

    attempt: Attempt
    number: int
    worker: str
    crashes: int
    shard: PlannedShard

    @property
    def job_id(self) -> str:
        """The job."""
        return self.attempt.job_id

    @property
    def ran_seconds(self) -> float:
        """How long ago the job was first started when the shard was claimed."""
        return self.attempt.ran_seconds

    @property
    def joins(self) -> bool:
        """Whether it is the last shard of all, which joins what the others made."""
        return not self.shard.batches

    @property
    def output_key(self) -> str:
        """Where this claim, and no other, puts what it scored."""
        return f"{self.attempt.parts_key}/output-{self.number:05d}-{self.worker}.parquet"

    @property
    def result_key(self) -> str:
        """Where this claim, and no other, puts the joined result."""
        return f"{self.attempt.result_key}-{self.worker}"


@dataclass(frozen=True, slots=True)
class ScoredShard:
    """A shard that is done: where its rows are, and how many are anomalous."""

    output_key: str
    n_rows: int
    n_anomalies: int


class ShardEnd(Enum):
    """What has become of a shard whose worker is done with it."""

    LOST = "lost"
    """It is another's, so its output is nobody's."""
    SCORED = "scored"
    LAST = "last"
    """It is scored, and so are all others of its job."""
