# Made from async_detector.py by `python sdk/unasync.py`; edit that file instead of this one.

"""Detection with everything that stands behind it: one request, a job where the data are too many for one,
and what answers where no server does."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pynomaly._generated import operations as ops
from pynomaly._generated.resources_sync import Resources
from pynomaly.errors import APIError, DataError, PayloadTooLargeError
from pynomaly.fallback import FallbackStep, from_function, from_rules, may_fall_back
from pynomaly.frames import (
    DetectionOptions,
    Oversize,
    Prepared,
    data_source,
    prepare_detection,
    prepare_upload,
    upload_key,
)
from pynomaly.jobs.handle import JobHandle
from pynomaly.resilience import Deadline, FallbackEvent
from pynomaly.transport.colours import given
from pynomaly.transport.driver import Driver
from pynomaly.transport.options import CallOptions

if TYPE_CHECKING:
    from pynomaly._generated.models import RemoteSource
    from pynomaly.results import DetectionResult

# What only an answer to one request has: a job explains the anomalous rows.
_NOT_OF_JOBS = "explain_rows"


class Detector:
    """Asks the server in one request, or in a job, and where no server answers, the steps of the fallback.

    Args:
        driver: Carries the calls.
        fallback: What answers instead, in turn.
        oversize: Whether data over the limit of one request become a job.
    """

    def __init__(
        self, driver: Driver, fallback: tuple[FallbackStep, ...], oversize: Oversize = "job"
    ) -> None:
        if oversize not in ("job", "error"):
            raise DataError(f'oversize= takes "job" or "error", not {oversize!r}.')
        self._driver = driver
        self._resources = Resources(driver)
        self.fallback = fallback
        self.oversize: Oversize = oversize

    def detect(self, data: Any, options: DetectionOptions, timeout: float | None) -> DetectionResult:
        """Find the anomalies among the rows of `data`; raises as `detect_anomalies` of the client."""
        prepared = prepare_detection(data, options)
        began = self._driver.clock.monotonic()
        try:
            result = self._ask(prepared, timeout)
        except PayloadTooLargeError as error:
            if self.oversize == "error" or not prepared.content.replayable:
                raise
            left = Deadline(began, math.inf if timeout is None else timeout)
            result = self._as_job(data, options, left, error)
        except APIError as error:
            if not self.fallback or not may_fall_back(error):
                raise
            result = self._fall_back(data, options, error)
        return result.beside(prepared.local)

    def submit(
        self,
        sources: Sequence[Any] | str | os.PathLike[str] | RemoteSource | None,
        fields: Mapping[str, Any],
        *,
        idempotency_key: str | None = None,
        options: CallOptions,
    ) -> JobHandle:
        """Submit a job over `sources`; what is on this machine is uploaded first, each once.

        Raises:
            DataError: There is no source, or one cannot be sent.
        """
        from pynomaly._generated.models import RemoteSource
        from pynomaly.requests import BatchDetectionRequest

        if isinstance(sources, str | os.PathLike | RemoteSource):
            sources = [sources]
        if not sources:
            raise DataError("There is no data source; give data_sources=[...] with ids of datasets or paths.")
        stored = self.stored(sources, idempotency_key, options)
        job = self._resources.jobs.batch_detect(
            BatchDetectionRequest.model_validate({**fields, "data_sources": stored}),
            idempotency_key=idempotency_key,
            options=options,
        )
        return JobHandle(self._driver, job.job_id, job)

    def _ask(self, prepared: Prepared, timeout: float | None) -> DetectionResult:
        from pynomaly.results import DetectionResult

        return self._driver.call(
            ops.DETECT_ANOMALIES,
            DetectionResult,
            query=prepared.query,
            body=prepared.content,
            options=CallOptions(timeout=timeout),
        )

    def _as_job(
        self, data: Any, options: DetectionOptions, deadline: Deadline, error: PayloadTooLargeError
    ) -> DetectionResult:
        """The same detection as a job, within what is left of the call's time."""
        from pynomaly._generated.models import Warning  # noqa: A004

        fields = options.given()
        every_row = fields.pop(_NOT_OF_JOBS, None) == "all"
        clock = self._driver.clock
        left = CallOptions(timeout=deadline.remaining(clock.monotonic()))
        try:
            handle = self.submit([data], fields, options=left)
        except DataError as unusable:
            error.add_note(f"It could not be run as a job either: {unusable}")
            raise error from None
        result = handle.result(deadline.remaining(clock.monotonic()))
        detail = f"The data are over the limit of one request, so they were looked at by job {handle.job_id}."
        if every_row:
            detail += " A job explains the anomalous rows alone."
        noted = [*result.warnings, Warning(code="ran-as-job", detail=detail)]
        return result.model_copy(update={"warnings": noted})

    def stored(
        self, sources: Sequence[Any], idempotency_key: str | None, options: CallOptions
    ) -> list[str | RemoteSource]:
        """The sources as the server knows them; what is on this machine is uploaded, each once.

        Raises:
            DataError: One cannot be sent.
        """
        uploaded: dict[object, str] = {}
        known: list[str | RemoteSource] = []
        for each in sources:
            source = data_source(each)
            reference = source.reference or uploaded.get(source.key)
            if reference is None:
                upload = prepare_upload(each)
                dataset = self._resources.datasets.upload_dataset(
                    upload.content,
                    name=upload.name,
                    idempotency_key=upload_key(idempotency_key, len(uploaded)),
                    options=options,
                )
                reference = uploaded[source.key] = dataset.dataset_id
            known.append(reference)
        return known

    def _fall_back(self, data: Any, options: DetectionOptions, error: APIError) -> DetectionResult:
        """The answer of the first step that gives one; the server's error where none does."""
        for step in self.fallback:
            named = "local" if step == "local" else "function"
            self._driver.guards.hooks.fallback(FallbackEvent(ops.DETECT_ANOMALIES.id, named, error))
            try:
                if step == "local":
                    return from_rules(data, options, error)
                return from_function(given(step(data, error)), data, options, error)
            except Exception as failed:  # noqa: BLE001  the next step may do better
                error.add_note(f"The fallback {named!r} failed: {type(failed).__name__}: {failed}")
        raise error
