"""Holds a job's lease while its work has no natural pause."""

from __future__ import annotations

import threading
from types import TracebackType
from typing import Final, Protocol, Self

import structlog
from sqlalchemy.exc import SQLAlchemyError

from pynomaly_server.jobs.attempts import Attempt, Attempts
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


class LeaseKeeper:
    """Renews the lease of one attempt from a thread, and gives the job back as soon as the worker is to stop.

    The work calls `report` wherever it may be interrupted, and is told there that it is over.
    """

    def __init__(self, attempts: Attempts, attempt: Attempt, shutdown: Shutdown) -> None:
        self._attempts = attempts
        self._attempt = attempt
        self._shutdown = shutdown
        self._over = threading.Event()
        self._lost = threading.Event()
        self._thread = threading.Thread(target=self._keep, name=f"lease of {attempt.job_id}", daemon=True)

    def report(self, stage: Stage, done: int, total: int | None) -> None:
        """Write progress.

        Raises:
            LeaseLostError: the attempt has lost the job, or gave it back.
            CancelRequestedError: the caller wants it to end.
        """
        cancel = patiently(lambda: self._advance(stage, done, total))
        if cancel is None:
            self._lost.set()
            raise LeaseLostError
        if cancel:
            raise CancelRequestedError

    def _advance(self, stage: Stage, done: int, total: int | None) -> bool | None:
        return None if self._lost.is_set() else self._attempts.advance(self._attempt, stage, done, total)

    def _keep(self) -> None:
        pause = min(_LOOK_SECONDS, self._attempts.lease_seconds / _RENEWALS_PER_LEASE)
        since_renewal = 0.0
        while not self._over.wait(pause):
            since_renewal += pause
            try:
                if self._shutdown.requested():
                    self._attempts.release(self._attempt)
                    _log.info("job given back, the worker stops", job_id=self._attempt.job_id)
                    self._lost.set()
                    return
                if since_renewal >= self._attempts.lease_seconds / _RENEWALS_PER_LEASE:
                    since_renewal = 0.0
                    if self._attempts.renew(self._attempt) is None:
                        self._lost.set()
                        return
            except SQLAlchemyError:
                # The fence decides whether the job is still ours once the database is back.
                _log.warning("lease could not be renewed", job_id=self._attempt.job_id, exc_info=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()
