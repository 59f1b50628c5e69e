"""The kinds of jobs, and what each of them does; the machine around them is the same for all.

A room that works on jobs registers its kind when it is imported, and is named in `ROOMS`.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

import msgspec

from pynomaly_server.jobs.attempts import Attempt
from pynomaly_server.jobs.lease import LeaseKeeper
from pynomaly_server.problems import ProblemError
from pynomaly_server.settings import Settings
from pynomaly_server.storage.objects import ObjectStore

ROOMS: Final = ("pynomaly_server.jobs.runner",)
"""The modules that register a kind; they are imported with the first job, since their libraries are large."""

R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Work:
    """What a kind is given besides the request: whose attempt it is, and what it may use."""

    attempt: Attempt
    store: ObjectStore
    settings: Settings
    lease: LeaseKeeper


@dataclass(frozen=True, slots=True)
class JobKind(Generic[R]):
    """One kind of job.

    `request` is the struct that its stored request is decoded into. `run` does the work, calls
    `work.lease.report` wherever it may be interrupted, and returns the key of what it stored; a
    `ProblemError` ends the job as failed, any other error is a crash.
    """

    name: str
    request: type[R]
    run: Callable[[R, Work], str]

    def work_on(self, work: Work) -> str:
        """Do the work of one attempt and return the key of its result.

        Raises:
            ProblemError: the job cannot be done, whoever tries.
            LeaseLostError, CancelRequestedError: it is over before it is done.
        """
        try:
            request = msgspec.convert(work.attempt.request, self.request)
        except msgspec.ValidationError as error:
            raise ProblemError(
                "internal",
                f"The stored request is none of kind {self.name!r} as this release knows it ({error}). "
                "Submit the job again.",
            ) from error
        return self.run(request, work)


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
