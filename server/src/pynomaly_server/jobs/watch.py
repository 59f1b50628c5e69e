"""Ends an attempt that is over a limit, or whose job was cancelled, while its work is deep in native code."""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import Final, Generic, Protocol, Self, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from pynomaly_server.jobs.beside import Beside
from pynomaly_server.jobs.limits import out_of_memory, out_of_time
from pynomaly_server.problems import ProblemError
from pynomaly_server.settings import Settings

LOOK_SECONDS: Final = 0.1
QUESTION_SECONDS: Final = 0.5
"""How often the database is asked whether the job was cancelled."""
GRACE_SECONDS: Final = 0.4
"""How long the work may take to find out by itself that it is over."""
_STATM: Final = Path("/proc/self/statm")
_log = structlog.get_logger("pynomaly.jobs")


class Claim(Protocol):
    """What a worker holds: a job, or a shard of one."""

    @property
    def job_id(self) -> str:
        """The job."""

    @property
    def ran_seconds(self) -> float:
        """How long ago the job was first started when the claim was made."""


C = TypeVar("C", bound=Claim)
C_contra = TypeVar("C_contra", bound=Claim, contravariant=True)


class Claims(Protocol[C_contra]):
    """The database's word on claims of one sort; see `Attempts`."""

    def fail(self, claim: C_contra, problem: ProblemError, /) -> bool:
        """End the job with a problem; False where the claim was lost."""

    def cancel(self, claim: C_contra, /) -> bool:
        """End the job as was asked; False where the claim was lost, or nobody asked."""

    def is_to_be_cancelled(self, claim: C_contra, /) -> bool:
        """Whether somebody asked for the job's end."""


class Watch(Generic[C]):
    """Looks after one claim from a thread.

    The work itself looks up between chunks only, and a fit may run for minutes without a pause in which
    Python could interrupt it. So this thread writes through the fence how the job ended, and then has the
    whole process end, which gives all of its memory back.

    Args:
        claims: The database's word on such claims.
        claim: What is looked after.
        settings: The limits of time and memory.
        leave: Ends the process; where it returns after all, the work goes on to nobody's benefit.
    """

    def __init__(self, claims: Claims[C], claim: C, settings: Settings, leave: Callable[[], None]) -> None:
        self._claims = claims
        self._claim = claim
        self._settings = settings
        self._leave = leave
        self._began = time.monotonic() - claim.ran_seconds
        self._question = time.monotonic() + QUESTION_SECONDS
        self._beside = Beside(f"watch of {claim.job_id}", LOOK_SECONDS, self._look)

    def _look(self) -> bool:
        """Whether there is nothing to end."""
        if (problem := self._exceeded()) is not None:
            self._end("job over a limit, its process ends", partial(self._claims.fail, self._claim, problem))
            return False
        if time.monotonic() >= self._question:
            self._question = time.monotonic() + QUESTION_SECONDS
            if self._is_to_be_cancelled() and not self._beside.is_over(GRACE_SECONDS):
                self._end(
                    "job cancelled at work, its process ends", partial(self._claims.cancel, self._claim)
                )
                return False
        return True

    def _exceeded(self) -> ProblemError | None:
        settings = self._settings
        memory = resident_bytes()
        if memory > settings.job_max_memory:
            return out_of_memory(memory, settings)
        seconds = time.monotonic() - self._began
        return out_of_time(seconds, settings) if seconds > settings.job_max_seconds else None

    def _end(self, event: str, written: Callable[[], bool]) -> None:
        """Write the end, and leave; stay only where the work has meanwhile come to an end of its own."""
        try:
            held = written()
        except (SQLAlchemyError, MemoryError):
            # The lease will run out, and the next attempt meets the same limit.
            _log.warning("the end of a job could not be written", exc_info=True)
            held = False
        if held or not self._beside.is_over(GRACE_SECONDS):
            _log.warning(event, job_id=self._claim.job_id)
            self._leave()

    def _is_to_be_cancelled(self) -> bool:
        try:
            return self._claims.is_to_be_cancelled(self._claim)
        except (SQLAlchemyError, MemoryError):
            return False  # asked again in a moment

    def __enter__(self) -> Self:
        self._beside.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._beside.__exit__(kind, error, trace)


def watched(
    claims: Claims[C], claim: C, settings: Settings, leave: Callable[[], None] | None
) -> AbstractContextManager[object]:
    """A `Watch`, or nobody where there is no `leave`."""
    return nullcontext() if leave is None else Watch(claims, claim, settings, leave)


def resident_bytes() -> int:
    """Memory that this process holds now; where the system does not tell, the most it has held so far."""
    try:
        return int(_STATM.read_text().split()[1]) * resource.getpagesize()
    except OSError:
        most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return most if sys.platform == "darwin" else most * 1024
