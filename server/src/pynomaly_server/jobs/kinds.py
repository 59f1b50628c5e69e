"""The kinds of jobs, and what each of them does; the machine around them is the same for all.

A room that works on jobs registers its kind when it is imported, and is named in `ROOMS`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import msgspec
from sqlalchemy.orm import Session

from pynomaly_server.jobs.attempts import Attempt, Attempts
from pynomaly_server.jobs.lease import Lease, LeaseKeeper, LeaseLostError
from pynomaly_server.jobs.patience import patiently
from pynomaly_server.jobs.result_objects import HeldResult
from pynomaly_server.jobs.shards.claims import PlannedShard, ScoredShard, ShardClaim
from pynomaly_server.problems import ProblemError
from pynomaly_server.settings import Settings
from pynomaly_server.storage.objects import ObjectStore

ROOMS: Final = (
    "pynomaly_server.jobs.runner",
    "pynomaly_server.models.runner",
    "pynomaly_server.models.scoring_runner",
)
"""The modules that register a kind; they are imported with the first job, since their libraries are large."""

R = TypeVar("R")
Note = Callable[[Session], None]
"""Writes rows of another room in the transaction that ends a job."""


@dataclass(frozen=True, slots=True)
class Work:
    """What a kind is given besides the request: whose attempt it is, and what it may use."""

    attempt: Attempt
    store: ObjectStore
    settings: Settings
    lease: Lease
    attempts: Attempts

    def will_stage(self) -> None:
        """Have what will lie under the attempt's `parts_key` removed when the job has ended; call it before.

        Raises:
            LeaseLostError: the attempt has lost the job.
        """
        if patiently(lambda: self.attempts.will_stage(self.attempt)) is None:
            raise LeaseLostError


@dataclass(frozen=True, slots=True)
class ShardWork:
    """What a kind is given to work on one shard, or to join what the others made."""

    claim: ShardClaim
    store: ObjectStore
    settings: Settings
    lease: LeaseKeeper[ShardClaim]
    attempts: Attempts


@dataclass(frozen=True, slots=True)
class Joining:
    """What a kind is given when the last shard is done: the parts in order, and the time since the claim."""

    parts: Sequence[ScoredShard]
    elapsed_seconds: float

    @property
    def n_rows(self) -> int:
        """Rows of all parts."""
        return sum(part.n_rows for part in self.parts)

    @property
    def n_anomalies(self) -> int:
        """How many of them are anomalous."""
        return sum(part.n_anomalies for part in self.parts)


@dataclass(frozen=True, slots=True)
class Recorded:
    """The end of a job that leaves rows of another room behind, and no result of its own.

    `record` writes them in the transaction that ends the job, and only where the attempt still has it; what
    it returns is the job's `outcome`. `objects` are the keys of what these rows refer to, to be removed where
    the attempt has lost the job.
    """

    record: Callable[[Session], dict[str, Any]]
    objects: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Noted:
    """A result, by its key or itself, and what another room notes once it is the job's.

    `note` writes it in the transaction that ends the job, and only where the attempt still has that, so that
    it is written once however often the work was done. Several that end together are written in the order of
    their `place`, which says where, so that no two transactions wait for each other.
    """

    result: str | HeldResult
    note: Note
    place: str


Done = str | HeldResult | Noted | list[PlannedShard] | Recorded
"""What comes of an attempt: the key of its result, a small result for the database to keep, either with a
note, shards that are left to do, or what is to be recorded."""


@dataclass(frozen=True, slots=True)
class JobKind(Generic[R]):
    """One kind of job.

    `request` is the struct that its stored request is decoded into. `run` does the work, calls
    `work.lease.report` wherever it may be interrupted, and returns the key of what it stored, a small result,
    or what is to be recorded; a `ProblemError` ends the job as failed, any other error is a crash. It may
    instead return shards: each is then given to `score`, in any worker, which stores rows under the claim's
    output key and returns how many are anomalous, and at last `join` stores the result under the claim's
    result key, and may return what is to be noted as with `Noted`.
    """

    name: str
    request: type[R]
    run: Callable[[R, Work], Done]
    score: Callable[[R, ShardWork], int] | None = None
    join: Callable[[R, ShardWork, Joining], Note | None] | None = None

    def work_on(self, work: Work) -> Done:
        """Do the work of one attempt and return what comes of it.

        Raises:
            ProblemError: the job cannot be done, whoever tries.
            LeaseLostError, CancelRequestedError: it is over before it is done.
        """
        return self.run(self._request_of(work.attempt), work)

    def score_shard(self, work: ShardWork) -> int:
        """Score one shard and return how many rows are anomalous; raises as `work_on`."""
        assert self.score is not None, f"jobs of kind {self.name!r} have no shards"
        return self.score(self._request_of(work.claim.attempt), work)

    def join_shards(self, work: ShardWork, joining: Joining) -> Note | None:
        """Make one result of all parts, and say what is to be noted with it; raises as `work_on`."""
        assert self.join is not None, f"jobs of kind {self.name!r} have no shards"
        return self.join(self._request_of(work.claim.attempt), work, joining)

    def _request_of(self, attempt: Attempt) -> R:
        try:
            return msgspec.convert(attempt.request, self.request)
        except msgspec.ValidationError as error:
            raise ProblemError(
                "internal",
                f"The stored request is none of kind {self.name!r} as this release knows it ({error}). "
                "Submit the job again.",
            ) from error


_kinds: Final[dict[str, JobKind[Any]]] = {}


def register(kind: JobKind[Any]) -> None:
    """Make a kind known.

    Raises:
        ValueError: its name is taken by another.
    """
    if _kinds.setdefault(kind.name, kind) is not kind:
        raise ValueError(f"There is a kind of job {kind.name!r} already; give this one another name.")


def kind_of(attempt: Attempt) -> JobKind[Any]:
    """The kind of a claimed job.

    Raises:
        ProblemError: `internal`, where nothing is registered under its name.
    """
    for room in ROOMS:
        importlib.import_module(room)
    kind = _kinds.get(attempt.kind)
    if kind is None:
        raise ProblemError(
            "internal",
            f"The worker knows no jobs of kind {attempt.kind!r}, only {', '.join(sorted(_kinds))}. "
            "The operator runs workers of an older release than the API's; once they are replaced, "
            "submit the job again.",
        )
    return kind
