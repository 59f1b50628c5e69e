"""Holds a job's lease while its work has no natural pause."""

from __future__ import annotations

import threading
import time
from types import TracebackType
from typing import Final, Generic, Protocol, Self, TypeVar

import structlog
from sqlalchemy.exc import SQLAlchemyError

from pynomaly_server.jobs.beside import Beside
from pynomaly_server.jobs.patience import patiently
from pynomaly_server.jobs.state import Stage

_RENEWALS_PER_LEASE: Final = 4
_LOOK_SECONDS: Final = 0.2
_log = structlog.get_logger("pynomaly.jobs")


class LeaseLostError(Exception):
    """The job is somebody else's now; nothing more may be written."""


class CancelRequestedError(Exception):
    """The caller wants the job to end."""


class Shutdown(Protocol):
    """Says whether this worker is to stop."""

    def requested(self) -> bool:
        """Whether it is."""


class Lease(Protocol):
    """What the work itself sees of the lease it is done under."""

    def report(self, stage: Stage, done: int, total: int | None) -> None:
        """Say how far the work is; raises `LeaseLostError` or `CancelRequestedError` where it is over."""


class Claim(Protocol):
    """What a worker holds: a job, or a shard of one."""

    @property
    def job_id(self) -> str:
        """The job."""


C = TypeVar("C", bound=Claim)
C_contra = TypeVar("C_contra", bound=Claim, contravariant=True)


class Claims(Protocol[C_contra]):
    """The database's word on claims of one sort; see `Attempts`."""

    @property
    def lease_seconds(self) -> float:
        """How long a claim holds without a word."""

    def advance(self, claim: C_contra, stage: Stage, done: int, total: int | None, /) -> bool | None:
        """Write progress; whether to cancel, or None where the claim is lost."""

    def renew(self, claim: C_contra, /) -> bool | None:
        """Renew the lease; returns as `advance` does."""

    def release(self, claim: C_contra, /) -> object:
        """Give the claim back."""


class LeaseKeeper(Generic[C]):
    """Renews the lease of one claim from a thread, and gives it back as soon as the worker is to stop.

    The work calls `report` wherever it may be interrupted, and is told there that it is over. Progress is
    written once in `report_seconds`; what was reported last is written by the thread where the work says no
    more for a while, and a job that is done before needs no progress.

    Attributes:
        total: The rows of the work as reported last, where they are known.
    """

    def __init__(self, claims: Claims[C], claim: C, shutdown: Shutdown, report_seconds: float = 0.0) -> None:
        self._claims = claims
        self._claim = claim
        self._shutdown = shutdown
        self._lost = threading.Event()
        self._cancelled = threading.Event()
        self._report_seconds = report_seconds
        self._due = time.monotonic() + report_seconds
        self._unwritten: tuple[Stage, int, int | None] | None = None
        self.total: int | None = None
        self._writing = threading.Lock()
        self._renewed = time.monotonic()
        pause = min(_LOOK_SECONDS, claims.lease_seconds / _RENEWALS_PER_LEASE)
        self._beside = Beside(f"lease of {claim.job_id}", pause, self._keep)

    def report(self, stage: Stage, done: int, total: int | None) -> None:
        """Say how far the work is.

        Raises:
            LeaseLostError: the claim is lost, or was given back.
            CancelRequestedError: the caller wants it to end.
        """
        self._unwritten = (stage, done, total)
        self.total = total
        if time.monotonic() >= self._due:
            with self._writing:
                patiently(self._write)
        if self._lost.is_set():
            raise LeaseLostError
        if self._cancelled.is_set():
            raise CancelRequestedError

    def _write(self) -> None:
        """Write what was reported last; call with the lock, so that nothing older comes after it."""
        progress = self._unwritten
        if progress is None or self._lost.is_set():
            return
        cancel = self._claims.advance(self._claim, *progress)
        self._unwritten = None if self._unwritten is progress else self._unwritten
        self._due = time.monotonic() + self._report_seconds
        if cancel is None:
            self._lost.set()
        elif cancel:
            self._cancelled.set()

    def _write_late(self) -> None:
        if time.monotonic() >= self._due and self._writing.acquire(blocking=False):
            try:
                self._write()
            finally:
                self._writing.release()

    def _keep(self) -> bool:
        """Give back, write or renew, whatever is due; whether there is more to come."""
        try:
            if self._shutdown.requested():
                self._claims.release(self._claim)
                _log.info("job given back, the worker stops", job_id=self._claim.job_id)
                self._lost.set()
                return False
            self._write_late()
            if time.monotonic() >= self._renewed + self._claims.lease_seconds / _RENEWALS_PER_LEASE:
                self._renewed = time.monotonic()
                if self._claims.renew(self._claim) is None:
                    self._lost.set()
                    return False
        except (SQLAlchemyError, MemoryError):
            # The fence decides whether the job is still ours once the database, or memory, is back.
            _log.warning("lease could not be renewed", job_id=self._claim.job_id, exc_info=True)
        return True

    def __enter__(self) -> Self:
        self._beside.__enter__()
        self._renewed = time.monotonic()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._beside.__exit__(kind, error, trace)
